//! The compiler as a library, without rustc around it.
//!
//! Most of the time of a batch is rustc's. What the compiler refuses need not get there, and what it writes is the same in every profile.

use std::panic::catch_unwind;

use proc_macro2::{TokenStream, TokenTree};

use super::scratch::Message;
use crate::print;
use crate::syntax::Program;

/// The program with all that the attributes write, or the first thing that the compiler says.
pub(crate) fn program(
    program: &Program,
    without: &[&str],
    words: &[&str],
) -> Result<String, Message> {
    let items = print::items(program, without, words);
    let texts = items.iter().map(|item| {
        item.expanded(|options, text| {
            let expanded = catch_unwind(|| function(options, text)).unwrap_or_else(|_| {
                Err(Message {
                    code: None,
                    text: "the compiler panicked".to_string(),
                })
            });
            // Texts are held on to, for the places in them.
            proc_macro2::extra::invalidate_current_thread_spans();
            expanded
        })
    });
    texts.collect()
}

fn function(options: &str, text: &str) -> Result<String, Message> {
    let read = |text: &str| {
        text.parse::<TokenStream>().map_err(|error| Message {
            code: None,
            text: format!("expected tokens: {error}"),
        })
    };
    let expanded = compiler::compile(read(options)?, read(text)?);
    match mistake(expanded.clone()) {
        Some(text) => Err(Message { code: None, text }),
        None => Ok(expanded.to_string() + "\n"),
    }
}

/// The first line of the first `compile_error! { "text" }`. They stand between items.
fn mistake(tokens: TokenStream) -> Option<String> {
    let mut tokens = tokens.into_iter();
    tokens.find(|t| matches!(t, TokenTree::Ident(name) if name == "compile_error"))?;
    let text = tokens.find_map(|t| match t {
        TokenTree::Group(text) => Some(text.stream().to_string()),
        _ => None,
    })?;
    let text = text.trim_matches('"').replace("\\\"", "\"");
    Some(text.split("\\n").next().unwrap_or_default().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_compiler_says() {
        let good = function("", "fn f(x: f64) -> f64 { x * x }").expect("a gradient");
        assert!(good.contains("f_grad"));
        let refused = function(
            "",
            "fn f(x: f64, n: usize) -> f64 { let mut p = x; for _ in 0..n { p *= p; } p }",
        );
        let message = refused.expect_err("a refusal");
        assert!(
            message.text.starts_with("this overwrites `p` in a loop"),
            "{}",
            message.text
        );
        assert!(!message.text.contains("help"), "{}", message.text);
    }
}
