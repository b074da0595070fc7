//! A network, written as plain Rust, learns to read handwritten digits with gradients made at compile time.
//!
//! ```text
//! cargo run --release --example digits
//! ```
//!
//! Start reading in `model.rs`. The last line of the output is for scripts.

#![allow(clippy::print_stdout, reason = "it is a program for the terminal")]

mod chart;
mod data;
mod model;
mod options;
mod report;
mod training;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use backprop::init::Generator;
use clap::Parser as _;
use indicatif::{ProgressBar, ProgressStyle};

use crate::data::Digits;
use crate::model::Network;
use crate::options::Options;
use crate::training::{Trainer, accuracy};

/// Images to learn from; the other 360 are for the test.
const TRAINING: usize = 1437;
/// Decides which images are for the test, whatever `--seed` says, so that results can be compared.
const SPLIT_SEED: u64 = 0;
/// Misread digits to draw.
const DRAWN: usize = 4;
const CHART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/digits-loss.svg");

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let digits = Digits::read(&options.data)?;
    let (training, testing) = digits.split(TRAINING, SPLIT_SEED).ok_or_else(|| {
        let (path, found) = (options.data.display(), digits.len());
        format!("{path}: {found} images, but {TRAINING} are for training and some for the test")
    })?;
    let mut generator = Generator::new(options.seed);
    let network = Network::new(options.hidden, &mut generator);
    let optimizer = options.optimizer(&network);
    println!(
        "{} → {} → {} network, {} images to learn from, {} to test",
        model::PIXELS,
        options.hidden,
        model::CLASSES,
        training.len(),
        testing.len()
    );

    let mut trainer = Trainer::new(network, optimizer, &training, generator);
    let losses = train(&mut trainer, options, &testing)?;
    let answers = trainer.read(&testing);
    let accuracy = accuracy(&answers, &testing.labels);

    println!("\n{}", report::confusion(&answers, &testing.labels));
    if accuracy < 1.0 {
        println!("\n{}", report::misread(&testing, &answers, DRAWN));
    }
    chart::write(Path::new(CHART), &losses).map_err(|error| format!("{CHART}: {error}"))?;
    println!("\nloss curve: {CHART}");
    let cost = trainer.cost();
    println!(
        "digits accuracy={accuracy:.4} train_seconds={:.3} samples_per_second={:.0} allocations={}",
        cost.seconds(),
        cost.samples_per_second(),
        cost.allocations
    );
    Ok(())
}

/// Trains for all epochs and returns the loss of each. The bar moves between epochs, where nothing is timed or counted.
fn train(
    trainer: &mut Trainer<'_>,
    options: &Options,
    testing: &Digits,
) -> Result<Vec<f64>, Box<dyn Error>> {
    let bar = ProgressBar::new(options.epochs as u64);
    bar.set_style(ProgressStyle::with_template(
        "{bar:32} epoch {pos}/{len}  {msg}",
    )?);
    let mut losses = Vec::with_capacity(options.epochs);
    for epoch in 0..options.epochs {
        let loss = trainer.epoch(options.learning_rate(epoch));
        if !loss.is_finite() {
            bar.abandon();
            return Err(format!(
                "the loss is {loss} in epoch {}: try a smaller --lr",
                epoch + 1
            )
            .into());
        }
        losses.push(loss);
        let seen = accuracy(&trainer.read(testing), &testing.labels);
        bar.set_message(format!("loss {loss:.4}  accuracy {seen:.3}"));
        bar.inc(1);
    }
    bar.finish();
    Ok(losses)
}
