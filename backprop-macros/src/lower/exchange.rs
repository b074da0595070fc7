//! What moves values between places: `swap`, `fill`, `copy_from_slice`, `reverse`, `rotate_left`, `mem::swap`, `mem::replace` and kin.
//!
//! They become the assignments that they stand for. Behind a name of the standard library's there may be a method of the user's: so the
//! receiver has to be seen to be an array or a slice.

use proc_macro2::{Ident, Span};
use quote::quote;
use syn::spanned::Spanned;
use syn::{Expr, ExprCall, ExprMethodCall};

use super::closure::Callable;
use super::item::{Item, within};
use super::place::{Place, strip};
use super::{Lower, key};
use crate::chain;
use crate::ir::{By, Proj, Runs, Shape, Stmt, V};

impl Lower<'_> {
    /// `x.swap(i, j)`, `x.fill(v)`, `x.copy_from_slice(&y)`.
    pub(super) fn moved(&mut self, m: &ExprMethodCall, place: &Place) -> Option<V> {
        // Of integers it is arithmetic, and a type of the user's may turn, too.
        let turns = chain::turns(m) && matches!(place.shape, Shape::Seq(..) | Shape::Unknown);
        if !chain::moves(m) && !turns {
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
            "fill_with" => self.filled_with(m, place),
            "reverse" => self.turned(m, place),
            "rotate_left" | "rotate_right" => self.rotated(m, place),
            "swap_with_slice" => self.swapped_with(m, place),
            "copy_within" => self.copied_within(m, place),
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
        if self.grown_exchanged(a, b) {
            return;
        }
        if self.is_grown(a) || self.is_grown(b) {
            return self.errors.at(
                if self.is_grown(a) { left } else { right },
                "this exchanges a `Vec` that grows with something of which it is not seen how long it is",
                "exchange it with another `Vec` that this function makes and adds to",
            );
        }
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

    /// `x.fill_with(f)`: the closure is called for each element.
    fn filled_with(&mut self, m: &ExprMethodCall, place: &Place) {
        self.check_target(&m.receiver);
        let Some(f) = self.callable(&m.args[0]) else {
            return;
        };
        let (x, to, made) = (hidden("x", m), hidden("to", m), hidden("f", m));
        self.scoped(|l| {
            l.declare_alias(&key(&x), place.clone(), true);
            let call = match f {
                Callable::Closure(c) => {
                    let local = l.declare(&key(&made), false, None, By::Value);
                    l.locals[local.0].item = Some(Item::Closure(c));
                    quote!(#made())
                }
                Callable::Path(path) => quote!(#path()),
            };
            l.run(quote!(for #to in #x.iter_mut() { *#to = #call; }));
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
Runs::Again,
                quote!(::core::assert!(#left == #right, "`copy_from_slice` between slices of different lengths")),
                vec![(left, n), (right, k)],
            ));
        }
        let (to, from) = (hidden("to", m), hidden("from", m));
        let copy = quote!(for (#to, #from) in (#receiver).iter_mut().zip((#source).iter()) { *#to = *#from; });
        self.scoped(|l| l.run(copy));
    }

    /// `x.reverse()`: the elements from both ends towards the middle change places.
    fn turned(&mut self, m: &ExprMethodCall, place: &Place) {
        self.check_target(&m.receiver);
        let (x, n, i) = (hidden("x", m), hidden("n", m), hidden("i", m));
        let turn = quote!({ let #n = #x.len(); for #i in 0..#n / 2 { #x.swap(#i, #n - 1 - #i); } });
        self.scoped(|l| {
            l.declare_alias(&key(&x), place.clone(), true);
            l.run(turn);
        });
    }

    /// `x.rotate_left(k)`, `x.rotate_right(k)`: each of the two parts is turned, and then all of it.
    fn rotated(&mut self, m: &ExprMethodCall, place: &Place) {
        self.check_target(&m.receiver);
        let k = self.expr(&m.args[0]);
        self.usizes.insert(k);
        let (x, by, at) = (hidden("x", m), hidden("k", m), hidden("at", m));
        let n = hidden("n", m);
        let middle = match m.method == "rotate_left" {
            true => quote!(#by),
            false => quote!(#n - #by),
        };
        let rotate = quote!({
            let #n = #x.len();
            ::core::assert!(#by <= #n, "a slice is rotated by more than its length");
            let #at = #middle;
            #x[..#at].reverse();
            #x[#at..].reverse();
            #x.reverse();
        });
        self.scoped(|l| {
            l.declare_alias(&key(&x), place.clone(), true);
            l.declare(&key(&by), false, Some(k), By::Value);
            l.run(rotate);
        });
    }

    /// `x.swap_with_slice(y)`.
    fn swapped_with(&mut self, m: &ExprMethodCall, place: &Place) {
        self.check_target(&m.receiver);
        let source = &m.args[0];
        let other = match strip(source) {
            Expr::Reference(r) => {
                self.check_target(&r.expr);
                self.place(&r.expr)
            }
            e => self.place(e),
        };
        let (x, y) = (hidden("x", m), hidden("y", m));
        let (a, b) = (hidden("a", m), hidden("b", m));
        let (n, k) = (hidden("n", m), hidden("k", m));
        let swap = quote!({
            let (#n, #k) = (#x.len(), #y.len());
            ::core::assert!(#n == #k, "`swap_with_slice` of slices of different lengths");
            for (#a, #b) in #x.iter_mut().zip(#y.iter_mut()) { ::core::mem::swap(#a, #b); }
        });
        self.scoped(|l| {
            l.declare_alias(&key(&x), place.clone(), true);
            l.declare_alias(&key(&y), other, true);
            l.run(swap);
        });
    }

    /// `x.copy_within(lo..hi, to)`: from the side on which nothing is overwritten that is still to be copied.
    fn copied_within(&mut self, m: &ExprMethodCall, place: &Place) {
        self.check_target(&m.receiver);
        let Expr::Range(range) = strip(&m.args[0]) else {
            return self.errors.at(
                &m.args[0],
                "which elements `copy_within` copies is not written here",
                "write the range itself: `x.copy_within(lo..hi, to)`",
            );
        };
        let n = self.extent(place, m.method.span());
        let (lo, hi) = self.ends(range, n);
        let to = self.expr(&m.args[1]);
        self.usizes.extend([lo, hi, to]);
        let names = ["lo", "hi", "to"].map(|name| hidden(name, m));
        let [from, end, at] = &names;
        let (x, n, k, i) = (
            hidden("x", m),
            hidden("n", m),
            hidden("k", m),
            hidden("i", m),
        );
        let copy = quote!({
            let #n = #x.len();
            ::core::assert!(#from <= #end && #end <= #n && #at <= #n - (#end - #from), "`copy_within` reaches beyond the end of the slice");
            let #k = #end - #from;
            if #at <= #from {
                for #i in 0..#k { #x[#at + #i] = #x[#from + #i]; }
            } else {
                for #i in (0..#k).rev() { #x[#at + #i] = #x[#from + #i]; }
            }
        });
        self.scoped(|l| {
            l.declare_alias(&key(&x), place.clone(), true);
            for (name, v) in names.iter().zip([lo, hi, to]) {
                l.declare(&key(name), false, Some(v), By::Value);
            }
            l.run(copy);
        });
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
            if self.is_grown(&a) {
                let Expr::Reference(r) = strip(&c.args[0]) else {
                    return Some(self.poison(span));
                };
                let old = self.expr(&r.expr);
                self.assign_value(&r.expr, value);
                return Some(old);
            }
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
}

/// A name of ours, which no name of the user's is.
fn hidden(name: &str, m: &ExprMethodCall) -> Ident {
    Ident::new(
        &format!("__{name}"),
        Span::mixed_site().located_at(m.method.span()),
    )
}
