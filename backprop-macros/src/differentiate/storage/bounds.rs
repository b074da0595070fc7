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
    /// Whether there may be others: those of an `impl` block that is not there to be read.
    others: bool,
}

impl Parameters {
    pub(crate) fn of(sig: &syn::Signature, is_method: bool) -> Parameters {
        let around = surroundings::const_parameters(sig.ident.span());
        let others = is_method && around.is_none();
        let own = sig.generics.const_params().map(|p| p.ident.to_string());
        Parameters {
            names: own.chain(around.unwrap_or_default()).collect(),
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
    /// An expression of constants, whose value is rustc's to know.
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
            Bound::Constant(t) => Some(quote!({ (#t) as usize })),
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
            Some(Op::Cast(a, _)) if self.at_least_zero(*a, depth) => self.below(*a, depth),
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
            return Some(match c.integer() {
                Some(n) => Bound::Number(n),
                None => self.unknown(c.tokens())?,
            });
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
                // Of constants rustc knows the difference: all of it where it has no parameter.
                None => match (self.at_most(*a, depth)?, self.constant(*b)) {
                    (Bound::Constant(a), Some(b)) => Some(Bound::Constant(quote!((#a) - (#b)))),
                    (a, _) => self.at_least_zero(*b, depth).then_some(a),
                },
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
                match (self.at_most(*a, depth)?, self.constant(*b)) {
                    (Bound::Number(a), _) if self.integer(*b).is_some_and(|n| n > 0) => {
                        Some(Bound::Number(a.checked_div(self.integer(*b)?)?))
                    }
                    (Bound::Constant(a), Some(b)) => Some(Bound::Constant(quote!((#a) / (#b)))),
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
            // A parameter alone is the length of an array, or rustc will refuse it.
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
            Some(Op::Cast(a, _)) => {
                *self.func.shape(*a) == Shape::Int && self.at_least_zero(*a, depth)
            }
            _ => false,
        }
    }

    /// A constant that is no literal.
    fn unknown(&self, tokens: &TokenStream) -> Option<Bound> {
        let alone = syn::parse2::<Ident>(tokens.clone()).is_ok();
        if self.mentions_parameter(tokens) || alone && self.parameters.others {
            return alone.then(|| Bound::Parameter(tokens.clone()));
        }
        Some(Bound::Constant(tokens.clone()))
    }

    fn integer(&self, v: V) -> Option<i64> {
        self.constants.get(&v).and_then(Constant::integer)
    }

    /// The tokens of a constant without parameters.
    fn constant(&self, v: V) -> Option<&TokenStream> {
        let tokens = self.constants.get(&v)?.tokens();
        matches!(self.unknown(tokens), Some(Bound::Constant(_))).then_some(tokens)
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
                shape: Shape::Int,
                name: Some("at".into()),
                ty: None,
                span: Span::call_site(),
                deref: false,
                origin: None,
                grows: false,
                assert_real: false,
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
