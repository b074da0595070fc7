//! What the generated functions say about inlining.
//!
//! A caller runs a function and later its sweep, which computes again what it needs. Where both are inlined, rustc sees
//! that they compute the same and does it once. It counts the sweep of a small function as large, though: it has no
//! idea that half of it will go.

use proc_macro2::TokenStream;
use quote::quote;

use super::context::Context;
use crate::ir::visit::each;
use crate::ir::{Func, Stmt};

/// Operations of a sweep up to which it is always inlined.
const SMALL: usize = 64;

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

/// For what calls nothing and has no loops: then what it grows a caller by is bounded.
pub(super) fn of_sweep(c: &Context, sweep: Option<&Func>) -> TokenStream {
    if let Some(asked) = asked(c) {
        return asked;
    }
    match sweep.map(operations) {
        Some(Some(..=SMALL)) => quote!(#[inline(always)]),
        _ => quote!(#[inline]),
    }
}

/// How many there are; nothing where there are calls or loops.
fn operations(f: &Func) -> Option<usize> {
    let mut count = Some(0);
    each(&f.body, &mut |s| match s {
        Stmt::Let(..) | Stmt::Accum { .. } => count = count.map(|n| n + 1),
        Stmt::Loop(_) | Stmt::Call(_) | Stmt::Sweep(_) => count = None,
        _ => {}
    });
    count
}
