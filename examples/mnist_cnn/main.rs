//! A convolutional network, after LeNet-5, learns to read MNIST's digits with gradients made at compile time.
//!
//! ```text
//! cargo run --release --example mnist_cnn -- --data FOLDER    # with MNIST's t10k files: 9,000 to learn from, 1,000 to test
//! cargo run --release --example mnist_cnn                     # with the small digits that come along
//! ```
//!
//! Start reading in `model.rs`; data, training and reports are those of `mnist_mlp`. The last line of the output is for scripts.

#![allow(clippy::print_stdout, reason = "it is a program for the terminal")]

#[path = "../mnist_mlp/data.rs"]
mod data;
mod model;
#[path = "../mnist_mlp/options.rs"]
mod options;
#[path = "../mnist_mlp/picture.rs"]
mod picture;
#[path = "../mnist_mlp/report.rs"]
mod report;
#[path = "../mnist_mlp/training.rs"]
mod training;

use std::process::ExitCode;

use clap::Parser as _;

use crate::data::SIDE;
use crate::model::{FILTERS, Network, WINDOW};
use crate::options::Options;
use crate::picture::{Picture, weight};

/// Where the pictures go.
const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/mnist_cnn-filters.png");

fn main() -> ExitCode {
    match report::run::<Network>(&Options::parse(), (PICTURE, filters)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What each filter of the first layer looks for: its weights, enlarged.
fn filters(network: &Network) -> Picture {
    let tile = |weights: &[f32]| {
        let most = weights.iter().fold(0.0, |most: f32, w| most.max(w.abs()));
        let places = (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (y, x)));
        let of = |x: usize| x * WINDOW / SIDE;
        places
            .map(|(y, x)| weight(weights[of(y) * WINDOW + of(x)], most))
            .collect()
    };
    let weights = network.first.weights.chunks_exact(WINDOW * WINDOW);
    let tiles: Vec<Vec<[u8; 3]>> = weights.map(tile).collect();
    Picture::tiles(&tiles, SIDE, FILTERS[0])
}
