//! What the generated functions say about inlining.
//!
//! A caller runs a function and later its sweep, which computes again what it needs. Where both are inlined, rustc sees
//! that they compute the same and does it once. It counts the sweep of a small function as large, though: it has no
//! idea that half of it will go.

use proc_macro2::TokenStream;
use quote::quote;

use super::context::Context;
use crate::ir::parts::{Constants, constants};
use crate::ir::{Block, Func, Head, Op, Stmt};

/// Operations of a sweep without loops up to which it is always inlined.
const SMALL: usize = 64;
/// The same for one whose loops are written out: a product of matrices of three rows, with the adjoints of both.
const UNROLLED: usize = 512;

/// What the user says about the function, for those that are generated from it.
fn asked(c: &Context) -> Option<TokenStream> {
    let mut hints = c.item.attrs.iter().filter(|a| a.path().is_ident("inline"));
    let strict = |a: &&syn::Attribute| {
        let hint = a.parse_args::<syn::Ident>();
        hint.is_ok_and(|hint| hint == "always" || hint == "never")
    };
    hints.rfind(strict).map(|a| quote!(#a))
}

pub(super) fn of_public(c: &Context) -> TokenStream {
    asked(c).unwrap_or_else(|| quote!(#[inline]))
}

/// For what calls nothing and has no loops but short ones: then what it grows a caller by is bounded.
pub(super) fn of_sweep(c: &Context, sweep: Option<&Func>) -> TokenStream {
    if let Some(asked) = asked(c) {
        return asked;
    }
    match sweep {
        Some(f) if is_small(f) => quote!(#[inline(always)]),
        _ => quote!(#[inline]),
    }
}

fn is_small(f: &Func) -> bool {
    let loops = f.body.stmts.iter().any(|s| matches!(s, Stmt::Loop(_)));
    let most = if loops { UNROLLED } else { SMALL };
    operations(&f.body, &constants(&f.body)).is_some_and(|n| n <= most)
}

/// How many there are when loops are written out; nothing where there are calls, or loops of unknown length.
fn operations(b: &Block, constants: &Constants) -> Option<usize> {
    let mut count = 0_usize;
    for s in &b.stmts {
        count = count.checked_add(match s {
            Stmt::Let(_, Op::Const(_) | Op::Lit(_)) => 0,
            Stmt::Let(..) | Stmt::Accum { .. } => 1,
            Stmt::If(s) => {
                operations(&s.then_, constants)?.checked_add(operations(&s.else_, constants)?)?
            }
            Stmt::Loop(l) => match &l.head {
                Head::For { range, .. } => {
                    let items = range.items(constants)?;
                    items.checked_mul(operations(&l.body, constants)?)?
                }
                Head::While(_) | Head::Forever => return None,
            },
            Stmt::Call(_) | Stmt::Sweep(_) => return None,
            _ => 0,
        })?;
    }
    Some(count)
}
