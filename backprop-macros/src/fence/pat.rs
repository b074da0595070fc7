//! Patterns, in `let` and in `match`.

use quote::ToTokens;
use syn::Pat;
use syn::visit::Visit;

use super::messages as say;
use super::{Fence, bindings};
use crate::ir::print::compact;

impl Fence<'_> {
    /// A pattern that takes a value apart and cannot fail.
    pub(super) fn let_pat(&mut self, pat: &Pat) {
        match pat {
            Pat::Wild(_) => {}
            Pat::Ident(p) => {
                if let Some(r) = &p.by_ref {
                    self.refuse(r, &say::PAT_REF);
                }
                if let Some((at, _)) = &p.subpat {
                    self.refuse(at, &say::PAT_AT);
                }
            }
            Pat::Type(p) => self.let_pat(&p.pat),
            Pat::Paren(p) => self.let_pat(&p.pat),
            Pat::Tuple(p) => p.elems.iter().for_each(|p| self.let_pat(p)),
            Pat::TupleStruct(p) => p.elems.iter().for_each(|p| self.let_pat(p)),
            Pat::Slice(p) => p.elems.iter().for_each(|p| self.let_pat(p)),
            Pat::Reference(p) => self.let_pat(&p.pat),
            // A struct's `..` leaves named fields out, so nothing is shifted.
            Pat::Struct(p) => p.fields.iter().for_each(|f| self.let_pat(&f.pat)),
            Pat::Lit(_) | Pat::Range(_) | Pat::Or(_) | Pat::Path(_) => {
                self.refuse(pat, &say::PAT_REFUTABLE)
            }
            other => self.never(other),
        }
    }

    /// A pattern that tests a value.
    pub(super) fn match_pat(&mut self, pat: &Pat) {
        match pat {
            Pat::Wild(_) | Pat::Lit(_) | Pat::Range(_) | Pat::Path(_) => {}
            Pat::Ident(p) => {
                if let Some(r) = &p.by_ref {
                    self.refuse(r, &say::PAT_REF);
                }
                if let Some((_, p)) = &p.subpat {
                    self.match_pat(p);
                }
            }
            // One test for all the cases, which binds nothing. Upper-case names are constants.
            Pat::Or(p)
                if bindings(|v| v.visit_pat_or(p))
                    .iter()
                    .any(|(n, _)| !n.starts_with(char::is_uppercase)) =>
            {
                self.refuse(p, &say::PAT_OR_NAME)
            }
            Pat::Or(p) => p.cases.iter().for_each(|p| self.match_pat(p)),
            Pat::Paren(p) => self.match_pat(&p.pat),
            Pat::Tuple(p) => p.elems.iter().for_each(|p| self.match_pat(p)),
            Pat::Struct(p) => self.refuse(&p.path, &say::PAT_MATCH_STRUCT),
            Pat::Slice(p) => self.refuse(p, &say::PAT_MATCH_SLICE),
            other => self.never(other),
        }
    }

    /// What is left: not accepted yet, or never.
    fn never(&mut self, pat: &Pat) {
        match pat {
            Pat::TupleStruct(p) => self.refuse_named(
                &p.path,
                &say::PAT_PAYLOAD,
                &compact(p.path.to_token_stream()),
            ),
            Pat::Rest(p) => self.refuse(p, &say::PAT_REST),
            Pat::Reference(p) => self.refuse(p, &say::PAT_DEREF),
            Pat::Const(p) => self.refuse(&p.const_token, &say::PAT_CONST),
            Pat::Macro(p) => self.refuse(&p.mac.path, &say::PAT_MACRO),
            other => self.refuse(other, &say::PAT_UNKNOWN),
        }
    }
}
