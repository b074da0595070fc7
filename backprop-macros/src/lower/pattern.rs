//! Patterns that always match: names, and the parts of aggregates.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, Member, Pat, Token};

use super::item::{Item, within};
use super::place::{Place, strip};
use super::{Lower, key};
use crate::ir::{Bin, By, Op, Proj, Shape, V};

impl Lower<'_> {
    /// Binds the names of an irrefutable pattern to the parts of a value.
    pub(crate) fn bind(&mut self, pat: &Pat, v: V, ty: Option<&syn::Type>) {
        match pat {
            Pat::Ident(p) => {
                let name = p.ident.to_string();
                let v = self.bound(v, ty, p.ident.span());
                self.name(v, &name);
                let mutable = p.mutability.is_some();
                let local = self.declare(&key(&p.ident), mutable, Some(v), By::Value);
                self.may_grow(local, v);
                if let Some((_, sub)) = &p.subpat {
                    self.bind(sub, v, None);
                }
            }
            Pat::Type(t) => self.bind(&t.pat, v, Some(&t.ty)),
            Pat::Paren(p) => self.bind(&p.pat, v, ty),
            Pat::Wild(_) | Pat::Rest(_) => {}
            Pat::Reference(r) => self.bind(&r.pat, v, None),
            pat => {
                let whole = self.at_value(v);
                for (p, place) in self.parts(pat, &whole, false) {
                    if is_unsized(&place) {
                        self.copied_rest(p);
                        continue;
                    }
                    let part = self.read(&place, p.span());
                    self.bind(p, part, None);
                }
            }
        }
    }

    /// What a slice pattern's `rest @ ..` leaves of an array that is taken apart by value is an array: here of a length not seen.
    pub(crate) fn copied_rest(&mut self, pat: &Pat) {
        if !matches!(pat, Pat::Rest(_) | Pat::Wild(_)) {
            self.errors.at(
                pat,
                "the rest of an array that is taken apart by value is accepted where the type of the array is seen here",
                "name the array with its type first: `let y: [f64; 4] = ..;`; or take a reference apart: `let [first, rest @ ..] = &y;`",
            );
        }
    }

    /// The patterns inside a pattern that takes an aggregate apart, each with its part; `variant`: of a value that may be an enum.
    pub(crate) fn parts<'p>(
        &mut self,
        pat: &'p Pat,
        whole: &Place,
        variant: bool,
    ) -> Vec<(&'p Pat, Place)> {
        match pat {
            Pat::Tuple(t) => {
                let arity = match &whole.shape {
                    Shape::Tuple(parts) => Some(parts.len()),
                    _ => None,
                };
                self.numbered(&t.elems, arity, whole, None)
            }
            Pat::TupleStruct(t) => {
                let variant = variant.then_some(&t.path);
                self.numbered(&t.elems, None, whole, variant)
            }
            Pat::Struct(s) => {
                let variant = variant.then_some(&s.path);
                let part = |f: &'p syn::FieldPat| {
                    let proj = field(variant, f.member.clone());
                    (&*f.pat, within(whole.clone(), proj))
                };
                s.fields.iter().map(part).collect()
            }
            Pat::Slice(s) => self.elements_of(s, whole),
            other => {
                self.errors.at(
                    other,
                    "this pattern is not in the language yet",
                    "bind the value to a name and take it apart with field access",
                );
                Vec::new()
            }
        }
    }

    /// Parts that have numbers. Behind a `..` they are counted from the end, which only a tuple seen here has.
    fn numbered<'p>(
        &mut self,
        elems: &'p Punctuated<Pat, Token![,]>,
        arity: Option<usize>,
        whole: &Place,
        variant: Option<&syn::Path>,
    ) -> Vec<(&'p Pat, Place)> {
        let rest = elems.iter().position(|p| matches!(p, Pat::Rest(_)));
        let mut found = Vec::new();
        for (k, p) in elems.iter().enumerate() {
            let k = match (rest, arity) {
                (Some(r), _) if k == r => continue,
                (Some(r), Some(n)) if k > r => n + k - elems.len(),
                (Some(r), None) if k > r => {
                    self.errors.at(
                        &elems[r],
                        "which parts stand behind this `..` is not known: the number of parts is not seen here",
                        "name every part, with `_` for those not needed",
                    );
                    break;
                }
                _ => k,
            };
            let proj = field(variant, Member::Unnamed(k.into()));
            found.push((p, within(whole.clone(), proj)));
        }
        found
    }

    /// The elements that a slice pattern names, from both ends, and what lies between.
    fn elements_of<'p>(&mut self, s: &'p syn::PatSlice, whole: &Place) -> Vec<(&'p Pat, Place)> {
        let rest = s.elems.iter().position(is_rest);
        let n = s.elems.len();
        let mut found = Vec::new();
        for (k, p) in s.elems.iter().enumerate() {
            let span = p.span();
            let part = match rest {
                Some(r) if k == r => {
                    if matches!(p, Pat::Rest(_)) {
                        continue;
                    }
                    let ends = (
                        self.literal_index(r),
                        self.counted_from_end(whole, n - 1 - r, span),
                    );
                    self.rest(whole, n - 1, ends, span)
                }
                Some(r) if k > r => {
                    let at = self.counted_from_end(whole, n - k, span);
                    self.element(whole.clone(), at, span)
                }
                _ => {
                    let at = self.literal_index(k);
                    self.element(whole.clone(), at, span)
                }
            };
            found.push((p, part));
        }
        found
    }

    /// What a slice pattern leaves besides so many elements: of an array it is one, too.
    fn rest(&mut self, whole: &Place, elements: usize, (lo, hi): (V, V), span: Span) -> Place {
        let len = match &whole.shape {
            Shape::Seq(_, Some(len)) => left(len, elements),
            _ => None,
        };
        let Some(len) = len else {
            return self.cut(whole.clone(), lo, hi, span).2;
        };
        let text = len.to_string();
        let size = self.constant(len, Shape::Int);
        self.usizes.insert(size);
        self.array_in(whole.clone(), (lo, hi), size, &text, span)
    }

    pub(crate) fn literal_index(&mut self, k: usize) -> V {
        let k = Literal::usize_unsuffixed(k).to_token_stream();
        self.constant(k, Shape::Int)
    }

    /// `len - k`.
    fn counted_from_end(&mut self, whole: &Place, k: usize, span: Span) -> V {
        if let Shape::Seq(_, Some(len)) = &whole.shape
            && let Some(at) = len.parse::<usize>().ok().and_then(|n| n.checked_sub(k))
        {
            return self.literal_index(at);
        }
        let n = self.extent(whole, span);
        if k == 0 {
            return n;
        }
        let k = self.literal_index(k);
        self.bin(Bin::Sub, n, k, span)
    }

    /// The value that a name is bound to, with the type that was written.
    pub(crate) fn bound(&mut self, v: V, ty: Option<&syn::Type>, span: Span) -> V {
        let Some(ty) = ty else { return v };
        let mut ty = ty;
        while let syn::Type::Reference(r) = ty {
            ty = &r.elem;
        }
        if matches!(ty, syn::Type::Infer(_)) {
            return v;
        }
        let known = crate::sig::shape_of(ty, &self.sig.reals, self.errors);
        // A counter between literals gets its type here.
        let counter = known == Shape::Int && self.is_bare(v) && self.b.func.info(v).name.is_some();
        let v = match counter {
            true => self.b.op(Op::Cast(v, ty.clone().into()), Shape::Int, span),
            false => v,
        };
        let info = self.b.func.info_mut(v);
        if info.name.is_none() {
            info.ty = Some(ty.clone().into());
            info.span = span;
            if !matches!(known, Shape::Named | Shape::Unknown) {
                info.shape = known;
            }
        }
        v
    }

    /// `let [a, b] = &x;`, `let (a, b) = (&x[..n], &x[n..]);`: each name stands for a place.
    pub(crate) fn let_parts(&mut self, pat: &Pat, init: &Expr) -> bool {
        let reference = |e: &Expr| matches!(strip(e), Expr::Reference(_));
        let item = match (pat, strip(init)) {
            (Pat::Tuple(_), Expr::Tuple(t)) if t.elems.iter().any(reference) => self.item(init),
            (
                Pat::Tuple(_) | Pat::TupleStruct(_) | Pat::Struct(_) | Pat::Slice(_),
                Expr::Reference(_) | Expr::Path(_),
            ) => match self.known_item(init) {
                Some(item @ Item::Place(..)) => item,
                None if reference(init) => self.item(init),
                _ => return false,
            },
            _ => return false,
        };
        self.bind_item(pat, item);
        true
    }

    /// `let pat = init`: a reference names a place, everything else a value.
    pub(crate) fn let_reference(&mut self, pat: &Pat, init: &Expr) -> bool {
        let Expr::Reference(r) = strip(init) else {
            return false;
        };
        let ident = match pat {
            Pat::Ident(p) => &p.ident,
            Pat::Type(t) => match &*t.pat {
                Pat::Ident(p) => &p.ident,
                _ => return false,
            },
            _ => return false,
        };
        if !matches!(
            strip(&r.expr),
            Expr::Path(_) | Expr::Field(_) | Expr::Index(_) | Expr::Unary(_)
        ) {
            return false;
        }
        let mut place = self.place(&r.expr);
        // What is not known of a place, the type of its name may tell.
        if let (Pat::Type(t), Shape::Unknown) = (pat, &place.shape)
            && let syn::Type::Reference(t) = &*t.ty
        {
            place.shape = crate::sig::shape_of(&t.elem, &self.sig.reals, self.errors);
        }
        self.declare_alias(&key(ident), place, r.mutability.is_some());
        true
    }
}

