//! What makes a `Vec` in a function's body. The fence and the lowering both ask here.

use proc_macro2::TokenStream;
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

/// Whether a method copies a slice into a `Vec`.
pub(crate) fn copies(m: &ExprMethodCall) -> bool {
    m.method == "to_vec" && m.args.is_empty()
}
