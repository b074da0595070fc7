//! Patterns, in `let` and in `match`.

use syn::Pat;

use super::Fence;
use super::messages as say;

impl Fence<'_> {
    /// A pattern that takes a value apart and cannot fail.
    pub(super) fn let_pat(&mut self, pat: &Pat) {
        match pat {
            Pat::Wild(_) => {}
            Pat::Ident(p) => {
                if let Some(r) = &p.by_ref {
                    self.refuse(r, &say::PAT_REF);
                }
                if let Some((_, p)) = &p.subpat {
                    self.let_pat(p);
                }
            }
            Pat::Rest(_) => {}
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
            Pat::Wild(_) | Pat::Lit(_) | Pat::Range(_) | Pat::Path(_) | Pat::Rest(_) => {}
            Pat::Ident(p) => {
                if let Some(r) = &p.by_ref {
                    self.refuse(r, &say::PAT_REF);
                }
                if let Some((_, p)) = &p.subpat {
                    self.match_pat(p);
                }
            }
            Pat::Or(p) => p.cases.iter().for_each(|p| self.match_pat(p)),
            Pat::Paren(p) => self.match_pat(&p.pat),
            Pat::Type(p) => self.match_pat(&p.pat),
            Pat::Reference(p) => self.match_pat(&p.pat),
            Pat::Tuple(p) => p.elems.iter().for_each(|p| self.match_pat(p)),
            Pat::TupleStruct(p) => p.elems.iter().for_each(|p| self.match_pat(p)),
            Pat::Slice(p) => p.elems.iter().for_each(|p| self.match_pat(p)),
            Pat::Struct(p) => p.fields.iter().for_each(|f| self.match_pat(&f.pat)),
            other => self.never(other),
        }
    }

    /// What is left: not accepted yet, or never.
    fn never(&mut self, pat: &Pat) {
        match pat {
            Pat::Const(p) => self.refuse(&p.const_token, &say::PAT_CONST),
            Pat::Macro(p) => self.refuse(&p.mac.path, &say::PAT_MACRO),
            other => self.refuse(other, &say::PAT_UNKNOWN),
        }
    }
}
