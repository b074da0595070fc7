//! How many digits of certified results do fits with generated Jacobians reach? The nonlinear regressions of the Statistical Reference Datasets.
//!
//! ```text
//! cargo run --release --example nist -- --data DIR
//! ```
//!
//! `DIR` holds the 27 `.dat` files of <https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml>; without it, two that come with the example are solved. Each is solved
//! from both published starting points, and compared with the certified unknowns, their standard deviations, and the residual sum of squares: a correct digit is a
//! factor of ten in the relative error, and 11 is all that is certified. A problem counts as solved with 6 correct digits of every unknown, 10 at the lower level of
//! difficulty. (The residuals of Lanczos1 are in the 13th digit of the data, of which an `f64` holds 16: so 3 digits are there to be had of their squares.)
//! Start with `models.rs`.

#![allow(clippy::print_stdout, reason = "it is a program for the terminal")]

mod data;
mod models;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use backprop::solve::{LevenbergMarquardt, Residuals};
use clap::Parser;

use crate::data::Regression;
use crate::models::Model;

/// Digits that are certified.
const CERTIFIED: f64 = 11.0;

/// Solves the nonlinear regressions of the Statistical Reference Datasets.
#[derive(Debug, Parser)]
struct Options {
    /// A folder of `.dat` files, in place of the two that come with the example.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/nist/data"), hide_default_value = true)]
    data: PathBuf,
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
    let regressions = data::read(&options.data)?;
    println!("problem   level    start  steps  digits: unknowns  deviations  sum of squares");
    let (mut solved, mut least) = ([0, 0], f64::INFINITY);
    for regression in &regressions {
        if let Some(misprint) = &regression.misprint {
            println!("{:9} a misprint, {misprint}", regression.name);
        }
        for (start, solved) in solved.iter_mut().enumerate() {
            let heading = format!(
                "{:9} {:8} {:>5}",
                regression.name,
                regression.level,
                start + 1
            );
            match solve(regression, start) {
                Ok(digits) => {
                    let [unknowns, deviations, sum] = digits.correct;
                    println!(
                        "{heading}  {:>5}  {unknowns:>16.1}  {deviations:>10.1}  {sum:>14.1}",
                        digits.steps
                    );
                    let wanted = if regression.level == "Lower" {
                        10.0
                    } else {
                        6.0
                    };
                    if unknowns >= wanted {
                        *solved += 1;
                        least = f64::min(least, unknowns);
                    }
                }
                Err(error) => println!("{heading}  not solved: {error}"),
            }
        }
    }
    println!(
        "nist problems={} solved_start1={} solved_start2={} min_digits={least:.1}",
        regressions.len(),
        solved[0],
        solved[1]
    );
    Ok(())
}

/// The smallest number of correct digits of unknowns, deviations and sum of squares, and the steps that it took.
struct Digits {
    correct: [f64; 3],
    steps: u64,
}

fn solve(regression: &Regression, start: usize) -> Result<Digits, Box<dyn Error>> {
    let model = models::model(&regression.name)
        .ok_or_else(|| format!("there is no model for `{}`", regression.name))?;
    let mut fit = Fit { model, regression };
    let mut unknowns = regression.starts[start].clone();
    let n = unknowns.len();
    let mut solver = LevenbergMarquardt::new(n, fit.count());
    let solution = solver.solve(&mut fit, &mut unknowns)?;

    let mut covariance = vec![0.0; n * n];
    solver.covariance(&mut covariance);
    let deviations: Vec<f64> = (0..n).map(|k| covariance[k * n + k].sqrt()).collect();
    let sum = [solution.sum_of_squares];
    Ok(Digits {
        correct: [
            digits(&unknowns, &regression.unknowns),
            digits(&deviations, &regression.deviations),
            digits(&sum, &[regression.sum_of_squares]),
        ],
        steps: solution.steps,
    })
}

/// A model with its data, as the solver sees it.
struct Fit<'a> {
    model: Model,
    regression: &'a Regression,
}

impl Residuals for Fit<'_> {
    fn count(&self) -> usize {
        self.regression.data.y.len()
    }

    fn residuals(&mut self, b: &[f64], out: &mut [f64]) {
        (self.model.residuals)(b, &self.regression.data, out);
    }

    fn jacobian(&mut self, b: &[f64], out: &mut [f64], jacobian: &mut [f64]) {
        (self.model.jacobian)(b, &self.regression.data, out, jacobian);
    }
}

/// The number of correct digits of the worst of several numbers.
fn digits(got: &[f64], certified: &[f64]) -> f64 {
    let digits = got.iter().zip(certified).map(|(got, certified)| {
        let digits = -((got - certified) / certified).abs().log10();
        // NaN counts as none.
        if digits > 0.0 {
            digits.min(CERTIFIED)
        } else {
            0.0
        }
    });
    digits.fold(CERTIFIED, f64::min)
}
