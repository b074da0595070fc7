//! Patterns: names bound by `let`, and the conditions that `match` arms stand for.

use proc_macro2::Span;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Expr, Pat};

use super::place::strip;
use super::{Lower, key};
use crate::ir::{By, Op, Proj, Shape, V};

impl Lower<'_> {
    /// Binds the names of an irrefutable pattern to the parts of a value.
    pub(crate) fn bind(&mut self, pat: &Pat, v: V, ty: Option<&syn::Type>) {
        match pat {
            Pat::Ident(p) => {
                let name = p.ident.to_string();
                let v = self.bound(v, ty, p.ident.span());
                self.name(v, &name);
                self.declare(&key(&p.ident), p.mutability.is_some(), Some(v), By::Value);
            }
            Pat::Type(t) => self.bind(&t.pat, v, Some(&t.ty)),
            Pat::Paren(p) => self.bind(&p.pat, v, ty),
            Pat::Wild(_) => {}
            Pat::Tuple(t) => {
                for (k, p) in t.elems.iter().enumerate() {
                    let part = self.part(v, Proj::Field(syn::Member::Unnamed(k.into())), p.span());
                    self.bind(p, part, None);
                }
            }
            Pat::TupleStruct(t) => {
                for (k, p) in t.elems.iter().enumerate() {
                    let part = self.part(v, Proj::Field(syn::Member::Unnamed(k.into())), p.span());
                    self.bind(p, part, None);
                }
            }
            Pat::Struct(s) => {
                for f in &s.fields {
                    let part = self.part(v, Proj::Field(f.member.clone()), f.span());
                    self.bind(&f.pat, part, None);
                }
            }
            Pat::Slice(s) => {
                for (k, p) in s.elems.iter().enumerate() {
                    let index = self.constant(
                        proc_macro2::Literal::usize_unsuffixed(k).to_token_stream(),
                        Shape::Int,
                    );
                    let part = self.part(v, Proj::Index(index), p.span());
                    self.bind(p, part, None);
                }
            }
            Pat::Reference(r) => self.bind(&r.pat, v, None),
            other => self.errors.at(
                other,
                "this pattern is not in the language yet",
                "bind the value to a name and take it apart with field access",
            ),
        }
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

    /// The condition under which a pattern matches `v`; `None` where it always does. Names are bound.
    pub(crate) fn test(&mut self, pat: &Pat, v: V) -> Option<V> {
        let span = pat.span();
        match pat {
            Pat::Wild(_) => None,
            Pat::Paren(p) => self.test(&p.pat, v),
            Pat::Ident(p) if p.subpat.is_none() && !is_constant(&p.ident) => {
                self.declare(&key(&p.ident), p.mutability.is_some(), Some(v), By::Value);
                None
            }
            Pat::Ident(p) if p.subpat.is_some() => {
                self.declare(&key(&p.ident), p.mutability.is_some(), Some(v), By::Value);
                let (_, sub) = p.subpat.as_ref()?;
                self.test(sub, v)
            }
            Pat::Tuple(t) => {
                let mut all = None;
                for (k, p) in t.elems.iter().enumerate() {
                    let part = self.part(v, Proj::Field(syn::Member::Unnamed(k.into())), p.span());
                    if let Some(c) = self.test(p, part) {
                        all = Some(match all {
                            Some(a) => self.bin(crate::ir::Bin::And, a, c, span),
                            None => c,
                        });
                    }
                }
                all
            }
            Pat::Lit(_) | Pat::Range(_) | Pat::Path(_) | Pat::Or(_) | Pat::Ident(_) => {
                let hole = proc_macro2::Ident::new("matched", Span::call_site());
                let tokens = quote::quote!(::core::matches!(#hole, #pat));
                Some(
                    self.b
                        .op(Op::Opaque(tokens, vec![(hole, v)]), Shape::Int, span),
                )
            }
            other => {
                self.errors.at(
                    other,
                    "this pattern is not in the language yet",
                    "match on values: literals, ranges, names, tuples of those",
                );
                None
            }
        }
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

/// By Rust's naming: a pattern that is one upper-case name means a constant.
fn is_constant(ident: &proc_macro2::Ident) -> bool {
    let s = ident.to_string();
    s.chars().next().is_some_and(char::is_uppercase)
}
