//! A tiny network learns to tell the two arms of a spiral apart, and a film shows how: the first thing to look at.
//!
//! ```text
//! cargo run --release --example spiral
//! ```
//!
//! A network is a function of a point and of some hundred weights. Learning is four steps, over and over, and [`learn`] is their loop:
//!
//! 1. *Forward pass:* the function is computed, from the points to a score for each (`Network::score`).
//! 2. *Loss:* one number says how wrong the scores are (`Network::loss`).
//! 3. *Backward pass:* the same computation is run through backwards, which gives the slope of the loss by each weight: all of them, for about the price of
//!    three forward passes. This is the one part that nobody wants to write by hand, and the macro writes it: `Network::loss_grad`.
//! 4. *Update:* every weight goes a little downhill, against its slope.
//!
//! The program first does each of these once and prints its numbers. Then read `model.rs`.

#![allow(clippy::print_stdout, reason = "it is a program for the terminal")]

mod data;
mod model;
mod picture;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use backprop::Differentiable;
use backprop::init::Generator;
use backprop::math::sigmoid;
use backprop::optim::{Adam, Optimizer};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};

use crate::data::Spiral;
use crate::model::Network;
use crate::picture::Film;

const FILM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/spiral.svg");

/// Trains a tiny network to tell the arms of a spiral apart, and films it.
#[derive(Debug, Parser)]
struct Options {
    /// Steps of training.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    steps: u32,
    /// Learning rate: how far downhill a step goes.
    #[arg(long, default_value_t = 0.01)]
    lr: f64,
    /// Decides the first weights and the disorder of the points.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Pictures of the film.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(2..=1000))]
    frames: u32,
}

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
    let mut generator = Generator::new(options.seed);
    let spiral = Spiral::new(&mut generator);
    let mut network = Network::new(&mut generator);
    explain(&network, &spiral);

    println!(
        "\nBefore (▒: taken for the second arm, !: wrong)\n{}",
        picture::text(&network, &spiral)
    );
    let film = learn(&mut network, &spiral, options)?;
    println!(
        "\nAfter {} steps\n{}",
        options.steps,
        picture::text(&network, &spiral)
    );

    film.write(Path::new(FILM), &spiral)
        .map_err(|error| format!("{FILM}: {error}"))?;
    println!("\nthe film, of {} pictures: {FILM}", film.len());
    println!(
        "spiral accuracy={:.4} loss={:.4}",
        accuracy(&network, &spiral),
        network.loss(&spiral.points, &spiral.arms)
    );
    Ok(())
}

/// The loop: forward pass, loss, backward pass, update.
fn learn(
    network: &mut Network,
    spiral: &Spiral,
    options: &Options,
) -> Result<Film, Box<dyn Error>> {
    let bar = ProgressBar::new(options.steps.into());
    bar.set_style(ProgressStyle::with_template(
        "{bar:32} step {pos}/{len}  {msg}",
    )?);
    let mut film = Film::default();
    let mut gradient = network.zeros_like();
    let mut adam = Adam::new(network).learning_rate(options.lr);
    for step in 0..options.steps as usize {
        // Gradients are added to what is there.
        gradient.set_zero();
        let loss = network.loss_grad(&mut gradient, &spiral.points, &spiral.arms);
        if !loss.is_finite() {
            bar.abandon();
            return Err(format!("the loss is {loss} in step {step}: try a smaller --lr").into());
        }
        if is_filmed(step, options) {
            film.add(network, step, loss);
            bar.set_message(format!("loss {loss:.4}"));
            bar.set_position(step as u64);
        }
        adam.step(network, &gradient);
    }
    let loss = network.loss(&spiral.points, &spiral.arms);
    film.add(network, options.steps as usize, loss);
    bar.finish_with_message(format!("loss {loss:.4}"));
    Ok(film)
}

/// Most happens in the beginning: the pictures are dense there, as the squares of whole numbers are.
fn is_filmed(step: usize, options: &Options) -> bool {
    let picture = |step: usize| {
        let share = (step as f64 / f64::from(options.steps)).sqrt();
        (share * f64::from(options.frames - 1)) as usize
    };
    step == 0 || picture(step) != picture(step - 1)
}

/// Each of the four parts once, with its numbers.
fn explain(network: &Network, spiral: &Spiral) {
    let (point, arm) = (&spiral.points[0], spiral.arms[0]);
    let score = network.score(point);
    let p = sigmoid(score);
    let right = if arm > 0.5 { p } else { 1.0 - p };
    println!(
        "1. Forward pass: to the point ({:.3}, {:.3}) the untrained network gives the score {score:.3},",
        point[0], point[1]
    );
    println!(
        "   which means: of the second arm with probability {p:.3}. It belongs to the {} one.",
        if arm > 0.5 { "second" } else { "first" }
    );
    let loss = network.loss(&spiral.points, &spiral.arms);
    println!(
        "2. Loss: -ln {right:.3} = {:.3} for this point, and {loss:.6} on average over all {}.",
        -right.ln(),
        spiral.points.len()
    );

    let mut gradient = network.zeros_like();
    network.loss_grad(&mut gradient, &spiral.points, &spiral.arms);
    let slope = gradient.last.weights[0][0];
    let mut nudged = network.clone();
    nudged.last.weights[0][0] += 1e-6;
    let measured = (nudged.loss(&spiral.points, &spiral.arms) - loss) / 1e-6;
    println!(
        "3. Backward pass: the slope of the loss by the first weight of the last layer is {slope:.6}."
    );
    println!(
        "   Nudging that weight by 0.000001, and computing the loss again, gives {measured:.6}: the same, but for one weight only."
    );

    let mut moved = network.clone();
    let rate = 0.1;
    backprop::optim::Sgd::new(rate).step(&mut moved, &gradient);
    println!(
        "4. Update: every weight moves by -{rate} times its slope, and the loss is {:.6}.",
        moved.loss(&spiral.points, &spiral.arms)
    );
    println!(
        "   This a thousand times, with steps that Adam adapts to each weight, is all that learning is."
    );
}

/// The share of points that are taken for the arm they belong to.
fn accuracy(network: &Network, spiral: &Spiral) -> f64 {
    let right = |(point, arm): &(&[f64; 2], &f64)| (network.score(point) > 0.0) == (**arm > 0.5);
    let right = spiral.points.iter().zip(&spiral.arms).filter(right).count();
    right as f64 / spiral.points.len() as f64
}
