//! How many iterations a loop has at most, where the source says so: constants, const parameters, and what counters that
//! stay below them make of them. `for j in 0..=i` inside `for i in 0..N` has N at most, and so has `for j in i + 1..N`.
//!
//! A bound that is too large wastes stack; one that were too small would end in a panic at an index, never in another value.

use std::collections::HashSet;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote};

use super::Pass;
use crate::ir::{Adapt, Bin, Constant, Head, Info, Loop, Op, Range, Shape, Stmt, V};
use crate::surroundings;

/// The const parameters that the function sees.
#[derive(Default)]
pub(crate) struct Parameters {
    names: HashSet<String>,
    /// Those that can be the length of an array.
    lengths: HashSet<String>,
    /// Whether there may be others: those of an `impl` block that is not there to be read.
    others: bool,
}

impl Parameters {
    pub(crate) fn of(sig: &syn::Signature, is_method: bool) -> Parameters {
        let around = surroundings::const_parameters(sig.ident.span());
        let others = is_method && around.is_none();
        let own = sig.generics.const_params();
        let own = own.map(|p| (p.ident.to_string(), p.ty.to_token_stream().to_string()));
        let all: Vec<(String, String)> = own.chain(around.unwrap_or_default()).collect();
        let lengths = all.iter().filter(|(_, ty)| ty == "usize");
        Parameters {
            lengths: lengths.map(|(name, _)| name.clone()).collect(),
            names: all.into_iter().map(|(name, _)| name).collect(),
            others,
        }
    }
}

/// How deep expressions are looked into.
const DEPTH: u32 = 24;

/// What an integer does not exceed.
#[derive(Clone)]
enum Bound {
    Number(i64),
    /// An expression of constants, whose value is rustc's to know. It is computed in `i128`, in which no bound overflows and all types meet.
    Constant(TokenStream),
    /// One const parameter: nothing can be computed with it where an array's length is asked for.
    Parameter(TokenStream),
}

