//! Places: a variable (or a value) and the way to a part of it.

use std::rc::Rc;

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Expr, ExprRange, RangeLimits};

use super::chosen::Choice;
use super::{Local, Lower, key};
use crate::ir::{By, Op, Path, Proj, Shape, V};

/// What a path starts from.
#[derive(Clone)]
pub(crate) enum Base {
    Local(Local),
    Value(V),
    /// One of two places, as a condition says: the path goes on from there.
    Either(Rc<Choice>),
}

/// A part of a variable, or of a value.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) base: Base,
    pub(crate) path: Path,
    pub(crate) shape: Shape,
}

impl Place {
    /// Whether it is a slice inside of another one, which has a length of its own.
    pub(super) fn is_part_of_slice(&self) -> bool {
        matches!(self.path.last(), Some(Proj::Range { .. }))
            && !self.shape.is_array_in_slice(&self.path)
    }
}

impl Lower<'_> {
    /// Lowers an expression to the place it denotes; what is no place becomes a value with an empty path.
    pub(crate) fn place(&mut self, e: &Expr) -> Place {
        match e {
            Expr::Paren(p) => self.place(&p.expr),
            Expr::Group(g) => self.place(&g.expr),
            Expr::Unary(u) if matches!(u.op, syn::UnOp::Deref(_)) => {
                let mut place = self.place(&u.expr);
                // A reference held in a variable is a name for its place; a box in a field is one step more.
                if matches!(strip(&u.expr), Expr::Field(_) | Expr::Index(_)) {
                    place.path.push(Proj::Deref);
                    place.shape = Shape::Unknown;
                }
                place
            }
            Expr::Reference(r) => self.place(&r.expr),
            Expr::Path(p) => match p.path.get_ident().and_then(|i| self.find(&key(i))) {
                Some(local) => match self.locals[local.0].item.clone() {
                    Some(item) => self.place_of(item, e.span()),
                    None => {
                        let place = self.local_place(local);
                        match self.grown_place(local, place.shape.clone()) {
                            Some(grown) => grown,
                            None => place,
                        }
                    }
                },
                None => self.value_place(e),
            },
            Expr::Field(f) => {
                if let Some(item) = self.known_item(e).or_else(|| self.made(e)) {
                    return self.place_of(item, e.span());
                }
                let mut place = self.place(&f.base);
                place.shape = match (&place.shape, &f.member) {
                    (Shape::Tuple(ts), syn::Member::Unnamed(i)) => {
                        ts.get(i.index as usize).cloned().unwrap_or(Shape::Unknown)
                    }
                    _ => Shape::Unknown,
                };
                place.path.push(Proj::Field(f.member.clone()));
                place
            }
            Expr::Index(x) => {
                if let Some(arrays) = self.arrays_of(&x.expr)
                    && !matches!(strip(&x.index), Expr::Range(_))
                {
                    let k = self.expr(&x.index);
                    return self.array_at(&arrays, k, e.span());
                }
                let mut place = self.place(&x.expr);
                if let Expr::Range(r) = strip(&x.index) {
                    let proj = self.range(r);
                    place.path.push(proj);
                    if let Shape::Seq(_, len) = &mut place.shape {
                        *len = None;
                    }
                } else {
                    let i = self.expr(&x.index);
                    if let Some(at) = self.within_cut(&place, &x.index, i, e.span()) {
                        return at;
                    }
                    // It is as long as it is counted.
                    if self.is_grown(&place) {
                        return self.element(place, i, e.span());
                    }
                    place.path.push(Proj::Index(i));
                    place.shape = match place.shape {
                        Shape::Seq(e, _) => *e,
                        _ => Shape::Unknown,
                    };
                }
                place
            }
            _ => match self.made(e) {
                Some(item) => self.place_of(item, e.span()),
                None => self.value_place(e),
            },
        }
    }

    fn value_place(&mut self, e: &Expr) -> Place {
        let v = self.expr(e);
        Place {
            base: Base::Value(v),
            path: Vec::new(),
            shape: self.b.func.shape(v).clone(),
        }
    }

    pub(crate) fn local_place(&self, local: Local) -> Place {
        if let Some(alias) = &self.locals[local.0].alias {
            return alias.clone();
        }
        let shape = self.env[local.0].map_or(Shape::Unknown, |v| self.b.func.shape(v).clone());
        Place {
            base: Base::Local(local),
            path: Vec::new(),
            shape,
        }
    }

    fn range(&mut self, r: &ExprRange) -> Proj {
        let lo = r.start.as_ref().map(|e| self.expr(e));
        let hi = r.end.as_ref().map(|e| self.expr(e));
        Proj::Range {
            lo,
            hi,
            inclusive: matches!(r.limits, RangeLimits::Closed(_)),
        }
    }

    /// The value that the base of a place holds now.
    pub(crate) fn root(&mut self, place: &Place, span: Span) -> V {
        match &place.base {
            Base::Value(v) => *v,
            // What asks for the root alone has asked which of the two it is.
            Base::Either(_) => {
                self.errors.at_span(
                    span,
                    "which of two places this reference names depends on a condition, and here one of them has to be named",
                    "do this in both branches",
                );
                self.poison(span)
            }
            Base::Local(l) => match self.env[l.0] {
                Some(v) => v,
                None => {
                    let name = self.locals[l.0].name.clone();
                    self.errors.at_span(
                        span,
                        format!("`{name}` is read before it has a value on this path"),
                        format!("give `{name}` a value where it is declared"),
                    );
                    self.poison(span)
                }
            },
        }
    }

    pub(crate) fn read(&mut self, place: &Place, span: Span) -> V {
        if let Base::Either(choice) = &place.base {
            let read = |l: &mut Self, side: &Place| {
                Some(l.value(&super::item::Item::Place(side.clone(), false), span))
            };
            let v = self.chosen(&choice.clone(), place, span, read);
            return v.unwrap_or_else(|| self.poison(span));
        }
        let root = self.root(place, span);
        if place.path.is_empty() {
            self.keep_length(place, root);
            return root;
        }
        if place.shape.is_array_in_slice(&place.path) {
            return self.copied_array(place, span);
        }
        self.b
            .op(Op::Get(root, place.path.clone()), place.shape.clone(), span)
    }

    pub(crate) fn write(&mut self, place: &Place, v: V, target: &Expr) {
        let span = target.span();
        if let Base::Either(choice) = &place.base {
            self.chosen(&choice.clone(), place, span, |l, side| {
                l.write(side, v, target);
                None
            });
            return;
        }
        let Base::Local(local) = place.base else {
            self.errors.at(
                target,
                "this assigns to a value that no variable holds",
                "assign to a local, a field of one, or an element of one",
            );
            return;
        };
        if place.path.is_empty() {
            let name = self.locals[local.0].name.clone();
            self.name(v, &name);
            self.settle_length(local, v, span);
            self.set(local, v);
            return;
        }
        self.refuse_held(v, target);
        let root = self.root(place, span);
        let shape = self.b.func.shape(root).clone();
        let new = self.b.op(Op::Set(root, place.path.clone(), v), shape, span);
        let info = self.b.func.info(root);
        let (name, deref) = (info.name.clone(), info.deref);
        let grows = self.growing.contains_key(&local) && matches!(place.path[..], [Proj::Index(_)]);
        let info = self.b.func.info_mut(new);
        info.name = name;
        info.deref = deref;
        info.grows = grows;
        self.set(local, new);
    }

    /// Refuses a write through a reference that some value holds: which place it names is not known.
    pub(crate) fn check_target(&mut self, left: &Expr) {
        let (mut at, mut part, mut deref) = (strip(left), false, false);
        let name = loop {
            at = match at {
                Expr::Field(f) => strip(&f.base),
                Expr::Index(i) => strip(&i.expr),
                Expr::Unary(u) => {
                    deref = true;
                    strip(&u.expr)
                }
                Expr::Path(p) => break p.path.get_ident(),
                _ => return,
            };
            part = true;
        };
        let Some(local) = name.and_then(|i| self.find(&key(i))) else {
            return;
        };
        let info = &self.locals[local.0];
        let known = info.by != By::Value || info.alias.is_some();
        let name = &info.name;
        if !known && part && (deref || !info.mutable) {
            let text = format!(
                "this writes through a reference in `{name}`, and which place that names is not known"
            );
            self.errors.at(left, text, "write to the place itself");
        }
    }

    /// Gives a value the user's name, unless it already has one.
    pub(crate) fn name(&mut self, v: V, name: &str) {
        let info = self.b.func.info_mut(v);
        if info.name.is_none() {
            info.name = Some(name.to_owned());
        }
    }
}

/// Without parentheses.
pub(crate) fn strip(e: &Expr) -> &Expr {
    match e {
        Expr::Paren(p) => strip(&p.expr),
        Expr::Group(g) => strip(&g.expr),
        e => e,
    }
}
