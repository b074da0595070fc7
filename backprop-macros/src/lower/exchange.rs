//! What moves values between places: `swap`, `fill`, `copy_from_slice`, `mem::swap`, `mem::replace`, and what cuts a slice in two.
//!
//! They become the assignments that they stand for. Behind a name of the standard library's there may be a method of the user's: so the
//! receiver has to be seen to be an array or a slice.

use proc_macro2::{Ident, Span};
use quote::quote;
use syn::spanned::Spanned;
use syn::{Expr, ExprCall, ExprMethodCall};

use super::item::{Item, within};
use super::place::{Place, strip};
use super::{Lower, key};
use crate::chain;
use crate::ir::{By, Op, Proj, Shape, Stmt, V};

impl Lower<'_> {
    /// `x.swap(i, j)`, `x.fill(v)`, `x.copy_from_slice(&y)`.
    pub(super) fn moved(&mut self, m: &ExprMethodCall, place: &Place) -> Option<V> {
        if !chain::moves(m) {
            return None;
        }
        let span = m.method.span();
        let name = m.method.to_string();
        if !self.is_slice(place, &name, span) {
            return Some(self.poison(span));
        }
        match name.as_str() {
            "swap" => self.swap(m, place),
            "fill" => self.fill(m),
            _ => self.copy(m, place),
        }
        Some(self.unit(span))
    }

    pub(super) fn is_slice(&mut self, place: &Place, name: &str, span: Span) -> bool {
        let known = matches!(place.shape, Shape::Seq(..));
        if !known {
            self.errors.at_span(
                span,
                format!("whether this is the `{name}` of slices cannot be seen: the type of what it is called on is not written here"),
                format!("name it with its type: `let x: &mut [f64] = &mut ..; x.{name}(..)`; a method of your own is called by its path, `Type::{name}(..)`"),
            );
        }
        known
    }

    fn swap(&mut self, m: &ExprMethodCall, place: &Place) {
        self.check_target(&m.receiver);
        let at = |l: &mut Self, e: &Expr| {
            let i = l.expr(e);
            l.usizes.insert(i);
            match l.within_cut(place, e, i, e.span()) {
                Some(at) => at,
                None => within(place.clone(), Proj::Index(i)),
            }
        };
        let (a, b) = (at(self, &m.args[0]), at(self, &m.args[1]));
        self.exchange(&a, &b, &m.receiver, &m.receiver);
    }

    fn exchange(&mut self, a: &Place, b: &Place, left: &Expr, right: &Expr) {
        if self.refuse_row(a, left.span()) || self.refuse_row(b, right.span()) {
            return;
        }
        let (x, y) = (self.read(a, left.span()), self.read(b, right.span()));
        self.write(a, y, left);
        self.write(b, x, right);
    }

    fn fill(&mut self, m: &ExprMethodCall) {
        let value = self.expr(&m.args[0]);
        let receiver = &m.receiver;
        let (to, with) = (hidden("to", m), hidden("with", m));
        let fill = quote!(for #to in (#receiver).iter_mut() { *#to = #with; });
        self.scoped(|l| {
            l.declare(&key(&with), false, Some(value), By::Value);
            l.run(fill);
        });
    }

    fn copy(&mut self, m: &ExprMethodCall, to: &Place) {
        let (receiver, source) = (&m.receiver, &m.args[0]);
        let from = match self.known_item(source) {
            Some(item) => self.place_of(item, source.span()),
            None => self.place(source),
        };
        let whole = |p: &Place| !matches!(p.path.last(), Some(Proj::Range { .. }));
        if let (Shape::Seq(_, Some(n)), Shape::Seq(_, Some(k))) = (&to.shape, &from.shape)
            && n == k
            && whole(to)
            && whole(&from)
        {
            self.check_target(receiver);
            let value = self.read(&from, source.span());
            return self.write(to, value, receiver);
        }
        let span = m.method.span();
        let (n, k) = (self.extent(to, span), self.extent(&from, span));
        if n != k {
            let (left, right) = (hidden("n", m), hidden("k", m));
            self.b.push(Stmt::Effect(
                quote!(::core::assert!(#left == #right, "`copy_from_slice` between slices of different lengths")),
                vec![(left, n), (right, k)],
            ));
        }
        let (to, from) = (hidden("to", m), hidden("from", m));
        let copy = quote!(for (#to, #from) in (#receiver).iter_mut().zip((#source).iter()) { *#to = *#from; });
        self.scoped(|l| l.run(copy));
    }

    /// Lowers a loop of ours.
    pub(super) fn run(&mut self, tokens: proc_macro2::TokenStream) {
        if let Ok(e) = syn::parse2::<Expr>(tokens) {
            self.expr_flow(&e);
        }
    }

    /// `mem::swap(&mut a, &mut b)`, `mem::replace(&mut a, b)`.
    pub(super) fn moved_by_mem(&mut self, c: &ExprCall, owner: &str, name: &str) -> Option<V> {
        if owner != "mem" || !matches!(name, "swap" | "replace") || c.args.len() != 2 {
            return None;
        }
        let span = c.span();
        let Some(a) = self.lent(&c.args[0]) else {
            return Some(self.poison(span));
        };
        if name == "replace" {
            let value = self.expr(&c.args[1]);
            let old = self.read(&a, span);
            self.write(&a, value, &c.args[0]);
            return Some(old);
        }
        let Some(b) = self.lent(&c.args[1]) else {
            return Some(self.poison(span));
        };
        self.exchange(&a, &b, &c.args[0], &c.args[1]);
        Some(self.unit(span))
    }

    /// The place behind `&mut a`, or behind the name of a `&mut`.
    fn lent(&mut self, e: &Expr) -> Option<Place> {
        let held = |l: &mut Self, e: &Expr| matches!(l.known_item(e), Some(Item::Place(..)));
        match strip(e) {
            Expr::Reference(r)
                if !held(self, &r.expr) || matches!(strip(&r.expr), Expr::Unary(_)) =>
            {
                self.check_target(&r.expr);
                Some(self.place(&r.expr))
            }
            Expr::Path(_) if held(self, e) => Some(self.place(e)),
            _ => {
                self.errors.at(
                    e,
                    "this exchanges references, and afterwards it would not be known which place each of them names",
                    "exchange what lies behind them: `mem::swap(&mut a, &mut b)` of values, `mem::swap(a, b)` of `a: &mut f64`",
                );
                None
            }
        }
    }

    /// `y.split_at(n)`, `y.split_at_mut(n)`: two places.
    pub(super) fn halves(&mut self, m: &ExprMethodCall) -> Option<Item> {
        let mutable = m.method == "split_at_mut";
        if !chain::halves(m) {
            return None;
        }
        let span = m.method.span();
        let place = match self.known_item(&m.receiver) {
            Some(item) => self.place_of(item, span),
            None => self.place(&m.receiver),
        };
        if !self.is_slice(&place, &m.method.to_string(), span) {
            return Some(Item::Value(self.poison(span)));
        }
        let at = self.expr(&m.args[0]);
        self.usizes.insert(at);
        let end = self.extent(&place, span);
        let (left, right) = (hidden("n", m), hidden("k", m));
        self.b.push(Stmt::Effect(
            quote!(::core::assert!(#left <= #right, "a slice is split beyond its end")),
            vec![(left, at), (right, end)],
        ));
        let start = self
            .b
            .op(Op::Const(quote!(0usize).into()), Shape::Int, span);
        let (_, _, low) = self.cut(place.clone(), start, at, span);
        let (_, _, high) = self.cut(place, at, end, span);
        Some(Item::Tuple(vec![
            Item::Place(low, mutable),
            Item::Place(high, mutable),
        ]))
    }
}

/// A name of ours, which no name of the user's is.
fn hidden(name: &str, m: &ExprMethodCall) -> Ident {
    Ident::new(
        &format!("__{name}"),
        Span::mixed_site().located_at(m.method.span()),
    )
}
