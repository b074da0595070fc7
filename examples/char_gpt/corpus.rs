//! The text: a part to learn from and one for validation, and samples of both.

use std::path::Path;

use backprop::data::Text;
use backprop::init::Generator;

/// The share that is to learn from, the first part of the text.
const LEARN: f64 = 0.9;

/// A text as numbers.
pub(crate) struct Corpus {
    text: Text,
    /// Where validation begins.
    split: usize,
}

impl Corpus {
    /// Reads a text of which both parts hold samples of so many characters.
    pub(crate) fn read(path: &Path, tokens: usize) -> Result<Self, String> {
        let text = Text::read(path).map_err(|error| error.to_string())?;
        let n = text.tokens().len();
        let split = (n as f64 * LEARN) as usize;
        // The character behind the last one is to be guessed as well.
        let shortest = split.min(n - split);
        if shortest < tokens + 1 {
            return Err(format!(
                "{}: {n} characters are too few: a tenth of them, for validation, has to hold samples of {tokens} and one more",
                path.display()
            ));
        }
        Ok(Corpus { text, split })
    }

    /// All characters that occur, in the order of their numbers.
    pub(crate) fn vocabulary(&self) -> &[char] {
        self.text.vocabulary()
    }

    pub(crate) fn training(&self) -> &[usize] {
        &self.text.tokens()[..self.split]
    }

    pub(crate) fn validation(&self) -> &[usize] {
        &self.text.tokens()[self.split..]
    }
}

/// A batch: samples one after the other, and for each character the one that comes next.
pub(crate) struct Batch {
    pub(crate) tokens: Vec<usize>,
    pub(crate) targets: Vec<usize>,
    length: usize,
}

impl Batch {
    /// Room for so many samples of so many characters.
    pub(crate) fn new(samples: usize, length: usize) -> Self {
        Batch {
            tokens: vec![0; samples * length],
            targets: vec![0; samples * length],
            length,
        }
    }

    /// Samples from random places.
    pub(crate) fn draw(&mut self, text: &[usize], generator: &mut Generator) {
        let places = text.len() - self.length;
        self.fill(text, || (generator.uniform() * places as f64) as usize);
    }

    /// Samples from places that follow one another, the first one the `first`-th of them; `None` where the text ends before.
    pub(crate) fn go_on(&mut self, text: &[usize], first: usize) -> Option<()> {
        let samples = self.tokens.len() / self.length;
        if (first + samples) * self.length >= text.len() {
            return None;
        }
        let mut place = first * self.length;
        let length = self.length;
        self.fill(text, || {
            place += length;
            place - length
        });
        Some(())
    }

    fn fill(&mut self, text: &[usize], mut place: impl FnMut() -> usize) {
        let samples = self.tokens.chunks_exact_mut(self.length);
        for (tokens, targets) in samples.zip(self.targets.chunks_exact_mut(self.length)) {
            let from = place();
            tokens.copy_from_slice(&text[from..][..self.length]);
            targets.copy_from_slice(&text[from + 1..][..self.length]);
        }
    }
}
