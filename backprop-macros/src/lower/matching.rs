//! Patterns that may fail to match: the condition that one stands for, and the names that it binds where it holds.
//!
//! A pattern is tested from the outside in, so that a payload is only looked at where the variant is the one that has it; the names are
//! bound afterwards, in the branch that the condition guards. What is matched is not read as a whole: `match shape { Circle(r) => .. }`
//! tests the place behind `shape`, and `r` becomes a name for a part of it.

use proc_macro2::Span;
use quote::quote;
use syn::spanned::Spanned;
use syn::{Expr, Pat};

use super::Lower;
use super::flow::Flow;
use super::item::Item;
use super::pattern::is_rest;
use super::place::{Base, Place, strip};
use crate::ir::{Bin, By, Op, Shape, Un, V};

/// What a pattern is matched against.
#[derive(Clone)]
pub(crate) enum Subject {
    /// A part of a value, and how the names in the pattern hold it.
    Part(Place, By),
    /// Several, as in `match (a, b)`.
    Tuple(Vec<Subject>),
    /// Parts that may be missing: whether they are there, and what they then are.
    Optional(V, Box<Subject>),
}

impl Subject {
    /// Whether it is one value, and no place, nor several.
    pub(super) fn is_value(&self) -> bool {
        matches!(self, Subject::Part(_, By::Value))
    }
}

