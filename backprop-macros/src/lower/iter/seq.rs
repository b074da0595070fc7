//! How many items a sequence has, where the item at a position is, and the range of the loop over all of them.
//!
//! Positions are in bounds by construction, so an element of a sub-slice `x[lo..hi]` is written `x[lo + k]`, in which the later stages see
//! what they see in a loop over indices.

use std::rc::Rc;

use proc_macro2::{Ident, Span};
use quote::{ToTokens, quote};
use syn::Expr;

use super::super::Lower;
use super::super::item::{Item, within};
use super::super::place::{Base, Place, strip};
use super::{Access, Bounds, Cut, Seq};
use crate::ir::{Adapt, Bin, Op, Proj, Range, Shape, V};

impl Lower<'_> {
    /// The number of items; `None` where there is no end to them.
    pub(super) fn length(&mut self, seq: &Seq, span: Span) -> Option<V> {
        Some(match seq {
            Seq::Elements(place, _) => self.elements_in(place, span),
            Seq::Range(b) => self.range_length(b, span)?,
            Seq::Cuts {
                len,
                size,
                literal,
                cut,
                ..
            } => match cut {
                Cut::Exact => self.bin(Bin::Div, *len, *size, span),
                Cut::Chunks => self.count_method("div_ceil", *len, *size, span),
                Cut::Windows => match literal {
                    Some(n @ 1..) => {
                        let less = self.index(*n as usize - 1);
                        self.count_method("saturating_sub", *len, less, span)
                    }
                    _ => {
                        let one = self.index(1);
                        let more = self.bin(Bin::Add, *len, one, span);
                        self.count_method("saturating_sub", more, *size, span)
                    }
                },
            },
            Seq::Map(s, _) | Seq::Copied(s) | Seq::Enumerate(s) => self.length(s, span)?,
            Seq::Rev(_, n) => *n,
            Seq::Zip(a, b) => match (self.length(a, span), self.length(b, span)) {
                (Some(a), Some(b)) => self.shorter(a, b, span),
                (a, b) => a.or(b)?,
            },
            Seq::Skip(s, k) => {
                let n = self.length(s, span)?;
                self.count_method("saturating_sub", n, *k, span)
            }
            Seq::Take(s, k) => match self.length(s, span) {
                Some(n) => self.shorter(n, *k, span),
                None => *k,
            },
            Seq::StepBy(s, k) => {
                let n = self.length(s, span)?;
                self.count_method("div_ceil", n, *k, span)
            }
        })
    }

    fn range_length(&mut self, b: &Bounds, span: Span) -> Option<V> {
        let hi = b.hi?;
        if !b.usize {
            let (lo, end) = (hole("lo"), hole("hi"));
            let dots = if b.inclusive { quote!(..=) } else { quote!(..) };
            return Some(self.counted(
                quote!((#lo #dots #end).size_hint().0),
                vec![(lo, b.lo), (end, hi)],
                span,
            ));
        }
        let end = if b.inclusive {
            let one = self.index(1);
            self.bin(Bin::Add, hi, one, span)
        } else {
            hi
        };
        Some(if b.from_zero {
            end
        } else {
            self.count_method("saturating_sub", end, b.lo, span)
        })
    }

    /// The item at a position below the length.
    pub(super) fn item_at(&mut self, seq: &Seq, k: V, span: Span) -> Item {
        match seq {
            Seq::Elements(place, access) => {
                let element = self.element(place.clone(), k, span);
                match access {
                    Access::Ref => Item::Place(element, false),
                    Access::Mut => Item::Place(element, true),
                    Access::Value => Item::Value(self.read(&element, span)),
                }
            }
            Seq::Range(b) => Item::Value(self.range_item(b, k, span)),
            Seq::Cuts {
                place,
                len,
                size,
                literal,
                cut,
                mutable,
            } => {
                let lo = match cut {
                    Cut::Windows => k,
                    _ => self.bin(Bin::Mul, k, *size, span),
                };
                let mut hi = self.bin(Bin::Add, lo, *size, span);
                if *cut == Cut::Chunks {
                    hi = self.shorter(hi, *len, span);
                }
                let (lo, hi, part) = self.cut(place.clone(), lo, hi, span);
                let n = if *cut == Cut::Chunks {
                    self.bin(Bin::Sub, hi, lo, span)
                } else {
                    if let Some(literal) = literal {
                        self.literals.insert((lo, hi), *literal);
                    }
                    *size
                };
                self.extents.insert((lo, hi), n);
                Item::Place(part, *mutable)
            }
            Seq::Map(s, f) => {
                let item = self.item_at(s, k, span);
                self.apply(f, vec![item], span)
            }
            Seq::Copied(s) => {
                let item = self.item_at(s, k, span);
                self.behind(item, span)
            }
            Seq::Enumerate(s) => Item::Tuple(vec![Item::Value(k), self.item_at(s, k, span)]),
            Seq::Zip(a, b) => Item::Tuple(vec![self.item_at(a, k, span), self.item_at(b, k, span)]),
            Seq::Rev(s, n) => {
                let one = self.index(1);
                let last = self.bin(Bin::Sub, *n, one, span);
                let k = self.bin(Bin::Sub, last, k, span);
                self.item_at(s, k, span)
            }
            Seq::Skip(s, m) => {
                let k = self.plus(*m, k, span);
                self.item_at(s, k, span)
            }
            Seq::Take(s, _) => self.item_at(s, k, span),
            Seq::StepBy(s, step) => {
                let k = self.bin(Bin::Mul, k, *step, span);
                self.item_at(s, k, span)
            }
        }
    }

    fn range_item(&mut self, b: &Bounds, k: V, span: Span) -> V {
        if b.usize && b.from_zero {
            return k;
        }
        if b.usize {
            return self.bin(Bin::Add, b.lo, k, span);
        }
        // The numbers may be of any integer type.
        let (lo, at) = (hole("lo"), hole("k"));
        match b.hi {
            Some(hi) => {
                let end = hole("hi");
                let dots = if b.inclusive { quote!(..=) } else { quote!(..) };
                let tokens = quote!((#lo #dots #end).nth(#at).unwrap_or(#lo));
                let holes = vec![(lo, b.lo), (end, hi), (at, k)];
                self.b.op(Op::Opaque(tokens, holes), Shape::Int, span)
            }
            None => {
                let tokens = quote!((#lo..).nth(#at).unwrap_or(#lo));
                self.b.op(
                    Op::Opaque(tokens, vec![(lo, b.lo), (at, k)]),
                    Shape::Int,
                    span,
                )
            }
        }
    }

    /// The range of the loop over a sequence. Turning round and striding outermost are the range's own.
    pub(super) fn head(&mut self, seq: &Seq, span: Span) -> Option<Range> {
        Some(match seq {
            Seq::Range(b) => Range {
                lo: b.lo,
                hi: match b.hi {
                    Some(hi) => hi,
                    None => return self.endless(span),
                },
                inclusive: b.inclusive,
                adapt: Vec::new(),
            },
            Seq::Rev(s, _) => {
                let mut range = self.head(s, span)?;
                range.adapt.push(Adapt::Rev);
                range
            }
            Seq::StepBy(s, step) => {
                let mut range = self.head(s, span)?;
                range.adapt.push(Adapt::StepBy(*step));
                range
            }
            Seq::Map(s, _) | Seq::Copied(s) => self.head(s, span)?,
            seq => match self.length(seq, span) {
                Some(hi) => Range {
                    lo: self.index(0),
                    hi,
                    inclusive: false,
                    adapt: Vec::new(),
                },
                None => return self.endless(span),
            },
        })
    }

    /// The item of an iteration of the loop over [`head`](Self::head).
    pub(super) fn head_item(&mut self, seq: &Seq, i: V, span: Span) -> Item {
        match seq {
            Seq::Range(_) => Item::Value(i),
            Seq::Rev(s, _) | Seq::StepBy(s, _) => self.purely(true, |l| l.head_item(s, i, span)),
            Seq::Map(s, f) => {
                let item = self.head_item(s, i, span);
                self.apply(f, vec![item], span)
            }
            Seq::Copied(s) => {
                let item = self.head_item(s, i, span);
                self.behind(item, span)
            }
            seq => {
                self.usizes.insert(i);
                let pure = !matches!(seq, Seq::Enumerate(_));
                self.purely(pure, |l| l.item_at(seq, i, span))
            }
        }
    }

    /// Runs something in which no closure may change anything, where so asked.
    pub(super) fn purely<R>(&mut self, pure: bool, f: impl FnOnce(&mut Self) -> R) -> R {
        self.inlining.pure += usize::from(pure);
        let r = f(self);
        self.inlining.pure -= usize::from(pure);
        r
    }

    fn endless<R>(&mut self, span: Span) -> Option<R> {
        self.errors.at_span(
            span,
            "this iterates over a range without an end",
            "give it an end, or count by hand in a `loop`",
        );
        None
    }

    /// An element that is known to be there.
    pub(super) fn element(&mut self, mut place: Place, k: V, span: Span) -> Place {
        let mut at = k;
        if let Some(Proj::Range { lo, .. }) = place.path.last().cloned() {
            place.path.pop();
            if let Some(lo) = lo {
                at = self.plus(lo, k, span);
            }
        }
        within(place, Proj::Index(at))
    }

    /// `w[1]` of `windows(2)` is the element itself: a literal index below a literal length is in bounds.
    pub(crate) fn within_cut(
        &mut self,
        place: &Place,
        index: &Expr,
        i: V,
        span: Span,
    ) -> Option<Place> {
        let Some(Proj::Range {
            lo: Some(lo),
            hi: Some(hi),
            ..
        }) = place.path.last()
        else {
            return None;
        };
        let size = *self.literals.get(&(*lo, *hi))?;
        let Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Int(k),
            ..
        }) = strip(index)
        else {
            return None;
        };
        let k: u64 = k.base10_parse().ok()?;
        (k < size).then(|| self.element(place.clone(), i, span))
    }

    /// `place[lo..hi]` and its two ends, which are counted from the start of the slice that the place is a part of.
    fn cut(&mut self, mut place: Place, lo: V, hi: V, span: Span) -> (V, V, Place) {
        let (mut lo, mut hi) = (lo, hi);
        if let Some(Proj::Range { lo: start, .. }) = place.path.last().cloned() {
            place.path.pop();
            if let Some(start) = start {
                lo = self.plus(start, lo, span);
                hi = self.plus(start, hi, span);
            }
        }
        let range = Proj::Range {
            lo: Some(lo),
            hi: Some(hi),
            inclusive: false,
        };
        (lo, hi, within(place, range))
    }

    /// The number of elements of what is iterated over. Where its type is not seen it is sliced first, because a type of the
    /// user's may have an `iter` of its own, and not the same elements.
    pub(super) fn elements_in(&mut self, place: &Place, span: Span) -> V {
        let mut place = place.clone();
        let seen = !matches!(place.shape, Shape::Unknown | Shape::Named);
        if !seen && !matches!(place.path.last(), Some(Proj::Range { .. })) {
            place.path.push(Proj::Range {
                lo: None,
                hi: None,
                inclusive: false,
            });
        }
        self.extent(&place, span)
    }

    /// The number of elements of a place.
    pub(crate) fn extent(&mut self, place: &Place, span: Span) -> V {
        let n = match (&place.shape, place.path.last()) {
            (
                _,
                Some(Proj::Range {
                    lo: Some(lo),
                    hi: Some(hi),
                    inclusive: false,
                }),
            ) if self.extents.contains_key(&(*lo, *hi)) => self.extents[&(*lo, *hi)],
            (Shape::Seq(_, Some(len)), last) if !matches!(last, Some(Proj::Range { .. })) => {
                match len.parse() {
                    Ok(len) => self.b.op(Op::Const(len), Shape::Int, span),
                    Err(_) => self.poison(span),
                }
            }
            _ => {
                let root = self.root(place, span);
                self.b
                    .op(Op::Len(root, place.path.clone()), Shape::Int, span)
            }
        };
        self.usizes.insert(n);
        n
    }

    /// The sum of two positions.
    fn plus(&mut self, a: V, b: V, span: Span) -> V {
        match (self.b.constant(a), self.b.constant(b)) {
            (Some("0"), _) => b,
            (_, Some("0")) => a,
            _ => self.bin(Bin::Add, a, b, span),
        }
    }

    /// The smaller of two numbers of items.
    pub(super) fn shorter(&mut self, a: V, b: V, span: Span) -> V {
        let (x, y) = (self.text(a), self.text(b));
        if a == b || x.is_some() && x == y {
            return a;
        }
        if let (Some(Ok(m)), Some(Ok(n))) = (
            x.as_ref().map(|t| t.parse::<u64>()),
            y.as_ref().map(|t| t.parse::<u64>()),
        ) {
            return if m <= n { a } else { b };
        }
        // A bare literal cannot be the receiver.
        let (a, b) = if x.is_some_and(|t| t.parse::<u64>().is_ok()) {
            (b, a)
        } else {
            (a, b)
        };
        let v = self.b.op(Op::Fn("min", vec![a, b]), Shape::Int, span);
        self.usizes.insert(v);
        v
    }

    /// The constant that a value is.
    fn text(&self, v: V) -> Option<String> {
        self.b.constant(v).map(str::to_owned)
    }

    pub(super) fn is_literal(&self, v: V) -> bool {
        self.text(v).is_some_and(|t| t.parse::<u64>().is_ok())
    }

    pub(super) fn index(&mut self, k: usize) -> V {
        let k = proc_macro2::Literal::usize_unsuffixed(k).to_token_stream();
        let v = self.constant(k, Shape::Int);
        self.usizes.insert(v);
        v
    }

    /// A method of `usize`, on a number of items.
    fn count_method(&mut self, name: &str, a: V, b: V, span: Span) -> V {
        let literal = |l: &Self, v| l.text(v).and_then(|t| t.parse::<u64>().ok());
        if let (Some(x), Some(y)) = (literal(self, a), literal(self, b)) {
            let n = match name {
                "div_ceil" if y > 0 => Some(x.div_ceil(y)),
                "saturating_sub" => Some(x.saturating_sub(y)),
                _ => None,
            };
            if let Some(n) = n {
                return self.index(n as usize);
            }
        }
        if literal(self, a).is_some() {
            // As a receiver a bare literal would leave its type open.
            self.b.func.info_mut(a).ty = Some(Rc::new(syn::parse_quote!(usize)));
        }
        let v = self
            .b
            .op(Op::Method(hole(name), None, vec![a, b]), Shape::Int, span);
        self.usizes.insert(v);
        v
    }

    fn counted(
        &mut self,
        tokens: proc_macro2::TokenStream,
        holes: Vec<(Ident, V)>,
        span: Span,
    ) -> V {
        let v = self.b.op(Op::Opaque(tokens, holes), Shape::Int, span);
        self.usizes.insert(v);
        v
    }

    /// A place as it is now, for items that are copies.
    pub(super) fn frozen(&mut self, place: Place, span: Span) -> Place {
        let root = self.root(&place, span);
        Place {
            base: Base::Value(root),
            ..place
        }
    }
}

fn hole(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}
