//! Where the guide shows a program that is refused and what is said to it, the compiler says exactly that.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{Item, Meta};

use crate::book::{blocks, chapters};

#[test]
fn refusals_are_quoted_as_they_are() {
    let mut quoted = 0;
    for (path, text) in chapters() {
        let blocks = blocks(&text);
        for (i, block) in blocks.iter().enumerate() {
            if block.tag != "rust,compile_fail" {
                continue;
            }
            let said = said(&block.text).join("\n\n");
            if !said.is_empty() {
                let quotation = blocks.get(i + 1).filter(|b| b.tag == "text");
                let quotation = quotation.map_or("nothing", |b| b.text.trim_end());
                assert_eq!(quotation, said, "{}:\n{}", path.display(), block.text);
                quoted += 1;
            }
        }
    }
    assert!(quoted > 0);
}

/// What the attribute says to each function of a block.
fn said(block: &str) -> Vec<String> {
    let code: String = block
        .lines()
        .map(|line| line.strip_prefix("# ").unwrap_or(line))
        .flat_map(|line| [line, "\n"])
        .collect();
    let file = syn::parse_file(&code).unwrap_or_else(|e| panic!("{e}:\n{block}"));
    let mut list = Vec::new();
    for item in file.items {
        let Item::Fn(mut function) = item else {
            continue;
        };
        let at = function
            .attrs
            .iter()
            .position(|a| a.path().is_ident("differentiable"));
        if let Some(at) = at {
            let options = match function.attrs.remove(at).meta {
                Meta::List(list) => list.tokens,
                _ => TokenStream::new(),
            };
            texts(
                compiler::compile(options, function.into_token_stream()),
                &mut list,
            );
        }
    }
    list
}

/// The texts of the `compile_error!`s.
fn texts(tokens: TokenStream, list: &mut Vec<String>) {
    let mut erring = false;
    for token in tokens {
        match token {
            TokenTree::Ident(name) => erring = name == "compile_error",
            TokenTree::Group(group) if erring => {
                let text: syn::LitStr = syn::parse2(group.stream()).expect("a text");
                list.push(text.value());
                erring = false;
            }
            TokenTree::Group(group) => texts(group.stream(), list),
            _ => {}
        }
    }
}
