//! Names for values: the user's where they are free, and never one that means something else.

use std::collections::{HashMap, HashSet};

use proc_macro2::{Ident, Span, TokenStream, TokenTree};

/// The names in use.
#[derive(Clone, Default)]
pub(crate) struct Names {
    taken: HashSet<String>,
    /// For each hint the number tried last.
    numbers: HashMap<String, u32>,
}

impl Names {
    /// Keeps a name from being given to a value.
    pub(crate) fn reserve(&mut self, name: &str) {
        self.taken.insert(name.to_owned());
    }

    /// A new name like `hint`: itself where it is free, else with a number.
    pub(crate) fn fresh(&mut self, hint: &str) -> Ident {
        let hint = hint.trim_start_matches("r#").trim_end_matches("__");
        let hint = if hint.is_empty() || hint == "self" {
            "this"
        } else {
            hint
        };
        let mut name = hint.to_owned();
        let mut k = self.numbers.get(hint).copied().unwrap_or(1);
        while self.taken.contains(&name) || reserved(&name) {
            // `x1` becomes `x1_1`, so that it is not taken for the eleventh `x`.
            let gap = if hint.ends_with(|c: char| c.is_ascii_digit()) {
                "_"
            } else {
                ""
            };
            name = format!("{hint}{gap}{k}");
            k += 1;
        }
        self.numbers.insert(hint.to_owned(), k);
        self.taken.insert(name.clone());
        Ident::new(&name, Span::call_site())
    }
}

/// Collects all identifiers in tokens, those inside groups included.
pub(crate) fn idents(tokens: &TokenStream, out: &mut Vec<Ident>) {
    for t in tokens.clone() {
        match t {
            TokenTree::Ident(i) => out.push(i),
            TokenTree::Group(g) => idents(&g.stream(), out),
            TokenTree::Literal(l) => format_captures(&l.to_string(), l.span(), out),
            TokenTree::Punct(_) => {}
        }
    }
}

/// The names captured by a format string, `"{x}"`.
fn format_captures(literal: &str, span: Span, out: &mut Vec<Ident>) {
    if !literal.starts_with('"') {
        return;
    }
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut name = |name: &str| {
        if syn::parse_str::<Ident>(name).is_ok() {
            out.push(Ident::new(name, span));
        }
    };
    for part in literal.split('{').skip(1) {
        let part = part.split('}').next().unwrap_or_default();
        name(part.split(|c| !is_part(c)).next().unwrap_or_default());
        // `{x:width$.digits$}`.
        for before in part.split('$').rev().skip(1) {
            name(before.rsplit(|c| !is_part(c)).next().unwrap_or_default());
        }
    }
}

/// Keywords, and what is no name at all.
fn reserved(name: &str) -> bool {
    let plain = name
        .chars()
        .enumerate()
        .all(|(k, c)| c == '_' || c.is_ascii_alphabetic() || k > 0 && c.is_ascii_digit());
    // Parsing is slow; what is spelt in plain letters is a name unless it is a keyword.
    let certain = plain && !name.is_empty() && !KEYWORDS.contains(&name);
    !certain && syn::parse_str::<Ident>(name).is_err()
}

/// What may be a keyword in some edition; the parser has the last word.
#[rustfmt::skip]
const KEYWORDS: [&str; 54] = [
    "_", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "if", "impl", "in", "let", "loop", "macro", "match",
    "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "Self", "self", "static", "struct", "super",
    "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
    "gen", "raw",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_for_a_name_is_one() {
        for word in KEYWORDS {
            assert_eq!(
                reserved(word),
                syn::parse_str::<Ident>(word).is_err(),
                "{word}"
            );
        }
        assert!(
            reserved("self") && reserved("_") && reserved("") && reserved("a b") && reserved("1a")
        );
        assert!(!reserved("x1") && !reserved("Self_") && !reserved("größe") && !reserved("gamma"));
    }
}
