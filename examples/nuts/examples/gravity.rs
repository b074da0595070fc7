//! How strong is gravity, and how sure can we be? A physics constant from the swings of a pendulum.
//!
//! ```text
//! cargo run --release -p example-nuts --example gravity
//! ```
//!
//! A weight hangs on threads of several lengths; a stopwatch gives the period of each. What is known badly goes into the model, too: where in the weight its centre is, and how
//! good the hand on the stopwatch. `log_density` says how probable parameters are, given the measurements; the No-U-Turn sampler follows its gradient and draws parameters from it.

#![allow(clippy::print_stdout, reason = "it is a program for the terminal")]

#[path = "../../plot/mod.rs"]
mod plot;

use std::error::Error;
use std::f64::consts::PI;
use std::path::Path;
use std::process::ExitCode;

use backprop::init::Generator;
use backprop::prelude::*;
use backprop::solve::{array, array_mut};
use clap::Parser;
use example_nuts::sample;

const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/gravity.svg");
/// What the measurements are made with.
const TRUTH: f64 = 9.81;

/// Estimates the acceleration of gravity from simulated measurements.
#[derive(Debug, Parser)]
struct Options {
    /// Decides the errors of the measurements, and the draws.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many draws are kept.
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    draws: u32,
}

/// Lengths of the thread in metres, and periods in seconds.
struct Swings {
    lengths: Vec<f64>,
    periods: Vec<f64>,
}

/// The period of a pendulum that swings out to 0.3 rad, to fourth order in the angle.
#[differentiable]
fn period(length: f64, gravity: f64) -> f64 {
    const ANGLE: f64 = 0.3;
    let widening = 1.0 + ANGLE.powi(2) / 16.0 + 11.0 * ANGLE.powi(4) / 3072.0;
    2.0 * PI * (length / gravity).sqrt() * widening
}

/// Parameters: gravity in m/s², a priori 10 ± 2; from the thread's end to the weight's centre in cm, 2 ± 1; the logarithm of the stopwatch's deviation in ms, of 30 give or take a factor of e.
#[differentiable]
fn log_density(x: &[f64; 3], #[nodiff] swings: &Swings) -> f64 {
    let deviation = 1e-3 * x[2].exp();
    let mut log_density = -0.5 * ((x[0] - 10.0) / 2.0).powi(2)
        - 0.5 * (x[1] - 2.0).powi(2)
        - 0.5 * (x[2] - 30_f64.ln()).powi(2);
    for (length, measured) in swings.lengths.iter().zip(&swings.periods) {
        let error = (measured - period(length + 0.01 * x[1], x[0])) / deviation;
        log_density -= 0.5 * error * error + deviation.ln();
    }
    log_density
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
    let lengths: Vec<f64> = (0..40).map(|i| 0.2 + 0.025 * f64::from(i)).collect();
    let periods = lengths
        .iter()
        .map(|length| period(length + 0.025, TRUTH) + 0.02 * generator.normal())
        .collect();
    let swings = Swings { lengths, periods };

    let function = |x: &[f64], d_x: &mut [f64]| log_density_grad(array(x), array_mut(d_x), &swings);
    let draws = sample(
        function,
        &[10.0, 2.0, 3.0],
        options.draws as usize,
        options.seed,
    )?;
    let [gravity, offset, deviation] = [
        moments(draws.iter().map(|x| x[0])),
        moments(draws.iter().map(|x| x[1])),
        moments(draws.iter().map(|x| x[2].exp())),
    ];
    println!(
        "gravity               {:7.3} ± {:.3} m/s², with {TRUTH} in the simulation",
        gravity[0], gravity[1]
    );
    println!(
        "centre of the weight  {:7.3} ± {:.3} cm, with 2.5",
        offset[0], offset[1]
    );
    println!(
        "error of the watch    {:7.3} ± {:.3} ms, with 20",
        deviation[0], deviation[1]
    );
    draw(&draws, &swings).map_err(|error| format!("{PICTURE}: {error}"))?;
    println!("the picture: {PICTURE}");
    println!(
        "gravity mean={:.4} deviation={:.4} draws={}",
        gravity[0],
        gravity[1],
        draws.len()
    );
    Ok(())
}

/// Mean and standard deviation.
fn moments(draws: impl ExactSizeIterator<Item = f64> + Clone) -> [f64; 2] {
    let n = draws.len() as f64;
    let mean = draws.clone().sum::<f64>() / n;
    let variance = draws.map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
    [mean, variance.sqrt()]
}

fn draw(draws: &[Vec<f64>], swings: &Swings) -> std::io::Result<()> {
    let [mean, deviation] = moments(draws.iter().map(|x| x[0]));
    let mut fit = plot::Panel::new(
        "Forty swings, and what was drawn",
        ([0.15, 1.25], "thread in m"),
        ([0.85, 2.35], "period in s"),
    );
    for x in draws.iter().step_by(draws.len() / 50) {
        let curve = (0..=50).map(|i| 0.15 + 0.022 * f64::from(i));
        fit.line(
            curve.map(|length| [length, period(length + 0.01 * x[1], x[0])]),
            "#9ecae1",
            1.0,
        );
    }
    fit.dots(
        swings
            .lengths
            .iter()
            .zip(&swings.periods)
            .map(|(x, y)| [*x, *y]),
        plot::ORANGE,
        2.5,
    );

    // A histogram of 40 bars over four deviations to each side.
    let (low, width) = (mean - 4.0 * deviation, 0.2 * deviation);
    let mut bars = [0.0; 40];
    for x in draws {
        if let Some(bar) = bars.get_mut(((x[0] - low) / width) as usize) {
            *bar += 1.0 / (draws.len() as f64 * width);
        }
    }
    let highest = bars
        .iter()
        .fold(0.0, |highest, bar| f64::max(highest, *bar));
    let mut gravity = plot::Panel::new(
        "Gravity",
        ([low, mean + 4.0 * deviation], "m/s²"),
        ([0.0, 1.15 * highest], "density"),
    );
    for (i, bar) in bars.iter().enumerate() {
        let (left, right) = (low + i as f64 * width, low + (i as f64 + 0.9) * width);
        gravity.area(
            [[left, 0.0], [left, *bar], [right, *bar], [right, 0.0]],
            plot::BLUE,
            0.7,
        );
    }
    gravity.line([[TRUTH, 0.0], [TRUTH, 1.15 * highest]], plot::ORANGE, 2.0);
    gravity
        .key(&format!("{mean:.3} ± {deviation:.3}"), plot::BLUE)
        .key("in the simulation", plot::ORANGE);
    plot::write(Path::new(PICTURE), &[fit, gravity])
}
