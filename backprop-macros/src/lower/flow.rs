//! Where control may go after a statement: on, or to the target of an exit.

use std::collections::BTreeSet;

use super::Local;

/// Code of `return`; 0 is falling through, loops have two codes each from 2 on.
pub(crate) const RETURN: u32 = 1;

/// The codes that the exit variable may hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Flow(BTreeSet<u32>);

impl Flow {
    pub(crate) fn on() -> Flow {
        Flow(BTreeSet::from([0]))
    }

    pub(crate) fn exit(code: u32) -> Flow {
        Flow(BTreeSet::from([code]))
    }

    /// Control never gets past: a panic.
    pub(crate) fn never() -> Flow {
        Flow(BTreeSet::new())
    }

    pub(crate) fn falls(&self) -> bool {
        self.0.contains(&0)
    }

    pub(crate) fn only_falls(&self) -> bool {
        self.falls() && self.0.len() == 1
    }

    /// Control goes one way or the other.
    pub(crate) fn or(mut self, other: &Flow) -> Flow {
        self.0.extend(&other.0);
        self
    }

    /// Control goes on here, where it gets this far, as `next` says.
    pub(crate) fn then(mut self, next: &Flow) -> Flow {
        if self.0.remove(&0) {
            self.0.extend(&next.0);
        }
        self
    }

    pub(crate) fn codes(&self) -> impl Iterator<Item = u32> {
        self.0.iter().copied()
    }

    pub(crate) fn has(&self, code: u32) -> bool {
        self.0.contains(&code)
    }

    pub(crate) fn without(&self, codes: &[u32]) -> Flow {
        Flow(
            self.0
                .iter()
                .copied()
                .filter(|c| !codes.contains(c))
                .collect(),
        )
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A loop that exits may name.
pub(crate) struct Target {
    pub(crate) label: Option<String>,
    pub(crate) break_code: u32,
    pub(crate) continue_code: u32,
    /// Takes the value of `break value`.
    pub(crate) value: Option<Local>,
    /// A labelled block: only a `break` that names it leaves it.
    pub(crate) block: bool,
}

/// Whether a block surely leaves through an exit, by its syntax.
pub(crate) fn diverges(block: &syn::Block) -> bool {
    block.stmts.last().is_some_and(|s| match s {
        syn::Stmt::Expr(e, _) => expr_diverges(e),
        syn::Stmt::Macro(m) => macro_diverges(&m.mac),
        _ => false,
    })
}

fn macro_diverges(mac: &syn::Macro) -> bool {
    mac.path
        .segments
        .last()
        .is_some_and(|s| s.ident == "panic" || s.ident == "unreachable")
}

pub(crate) fn expr_diverges(e: &syn::Expr) -> bool {
    match e {
        syn::Expr::Return(_) | syn::Expr::Break(_) | syn::Expr::Continue(_) => true,
        syn::Expr::Macro(m) => macro_diverges(&m.mac),
        syn::Expr::Block(b) => diverges(&b.block),
        syn::Expr::Paren(p) => expr_diverges(&p.expr),
        syn::Expr::If(i) => {
            diverges(&i.then_branch)
                && i.else_branch
                    .as_ref()
                    .is_some_and(|(_, e)| expr_diverges(e))
        }
        syn::Expr::Match(m) => !m.arms.is_empty() && m.arms.iter().all(|a| expr_diverges(&a.body)),
        _ => false,
    }
}
