//! Literals and constant expressions, with what the passes ask of them again and again.

use core::fmt::{self, Display};
use std::rc::Rc;

use proc_macro2::{Literal, TokenStream, TokenTree};
use quote::ToTokens;

/// Tokens that mean the same wherever they stand. Copies share everything.
#[derive(Clone)]
pub(crate) struct Constant(Rc<Known>);

struct Known {
    tokens: TokenStream,
    text: String,
    integer: Option<i64>,
    number: Option<f64>,
    literal: bool,
}

impl Constant {
    pub(crate) fn tokens(&self) -> &TokenStream {
        &self.0.tokens
    }

    pub(crate) fn text(&self) -> &str {
        &self.0.text
    }

    /// The value of an integer literal, with its sign.
    pub(crate) fn integer(&self) -> Option<i64> {
        self.0.integer
    }

    /// The value of a float literal.
    pub(crate) fn number(&self) -> Option<f64> {
        self.0.number
    }

    /// Whether it is one literal without a sign.
    pub(crate) fn is_literal(&self) -> bool {
        self.0.literal
    }
}

impl From<TokenStream> for Constant {
    fn from(tokens: TokenStream) -> Constant {
        let mut trees = tokens.clone().into_iter();
        let (integer, number, literal) = match (trees.next(), trees.next(), trees.next()) {
            (Some(TokenTree::Literal(l)), None, _) => {
                let (integer, number) = values(l);
                (integer, number, true)
            }
            (Some(TokenTree::Punct(p)), Some(TokenTree::Literal(l)), None)
                if p.as_char() == '-' =>
            {
                let (integer, number) = values(l);
                (integer.map(|n| -n), number.map(|x| -x), false)
            }
            // Another macro may have put a literal between delimiters that nobody sees.
            (Some(TokenTree::Group(_)), ..) | (_, Some(TokenTree::Group(_)), _) => {
                (None, hidden(&tokens), false)
            }
            _ => (None, None, false),
        };
        Constant(Rc::new(Known {
            text: tokens.to_string(),
            tokens,
            integer,
            number,
            literal,
        }))
    }
}

fn values(literal: Literal) -> (Option<i64>, Option<f64>) {
    match syn::Lit::new(literal) {
        syn::Lit::Int(i) => (i.base10_parse().ok(), None),
        syn::Lit::Float(f) if f.suffix().is_empty() => (None, f.base10_parse().ok()),
        _ => (None, None),
    }
}

fn hidden(tokens: &TokenStream) -> Option<f64> {
    match syn::parse2::<syn::Lit>(tokens.clone()).ok()? {
        syn::Lit::Float(f) if f.suffix().is_empty() => f.base10_parse().ok(),
        _ => None,
    }
}

impl ToTokens for Constant {
    fn to_tokens(&self, out: &mut TokenStream) {
        self.0.tokens.to_tokens(out);
    }
}

impl Display for Constant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_have_values() {
        let of = |text: &str| {
            let tokens: TokenStream = text.parse().expect("tokens");
            let c = Constant::from(tokens);
            (c.integer(), c.number(), c.is_literal())
        };
        assert_eq!(of("3"), (Some(3), None, true));
        assert_eq!(of("1_0usize"), (Some(10), None, true));
        assert_eq!(of("-2"), (Some(-2), None, false));
        assert_eq!(of("0.5"), (None, Some(0.5), true));
        assert_eq!(of("-1e3"), (None, Some(-1000.0), false));
        // A suffix says what type it is; ours have none.
        assert_eq!(of("0.5f32"), (None, None, true));
        assert_eq!(of("99999999999999999999"), (None, None, true));
        assert_eq!(of("N"), (None, None, false));
        assert_eq!(of("1 + 2"), (None, None, false));
        assert_eq!(of("true"), (None, None, false));
    }
}
