//! Text, character by character.

use alloc::string::String;
use alloc::vec::Vec;
use std::path::Path;

use super::error::{DataError, read_text};

/// A text as numbers: a token for each character, its place in the sorted list of all characters that occur.
///
/// ```
/// # use backprop_runtime::data::Text;
/// let text = Text::new("hello");
/// assert_eq!(text.vocabulary(), ['e', 'h', 'l', 'o']);
/// assert_eq!(text.tokens(), [1, 0, 2, 2, 3]);
/// assert_eq!(text.decode(&[1, 0, 3]), "heo");
/// assert_eq!(text.encode("lo!"), Err('!'));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    vocabulary: Vec<char>,
    tokens: Vec<usize>,
}

impl Text {
    /// Of a text that is there already.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut vocabulary: Vec<char> = text.chars().collect();
        vocabulary.sort_unstable();
        vocabulary.dedup();
        let mut read = Text {
            vocabulary,
            tokens: Vec::new(),
        };
        read.tokens = text.chars().filter_map(|c| read.token(c)).collect();
        read
    }

    /// Reads a file in UTF-8.
    ///
    /// # Errors
    /// If it cannot be read, or is empty.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, DataError> {
        let path = path.as_ref();
        let text = read_text(path)?;
        if text.is_empty() {
            return Err(DataError::Format {
                path: path.into(),
                problem: "there is no text in it".into(),
            });
        }
        Ok(Self::new(&text))
    }

    /// All characters that occur, sorted: that of a token is at its place.
    #[must_use]
    pub fn vocabulary(&self) -> &[char] {
        &self.vocabulary
    }

    /// The whole text.
    #[must_use]
    pub fn tokens(&self) -> &[usize] {
        &self.tokens
    }

    fn token(&self, c: char) -> Option<usize> {
        self.vocabulary.binary_search(&c).ok()
    }

    /// The tokens of another text.
    ///
    /// # Errors
    /// The first character that does not occur in this one.
    pub fn encode(&self, text: &str) -> Result<Vec<usize>, char> {
        text.chars().map(|c| self.token(c).ok_or(c)).collect()
    }

    /// The text of tokens.
    ///
    /// # Panics
    /// If one is not of this vocabulary.
    #[must_use]
    #[track_caller]
    pub fn decode(&self, tokens: &[usize]) -> String {
        tokens.iter().map(|&token| self.vocabulary[token]).collect()
    }
}
