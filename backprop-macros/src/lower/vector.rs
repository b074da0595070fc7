//! `Vec`s that the function makes: `vec![x; n]`, `vec![a, b]`, `x.to_vec()`.
//!
//! A `Vec` keeps its length as long as it lives, so that its adjoint has the length of any of its versions.

use proc_macro2::{Ident, Span};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{Expr, ExprMethodCall, Macro};

use super::place::{Base, Place};
use super::{Local, Lower, key};
use crate::ir::build::join;
use crate::ir::{By, Op, Proj, Shape, V};
use crate::vector::Elements;

impl Lower<'_> {
    /// `vec![..]`.
    pub(super) fn vector(&mut self, mac: &Macro) -> V {
        let span = mac.path.span();
        match Elements::of(mac) {
            Some(Elements::Filled(x, n)) => {
                let element = self.expr(&x);
                let n = self.expr(&n);
                self.usizes.insert(n);
                self.filled(element, n, span)
            }
            Some(Elements::List(list)) => {
                let elements: Vec<V> = list.iter().map(|e| self.expr(e)).collect();
                for (v, e) in elements.iter().zip(&list) {
                    self.refuse_held(*v, e);
                }
                let shapes = elements.iter().map(|v| self.b.func.shape(*v).clone());
                let shape = shapes.fold(Shape::Unknown, |s, e| join(&s, &e));
                let n = proc_macro2::Literal::usize_unsuffixed(elements.len());
                let n = self.constant(n.to_token_stream(), Shape::Int);
                let shape = Shape::Seq(Box::new(shape), None);
                let v = self.b.op(Op::Array(elements), shape, span);
                self.vectors.insert(v, n);
                v
            }
            None => self.poison(span),
        }
    }

    fn filled(&mut self, element: V, n: V, span: Span) -> V {
        let shape = Shape::Seq(Box::new(self.b.func.shape(element).clone()), None);
        let v = self.b.op(Op::Filled(element, n), shape, span);
        self.vectors.insert(v, n);
        v
    }

    /// `x.to_vec()`, and `v.clone()` of a `Vec`.
    pub(super) fn copied_vector(&mut self, m: &ExprMethodCall, place: &Place) -> Option<V> {
        let vector = self.is_vector(place) || self.is_grown(place);
        let cloned = m.method == "clone" && m.args.is_empty() && vector;
        if !crate::vector::copies(m) && !cloned {
            return None;
        }
        let span = m.method.span();
        if !self.is_slice(place, &m.method.to_string(), span) {
            return Some(self.poison(span));
        }
        let element = match &place.shape {
            Shape::Seq(e, _) => (**e).clone(),
            _ => Shape::Unknown,
        };
        let n = self.extent(place, span);
        if element.is_inactive() {
            let (hole, v) = (hidden("from", span), self.read(place, span));
            let shape = Shape::Seq(Box::new(element), None);
            let v = self.b.op(
                Op::Opaque(quote!(#hole.to_vec()), vec![(hole, v)]),
                shape,
                span,
            );
            self.vectors.insert(v, n);
            return Some(v);
        }
        if element != Shape::Float {
            self.errors.at(
                &m.method,
                "only slices of numbers are copied into a `Vec`, for now",
                "copy number by number, in a loop",
            );
            return Some(self.poison(span));
        }
        let zero = self.b.op(Op::Lit(0.0), Shape::Float, span);
        let v = self.filled(zero, n, span);
        let (to, from) = (hidden("to", span), hidden("from", span));
        let copy = quote!(for (#to, #from) in #to.iter_mut().zip(#from.iter()) { *#to = *#from; });
        self.scoped(|l| {
            let copied = l.declare(&key(&to), true, Some(v), By::Value);
            l.declare_alias(&key(&from), place.clone(), false);
            l.run(copy);
            l.env[copied.0].inspect(|v| {
                l.vectors.insert(*v, n);
            })
        })
    }

    /// Whether a place is a `Vec` that was made here, as a whole.
    fn is_vector(&self, place: &Place) -> bool {
        match &place.base {
            Base::Local(l) => {
                place.path.is_empty()
                    && self.locals[l.0].by == By::Value
                    && self.outputs.contains_key(l)
            }
            Base::Value(v) => place.path.is_empty() && self.vectors.contains_key(v),
            Base::Either(_) => false,
        }
    }

    /// A value that goes into another one.
    pub(super) fn held_value(&mut self, e: &Expr) -> V {
        let v = self.expr(e);
        self.refuse_held(v, e);
        v
    }

    /// Refuses a `Vec` that would be moved into something.
    pub(super) fn refuse_held(&mut self, v: V, e: &Expr) {
        if self.vectors.contains_key(&v) {
            self.errors.at(
                e,
                "a `Vec` inside another value is not accepted yet",
                "keep it in a variable of its own, and lend it: `&v`, `&mut v`",
            );
        }
    }

    /// What a variable holds that is a `Vec` of known length is one, too.
    pub(super) fn keep_length(&mut self, place: &Place, v: V) {
        if let Base::Local(l) = place.base
            && self.locals[l.0].by == By::Value
            && let Some(n) = self.outputs.get(&l)
        {
            self.vectors.insert(v, *n);
        }
    }

    /// Whether two lengths are seen to be the same.
    fn same_length(&self, n: V, m: V) -> bool {
        let whole = |n: V| self.lengths.get(&n);
        let known = |n: V| self.b.constant(n);
        n == m
            || whole(n).is_some() && whole(n) == whole(m)
            || known(n).is_some() && known(n) == known(m)
    }

    /// A variable gets a value: if that is a `Vec`, the variable's length is known from now on, and stays.
    pub(super) fn settle_length(&mut self, local: Local, v: V, span: Span) {
        match (self.outputs.get(&local), self.vectors.get(&v)) {
            (None, Some(n)) => {
                self.outputs.insert(local, *n);
            }
            (Some(n), m) if !m.is_some_and(|m| self.same_length(*n, *m)) => {
                let name = self.locals[local.0].name.clone();
                self.errors.at_span(
                    span,
                    format!("`{name}` gets a `Vec` here of which it is not seen that it is as long as the one before"),
                    "give it a name of its own: `let next = ..;`; or make both of one length in a variable: `let n = ..;`, `vec![0.0; n]`",
                );
            }
            _ => {}
        }
    }

    /// The length of a `Vec` that is one of two.
    pub(super) fn joined_length(&mut self, a: Option<V>, b: Option<V>, out: V, span: Span) {
        let length = |v: Option<V>| v.map(|v| self.vectors.get(&v).copied());
        match (length(a), length(b)) {
            (Some(Some(n)), Some(Some(m))) if self.same_length(n, m) => {
                self.vectors.insert(out, n);
            }
            (Some(Some(n)), None) | (None, Some(Some(n))) => {
                self.vectors.insert(out, n);
            }
            (Some(Some(_)), _) | (_, Some(Some(_))) => self.errors.at_span(
                span,
                "the branches make a `Vec` each, of which it is not seen that they are of one length",
                "make it before, `let mut v = vec![0.0; n];`, and let the branches fill it",
            ),
            _ => {}
        }
    }

    /// Refuses to move a row of a `Vec` of `Vec`s, which may be of another length than the others.
    pub(super) fn refuse_row(&mut self, place: &Place, span: Span) -> bool {
        let row = matches!(place.shape, Shape::Seq(_, None))
            && matches!(place.path.last(), Some(Proj::Index(_) | Proj::Field(_)));
        if row {
            self.errors.at_span(
                span,
                "this moves a `Vec` out of, or into, another value, which is not accepted yet",
                "move its elements: `copy_from_slice`, or a loop",
            );
        }
        row
    }
}

/// A name of ours, which no name of the user's is.
fn hidden(name: &str, span: Span) -> Ident {
    Ident::new(&format!("__{name}"), Span::mixed_site().located_at(span))
}
