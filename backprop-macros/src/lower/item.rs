//! What a name or a pattern stands for, where that is more than a value: a place, several things at once, a closure.
//!
//! An iterator hands out references, and so do arguments: `for (i, y) in out.iter_mut().enumerate()` makes `y` a name for `out[i]`, as
//! `let y = &mut out[i];` would. Nothing is read before it is asked for.

use std::rc::Rc;

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Expr, ExprCall, Member, Pat, PatIdent};

use super::closure::Closure;
use super::flow::Flow;
use super::pattern::written;
use super::place::{Base, Place, strip};
use super::slices::Arrays;
use super::{Lower, key};
use crate::chain::{self, Role};
use crate::ir::{By, Op, Proj, Shape, V};

/// What a pattern is bound to.
#[derive(Clone)]
pub(crate) enum Item {
    Value(V),
    /// A reference: to be written through where it is a `&mut`.
    Place(Place, bool),
    Tuple(Vec<Item>),
    Closure(Rc<Closure>),
    /// What may be missing: whether it is there, and what it then is.
    Optional(V, Box<Item>),
    /// Arrays that lie one behind the other in a slice.
    Arrays(Rc<Arrays>),
}

impl Lower<'_> {
    /// Lowers an expression to what a name for it would stand for.
    pub(crate) fn item(&mut self, e: &Expr) -> Item {
        if let Some(item) = self.known_item(e) {
            return item;
        }
        match strip(e) {
            Expr::Closure(c) => Item::Closure(self.closure(c)),
            Expr::Tuple(t) if !t.elems.is_empty() => {
                Item::Tuple(t.elems.iter().map(|e| self.item(e)).collect())
            }
            Expr::Reference(r) => match strip(&r.expr) {
                Expr::Path(_) | Expr::Field(_) | Expr::Index(_) | Expr::Unary(_) => {
                    match self.known_item(&r.expr) {
                        Some(item) => item,
                        None => Item::Place(self.place(&r.expr), r.mutability.is_some()),
                    }
                }
                other => self.item(other),
            },
            e => match self.made(e) {
                Some(item) => item,
                None => Item::Value(self.expr(e)),
            },
        }
    }

    /// What a call makes that need not be a value: a closure may return a reference, and a search finds one.
    pub(crate) fn made(&mut self, e: &Expr) -> Option<Item> {
        match strip(e) {
            Expr::MethodCall(m) if chain::consumer(m) == Some(Role::Search) => {
                Some(self.searched(m, m.method.span()))
            }
            Expr::MethodCall(m) => self.parted(m),
            Expr::Call(c) => self.called(c),
            // `x.split_at(n).0`
            Expr::Field(f) if matches!(strip(&f.base), Expr::MethodCall(_)) => {
                let Member::Unnamed(k) = &f.member else {
                    return None;
                };
                if !chain::lends(&f.base) {
                    return None;
                }
                match self.made(&f.base)? {
                    Item::Tuple(items) => items.into_iter().nth(k.index as usize),
                    item => {
                        let v = self.value(&item, f.span());
                        Some(Item::Value(self.part(
                            v,
                            Proj::Field(f.member.clone()),
                            f.span(),
                        )))
                    }
                }
            }
            _ => None,
        }
    }

    /// What the call of a closure makes.
    pub(crate) fn called(&mut self, c: &ExprCall) -> Option<Item> {
        let f = match strip(&c.func) {
            Expr::Closure(f) => self.closure(f),
            func => match self.known_item(func)? {
                Item::Closure(f) => f,
                _ => return None,
            },
        };
        Some(self.call_closure(&f, &c.args, c.span()))
    }

    /// What `let` gives a name to that is no value: a closure, or several things.
    pub(crate) fn held(&mut self, e: &Expr) -> Option<Item> {
        match strip(e) {
            Expr::Closure(_) => Some(self.item(e)),
            Expr::Reference(r) => self.held(&r.expr),
            e => self.known_item(e),
        }
    }

    /// What a name, or a part of one, stands for without being read.
    pub(crate) fn known_item(&mut self, e: &Expr) -> Option<Item> {
        match strip(e) {
            Expr::Path(p) => {
                let local = self.find(&key(p.path.get_ident()?))?;
                let info = &self.locals[local.0];
                if info.item.is_some() {
                    return info.item.clone();
                }
                let mutable = info.by == By::Mut;
                (info.by != By::Value).then(|| Item::Place(self.local_place(local), mutable))
            }
            // Only below a tuple of ours; everything else is a place.
            Expr::Field(f) if self.is_tuple(&f.base) => {
                let Item::Tuple(items) = self.known_item(&f.base)? else {
                    return None;
                };
                match &f.member {
                    Member::Unnamed(k) => items.into_iter().nth(k.index as usize),
                    Member::Named(_) => None,
                }
            }
            // `*t` of a reference to several things is that.
            Expr::Unary(u) if matches!(u.op, syn::UnOp::Deref(_)) && self.is_tuple(&u.expr) => {
                self.known_item(&u.expr)
            }
            _ => None,
        }
    }

    /// Whether an expression names several things at once.
    fn is_tuple(&self, e: &Expr) -> bool {
        match strip(e) {
            Expr::Path(p) => p
                .path
                .get_ident()
                .and_then(|i| self.find(&key(i)))
                .is_some_and(|l| matches!(self.locals[l.0].item, Some(Item::Tuple(_)))),
            Expr::Field(f) => self.is_tuple(&f.base),
            Expr::Unary(u) if matches!(u.op, syn::UnOp::Deref(_)) => self.is_tuple(&u.expr),
            _ => false,
        }
    }

    /// The value of what a name stands for.
    pub(crate) fn value(&mut self, item: &Item, span: Span) -> V {
        match item {
            Item::Value(v) => *v,
            Item::Place(place, _) => {
                if place.is_part_of_slice() {
                    self.errors.at_span(
                        span,
                        "which slice this is depends on a condition, or it is kept among other values, which is not accepted yet",
                        "let the condition choose an offset, and read elements at it: `w[offset]`",
                    );
                }
                self.read(place, span)
            }
            Item::Tuple(items) => {
                let vs: Vec<V> = items.iter().map(|i| self.value(i, span)).collect();
                let shapes = vs.iter().map(|v| self.b.func.shape(*v).clone()).collect();
                self.b.op(Op::Tuple(vs), Shape::Tuple(shapes), span)
            }
            Item::Optional(some, item) => {
                let value = self.either(
                    *some,
                    |l| {
                        let v = l.value(item, span);
                        (Some(l.present(v, span)), Flow::on())
                    },
                    |l| (Some(l.missing(span)), Flow::on()),
                    span,
                );
                value.0.unwrap_or_else(|| self.poison(span))
            }
            Item::Arrays(_) => {
                self.errors.at_span(
                    span,
                    "the arrays that `as_chunks` finds in a slice are handed on as a value here",
                    "iterate over them, or take one of them: `chunks[k]`",
                );
                self.poison(span)
            }
            Item::Closure(_) => {
                self.errors.at_span(
                    span,
                    "a closure is handed on as a value here, and what calls it could not be followed",
                    "call it here, and hand on what it returns",
                );
                self.poison(span)
            }
        }
    }

    /// What lies behind a reference: its value as it is now.
    pub(crate) fn behind(&mut self, item: Item, span: Span) -> Item {
        match item {
            // A slice is no value: this was a reference to a reference.
            Item::Place(ref place, _) if place.is_part_of_slice() => item,
            Item::Place(..) => Item::Value(self.value(&item, span)),
            item => item,
        }
    }

    /// A place as such, a value as one with an empty path.
    pub(crate) fn place_of(&mut self, item: Item, span: Span) -> Place {
        match item {
            Item::Place(place, _) => place,
            item => {
                let v = self.value(&item, span);
                self.at_value(v)
            }
        }
    }

    pub(crate) fn at_value(&self, v: V) -> Place {
        Place {
            base: Base::Value(v),
            path: Vec::new(),
            shape: self.b.func.shape(v).clone(),
        }
    }

    /// Binds the names of a pattern.
    pub(crate) fn bind_item(&mut self, pat: &Pat, item: Item) {
        let span = pat.span();
        match (pat, item) {
            (Pat::Wild(_) | Pat::Rest(_), _) => {}
            (Pat::Paren(p), item) => self.bind_item(&p.pat, item),
            (pat, Item::Value(v)) => self.bind(pat, v, None),
            (Pat::Type(t), item) => self.bind_item(&t.pat, item),
            (Pat::Reference(r), item) => {
                let item = self.behind(item, span);
                self.bind_item(&r.pat, item);
            }
            (Pat::Ident(p), item) if p.subpat.is_none() => {
                if p.mutability.is_some() && matches!(item, Item::Place(..)) {
                    self.errors.at(
                        p,
                        "a reference that may change which place it names is not accepted yet",
                        "leave out this `mut`, or copy the value: `let mut v = *r;`",
                    );
                }
                match item {
                    Item::Place(place, mutable) => {
                        self.declare_alias(&key(&p.ident), place, mutable)
                    }
                    item => {
                        let local = self.declare(&key(&p.ident), false, None, By::Value);
                        self.locals[local.0].item = Some(item);
                    }
                }
            }
            (Pat::Ident(p), mut item) => {
                if let Item::Place(place, true) = item {
                    item = Item::Place(written(p, place), true);
                }
                if let Some((_, sub)) = &p.subpat {
                    self.bind_item(sub, item.clone());
                }
                let name = PatIdent {
                    subpat: None,
                    ..p.clone()
                };
                self.bind_item(&Pat::Ident(name), item);
            }
            (Pat::Tuple(t), Item::Tuple(items)) if t.elems.len() == items.len() => {
                for (p, item) in t.elems.iter().zip(items) {
                    self.bind_item(p, item);
                }
            }
            (pat, Item::Place(place, mutable)) => {
                for (p, part) in self.parts(pat, &place, false) {
                    self.bind_item(p, Item::Place(part, mutable));
                }
            }
            (pat, item) => {
                let v = self.value(&item, span);
                self.bind(pat, v, None);
            }
        }
    }
}

/// A part of a place.
pub(crate) fn within(mut place: Place, proj: Proj) -> Place {
    place.shape = match (place.shape, &proj) {
        (Shape::Tuple(ts), Proj::Field(Member::Unnamed(k))) => ts
            .into_iter()
            .nth(k.index as usize)
            .unwrap_or(Shape::Unknown),
        (Shape::Seq(e, _), Proj::Index(_)) => *e,
        (Shape::Seq(e, _), Proj::Range { .. }) => Shape::Seq(e, None),
        (Shape::Option(e), Proj::Payload(..)) => *e,
        // What carries no derivative has none inside.
        (Shape::Int, Proj::Payload(..)) => Shape::Int,
        _ => Shape::Unknown,
    };
    place.path.push(proj);
    place
}