impl Bound {
    fn plus(self, n: i64) -> Option<Bound> {
        match self {
            Bound::Number(x) => Some(Bound::Number(x.checked_add(n)?)),
            b if n == 0 => Some(b),
            // The number before it is one more than it has to be.
            b if n < 0 => Some(b),
            Bound::Constant(t) => {
                let n = Literal::i64_unsuffixed(n);
                Some(Bound::Constant(quote!((#t) + #n)))
            }
            Bound::Parameter(_) => None,
        }
    }

    /// Which of two bounds of one value says more.
    fn tighter(self, other: Bound) -> Bound {
        match (self, other) {
            (Bound::Number(x), Bound::Number(y)) => Bound::Number(x.min(y)),
            (b @ Bound::Number(_), _) | (_, b @ Bound::Number(_)) => b,
            (b, _) => b,
        }
    }

    /// As the length of an array that has an element for each number from zero to below it.
    fn length(self) -> Option<TokenStream> {
        match self {
            Bound::Number(n) => {
                let n = usize::try_from(n.max(0)).ok()?;
                Some(Literal::usize_unsuffixed(n).to_token_stream())
            }
            Bound::Constant(t) => {
                // A range that ends below zero is empty.
                let n = Ident::new("__n", Span::mixed_site());
                Some(quote!({ let #n: i128 = #t; if #n > 0 { #n as usize } else { 0 } }))
            }
            Bound::Parameter(t) => Some(t),
        }
    }
}

/// What bounds are computed from, besides constants.
pub(super) fn computed(op: &Op) -> bool {
    matches!(op, Op::Bin(..) | Op::Cast(..)) || smaller(op).is_some()
}

/// The two of which an operation takes the smaller one.
fn smaller(op: &Op) -> Option<(V, V)> {
    let vs = match op {
        Op::Fn("min", vs) => vs,
        Op::Method(name, None, vs) if name == "min" => vs,
        _ => return None,
    };
    match vs[..] {
        [a, b] => Some((a, b)),
        _ => None,
    }
}

impl Pass<'_> {
    /// The number of iterations, if it has a constant bound, and the index in the forward and the reverse loop.
    pub(super) fn constant_trips(
        &mut self,
        f: &mut Loop,
        r: &mut Loop,
    ) -> Option<(TokenStream, (V, V))> {
        let (
            Head::For { i, range },
            Head::For {
                i: back,
                range: again,
            },
        ) = (&f.head, &r.head)
        else {
            return None;
        };
        let backwards = |a: &Adapt| matches!(a, Adapt::Backwards(_));
        if f.trips.is_some() && !again.adapt.iter().any(backwards) {
            return None;
        }
        let (i, back) = (*i, *back);
        if self.at_least_zero(range.lo, DEPTH) {
            return Some((self.most_trips(range)?.length()?, (i, back)));
        }
        let (lo, hi) = (self.integer(range.lo)?, self.integer(range.hi)?);
        let n = hi
            .checked_sub(lo)?
            .checked_add(i64::from(range.inclusive))?;
        Some((Bound::Number(n).length()?, self.counted(f, r)))
    }

    /// Whether the number of iterations has a constant bound.
    pub(super) fn is_bounded(&self, range: &Range) -> bool {
        let number = |v| self.integer(v).is_some();
        if self.at_least_zero(range.lo, DEPTH) {
            self.most_trips(range).is_some()
        } else {
            number(range.lo) && number(range.hi)
        }
    }

    /// What the indices of a range that begins at zero or later are below.
    fn most_trips(&self, range: &Range) -> Option<Bound> {
        if range.inclusive {
            self.below(range.hi, DEPTH)
        } else {
            self.at_most(range.hi, DEPTH)
        }
    }

    /// What a value is less than.
    fn below(&self, v: V, depth: u32) -> Option<Bound> {
        let depth = depth.checked_sub(1)?;
        if let Some(range) = self.indices.get(&v) {
            return if range.inclusive {
                self.below(range.hi, depth)
            } else {
                self.at_most(range.hi, depth)
            };
        }
        match self.expressions.get(&v) {
            // `i - 1` is below what `i` is below.
            Some(Op::Bin(Bin::Sub, a, b)) if self.integer(*b).is_none_or(|b| b == 0) => self
                .at_least_zero(*b, depth)
                .then(|| self.below(*a, depth))?,
            Some(Op::Bin(Bin::Rem, _, b)) if self.at_least_zero(*b, depth) => {
                self.at_most(*b, depth)
            }
            Some(Op::Cast(a, _)) if self.exact(v, depth).is_none() => self
                .at_least_zero(*a, depth)
                .then(|| self.below(*a, depth))?,
            Some(op) if smaller(op).is_some() => {
                let (a, b) = smaller(op)?;
                either(self.below(a, depth), self.below(b, depth))
            }
            _ => self.at_most(v, depth)?.plus(1),
        }
    }

    /// What a value does not exceed.
    fn at_most(&self, v: V, depth: u32) -> Option<Bound> {
        let depth = depth.checked_sub(1)?;
        if let Some(c) = self.constants.get(&v) {
            return match c.integer() {
                Some(n) => Some(Bound::Number(n)),
                None => self.unknown(c.tokens()),
            };
        }
        if let Some(t) = self.exact(v, depth) {
            return Some(Bound::Constant(t));
        }
        if self.indices.contains_key(&v) {
            return self.below(v, depth)?.plus(-1);
        }
        match self.expressions.get(&v)? {
            // `i + 1` does not exceed what `i` is below.
            Op::Bin(Bin::Add, a, b) => match (self.integer(*a), self.integer(*b)) {
                (_, Some(n)) if n > 0 => self.below(*a, depth)?.plus(n - 1),
                (Some(n), _) if n > 0 => self.below(*b, depth)?.plus(n - 1),
                _ => match (self.at_most(*a, depth)?, self.at_most(*b, depth)?) {
                    (a, Bound::Number(n)) | (Bound::Number(n), a) => a.plus(n),
                    (Bound::Constant(a), Bound::Constant(b)) => {
                        Some(Bound::Constant(quote!((#a) + (#b))))
                    }
                    _ => None,
                },
            },
            Op::Bin(Bin::Sub, a, b) => match self.integer(*b) {
                Some(n) => self.at_most(*a, depth)?.plus(n.checked_neg()?),
                None => {
                    let most = self.at_most(*a, depth)?;
                    self.at_least_zero(*b, depth).then_some(most)
                }
            },
            Op::Bin(Bin::Mul, a, b)
                if self.at_least_zero(*a, depth) && self.at_least_zero(*b, depth) =>
            {
                match (self.at_most(*a, depth)?, self.at_most(*b, depth)?) {
                    (Bound::Number(a), Bound::Number(b)) => Some(Bound::Number(a.checked_mul(b)?)),
                    (Bound::Constant(a), Bound::Constant(b)) => {
                        Some(Bound::Constant(quote!((#a) * (#b))))
                    }
                    (Bound::Constant(a), Bound::Number(n))
                    | (Bound::Number(n), Bound::Constant(a)) => {
                        let n = Literal::i64_unsuffixed(n);
                        Some(Bound::Constant(quote!((#a) * #n)))
                    }
                    _ => None,
                }
            }
            Op::Bin(Bin::Div, a, b) if self.at_least_zero(*a, depth) => {
                match (self.at_most(*a, depth)?, self.integer(*b)) {
                    (Bound::Number(a), Some(n)) if n > 0 => Some(Bound::Number(a / n)),
                    // Integers that are not negative get no larger.
                    (a, _) => self.at_least_zero(*b, depth).then_some(a),
                }
            }
            Op::Bin(Bin::Rem, ..) => self.below(v, depth)?.plus(-1),
            Op::Cast(a, _) if self.at_least_zero(*a, depth) => self.at_most(*a, depth),
            op => {
                let (a, b) = smaller(op)?;
                either(self.at_most(a, depth), self.at_most(b, depth))
            }
        }
    }

    /// Whether a value is certainly not negative.
    fn at_least_zero(&self, v: V, depth: u32) -> bool {
        let Some(depth) = depth.checked_sub(1) else {
            return false;
        };
        if let Some(c) = self.constants.get(&v) {
            return c.integer().map_or_else(
                || matches!(self.unknown(c.tokens()), Some(Bound::Parameter(_))),
                |n| n >= 0,
            );
        }
        if let Some(range) = self.indices.get(&v) {
            return self.at_least_zero(range.lo, depth);
        }
        match self.expressions.get(&v) {
            Some(Op::Bin(Bin::Add | Bin::Mul | Bin::Div | Bin::Rem, a, b)) => {
                self.at_least_zero(*a, depth) && self.at_least_zero(*b, depth)
            }
            Some(Op::Cast(a, ty)) => {
                *self.func.shape(*a) == Shape::Int
                    && self.at_least_zero(*a, depth)
                    && self.keeps_its_sign(*a, &ty.to_token_stream().to_string(), depth)
            }
            _ => false,
        }
    }

    /// Whether a number that is not negative is none as the given type, either. Of the widest signed ones nothing in memory is out of reach.
    fn keeps_its_sign(&self, v: V, ty: &str, depth: u32) -> bool {
        let most = match ty {
            "usize" | "u8" | "u16" | "u32" | "u64" | "u128" | "isize" | "i64" | "i128" => {
                return true;
            }
            "i8" => i64::from(i8::MAX),
            "i16" => i64::from(i16::MAX),
            "i32" => i64::from(i32::MAX),
            _ => return false,
        };
        match self.at_most(v, depth) {
            Some(Bound::Number(n)) => n <= most,
            // As many iterations as an `i32` counts have no room on a stack.
            Some(_) => ty == "i32",
            None => false,
        }
    }

    /// The value of an expression that is made of constants alone, without parameters.
    fn exact(&self, v: V, depth: u32) -> Option<TokenStream> {
        let depth = depth.checked_sub(1)?;
        if let Some(c) = self.constants.get(&v) {
            let Some(Bound::Constant(t)) = self.unknown(c.tokens()) else {
                return None;
            };
            return Some(t);
        }
        match self.expressions.get(&v)? {
            Op::Bin(op @ (Bin::Add | Bin::Sub | Bin::Mul), a, b) => {
                let (a, b) = (self.exact(*a, depth)?, self.exact(*b, depth)?);
                let op: TokenStream = op.token().parse().ok()?;
                Some(quote!((#a) #op (#b)))
            }
            Op::Bin(Bin::Div, a, b) => {
                // Nothing is divided by what may be zero.
                let n = Literal::i64_unsuffixed(self.integer(*b).filter(|n| *n > 0)?);
                let a = self.exact(*a, depth)?;
                Some(quote!((#a) / #n))
            }
            // What is computed before it may be floats; of one constant rustc knows what it is.
            Op::Cast(a, ty)
                if *self.func.shape(*a) == Shape::Int || self.constants.contains_key(a) =>
            {
                let a = self.exact(*a, depth)?;
                Some(quote!(((#a) as #ty) as i128))
            }
            _ => None,
        }
    }

    /// A constant, as a bound.
    fn unknown(&self, tokens: &TokenStream) -> Option<Bound> {
        let alone = syn::parse2::<Ident>(tokens.clone()).ok();
        if self.mentions_parameter(tokens) || alone.is_some() && self.parameters.others {
            let known = &self.parameters;
            let length = |name: &Ident| known.others || known.lengths.contains(&name.to_string());
            return alone
                .filter(length)
                .map(|_| Bound::Parameter(tokens.clone()));
        }
        Some(Bound::Constant(quote!((#tokens) as i128)))
    }

    fn integer(&self, v: V) -> Option<i64> {
        self.constants.get(&v).and_then(Constant::integer)
    }

    pub(super) fn mentions_parameter(&self, tokens: &TokenStream) -> bool {
        let mut found = Vec::new();
        crate::emit::names::idents(tokens, &mut found);
        found
            .iter()
            .any(|i| self.parameters.names.contains(&i.to_string()))
    }

    /// An index of our own where the loop's does not start at zero.
    fn counted(&mut self, f: &mut Loop, r: &mut Loop) -> (V, V) {
        let int = |pass: &mut Self| {
            let v = V(pass.func.infos.len() as u32);
            pass.func.infos.push(Info {
                name: Some("at".into()),
                ..Info::new(Shape::Int)
            });
            v
        };
        let (zero, one, p, next, out) = (int(self), int(self), int(self), int(self), int(self));
        let (back_one, q, at, back_out) = (int(self), int(self), int(self), int(self));
        for c in [zero, one, back_one] {
            self.func.info_mut(c).name = None;
        }
        self.before
            .push(Stmt::Let(zero, Op::Const(quote!(0usize).into())));
        f.body
            .stmts
            .push(Stmt::Let(one, Op::Const(quote!(1usize).into())));
        f.body
            .stmts
            .push(Stmt::Let(next, Op::Bin(Bin::Add, p, one)));
        f.params.push(p);
        f.inits.push(zero);
        f.body.yields.push(next);
        f.outs.push(out);
        self.first
            .push(Stmt::Let(back_one, Op::Const(quote!(1usize).into())));
        self.first
            .push(Stmt::Let(at, Op::Bin(Bin::Sub, q, back_one)));
        r.params.push(q);
        r.inits.push(out);
        r.body.yields.push(at);
        r.outs.push(back_out);
        (p, at)
    }
}

fn either(a: Option<Bound>, b: Option<Bound>) -> Option<Bound> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.tighter(b)),
        (a, b) => a.or(b),
    }
}
