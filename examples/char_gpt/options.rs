//! The command line.

use std::path::PathBuf;

use clap::Parser;

use crate::model::Size;

/// Trains a transformer, written as plain Rust, to write text character by character; or writes with one that was saved.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// A text in UTF-8: the first nine tenths are to learn from, the rest is for validation. Default: some scenes of a play that come along.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/char_gpt/coriolanus.txt"), hide_default_value = true)]
    pub(crate) data: PathBuf,
    /// Steps of training.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) steps: u32,
    /// Samples in each step.
    #[arg(long, default_value_t = 12, value_parser = count)]
    pub(crate) batch: usize,
    /// Blocks of attention and MLP.
    #[arg(long, default_value_t = 4, value_parser = count)]
    layers: usize,
    /// Heads of attention.
    #[arg(long, default_value_t = 4, value_parser = count)]
    heads: usize,
    /// Numbers for each character inside the model, a multiple of the number of heads.
    #[arg(long, default_value_t = 128, value_parser = count)]
    channels: usize,
    /// How many characters the model looks at.
    #[arg(long, default_value_t = 64, value_parser = count)]
    tokens: usize,
    /// The largest learning rate, after some steps of warming up; it falls to a tenth.
    #[arg(long, default_value_t = 0.001, value_parser = positive, allow_negative_numbers = true)]
    pub(crate) lr: f64,
    /// Decides the first weights and the samples.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Writes everything that training needs to go on to this file, ten times on the way and in the end.
    #[arg(long)]
    pub(crate) save: Option<PathBuf>,
    /// Goes on where the run was that wrote this file; the other options have to be the same.
    #[arg(long)]
    pub(crate) resume: Option<PathBuf>,
    /// Stops after so many steps, though the learning rate is for all of them: to go on later.
    #[arg(long)]
    pub(crate) stop_after: Option<u32>,
    /// Does not train, but writes with the model in this file.
    #[arg(long, conflicts_with_all = ["resume", "save", "stop_after"])]
    pub(crate) sample: Option<PathBuf>,
    /// What the text begins with that the model writes.
    #[arg(long, default_value = "\n")]
    pub(crate) prompt: String,
    /// How many characters it writes.
    #[arg(long, default_value_t = 500)]
    pub(crate) length: usize,
    /// Scores are divided by it: below 1 the model keeps to what is likely, above it dares more.
    #[arg(long, default_value_t = 0.8, value_parser = positive, allow_negative_numbers = true)]
    pub(crate) temperature: f64,
    /// Chooses among so many of the likeliest characters only.
    #[arg(long, value_parser = count)]
    pub(crate) top_k: Option<usize>,
}

impl Options {
    /// The size of the model, for a text of so many symbols.
    pub(crate) fn size(&self, symbols: usize) -> Result<Size, String> {
        let (heads, channels) = (self.heads, self.channels);
        if !channels.is_multiple_of(heads) {
            return Err(format!(
                "--channels {channels} is not a multiple of --heads {heads}"
            ));
        }
        Ok(Size {
            layers: self.layers,
            heads,
            channels,
            tokens: self.tokens,
            symbols,
        })
    }
}

fn count(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(0) => Err("there has to be one at least".into()),
        Ok(n) if n <= 65_536 => Ok(n),
        Ok(n) => Err(format!("{n} is more than 65536")),
        Err(error) => Err(error.to_string()),
    }
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(x) if x > 0.0 && x.is_finite() => Ok(x),
        Ok(x) => Err(format!("this has to be positive, and {x} is not")),
        Err(_) => Err("this is not a number".into()),
    }
}
