//! A transformer learns to write, character by character, with gradients made at compile time.
//!
//! ```text
//! cargo run --release --example char_gpt                                   # from the scenes of a play that come along: two minutes
//! cargo run --release --example char_gpt -- --data FILE --save MODEL       # from any text; keeps the model
//! cargo run --release --example char_gpt -- --sample MODEL --prompt "KING" # writes on
//! ```
//!
//! Start reading in `model.rs`. `--save` and `--resume` stop and go on: the result is the same to the last bit. The last line of the output is for scripts.

#![allow(clippy::print_stdout, reason = "it is a program for the terminal")]

mod chart;
mod corpus;
mod model;
mod options;
#[path = "../mnist_mlp/picture.rs"]
mod picture;
mod pictures;
mod report;
mod sampling;
mod saving;
mod training;

use std::process::ExitCode;

use clap::Parser as _;

use crate::options::Options;

fn main() -> ExitCode {
    let options = Options::parse();
    let done = match &options.sample {
        Some(path) => report::write(path, &options),
        None => report::train(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
