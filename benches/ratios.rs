//! Generated against hand-written gradients, in pairs.
//!
//! ```text
//! cargo bench --bench ratios
//! ```
//!
//! Machines drift: clocks change, neighbours wake up. So the two are run in turn, many times, and what counts is the median of the ratios
//! of neighbours in time. One line for each case, for people and scripts; a word after `--` picks the cases that contain it, `--brief` is
//! for checking that it works.

#![allow(clippy::print_stdout, reason = "it is a program for the terminal")]

#[allow(
    dead_code,
    reason = "the test of the cases uses what the benches do not"
)]
mod cases;

use std::hint::black_box;
use std::time::{Duration, Instant};

use cases::{Case, for_each_case};

/// How much to measure.
struct Plan {
    /// Pairs of measurements for each case.
    pairs: usize,
    /// The length of each measurement: long against the clock's resolution, short against the machine's moods.
    slice: Duration,
    /// Part of the names of the cases that are wanted.
    filter: Option<String>,
}

fn main() {
    let mut plan = Plan {
        pairs: 501,
        slice: Duration::from_micros(500),
        filter: None,
    };
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            // What cargo passes to every benchmark.
            "--bench" => {}
            "--brief" => (plan.pairs, plan.slice) = (31, Duration::from_micros(100)),
            option if option.starts_with('-') => {
                eprintln!(
                    "unknown option `{option}`: there are --brief and a part of a case's name"
                );
                std::process::exit(2);
            }
            part => plan.filter = Some(part.to_owned()),
        }
    }
    for_each_case!(measure, &plan);
}

fn measure<C: Case>(plan: &Plan) {
    if plan
        .filter
        .as_ref()
        .is_some_and(|part| !C::NAME.contains(part))
    {
        return;
    }
    let mut case = C::new();
    // Warms up as well.
    let calls = calls_in(plan.slice, &mut case);
    let (mut generated, mut hand, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for pair in 0..plan.pairs {
        // Each goes first every other time: what the first leaves in the caches helps the second.
        let (g, h) = if pair % 2 == 0 {
            let g = time(calls, &mut case, C::generated);
            (g, time(calls, &mut case, C::by_hand))
        } else {
            let h = time(calls, &mut case, C::by_hand);
            (time(calls, &mut case, C::generated), h)
        };
        generated.push(g);
        hand.push(h);
        ratios.push(g / h);
    }
    println!(
        "ratio case={} generated_ns={:.2} hand_ns={:.2} ratio={:.3}",
        C::NAME,
        median(&mut generated),
        median(&mut hand),
        median(&mut ratios)
    );
}

/// How many calls of the gradient by hand fill a stretch of time.
fn calls_in<C: Case>(slice: Duration, case: &mut C) -> usize {
    let mut calls = 1;
    loop {
        let nanoseconds = time(calls, case, C::by_hand) * calls as f64;
        time(calls, case, C::generated);
        if nanoseconds >= slice.as_nanos() as f64 {
            return calls;
        }
        calls *= 2;
    }
}

/// Nanoseconds for one call.
#[inline(never)]
fn time<C: Case>(calls: usize, case: &mut C, gradient: impl Fn(&mut C)) -> f64 {
    // Sums that grew for long would end in infinity or stop moving.
    case.take();
    let start = Instant::now();
    for _ in 0..calls {
        gradient(black_box(&mut *case));
    }
    let elapsed = start.elapsed();
    black_box(case);
    elapsed.as_nanos() as f64 / calls as f64
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
