//! The command line.

use std::path::PathBuf;

use clap::Parser;

/// Trains a network, written as plain Rust, to read MNIST's digits.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// A folder with t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, compressed or not. Default: the small digits that come along, enlarged.
    #[arg(long)]
    pub(crate) data: Option<PathBuf>,
    /// Passes over the training images. Default: 20 with --data, else 4.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) epochs: Option<u32>,
    /// The largest learning rate, in the middle of training.
    #[arg(long, default_value_t = 0.003, value_parser = rate, allow_negative_numbers = true)]
    pub(crate) lr: f64,
    /// By how many pixels images are moved at most, at random.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(0..=8))]
    pub(crate) shift: u8,
    /// Decides the first weights, the order of the images, and how they are moved.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Writes everything that training needs to go on to this file, after each epoch.
    #[arg(long)]
    pub(crate) save: Option<PathBuf>,
    /// Goes on where the run was that wrote this file; the other options have to be the same.
    #[arg(long)]
    pub(crate) resume: Option<PathBuf>,
    /// Stops after so many epochs, though the learning rate is for all of them: to go on later.
    #[arg(long)]
    pub(crate) stop_after: Option<u32>,
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate > 0.0 && rate.is_finite() => Ok(rate),
        Ok(rate) => Err(format!("a learning rate is positive, and {rate} is not")),
        Err(_) => Err("this is not a number".into()),
    }
}
