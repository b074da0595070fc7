//! A Kalman filter is tuned by its likelihood: how restless is the thing that is tracked, and how bad is the sensor? The data say.
//!
//! ```text
//! cargo run --release --example kalman
//! ```
//!
//! A filter predicts each position before it is measured; how probable the measurements are under these predictions is the likelihood of its two parameters, the density of the
//! acceleration's noise and the deviation of the measurement's. Newton's method maximises it with the gradient from `misfit_grad` and the Hessian from
//! `misfit_hvp`, which the attribute writes, and the Hessian says how sure the result is.
//!
//! `track.csv` holds 300 measured positions, one each second: made by `simulate` with seed 1, a noise density of 0.3 m²/s³ and a deviation of 5 m.

#![allow(clippy::print_stdout, reason = "it is a program for the terminal")]

#[path = "../plot/mod.rs"]
mod plot;

use std::error::Error;
use std::f64::consts::PI;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use backprop::init::Generator;
use backprop::prelude::*;
use clap::Parser;

const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/kalman.svg");

/// Tunes a Kalman filter by its likelihood.
#[derive(Debug, Parser)]
struct Options {
    /// A file of measured positions: a line `x,y` in metres for each second.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/kalman/track.csv"), hide_default_value = true)]
    data: PathBuf,
    /// Writes a track made with this seed to the terminal, and does nothing else.
    #[arg(long)]
    simulate: Option<u64>,
}

/// Minus the logarithm of the likelihood, by the logarithms of noise density and deviation; on the way, where the filter takes the thing to be. The covariance (`p`, `c`, `v`:
/// of the position, of both, of the velocity) does not depend on the data, so both coordinates share it.
#[differentiable(tape, hvp)]
fn misfit(
    parameters: &[f64; 2],
    #[nodiff] track: &[[f64; 2]],
    #[nodiff] filtered: &mut [[f64; 2]],
) -> f64 {
    let (density, variance) = (parameters[0].exp(), (2.0 * parameters[1]).exp());
    let (mut place, mut velocity) = (track[0], [0.0; 2]);
    let (mut p, mut c, mut v) = (variance, 0.0, 100.0);
    let mut sum = 0.0;
    for (measured, filtered) in track.iter().zip(filtered).skip(1) {
        // A second passes: the velocity moves the position, and noise of constant density the velocity.
        p += 2.0 * c + v + density / 3.0;
        c += v + density / 2.0;
        v += density;
        // A measurement comes.
        let total = p + variance;
        let (gain, gain_velocity) = (p / total, c / total);
        for i in 0..2 {
            place[i] += velocity[i];
            let surprise = measured[i] - place[i];
            sum += 0.5 * (surprise * surprise / total + (2.0 * PI * total).ln());
            place[i] += gain * surprise;
            velocity[i] += gain_velocity * surprise;
            filtered[i] = stop_gradient(place[i]);
        }
        v -= gain_velocity * c;
        c -= gain * c;
        p -= gain * p;
    }
    sum
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
    if let Some(seed) = options.simulate {
        for [x, y] in simulate(seed) {
            println!("{x:.3},{y:.3}");
        }
        return Ok(());
    }
    let track = read(&options.data)?;
    let mut filtered = track.clone();
    let mut tape = Tape::new();
    let mut parameters = [0.0; 2];
    let mut iterates = vec![parameters];
    let covariance = loop {
        let (mut gradient, mut hessian) = ([0.0; 2], [[0.0; 2]; 2]);
        let value = misfit_grad(&parameters, &mut gradient, &track, &mut filtered, &mut tape);
        for (k, row) in hessian.iter_mut().enumerate() {
            let direction = [0, 1].map(|i| f64::from(u8::from(i == k)));
            misfit_hvp(
                &parameters,
                &direction,
                row,
                &track,
                &mut filtered,
                &mut tape,
            );
        }
        let [[a, b], [_, d]] = hessian;
        println!(
            "noise density {:8.4} m²/s³, deviation {:6.4} m: -ln likelihood {value:.4}",
            parameters[0].exp(),
            parameters[1].exp()
        );
        // Far from the minimum the Hessian is no guide: then downhill, and never further than by a factor of e.
        let determinant = a * d - b * b;
        let newton = [
            (b * gradient[1] - d * gradient[0]) / determinant,
            (b * gradient[0] - a * gradient[1]) / determinant,
        ];
        let convex = a > 0.0 && determinant > 0.0;
        let step = if convex { newton } else { gradient.map(|g| -g) };
        let length = step[0].hypot(step[1]);
        if convex && length < 1e-10 {
            break [d / determinant, -b / determinant, a / determinant];
        }
        if iterates.len() > 100 || !length.is_finite() {
            return Err("no maximum of the likelihood was found: is this a track?".into());
        }
        for i in 0..2 {
            parameters[i] += step[i] / length.max(1.0);
        }
        iterates.push(parameters);
    };
    let [density, deviation] = parameters.map(f64::exp);
    let [d_density, d_deviation] = [
        density * covariance[0].sqrt(),
        deviation * covariance[2].sqrt(),
    ];
    println!(
        "noise density {density:.3} ± {d_density:.3} m²/s³, deviation {deviation:.3} ± {d_deviation:.3} m"
    );
    draw(&track, &filtered, &iterates, covariance)
        .map_err(|error| format!("{PICTURE}: {error}"))?;
    println!("the picture: {PICTURE}");
    println!(
        "kalman density={density:.4} deviation={deviation:.4} steps={}",
        iterates.len() - 1
    );
    Ok(())
}

