//! Statements: `let`, expressions, items, macros.

use syn::{Expr, Local, Pat, Stmt};

use super::expr::{Seat, strip};
use super::messages as say;
use super::{Fence, Kind};
use crate::chain;

impl Fence<'_> {
    pub(super) fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Local(local) => self.local(local),
            Stmt::Item(item) => self.item(item),
            Stmt::Expr(e, semi) => {
                // On an integer it is arithmetic, but arithmetic that is thrown away is a slice being turned.
                match e {
                    Expr::MethodCall(m) if semi.is_some() && chain::turns(m) => self.moved(m),
                    _ => self.expr(e, Seat::Statement),
                }
            }
            Stmt::Macro(m) => self.mac(&m.mac, Seat::Statement),
        }
    }

    fn local(&mut self, local: &Local) {
        let mut refused = false;
        if let Some(init) = &local.init {
            let before = self.errors.len();
            if let Some((_, diverge)) = &init.diverge {
                self.match_pat(&local.pat);
                self.scrutinee(&init.expr);
                self.expr(diverge, Seat::Statement);
                if self.errors.len() == before {
                    return self.declare_matched(&local.pat, &init.expr);
                }
            } else {
                self.let_pat(&local.pat);
                self.initialiser(&local.pat, &init.expr);
            }
            refused = self.errors.len() > before;
        } else {
            self.let_pat(&local.pat);
        }
        // The name is not in scope in its own initialiser: `let loss = loss(x);` calls a function.
        match &local.init {
            Some(_) if refused => self.declare_refused(&local.pat),
            Some(init) => {
                self.declare_matched(&local.pat, &init.expr);
                self.alias(&local.pat, &init.expr);
            }
            None => self.declare(&local.pat),
        }
    }

    fn initialiser(&mut self, pat: &Pat, e: &Expr) {
        match strip(e) {
            Expr::Reference(r) if matches!(pat, Pat::Ident(_)) && self.is_closure(&r.expr) => {
                if let Expr::Closure(c) = strip(&r.expr) {
                    self.closure(c);
                }
            }
            Expr::Reference(r) => match name_of(pat) {
                Pat::Ident(p) if p.mutability.is_some() => {
                    self.refuse(&p.mutability, &say::LET_MUT_REFERENCE)
                }
                Pat::Ident(_) | Pat::Wild(_) if r.mutability.is_some() => {
                    self.written(&r.expr, &say::LET_TEMPORARY)
                }
                Pat::Ident(_) | Pat::Wild(_) => self.place(&r.expr, &say::LET_TEMPORARY),
                _ => self.scrutinee(e),
            },
            // Each name stands for its place.
            Expr::Tuple(t) if matches!(pat, Pat::Tuple(_)) && t.elems.iter().any(is_reference) => {
                self.scrutinee(e);
            }
            Expr::Closure(c) if matches!(pat, Pat::Ident(_)) => self.closure(c),
            // Another name for the same place, or for a closure.
            Expr::Path(_) if matches!(pat, Pat::Ident(p) if p.mutability.is_none()) => {}
            _ if self.is_chosen_reference(e) => self.sides(e),
            _ => self.operand(e),
        }
    }

    /// Whether an initialiser is a branch whose sides are references.
    fn is_chosen_reference(&self, e: &Expr) -> bool {
        let reference = |name: &proc_macro2::Ident| {
            let kind = self.names.iter().rev().find(|(n, _)| name == n);
            matches!(
                kind,
                Some((_, Kind::Shared | Kind::Exclusive | Kind::Bound))
            )
        };
        chain::chooses_reference(e, &reference)
    }

    /// Whether an initialiser names a closure: the name may be declared again by this very `let`.
    fn was_closure(&mut self, e: &Expr) -> bool {
        let own = self.names.pop();
        let closure = self.is_closure(e);
        self.names.extend(own);
        closure
    }

    /// Notes that a name stands for a place.
    fn alias(&mut self, pat: &Pat, init: &Expr) {
        if chain::lends(init) || self.is_chosen_reference(init) {
            return self.declare_bound(pat);
        }
        let kind = match strip(init) {
            Expr::Closure(_) => Some(Kind::Closure),
            Expr::Reference(r) if matches!(pat, Pat::Ident(_)) && self.was_closure(&r.expr) => {
                Some(Kind::Closure)
            }
            Expr::Reference(r) if r.mutability.is_some() => Some(Kind::Exclusive),
            Expr::Reference(_) => Some(Kind::Shared),
            // The name may be declared again by this very `let`: what counts is what it was.
            Expr::Path(p) if matches!(pat, Pat::Ident(_)) => {
                let own = self.names.pop();
                let kind = self.kind(&p.path).filter(|k| {
                    matches!(
                        k,
                        Kind::Shared | Kind::Exclusive | Kind::Closure | Kind::Bound
                    )
                });
                self.names.extend(own);
                kind
            }
            _ => None,
        };
        if let (Some(kind), Pat::Ident(p)) = (kind, name_of(pat))
            && (p.mutability.is_none() || kind == Kind::Closure)
        {
            self.names.push((p.ident.to_string(), kind));
        }
    }
}

fn is_reference(e: &Expr) -> bool {
    matches!(strip(e), Expr::Reference(_))
}

/// Without the ascribed type and parentheses.
fn name_of(pat: &Pat) -> &Pat {
    match pat {
        Pat::Type(p) => name_of(&p.pat),
        Pat::Paren(p) => name_of(&p.pat),
        p => p,
    }
}
