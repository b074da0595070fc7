//! The rustdoc of generated functions: what they compute, what they keep, and for scalar formulas the derivative.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Expr;

use super::context::Context;
use super::item::Sweeps;
use crate::ir::{By, Func, Op, Shape, Stmt};

/// The documentation of the public functions.
pub(crate) struct Docs {
    pub(crate) grad: String,
    pub(crate) vjp: String,
}

pub(crate) fn of(c: &Context, sweeps: Option<&Sweeps>, grad: Option<&TokenStream>) -> Docs {
    let name = &c.item.sig.ident;
    let by_value: Vec<String> = c
        .sig
        .inputs
        .iter()
        .filter(|i| i.active && i.by == By::Value)
        .map(|i| format!("`{}`", i.name))
        .collect();
    let by_ref: Vec<String> = c
        .sig
        .inputs
        .iter()
        .filter(|i| i.active && i.by == By::Ref)
        .map(|i| format!("`d_{}`", i.name))
        .collect();
    let in_place: Vec<String> = c
        .sig
        .inputs
        .iter()
        .filter(|i| i.active && i.by == By::Mut)
        .map(|i| format!("`d_{}`", i.name))
        .collect();
    let mut details = String::new();
    if !by_value.is_empty() {
        details += &format!(
            "\n\nReturns the derivatives by {} after the value.",
            by_value.join(", ")
        );
    }
    if !by_ref.is_empty() {
        details += &format!("\n\nThe gradient is added into {}.", by_ref.join(", "));
    }
    if !in_place.is_empty() {
        details += &format!(
            "\n\n{}: on entry the cotangent of what the function leaves, on exit of what it found.",
            in_place.join(", ")
        );
    }
    let rule = match (sweeps, &c.options.vjp) {
        (Some(s), _) => kept(&s.vjp),
        (None, Some(_)) => "\n\nThe derivative is a rule written by hand.".to_owned(),
        (None, None) => "\n\nThe partial derivatives are written by hand.".to_owned(),
    };
    let formula = match (sweeps.and_then(|s| s.grad.as_ref()), grad) {
        (Some(f), Some(tokens)) if is_formula(f) => {
            format!("\n\n# Formula\n\n```text\n{}```", layout(tokens))
        }
        _ => String::new(),
    };
    Docs {
        grad: format!(
            "The value and the gradient of `{name}`, by reverse mode.{details}{rule}{formula}"
        ),
        vjp: format!(
            "The value of `{name}` and its vector-Jacobian product with the cotangent `d_ret`, by reverse mode.{details}{rule}"
        ),
    }
}

/// What is kept between the sweeps.
fn kept(func: &Func) -> String {
    if func.stores.is_empty() {
        return "\n\n# Memory\n\nKeeps nothing for the reverse sweep but local variables."
            .to_owned();
    }
    let mut out = "\n\n# Memory\n".to_owned();
    for s in &func.stores {
        out += &match &s.stack {
            Some(n) => format!(
                "\n- `{}`: on the stack, {} values: what each iteration starts from.",
                s.name,
                count(n)
            ),
            None => format!(
                "\n- `{}`: on the tape, one value for each iteration: what it starts from.",
                s.name
            ),
        };
    }
    out
}

/// The length of an array, which may be a computation with bounds in `i128` (`storage/bounds.rs`), as a reader would write it.
fn count(length: &TokenStream) -> String {
    let text = length.to_string();
    let value = text
        .split_once(": i128 = ")
        .and_then(|(_, t)| t.split_once(" ;"));
    match value.map(|(value, _)| syn::parse_str(value)) {
        Some(Ok(value)) => plainly(&value),
        _ => text,
    }
}

/// Arithmetic without conversions to `i128` and with parentheses around sums and products inside others.
fn plainly(e: &Expr) -> String {
    let inner = |e: &Expr| match bare(e) {
        e @ Expr::Binary(_) => format!("({})", plainly(e)),
        e => plainly(e),
    };
    match bare(e) {
        Expr::Binary(b) => format!(
            "{} {} {}",
            inner(&b.left),
            b.op.to_token_stream(),
            inner(&b.right)
        ),
        Expr::Cast(c) => format!("{} as {}", inner(&c.expr), c.ty.to_token_stream()),
        e => e.to_token_stream().to_string().replace(" :: ", "::"),
    }
}

fn bare(e: &Expr) -> &Expr {
    match e {
        Expr::Paren(p) => bare(&p.expr),
        Expr::Cast(c) if c.ty.to_token_stream().to_string() == "i128" => bare(&c.expr),
        e => e,
    }
}

/// Straight-line code over scalars.
fn is_formula(func: &Func) -> bool {
    func.params.iter().all(|p| p.by == By::Value && func.shape(p.v).is_scalar())
        && func.body.stmts.iter().all(|s| matches!(s, Stmt::Let(v, op) if *func.shape(*v) == Shape::Float && !matches!(op, Op::Opaque(..))) || matches!(s, Stmt::Let(v, Op::Const(_)) if func.shape(*v).is_scalar()))
}

/// Tokens as lines of source.
fn layout(tokens: &TokenStream) -> String {
    let mut out = String::new();
    write(tokens, &mut out);
    let mut text = String::new();
    for line in out.split(';') {
        let line = line.trim();
        if !line.is_empty() {
            text += line;
            text.push('\n');
        }
    }
    text
}

fn write(tokens: &TokenStream, out: &mut String) {
    let mut tight = true;
    let mut previous = ' ';
    for t in tokens.clone() {
        match t {
            TokenTree::Group(g) => {
                let (open, close) = match g.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{ ", " }"),
                    Delimiter::None => ("", ""),
                };
                let called = previous.is_alphanumeric() || previous == '_';
                if !(tight || called || out.ends_with(' ')) {
                    out.push(' ');
                }
                out.push_str(open);
                write(&g.stream(), out);
                out.push_str(close);
                tight = false;
                previous = ')';
            }
            TokenTree::Punct(p) => {
                let c = p.as_char();
                let unary =
                    c == '-' && (tight || matches!(previous, '=' | '*' | '/' | '+' | '-' | ','));
                match c {
                    '.' | ',' | ';' | ':' => out.push(c),
                    _ if unary => {
                        if !tight && !out.ends_with(' ') {
                            out.push(' ');
                        }
                        out.push(c);
                    }
                    _ => {
                        if !out.ends_with(' ') && previous != '=' {
                            out.push(' ');
                        }
                        out.push(c);
                    }
                }
                tight = c == '.' || unary || c == ':' && p.spacing() == Spacing::Joint;
                previous = c;
            }
            t => {
                let s = t.to_string();
                if !tight && !out.is_empty() && !out.ends_with(' ') {
                    out.push(' ');
                }
                out.push_str(&s);
                tight = false;
                previous = s.chars().last().unwrap_or(' ');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_told_as_people_write_them() {
        for (length, text) in [
            ("8", "8"),
            ("N", "N"),
            (
                "{ let n: i128 = (K) as i128; if n > 0 { n as usize } else { 0 } }",
                "K",
            ),
            (
                "{ let n: i128 = (((K) as i128) * ((2) as i128)) - ((a::B) as i128); n }",
                "(K * 2) - a::B",
            ),
            ("{ let n: i128 = ((K) as u8) as i128; n }", "K as u8"),
        ] {
            let length: TokenStream = length.parse().unwrap_or_default();
            assert_eq!(count(&length), text);
        }
    }
}
