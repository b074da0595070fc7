//! Tokens of an expression while it grows.
//!
//! `quote!` copies every stream that is put into it, and inside of rustc each joint of two streams is a message to
//! the compiler: for expressions within expressions that adds up. So they are lists of trees, which are moved
//! from the operand into the operation, and become a stream where they stand between delimiters or in a statement.

use core::fmt::{self, Display};

use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, TokenStream, TokenTree};
use quote::ToTokens;

/// Tokens, as a list where we built them, as a stream where we did not.
#[derive(Clone)]
pub(crate) enum Tokens {
    Trees(Vec<TokenTree>),
    Stream(TokenStream),
}

impl Tokens {
    pub(crate) fn new() -> Tokens {
        Tokens::Trees(Vec::new())
    }

    /// An operator or separator.
    pub(crate) fn punct(text: &str) -> Tokens {
        Tokens::new().then_punct(text)
    }

    pub(crate) fn then_punct(mut self, text: &str) -> Tokens {
        let last = text.len() - 1;
        for (k, c) in text.char_indices() {
            let spacing = [Spacing::Joint, Spacing::Alone][usize::from(k == last)];
            self.push(Punct::new(c, spacing).into());
        }
        self
    }

    pub(crate) fn push(&mut self, tree: TokenTree) {
        match self {
            Tokens::Trees(trees) => trees.push(tree),
            Tokens::Stream(stream) => stream.extend([tree]),
        }
    }

    /// These, then others.
    pub(crate) fn then(self, others: impl Into<Tokens>) -> Tokens {
        match (self, others.into()) {
            (Tokens::Trees(mut a), Tokens::Trees(b)) => {
                a.extend(b);
                Tokens::Trees(a)
            }
            (a, b) => {
                let mut stream = a.stream();
                match b {
                    Tokens::Trees(b) => stream.extend(b),
                    Tokens::Stream(b) => stream.extend([b]),
                }
                Tokens::Stream(stream)
            }
        }
    }

    /// Between delimiters.
    pub(crate) fn between(self, delimiter: Delimiter) -> Tokens {
        Tokens::Trees(vec![Group::new(delimiter, self.stream()).into()])
    }

    pub(crate) fn stream(self) -> TokenStream {
        match self {
            Tokens::Trees(trees) => trees.into_iter().collect(),
            Tokens::Stream(stream) => stream,
        }
    }
}

/// `(a, b, c)`.
pub(crate) fn list(items: impl Iterator<Item = Tokens>, delimiter: Delimiter) -> Tokens {
    let mut out = Tokens::new();
    for (k, item) in items.enumerate() {
        if k > 0 {
            out = out.then_punct(",");
        }
        out = out.then(item);
    }
    out.between(delimiter)
}

impl From<TokenStream> for Tokens {
    fn from(stream: TokenStream) -> Tokens {
        Tokens::Stream(stream)
    }
}

impl From<Ident> for Tokens {
    fn from(ident: Ident) -> Tokens {
        Tokens::Trees(vec![ident.into()])
    }
}

impl From<Literal> for Tokens {
    fn from(literal: Literal) -> Tokens {
        Tokens::Trees(vec![literal.into()])
    }
}

impl ToTokens for Tokens {
    fn to_tokens(&self, out: &mut TokenStream) {
        match self {
            Tokens::Trees(trees) => out.extend(trees.iter().cloned()),
            Tokens::Stream(stream) => stream.to_tokens(out),
        }
    }

    fn into_token_stream(self) -> TokenStream {
        self.stream()
    }
}

impl Display for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Tokens::Trees(trees) => match &trees[..] {
                [one] => one.fmt(f),
                _ => self.to_token_stream().fmt(f),
            },
            Tokens::Stream(stream) => stream.fmt(f),
        }
    }
}
