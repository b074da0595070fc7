//! What the compiler says to one function.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use proc_macro2::{Literal, TokenStream, TokenTree};

/// A function and the compiler's answer.
pub(crate) struct Judged {
    pub(crate) item: TokenStream,
    pub(crate) numeric: bool,
    pub(crate) tokens: usize,
    pub(crate) time: Duration,
    pub(crate) answer: Answer,
}

pub(crate) enum Answer {
    Accepted,
    /// With the messages, without their remedies.
    Refused(Vec<String>),
    Panicked,
    /// What it answered is no Rust.
    Unreadable,
}

/// Compiles a function, with a tape where it wants one.
pub(crate) fn judge(item: TokenStream) -> Judged {
    let start = Instant::now();
    let mut answer = compile("", &item);
    let time = start.elapsed();
    if let Answer::Refused(messages) = &answer
        && messages.iter().all(|m| m.contains("tape"))
    {
        answer = compile("tape", &item);
    }
    Judged {
        numeric: numeric(&item),
        tokens: size(&item),
        item,
        time,
        answer,
    }
}

fn compile(attr: &str, item: &TokenStream) -> Answer {
    let attr: TokenStream = attr.parse().unwrap_or_default();
    let compiled = catch_unwind(AssertUnwindSafe(|| compiler::compile(attr, item.clone())));
    let Ok(tokens) = compiled else {
        return Answer::Panicked;
    };
    let mut messages = Vec::new();
    errors(tokens.clone(), &mut messages);
    if !messages.is_empty() {
        return Answer::Refused(messages);
    }
    // A method may stand in an `impl` only.
    let readable = syn::parse2::<syn::File>(tokens.clone()).is_ok()
        || syn::parse2::<syn::ItemImpl>(quote::quote!(impl S { #tokens })).is_ok();
    match readable {
        true => Answer::Accepted,
        false => Answer::Unreadable,
    }
}

/// Whether a float stands between a function's name and its body.
fn numeric(item: &TokenStream) -> bool {
    let body = item.clone().into_iter().count().saturating_sub(1);
    let signature = item.clone().into_iter().take(body).collect();
    mentions_float(signature)
}

fn mentions_float(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|t| match t {
        TokenTree::Ident(i) => i == "f32" || i == "f64",
        TokenTree::Group(g) => mentions_float(g.stream()),
        _ => false,
    })
}

fn size(tokens: &TokenStream) -> usize {
    let inside = |t: TokenTree| match t {
        TokenTree::Group(g) => 1 + size(&g.stream()),
        _ => 1,
    };
    tokens.clone().into_iter().map(inside).sum()
}

/// The texts of the `compile_error!`s.
fn errors(tokens: TokenStream, out: &mut Vec<String>) {
    let mut named = false;
    for token in tokens {
        match token {
            TokenTree::Ident(i) => named = i == "compile_error",
            TokenTree::Punct(p) if p.as_char() == '!' => {}
            TokenTree::Group(g) if named => {
                let text = g.stream().into_iter().next();
                out.extend(text.and_then(|t| first_line(&t)));
                named = false;
            }
            _ => named = false,
        }
    }
}

fn first_line(token: &TokenTree) -> Option<String> {
    let TokenTree::Literal(literal) = token else {
        return None;
    };
    let literal: Literal = literal.clone();
    let text = syn::LitStr::new("", literal.span());
    let text = syn::parse_str::<syn::LitStr>(&literal.to_string()).unwrap_or(text);
    text.value().lines().next().map(str::to_owned)
}