fn read(path: &Path) -> Result<Vec<[f64; 2]>, Box<dyn Error>> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut track = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let point = line
            .split_once(',')
            .and_then(|(x, y)| Some([x.trim().parse().ok()?, y.trim().parse().ok()?]));
        track.push(point.ok_or_else(|| {
            format!(
                "{}:{number}: `{line}` is not of the form `x,y`",
                path.display()
            )
        })?);
    }
    if track.len() < 10 {
        return Err(format!("{}: {} positions are too few", path.display(), track.len()).into());
    }
    Ok(track)
}

/// Exact steps of a velocity that noise moves, and measurements of the position.
fn simulate(seed: u64) -> Vec<[f64; 2]> {
    let (density, deviation) = (0.3_f64, 5.0);
    let mut generator = Generator::new(seed);
    let (mut place, mut velocity) = ([0.0; 2], [10.0, 5.0]);
    let mut track = Vec::new();
    for _ in 0..300 {
        track.push(place.map(|x| x + deviation * generator.normal()));
        for i in 0..2 {
            // The change of the velocity, and the part of the way that it does not explain.
            let change = density.sqrt() * generator.normal();
            let rest = (density / 12.0).sqrt() * generator.normal();
            place[i] += velocity[i] + 0.5 * change + rest;
            velocity[i] += change;
        }
    }
    track
}

fn draw(
    track: &[[f64; 2]],
    filtered: &[[f64; 2]],
    iterates: &[[f64; 2]],
    covariance: [f64; 3],
) -> std::io::Result<()> {
    // A part, or the difference would not be seen.
    let part = 60.min(track.len())..120.min(track.len());
    let (xs, ys) = (
        track[part.clone()].iter().map(|p| p[0]),
        track[part.clone()].iter().map(|p| p[1]),
    );
    let mut map = plot::Panel::new(
        "A minute of the track",
        (plot::range(xs), "x in m"),
        (plot::range(ys), "y in m"),
    );
    map.line(track[part.clone()].iter().copied(), "#dddddd", 1.0)
        .dots(track[part.clone()].iter().copied(), plot::GREY, 2.5);
    map.line(filtered[part].iter().copied(), plot::BLUE, 2.5);
    map.key("measured", plot::GREY)
        .key("filtered, as tuned", plot::BLUE);

    let best = iterates[iterates.len() - 1];
    let [a, b, d] = covariance;
    // Points of the ellipse, by the Cholesky factor of the covariance; in units, not in their logarithms.
    let ellipse = |radius: f64| {
        (0..=100).map(move |i| {
            let (sin, cos) = (0.02 * PI * f64::from(i)).sin_cos();
            let (x, y) = (
                radius * a.sqrt() * cos,
                radius * (b / a.sqrt() * cos + (d - b * b / a).sqrt() * sin),
            );
            [(best[0] + x).exp(), (best[1] + y).exp()]
        })
    };
    let (xs, ys) = (ellipse(4.0).map(|p| p[0]), ellipse(4.0).map(|p| p[1]));
    let mut fit = plot::Panel::new(
        "Its parameters",
        (plot::range(xs), "noise density in m²/s³"),
        (plot::range(ys), "deviation in m"),
    );
    fit.area(ellipse(2.0), plot::BLUE, 0.15)
        .area(ellipse(1.0), plot::BLUE, 0.3);
    fit.line(iterates.iter().map(|p| p.map(f64::exp)), plot::ORANGE, 1.5)
        .dots(iterates.iter().map(|p| p.map(f64::exp)), plot::ORANGE, 3.0);
    fit.key("1 and 2 standard deviations", plot::BLUE)
        .key("Newton\u{2019}s steps", plot::ORANGE);
    plot::write(Path::new(PICTURE), &[map, fit])
}
