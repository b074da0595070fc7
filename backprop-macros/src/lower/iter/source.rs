//! Where an iteration starts: slices, arrays, ranges, and what cuts them up.

use proc_macro2::Span;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Expr, ExprMethodCall, ExprRange, RangeLimits};

use super::super::Lower;
use super::super::item::Item;
use super::super::place::{Place, strip};
use super::super::slices::Arrays;
use super::{Access, Bounds, Cut, Iter, Seq};
use crate::chain::{self, Role};
use crate::ir::{Shape, V};

impl From<Seq> for Iter {
    fn from(seq: Seq) -> Iter {
        Iter {
            seq,
            stages: Vec::new(),
        }
    }
}

impl Lower<'_> {
    /// What `for` and `zip` accept: an iterator, or what can be made one.
    pub(super) fn iterable(&mut self, e: &Expr) -> Option<Iter> {
        let span = e.span();
        match strip(e) {
            Expr::Range(r) => Some(self.bounds(r).into()),
            Expr::MethodCall(m) if chain::is_iterator(e) => self.iterator(m),
            e if self.arrays_of(e).is_some() => {
                let arrays = self.arrays_of(e)?;
                Some(self.arrays_seq(&arrays).into())
            }
            Expr::Reference(r) => {
                let access = if r.mutability.is_some() {
                    Access::Mut
                } else {
                    Access::Ref
                };
                let place = self.source(&r.expr);
                Some(self.elements(place, access, span)?.into())
            }
            e => {
                let (place, access) = self.owned(e);
                Some(self.elements(place, access, span)?.into())
            }
        }
    }

    /// The place behind an expression, through names of references.
    fn source(&mut self, e: &Expr) -> Place {
        match self.known_item(e) {
            Some(item) => self.place_of(item, e.span()),
            None => self.place(e),
        }
    }

    /// What iterating over a value itself hands out: elements where it is an array, references where it is a reference.
    fn owned(&mut self, e: &Expr) -> (Place, Access) {
        match self.known_item(e) {
            Some(Item::Place(place, true)) => (place, Access::Mut),
            Some(Item::Place(place, false)) => (place, Access::Ref),
            Some(item) => (self.place_of(item, e.span()), Access::Value),
            None => {
                let place = self.place(e);
                (self.frozen(place, e.span()), Access::Value)
            }
        }
    }

    /// A chain's iterator.
    pub(super) fn iterator(&mut self, m: &ExprMethodCall) -> Option<Iter> {
        let span = m.method.span();
        if chain::role(m) != Some(Role::Source) {
            return self.adapted(m);
        }
        let name = m.method.to_string();
        let mutable = name.ends_with("_mut");
        if name == "into_iter" {
            return self.iterable(&m.receiver);
        }
        if name == "iter" && chain::is_iterator(&m.receiver) {
            return self.iterable(&m.receiver);
        }
        if m.args.is_empty()
            && let Some(arrays) = self.arrays_of(&m.receiver)
        {
            return Some(self.arrays_seq(&arrays).into());
        }
        let place = self.source(&m.receiver);
        let Some(size) = m.args.first() else {
            let access = if mutable { Access::Mut } else { Access::Ref };
            return Some(self.elements(place, access, span)?.into());
        };
        self.iterates(&place, span)?;
        let literal = match strip(size) {
            Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Int(i),
                ..
            }) => i.base10_parse().ok(),
            _ => None,
        };
        let size = self.expr(size);
        self.usizes.insert(size);
        let len = self.elements_in(&place, span);
        let cut = match name.as_str() {
            "windows" => Cut::Windows,
            "chunks" | "chunks_mut" => Cut::Chunks,
            _ => Cut::Exact,
        };
        Some(
            Seq::Cuts {
                place,
                len,
                size,
                literal,
                cut,
                mutable,
            }
            .into(),
        )
    }

    /// The arrays of `as_chunks`.
    fn arrays_seq(&mut self, arrays: &Arrays) -> Seq {
        Seq::Cuts {
            place: arrays.place.clone(),
            len: arrays.len,
            size: arrays.size,
            literal: arrays.text.parse().ok(),
            cut: Cut::Arrays(arrays.text.as_str().into()),
            mutable: arrays.mutable,
        }
    }

    fn elements(&mut self, place: Place, access: Access, span: Span) -> Option<Seq> {
        self.iterates(&place, span)?;
        Some(Seq::Elements(place, access))
    }

    /// Reports what is certainly no slice or array.
    pub(super) fn iterates(&mut self, place: &Place, span: Span) -> Option<()> {
        if matches!(place.shape, Shape::Seq(..) | Shape::Unknown | Shape::Named) {
            return Some(());
        }
        self.errors.at_span(
            span,
            "this iterates over something that is neither a slice nor an array",
            "iterate over a slice, an array or a range",
        );
        None
    }

    pub(super) fn bounds(&mut self, r: &ExprRange) -> Seq {
        let zero = |e: &Expr| strip(e).to_token_stream().to_string() == "0";
        let from_zero = r.start.as_ref().is_some_and(|e| zero(e));
        let lo = match &r.start {
            Some(e) => self.expr(e),
            None => {
                self.errors.at(
                    r,
                    "a range without a start cannot be iterated over",
                    "write `0..n`",
                );
                self.poison(r.span())
            }
        };
        let hi = r.end.as_ref().map(|e| self.expr(e));
        let known = |v: &V| self.usizes.contains(v);
        Seq::Range(Bounds {
            lo,
            hi,
            inclusive: matches!(r.limits, RangeLimits::Closed(_)),
            from_zero,
            usize: known(&lo) || hi.as_ref().is_some_and(known),
        })
    }
}
