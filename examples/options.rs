//! Prices of options, and how they change with everything they depend on: the sensitivities of first and second order that traders hedge by.
//!
//! ```text
//! cargo run --release --example options -- --spot 42 --strike 40 --volatility 0.2 --rate 0.1 --years 0.5
//! ```
//!
//! Two models: the formula of Black, Scholes and Merton for a European put, whose gradient *and* Hessian come from `european_hessian`; and a binomial tree for an American put, which
//! may be exercised at any time and has no formula. `american_grad` goes back through the whole tree.

#![allow(clippy::print_stdout, reason = "it is a program for the terminal")]

#[path = "plot/mod.rs"]
mod plot;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use backprop::math::normal_cdf;
use backprop::prelude::*;
use clap::Parser;

const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/options.svg");
/// Steps of the tree.
const STEPS: usize = 200;

/// Prices a put, with all its sensitivities.
#[derive(Clone, Debug, Parser)]
struct Options {
    /// The present price of the share.
    #[arg(long, default_value_t = 42.0)]
    spot: f64,
    /// What it may be sold for.
    #[arg(long, default_value_t = 40.0)]
    strike: f64,
    /// The share's volatility, for a year.
    #[arg(long, default_value_t = 0.2)]
    volatility: f64,
    /// The rate of interest, for a year.
    #[arg(long, default_value_t = 0.1, allow_negative_numbers = true)]
    rate: f64,
    /// Years until the option ends.
    #[arg(long, default_value_t = 0.5)]
    years: f64,
}

/// A European put by spot, volatility, rate and time. F. Black, M. Scholes, Journal of Political Economy 81 (1973), 637.
#[differentiable(hessian)]
fn european(by: &[f64; 4], #[nodiff] strike: f64) -> f64 {
    let [spot, volatility, rate, years] = *by;
    let spread = volatility * years.sqrt();
    let d1 = ((spot / strike).ln() + rate * years) / spread + 0.5 * spread;
    let d2 = d1 - spread;
    strike * (-rate * years).exp() * normal_cdf(-d2) - spot * normal_cdf(-d1)
}

/// An American put on a tree of prices that go up or down by a constant factor. J. C. Cox, S. A. Ross, M. Rubinstein, Journal of Financial Economics 7 (1979), 229.
#[differentiable(tape)]
fn american(spot: f64, volatility: f64, rate: f64, years: f64, #[nodiff] strike: f64) -> f64 {
    let step = years / STEPS as f64;
    let up = (volatility * step.sqrt()).exp();
    let discount = (-rate * step).exp();
    let p = (1.0 / discount - 1.0 / up) / (up - 1.0 / up);
    let price = |ups: usize, of: usize| spot * up.powi(2 * ups as i32 - of as i32);
    let mut values = [0.0; STEPS + 1];
    for ups in 0..=STEPS {
        values[ups] = (strike - price(ups, STEPS)).max(0.0);
    }
    for time in (0..STEPS).rev() {
        for ups in 0..=time {
            let wait = discount * (p * values[ups + 1] + (1.0 - p) * values[ups]);
            values[ups] = wait.max(strike - price(ups, time));
        }
    }
    values[0]
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
    let Options {
        spot,
        strike,
        volatility,
        rate,
        years,
    } = *options;
    for (name, value) in [
        ("spot", spot),
        ("strike", strike),
        ("volatility", volatility),
        ("years", years),
    ] {
        if !(value > 0.0 && value.is_finite()) {
            return Err(format!("--{name} is {value}, and has to be positive").into());
        }
    }
    let (price, gradient, hessian) = european_hessian(&[spot, volatility, rate, years], strike);
    let (tree, d_spot, d_volatility, d_rate, d_years) =
        american_grad(spot, volatility, rate, years, strike, &mut Tape::new());
    let names = [
        "delta, by the spot",
        "vega, by the volatility",
        "rho, by the rate",
        "theta, by time passing",
    ];
    println!("{:36}{:>12}{:>12}", "", "European", "American");
    println!("{:36}{price:>12.5}{tree:>12.5}", "price of a put");
    let of_tree = [d_spot, d_volatility, d_rate, -d_years];
    let of_formula = [gradient[0], gradient[1], gradient[2], -gradient[3]];
    for ((name, a), b) in names.iter().zip(of_formula).zip(of_tree) {
        println!("{name:36}{a:>12.5}{b:>12.5}");
    }
    let second = [
        ("gamma, by the spot twice", hessian[0][0]),
        ("vanna, by spot and volatility", hessian[0][1]),
        ("volga, by the volatility twice", hessian[1][1]),
        ("charm, by the spot and time passing", -hessian[0][3]),
        ("veta, by volatility and time passing", -hessian[1][3]),
    ];
    for (name, value) in second {
        println!("{name:36}{value:>12.5}");
    }
    draw(options).map_err(|error| format!("{PICTURE}: {error}"))?;
    println!("the picture: {PICTURE}");
    println!(
        "options european={price:.6} american={tree:.6} gamma={:.6}",
        hessian[0][0]
    );
    Ok(())
}

fn draw(options: &Options) -> std::io::Result<()> {
    let Options {
        strike,
        volatility,
        rate,
        years,
        ..
    } = *options;
    let spots: Vec<f64> = (0..=160)
        .map(|i| strike * (0.6 + 0.005 * f64::from(i)))
        .collect();
    let axis = ([spots[0], spots[160]], "spot");
    let curve =
        |f: &dyn Fn(f64) -> f64| -> Vec<[f64; 2]> { spots.iter().map(|&s| [s, f(s)]).collect() };
    let at = |s: f64| european_hessian(&[s, volatility, rate, years], strike);

    let mut prices = plot::Panel::new(
        "Price of a put",
        axis,
        ([-0.02 * strike, 0.42 * strike], "price"),
    );
    prices.line(curve(&|s| f64::max(strike - s, 0.0)), plot::GREY, 1.5);
    prices.line(curve(&|s| at(s).0), plot::BLUE, 2.0);
    prices.line(
        curve(&|s| american(s, volatility, rate, years, strike)),
        plot::ORANGE,
        2.0,
    );
    prices.dots(
        [[
            options.spot,
            american(options.spot, volatility, rate, years, strike),
        ]],
        plot::ORANGE,
        4.0,
    );
    let labels = [
        ("American", plot::ORANGE),
        ("European", plot::BLUE),
        ("exercised at once", plot::GREY),
    ];
    for (line, (words, colour)) in (0..).zip(labels) {
        let y = strike * (0.38 - 0.03 * f64::from(line));
        prices.text([1.02 * strike, y], words, colour);
    }

    // In shares of their largest value, for one scale.
    let mut second = plot::Panel::new(
        "Second order, European",
        axis,
        ([-1.1, 1.35], "share of its maximum"),
    );
    let curves = [
        ("gamma", plot::BLUE, [0, 0]),
        ("vanna", plot::GREEN, [0, 1]),
        ("volga", plot::PINK, [1, 1]),
    ];
    for (name, colour, [i, j]) in curves {
        let values = curve(&|s| at(s).2[i][j]);
        let largest = values.iter().fold(0.0, |m, v| f64::max(m, v[1].abs()));
        second
            .line(values.iter().map(|[s, v]| [*s, v / largest]), colour, 2.0)
            .key(name, colour);
    }
    plot::write(Path::new(PICTURE), &[prices, second])
}
