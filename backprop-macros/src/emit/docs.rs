//! The rustdoc of generated functions: what they compute, what they keep, and for scalar formulas the derivative.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Expr;

use super::context::Context;
use super::item::Sweeps;
use crate::ir::visit::each;
use crate::ir::{By, Func, Keeps, Op, Shape, Stmt, Store, Why};

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
    let mut logs = false;
    each(&func.body, &mut |s| logs |= matches!(s, Stmt::Log(_)));
    if func.stores.is_empty() && !logs {
        return "\n\n# Memory\n\nKeeps nothing for the reverse sweep but local variables."
            .to_owned();
    }
    // Areas are where rows lie. Of stores that differ by their names alone all names stand in one line.
    let mut lines: Vec<(String, Vec<(&str, usize)>)> = Vec::new();
    for s in func.stores.iter().filter(|s| s.keeps != Keeps::Area) {
        let line = format!("{}: {}.", place(s), reason(s));
        let at = lines.iter().position(|(other, _)| *other == line);
        let at = at.unwrap_or_else(|| {
            lines.push((line, Vec::new()));
            lines.len() - 1
        });
        let names = &mut lines[at].1;
        match names.iter_mut().find(|(name, _)| *name == s.name) {
            Some((_, times)) => *times += 1,
            None => names.push((&s.name, 1)),
        }
    }
    let mut out = "\n\n# Memory\n".to_owned();
    for (line, names) in lines {
        let one = names.len() == 1 && names[0].1 == 1;
        let name = |(name, times): &(&str, usize)| match times {
            1 => format!("`{name}`"),
            n => format!("`{name}` ({n} times)"),
        };
        let names: Vec<String> = names.iter().map(name).collect();
        let each = if one { "" } else { "each " };
        out += &format!("\n- {}: {each}{line}", names.join(", "));
    }
    if logs {
        out += "\n- On the tape, of each change of a slice or `Vec` that the reverse sweep takes back: what was overwritten, and where.";
    }
    out
}

/// Where a store is, and how much that is.
fn place(s: &Store) -> String {
    match (&s.stack, s.why) {
        (Some(n), _) => format!("on the stack, {} values", count(n)),
        (None, Why::Leaves) => "on the tape, one value for each element".to_owned(),
        (None, _) => "on the tape, one value for each iteration".to_owned(),
    }
}

/// What it is for.
fn reason(s: &Store) -> &'static str {
    match (s.why, &s.stack) {
        (Why::Begins, Some(_)) => "what each iteration starts from",
        (Why::Begins, None) => "what it starts from",
        (Why::Reads, _) => "what an iteration reads of a buffer that changes",
        (Why::Overwrites, _) => "what an iteration overwrites",
        (Why::Costs, _) => "a result that costs more to compute again",
        (Why::Multiplies, _) => "what the reverse sweep multiplies by, or takes a branch by",
        (Why::Found, _) => "what a call finds in what it changes",
        (Why::OnTheWay, _) => "on their way to the tape",
        (Why::Leaves, _) => {
            "what the function leaves in a buffer in which the reverse sweep goes back"
        }
    }
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
