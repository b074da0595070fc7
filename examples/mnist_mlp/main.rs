//! A network of three layers learns to read MNIST's digits with gradients made at compile time.
//!
//! ```text
//! cargo run --release --example mnist_mlp -- --data FOLDER    # with MNIST's t10k files: 9,000 to learn from, 1,000 to test
//! cargo run --release --example mnist_mlp                     # with the small digits that come along
//! ```
//!
//! `--save` and `--resume` stop and go on: the result is the same to the last bit. Start reading in `model.rs`. The last line of the output is for scripts.

#![allow(clippy::print_stdout, reason = "it is a program for the terminal")]

mod data;
mod model;
mod options;
mod picture;
mod report;
mod training;

use std::process::ExitCode;

use clap::Parser as _;

use crate::data::{PIXELS, SIDE};
use crate::model::{FIRST, Network};
use crate::options::Options;
use crate::picture::{Picture, weight};

/// Where the pictures go.
const UNITS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/mnist_mlp-units.png");

fn main() -> ExitCode {
    match report::run::<Network>(&Options::parse(), (UNITS, units)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What each unit of the first layer looks for: its weights, where the pixels are.
fn units(network: &Network) -> Picture {
    let unit = |k: usize| (0..PIXELS).map(move |i| network.first.weights[i * FIRST + k]);
    let tile = |k: usize| {
        let most = unit(k).fold(0.0, |most: f32, w| most.max(w.abs()));
        unit(k).map(|w| weight(w, most)).collect()
    };
    let tiles: Vec<Vec<[u8; 3]>> = (0..FIRST).map(tile).collect();
    Picture::tiles(&tiles, SIDE, 16)
}
