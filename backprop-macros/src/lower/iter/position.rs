//! Positions and lengths: where elements and sub-slices are, and arithmetic on `usize`.
//!
//! Positions are in bounds by construction, so an element of a sub-slice `x[lo..hi]` is written `x[lo + k]`, in which the later stages see
//! what they see in a loop over indices.

use std::rc::Rc;

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::Expr;

use super::super::Lower;
use super::super::item::within;
use super::super::place::{Base, Place, strip};
use crate::ir::{Bin, Op, Proj, Shape, V};

impl Lower<'_> {
    /// An element that is known to be there.
    pub(crate) fn element(&mut self, mut place: Place, k: V, span: Span) -> Place {
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
    pub(crate) fn cut(&mut self, mut place: Place, lo: V, hi: V, span: Span) -> (V, V, Place) {
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

    /// The length of a slice taken by `&mut`, asked for when the function begins: whatever is written into it, it stays.
    fn length_of_output(&self, place: &Place) -> Option<V> {
        let Base::Local(local) = place.base else {
            return None;
        };
        let n = self.outputs.get(&local).filter(|_| place.path.is_empty());
        n.copied()
    }

    /// The number of elements of a place.
    pub(crate) fn extent(&mut self, place: &Place, span: Span) -> V {
        if let Some(n) = self
            .length_of_output(place)
            .or_else(|| self.grown_length(place))
        {
            return n;
        }
        let known = match place.path.last() {
            Some(Proj::Range {
                lo: Some(lo),
                hi: Some(hi),
                inclusive: false,
            }) => self.extents.contains_key(&(*lo, *hi)),
            _ => matches!(place.shape, Shape::Seq(_, Some(_))),
        };
        if let (Base::Either(choice), false) = (&place.base, known) {
            let extent = |l: &mut Self, side: &Place| Some(l.extent(side, span));
            let n = self.chosen(&choice.clone(), place, span, extent);
            let n = n.unwrap_or_else(|| self.poison(span));
            self.b.func.info_mut(n).shape = Shape::Int;
            self.usizes.insert(n);
            return n;
        }
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
                match len.parse::<proc_macro2::TokenStream>() {
                    Ok(len) => self.b.op(Op::Const(len.into()), Shape::Int, span),
                    Err(_) => self.poison(span),
                }
            }
            _ => {
                let root = self.root(place, span);
                let op = Op::Len(root, place.path.clone());
                let n = self.b.op(op, Shape::Int, span);
                if place.path.is_empty() {
                    self.lengths.insert(n, root);
                }
                n
            }
        };
        self.usizes.insert(n);
        n
    }

    /// The sum of two positions.
    pub(super) fn plus(&mut self, a: V, b: V, span: Span) -> V {
        match (self.b.constant(a), self.b.constant(b)) {
            (Some("0"), _) => b,
            (_, Some("0")) => a,
            _ => self.bin(Bin::Add, a, b, span),
        }
    }

    /// The smaller of two numbers of items.
    pub(super) fn shorter(&mut self, a: V, b: V, span: Span) -> V {
        let (x, y) = (self.text(a), self.text(b));
        let whole = |v| self.lengths.get(&v);
        if a == b || x.is_some() && x == y || whole(a).is_some() && whole(a) == whole(b) {
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
        self.show_type(a);
        let v = self.b.op(Op::Fn("min", vec![a, b]), Shape::Int, span);
        self.usizes.insert(v);
        v
    }

    /// The constant that a value is.
    fn text(&self, v: V) -> Option<String> {
        self.b.constant(v).map(str::to_owned)
    }

    pub(super) fn is_literal(&self, v: V) -> bool {
        self.literal_count(v).is_some()
    }

    pub(super) fn index(&mut self, k: usize) -> V {
        let k = proc_macro2::Literal::usize_unsuffixed(k).to_token_stream();
        let v = self.constant(k, Shape::Int);
        self.usizes.insert(v);
        v
    }

    /// Whether nothing that says of which type a number is has gone into it.
    pub(crate) fn is_bare(&self, v: V) -> bool {
        self.is_literal(v) || self.bare.contains(&v)
    }

    /// As a receiver, what was made of literals would leave its type open.
    fn show_type(&mut self, count: V) {
        if self.is_bare(count) {
            self.b.func.info_mut(count).ty = Some(Rc::new(syn::parse_quote!(usize)));
        }
    }

    fn literal_count(&self, v: V) -> Option<u64> {
        self.text(v)?.trim_end_matches("usize").parse().ok()
    }

    /// How often one number of items goes into another.
    pub(super) fn whole_parts(&mut self, n: V, size: V, span: Span) -> V {
        match (self.literal_count(n), self.literal_count(size)) {
            (Some(n), Some(size @ 1..)) => self.index((n / size) as usize),
            _ => self.bin(Bin::Div, n, size, span),
        }
    }

    /// A method of `usize`, on a number of items.
    pub(crate) fn count_method(&mut self, name: &str, a: V, b: V, span: Span) -> V {
        if let (Some(x), Some(y)) = (self.literal_count(a), self.literal_count(b)) {
            let n = match name {
                "div_ceil" if y > 0 => Some(x.div_ceil(y)),
                "saturating_sub" => Some(x.saturating_sub(y)),
                _ => None,
            };
            if let Some(n) = n {
                return self.index(n as usize);
            }
        }
        self.show_type(a);
        let v = self
            .b
            .op(Op::Method(hole(name), None, vec![a, b]), Shape::Int, span);
        self.usizes.insert(v);
        v
    }

    pub(super) fn counted(
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
    pub(crate) fn frozen(&mut self, place: Place, span: Span) -> Place {
        if let Base::Either(choice) = &place.base {
            return self.frozen_choice(&choice.clone(), place, span);
        }
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
