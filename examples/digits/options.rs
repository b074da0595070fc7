//! The command line.

use std::path::PathBuf;

use backprop::optim::{Adam, AdamW, Optimizer, Sgd};
use clap::{Parser, ValueEnum};

use crate::model::Network;

/// Trains a network, written as plain Rust, to read handwritten digits.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// Passes over the training images.
    #[arg(long, default_value_t = 40, value_parser = count, allow_negative_numbers = true)]
    pub(crate) epochs: usize,
    /// Units between pixels and digits.
    #[arg(long, default_value_t = 32, value_parser = count, allow_negative_numbers = true)]
    pub(crate) hidden: usize,
    /// Learning rate at the start: it falls to zero along half a cosine. Default: what suits the optimizer.
    #[arg(long, value_parser = rate, allow_negative_numbers = true)]
    lr: Option<f64>,
    /// Decides the first weights and the order of the images.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// How gradients become steps.
    #[arg(long, value_enum, default_value_t = Method::Adamw)]
    optimizer: Method,
    /// A file of images in place of the one that comes with the example.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/digits/digits.csv"), hide_default_value = true)]
    pub(crate) data: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Method {
    /// Gradient descent.
    Sgd,
    /// Gradient descent with Nesterov's momentum 0.9.
    Nesterov,
    /// Adaptive moments.
    Adam,
    /// Adaptive moments with decoupled weight decay 0.01.
    Adamw,
}

impl Options {
    /// The optimizer that was chosen, with moments in the shape of `network`.
    pub(crate) fn optimizer(&self, network: &Network) -> Box<dyn Optimizer<Network>> {
        match self.optimizer {
            Method::Sgd => Box::new(Sgd::new(self.first_rate())),
            Method::Nesterov => Box::new(Sgd::new(self.first_rate()).nesterov(network, 0.9)),
            Method::Adam => Box::new(Adam::new(network)),
            Method::Adamw => Box::new(AdamW::new(network)),
        }
    }

    /// Half a cosine (I. Loshchilov, F. Hutter, SGDR, arXiv:1608.03983, without restarts).
    pub(crate) fn learning_rate(&self, epoch: usize) -> f64 {
        let done = epoch as f64 / self.epochs as f64;
        self.first_rate() * 0.5 * (1.0 + (std::f64::consts::PI * done).cos())
    }

    fn first_rate(&self) -> f64 {
        self.lr.unwrap_or(match self.optimizer {
            Method::Sgd => 0.3,
            Method::Nesterov => 0.05,
            Method::Adam | Method::Adamw => 0.005,
        })
    }
}

/// More would not fit into memory, or into a life.
const MOST: usize = 100_000;

fn count(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(n @ 1..=MOST) => Ok(n),
        Ok(_) => Err(format!("between 1 and {MOST} make sense")),
        Err(_) => Err("this is not a whole number".into()),
    }
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate > 0.0 && rate.is_finite() => Ok(rate),
        Ok(rate) => Err(format!("a learning rate is positive, and {rate} is not")),
        Err(_) => Err("this is not a number".into()),
    }
}
