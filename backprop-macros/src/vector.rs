//! Macros that stand for expressions: what makes a `Vec` in a function's body, and `matches!`. The fence and the lowering both ask here.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Expr, ExprMethodCall, Macro, Token};

/// The arguments of `vec!`.
pub(crate) enum Elements {
    /// `vec![x; n]`.
    Filled(Box<Expr>, Box<Expr>),
    /// `vec![a, b, c]`.
    List(Vec<Expr>),
}

impl Elements {
    /// `None` where this is another macro, or not what `vec!` takes.
    pub(crate) fn of(mac: &Macro) -> Option<Elements> {
        is_vec(mac).then(|| parse(&mac.tokens))?
    }
}

pub(crate) fn is_vec(mac: &Macro) -> bool {
    mac.path.segments.last().is_some_and(|s| s.ident == "vec")
}

fn parse(tokens: &TokenStream) -> Option<Elements> {
    let filled = |input: ParseStream| -> syn::Result<Elements> {
        let element = Expr::parse(input)?;
        <Token![;]>::parse(input)?;
        Ok(Elements::Filled(
            element.into(),
            Box::new(Expr::parse(input)?),
        ))
    };
    let list = Punctuated::<Expr, Token![,]>::parse_terminated;
    let listed = || {
        Some(Elements::List(
            list.parse2(tokens.clone()).ok()?.into_iter().collect(),
        ))
    };
    filled.parse2(tokens.clone()).ok().or_else(listed)
}

/// `matches!(x, pattern if guard)` as the `match` that it stands for. `None` where this is another macro, or not what that takes.
pub(crate) fn matching(mac: &Macro) -> Option<Expr> {
    if mac
        .path
        .segments
        .last()
        .is_none_or(|s| s.ident != "matches")
    {
        return None;
    }
    let parts = |input: ParseStream| -> syn::Result<(Expr, TokenStream)> {
        let e = Expr::parse(input)?;
        <Token![,]>::parse(input)?;
        Ok((e, TokenStream::parse(input)?))
    };
    let (e, pattern) = parts.parse2(mac.tokens.clone()).ok()?;
    let mut arm: Vec<TokenTree> = pattern.into_iter().collect();
    if matches!(arm.last(), Some(TokenTree::Punct(p)) if p.as_char() == ',') {
        arm.pop();
    }
    let arm: TokenStream = arm.into_iter().collect();
    syn::parse2(quote!(match #e { #arm => true, _ => false })).ok()
}

/// Whether a method copies a slice into a `Vec`.
pub(crate) fn copies(m: &ExprMethodCall) -> bool {
    m.method == "to_vec" && m.args.is_empty()
}
