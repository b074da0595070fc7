//! Collects everything that is wrong, so that all of it is reported at once.
//!
//! A mistake has a sentence that says what is wrong and why, and one that says what to write instead. The
//! accumulator has to be consumed: dropping one with mistakes in it panics in tests.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};

/// One mistake, at the tokens that show it.
#[derive(Clone)]
pub(crate) struct Mistake {
    start: Span,
    end: Span,
    pub(crate) text: String,
}

/// The mistakes found so far.
#[derive(Default)]
pub(crate) struct Errors {
    list: Vec<Mistake>,
    /// There is a mistake that rustc reports itself, in the user's function: nothing is generated, and nothing said.
    of_rustc: bool,
    /// What could not be put back may be kept, where no buffer is taken for scratch.
    overwritten: bool,
    consumed: bool,
}

impl Errors {
    /// Reports a mistake at `tokens`: what is wrong and why; then what to write instead.
    pub(crate) fn at(
        &mut self,
        tokens: &impl ToTokens,
        what: impl Into<String>,
        instead: impl AsRef<str>,
    ) {
        let mut spans = tokens
            .to_token_stream()
            .into_iter()
            .map(|t: TokenTree| t.span());
        let start = spans.next().unwrap_or_else(Span::call_site);
        let end = spans.last().unwrap_or(start);
        self.push(start, end, what.into(), instead.as_ref());
    }

    /// Reports a mistake at a span.
    pub(crate) fn at_span(
        &mut self,
        span: Span,
        what: impl Into<String>,
        instead: impl AsRef<str>,
    ) {
        self.push(span, span, what.into(), instead.as_ref());
    }

    fn push(&mut self, start: Span, end: Span, what: String, instead: &str) {
        let text = if instead.is_empty() {
            what
        } else {
            format!("{what}\nhelp: {instead}")
        };
        let twice =
            |m: &Mistake| m.text == text && format!("{:?}", m.start) == format!("{start:?}");
        if !self.list.iter().any(twice) {
            self.list.push(Mistake { start, end, text });
        }
    }

    /// Takes over the mistakes of a part.
    pub(crate) fn extend(&mut self, mut other: Errors) {
        other.consumed = true;
        self.of_rustc |= other.of_rustc;
        self.overwritten |= other.overwritten;
        self.list.append(&mut other.list);
    }

    /// Takes over what `syn` found.
    pub(crate) fn syn(&mut self, error: syn::Error) {
        for e in error {
            let span = e.span();
            self.push(span, span, e.to_string(), "");
        }
    }

    /// Notes a mistake that rustc reports.
    pub(crate) fn of_rustc(&mut self) {
        self.of_rustc = true;
    }

    /// Notes that a mistake is about something overwritten.
    pub(crate) fn overwritten(&mut self) {
        self.overwritten = true;
    }

    /// Whether one is.
    pub(crate) fn any_overwritten(&self) -> bool {
        self.overwritten
    }

    /// Forgets them all: another way has none.
    pub(crate) fn forget(mut self) {
        self.consumed = true;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty() && !self.of_rustc
    }

    /// How many there are: more than before means that something was reported in between.
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// The texts, in the order found.
    #[cfg(test)]
    pub(crate) fn texts(mut self) -> Vec<String> {
        self.consumed = true;
        core::mem::take(&mut self.list)
            .into_iter()
            .map(|m| m.text)
            .collect()
    }

    /// One `compile_error!` for each mistake, as items.
    pub(crate) fn into_tokens(mut self) -> TokenStream {
        self.consumed = true;
        let list = core::mem::take(&mut self.list);
        list.into_iter()
            .map(|m| {
                let text = m.text;
                // rustc joins the spans of the first and the last token of an invocation.
                let head = quote_spanned!(m.start=> ::core::compile_error!);
                let tail = quote_spanned!(m.end=> { #text });
                quote_spanned!(m.start=> #head #tail)
            })
            .collect()
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        if cfg!(test) && !self.consumed && !self.list.is_empty() && !std::thread::panicking() {
            panic!(
                "mistakes dropped without being reported: {:?}",
                self.list.iter().map(|m| &m.text).collect::<Vec<_>>()
            );
        }
    }
}