/// `..`, alone or with a name.
pub(crate) fn is_rest(pat: &Pat) -> bool {
    match pat {
        Pat::Rest(_) => true,
        Pat::Ident(p) => p.subpat.as_ref().is_some_and(|(_, p)| is_rest(p)),
        _ => false,
    }
}

/// How long what is left of an array is; `len` may be a constant's name. (Of a parameter's, rustc takes no array apart.)
fn left(len: &str, elements: usize) -> Option<TokenStream> {
    if let Ok(n) = len.parse::<usize>() {
        let left = n.checked_sub(elements)?;
        return Some(Literal::usize_unsuffixed(left).to_token_stream());
    }
    let len: TokenStream = len.parse().ok()?;
    let elements = Literal::usize_unsuffixed(elements);
    Some(quote!(((#len) - #elements)))
}

/// Whether a place is a part of a slice, or of an array whose length is not seen.
pub(crate) fn is_unsized(place: &Place) -> bool {
    matches!(place.path.last(), Some(Proj::Range { .. }))
        && !matches!(place.shape, Shape::Seq(_, Some(_)))
}

/// The place of a name that may be a pattern's `rest @ ..`. For writing that is a slice: an array in a slice could not be lent on.
pub(crate) fn written(p: &syn::PatIdent, mut place: Place) -> Place {
    let rest = p.subpat.as_ref().is_some_and(|(_, p)| is_rest(p));
    if let (true, Shape::Seq(_, len)) = (rest, &mut place.shape) {
        *len = None;
    }
    place
}

fn field(variant: Option<&syn::Path>, member: Member) -> Proj {
    match variant {
        Some(path) => Proj::Payload(path.clone().into(), member),
        None => Proj::Field(member),
    }
}