impl Lower<'_> {
    /// What stands behind `match`, or behind the `=` of `if let`.
    pub(crate) fn subject(&mut self, e: &Expr) -> Subject {
        let span = e.span();
        match strip(e) {
            Expr::Tuple(t) if !t.elems.is_empty() => {
                Subject::Tuple(t.elems.iter().map(|e| self.subject(e)).collect())
            }
            Expr::Reference(r) => {
                let by = match r.mutability {
                    Some(_) => By::Mut,
                    None => By::Ref,
                };
                match self.subject(&r.expr) {
                    Subject::Part(..) if by == By::Mut => Subject::Part(self.place(&r.expr), by),
                    Subject::Part(place, By::Value) => Subject::Part(place, by),
                    other => other,
                }
            }
            e => {
                if let Some(item) = self.known_item(e) {
                    return self.subject_of(item, span);
                }
                match e {
                    Expr::Path(_) | Expr::Field(_) | Expr::Index(_) | Expr::Unary(_) => {
                        let place = self.place(e);
                        Subject::Part(self.frozen(place, span), By::Value)
                    }
                    e => match self.made(e) {
                        Some(item) => self.subject_of(item, span),
                        None => {
                            let v = self.expr(e);
                            Subject::Part(self.at_value(v), By::Value)
                        }
                    },
                }
            }
        }
    }

    fn subject_of(&mut self, item: Item, span: Span) -> Subject {
        match item {
            Item::Place(place, true) => Subject::Part(place, By::Mut),
            // Nothing changes it while the names in the pattern live: what it is now is what they stand for.
            Item::Place(place, false) => Subject::Part(self.frozen(place, span), By::Ref),
            Item::Tuple(items) => {
                let parts = items.into_iter().map(|i| self.subject_of(i, span));
                Subject::Tuple(parts.collect())
            }
            Item::Optional(some, item) => {
                let item = self.subject_of(*item, span);
                Subject::Optional(some, item.into())
            }
            item => {
                let v = self.value(&item, span);
                Subject::Part(self.at_value(v), By::Value)
            }
        }
    }

    /// The condition under which a pattern matches; `None` where it always does. Binds nothing.
    pub(crate) fn test(&mut self, pat: &Pat, subject: &Subject) -> Option<V> {
        match (pat, subject) {
            (Pat::Paren(p), s) => self.test(&p.pat, s),
            (Pat::Type(p), s) => self.test(&p.pat, s),
            (Pat::Reference(p), s) => self.test(&p.pat, s),
            (Pat::Ident(p), s) if p.subpat.is_some() => {
                let (_, sub) = p.subpat.as_ref()?;
                self.test(sub, s)
            }
            (Pat::Or(p), s) => self.test_any(pat, p, s),
            (Pat::Tuple(p), Subject::Tuple(parts)) if p.elems.len() == parts.len() => {
                let tests = p.elems.iter().zip(parts.clone());
                self.test_all(tests, None, pat.span())
            }
            (pat, Subject::Part(place, by)) => self.test_part(pat, place, *by),
            (pat, Subject::Tuple(_) | Subject::Optional(..)) if !refutable(pat) => None,
            (Pat::TupleStruct(p), Subject::Optional(some, item))
                if p.elems.len() == 1 && named(&p.path, "Some") =>
            {
                let inner = &p.elems[0];
                if !refutable(inner) {
                    return Some(*some);
                }
                self.guarded(*some, |l| l.test(inner, item), pat.span())
            }
            (pat, Subject::Optional(some, _)) if is_none(pat) => {
                Some(self.b.op(Op::Un(Un::Not, *some), Shape::Int, pat.span()))
            }
            (pat, Subject::Tuple(_) | Subject::Optional(..)) => {
                let whole = self.whole(subject, pat.span());
                self.test(pat, &whole)
            }
        }
    }

    fn test_part(&mut self, pat: &Pat, place: &Place, by: By) -> Option<V> {
        let span = pat.span();
        match pat {
            Pat::Ident(p) if !is_constant(&p.ident) => None,
            Pat::Wild(_) | Pat::Rest(_) => None,
            Pat::Lit(_) | Pat::Range(_) | Pat::Const(_) => self.test_value(pat, place),
            // A constant of a number, or a variant without a payload.
            Pat::Ident(_) | Pat::Path(_) if place.shape.is_scalar() => self.test_value(pat, place),
            Pat::Ident(_) | Pat::Path(_) => Some(self.is(place, pat.clone(), span)),
            Pat::TupleStruct(_) | Pat::Struct(_) => {
                let path = match pat {
                    Pat::TupleStruct(p) => &p.path,
                    Pat::Struct(p) => &p.path,
                    _ => return None,
                };
                let head = self.is(place, syn::parse_quote!(#path { .. }), span);
                self.test_parts(pat, place, by, Some(head))
            }
            Pat::Slice(p) => {
                let rest = p.elems.iter().any(is_rest);
                let fixed = p.elems.len() - usize::from(rest);
                let head = (fixed > 0 || !rest)
                    .then(|| self.has_length(place, fixed, rest, span))
                    .flatten();
                self.test_parts(pat, place, by, head)
            }
            Pat::Tuple(_) => self.test_parts(pat, place, by, None),
            other => {
                self.errors.at(
                    other,
                    "this pattern is not in the language yet",
                    "match on values: literals, ranges, names, tuples, variants and slices of those",
                );
                None
            }
        }
    }

    /// Whether a slice has so many elements; `None` where that is seen from its type.
    fn has_length(&mut self, place: &Place, n: usize, more: bool, span: Span) -> Option<V> {
        if matches!(&place.shape, Shape::Seq(_, Some(_))) {
            return None;
        }
        let len = self.extent(place, span);
        let n = self.literal_index(n);
        let op = if more { Bin::Ge } else { Bin::Eq };
        Some(self.bin(op, len, n, span))
    }

    /// Tests the parts of an aggregate, where its `head` holds.
    fn test_parts(&mut self, pat: &Pat, place: &Place, by: By, head: Option<V>) -> Option<V> {
        if !inner(pat).any(refutable) {
            return head;
        }
        let span = pat.span();
        let variant = head.is_some();
        let all = move |l: &mut Self| {
            let parts = l.parts(pat, place, variant);
            let tests = parts
                .into_iter()
                .map(|(p, part)| (p, Subject::Part(part, by)));
            let tests: Vec<_> = tests.collect();
            l.test_all(tests.into_iter(), None, span)
        };
        match head {
            None => all(self),
            Some(head) => self.guarded(head, all, span),
        }
    }

    /// `head && rest`, with `rest` run only where the head holds.
    fn guarded(
        &mut self,
        head: V,
        rest: impl FnOnce(&mut Self) -> Option<V>,
        span: Span,
    ) -> Option<V> {
        let run = |l: &mut Self| {
            let v = match rest(l) {
                Some(v) => v,
                None => l.constant(quote!(true), Shape::Int),
            };
            (Some(v), Flow::on())
        };
        let skip = |l: &mut Self| (Some(l.constant(quote!(false), Shape::Int)), Flow::on());
        let v = self.either(head, run, skip, span).0?;
        self.b.func.info_mut(v).shape = Shape::Int;
        Some(v)
    }

    /// Each part is tested for itself: all of them are there.
    fn test_all<'p>(
        &mut self,
        parts: impl Iterator<Item = (&'p Pat, Subject)>,
        mut all: Option<V>,
        span: Span,
    ) -> Option<V> {
        for (p, part) in parts {
            if let Some(c) = self.test(p, &part) {
                all = Some(match all {
                    Some(a) => self.bin(Bin::And, a, c, span),
                    None => c,
                });
            }
        }
        all
    }

    fn test_any(&mut self, whole: &Pat, p: &syn::PatOr, subject: &Subject) -> Option<V> {
        let plain = |p: &Pat| matches!(p, Pat::Lit(_) | Pat::Range(_));
        if let (Subject::Part(place, _), true) = (subject, p.cases.iter().all(plain)) {
            return self.test_value(whole, place);
        }
        let mut any = None;
        for case in &p.cases {
            let c = self.test(case, subject)?;
            any = Some(match any {
                Some(a) => self.bin(Bin::Or, a, c, whole.span()),
                None => c,
            });
        }
        any
    }

    /// Whether a number, or whatever else is compared as a whole, matches.
    fn test_value(&mut self, pat: &Pat, place: &Place) -> Option<V> {
        let span = pat.span();
        let v = self.read(place, span);
        if whole_number(pat) && matches!(self.b.func.shape(v), Shape::Unknown | Shape::Named) {
            self.b.func.info_mut(v).shape = Shape::Int;
        }
        let hole = proc_macro2::Ident::new("matched", Span::call_site());
        // Without parentheses the macro takes no `..=1`.
        let tokens = quote!(::core::matches!(#hole, (#pat)));
        Some(
            self.b
                .op(Op::Opaque(tokens, vec![(hole, v)]), Shape::Int, span),
        )
    }

    /// Whether a part matches a pattern without names.
    pub(crate) fn is(&mut self, place: &Place, pat: Pat, span: Span) -> V {
        if let Base::Either(choice) = &place.base {
            let is = |l: &mut Self, side: &Place| Some(l.is(side, pat.clone(), span));
            let v = self.chosen(&choice.clone(), place, span, is);
            let v = v.unwrap_or_else(|| self.poison(span));
            self.b.func.info_mut(v).shape = Shape::Int;
            return v;
        }
        let root = self.root(place, span);
        self.b.func.variants |= !matches!(place.shape, Shape::Option(_) | Shape::Int);
        self.b.op(
            Op::Is(root, place.path.clone(), pat.into()),
            Shape::Int,
            span,
        )
    }

    /// Several things as the tuple of them.
    pub(crate) fn whole(&mut self, subject: &Subject, span: Span) -> Subject {
        match subject {
            Subject::Part(..) => subject.clone(),
            Subject::Tuple(_) | Subject::Optional(..) => {
                let v = self.whole_value(subject, span);
                Subject::Part(self.at_value(v), By::Value)
            }
        }
    }

    pub(crate) fn whole_value(&mut self, subject: &Subject, span: Span) -> V {
        match subject {
            Subject::Part(place, by) => {
                let item = Item::Place(place.clone(), *by == By::Mut);
                self.value(&item, span)
            }
            Subject::Optional(some, item) => {
                let value = self.either(
                    *some,
                    |l| {
                        let v = l.whole_value(item, span);
                        (Some(l.present(v, span)), Flow::on())
                    },
                    |l| (Some(l.missing(span)), Flow::on()),
                    span,
                );
                value.0.unwrap_or_else(|| self.poison(span))
            }
            Subject::Tuple(parts) => {
                let vs: Vec<V> = parts.iter().map(|p| self.whole_value(p, span)).collect();
                let shapes = vs.iter().map(|v| self.b.func.shape(*v).clone()).collect();
                self.b.op(Op::Tuple(vs), Shape::Tuple(shapes), span)
            }
        }
    }
}

/// Whether a path ends in a name.
pub(crate) fn named(path: &syn::Path, name: &str) -> bool {
    path.segments.last().is_some_and(|s| s.ident == name)
}

/// Whether a pattern is `None`, which reads like a name.
fn is_none(pat: &Pat) -> bool {
    match pat {
        Pat::Ident(p) => p.ident == "None",
        Pat::Path(p) => named(&p.path, "None"),
        _ => false,
    }
}

/// Whether a pattern is of integers: then so is what it is matched against.
fn whole_number(pat: &Pat) -> bool {
    let integer = |e: &Expr| match strip(e) {
        Expr::Lit(l) => matches!(l.lit, syn::Lit::Int(_)),
        Expr::Unary(u) => {
            matches!(strip(&u.expr), Expr::Lit(l) if matches!(l.lit, syn::Lit::Int(_)))
        }
        _ => false,
    };
    match pat {
        Pat::Lit(l) => matches!(l.lit, syn::Lit::Int(_)),
        Pat::Range(r) => r.start.iter().chain(&r.end).any(|e| integer(e)),
        Pat::Or(p) => p.cases.iter().any(whole_number),
        Pat::Paren(p) => whole_number(&p.pat),
        _ => false,
    }
}

/// Whether a pattern may fail to match, by its form.
pub(crate) fn refutable(pat: &Pat) -> bool {
    match pat {
        Pat::Wild(_) | Pat::Rest(_) => false,
        Pat::Ident(p) => match &p.subpat {
            Some((_, sub)) => refutable(sub),
            None => is_constant(&p.ident),
        },
        Pat::Paren(p) => refutable(&p.pat),
        Pat::Type(p) => refutable(&p.pat),
        Pat::Reference(p) => refutable(&p.pat),
        Pat::Tuple(_) => inner(pat).any(refutable),
        Pat::Or(p) => p.cases.iter().all(refutable),
        _ => true,
    }
}

/// The patterns directly inside one that takes an aggregate apart.
pub(crate) fn inner(pat: &Pat) -> Box<dyn Iterator<Item = &Pat> + '_> {
    match pat {
        Pat::Tuple(p) => Box::new(p.elems.iter()),
        Pat::TupleStruct(p) => Box::new(p.elems.iter()),
        Pat::Struct(p) => Box::new(p.fields.iter().map(|f| &*f.pat)),
        Pat::Slice(p) => Box::new(p.elems.iter()),
        _ => Box::new(core::iter::empty()),
    }
}

/// The names that a pattern binds, each once.
pub(crate) fn names_in<'p>(pat: &'p Pat, out: &mut Vec<&'p syn::PatIdent>) {
    match pat {
        Pat::Ident(p) => {
            match &p.subpat {
                Some((_, sub)) => names_in(sub, out),
                None if is_constant(&p.ident) => return,
                None => {}
            }
            out.push(p);
        }
        Pat::Paren(p) => names_in(&p.pat, out),
        Pat::Type(p) => names_in(&p.pat, out),
        Pat::Reference(p) => names_in(&p.pat, out),
        Pat::Or(p) => p.cases.iter().take(1).for_each(|p| names_in(p, out)),
        p => inner(p).for_each(|p| names_in(p, out)),
    }
}

/// By Rust's naming: a pattern that is one upper-case name means a constant.
pub(crate) fn is_constant(ident: &proc_macro2::Ident) -> bool {
    ident.to_string().starts_with(char::is_uppercase)
}
