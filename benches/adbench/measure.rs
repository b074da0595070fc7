//! Times of the objective, of its generated gradient and of the one by hand, measured in turn.
//!
//! Machines drift: clocks change, neighbours wake up. So what counts is the median of the ratios of neighbours in time.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::objectives::Problem;

/// How much to measure.
pub(crate) struct Plan {
    /// The least and the most rounds: each runs all three.
    pub(crate) rounds: (usize, usize),
    /// The length of one measurement: long against the clock's resolution. Also the time between rounds and their end.
    pub(crate) slice: Duration,
    /// No more rounds than fit into this time, but for the least.
    pub(crate) limit: Duration,
}

/// Medians, in seconds and as ratios.
pub(crate) struct Times {
    pub(crate) primal: f64,
    pub(crate) gradient: f64,
    pub(crate) by_hand: f64,
    /// Of neighbours: generated gradient ÷ objective.
    pub(crate) ratio: f64,
    /// Of neighbours: generated gradient ÷ gradient by hand.
    pub(crate) hand_ratio: f64,
}

pub(crate) fn measure(plan: &Plan, problem: &mut dyn Problem) -> Times {
    type Run = fn(&mut dyn Problem);
    let runs: [Run; 3] = [
        |problem| problem.evaluate(),
        |problem| problem.generated(),
        |problem| problem.by_hand(),
    ];
    // Warms up as well.
    let calls = runs.map(|run| calls_in(plan.slice, problem, run));
    let start = Instant::now();
    let mut times: [Vec<f64>; 3] = Default::default();
    let (mut ratios, mut hand_ratios) = (Vec::new(), Vec::new());
    for round in 0..plan.rounds.1 {
        if round >= plan.rounds.0 && start.elapsed() > plan.limit {
            break;
        }
        let mut now = [0.0; 3];
        // Each goes first every third time: what one leaves in the caches helps the next.
        for i in 0..3 {
            let which = (round + i) % 3;
            now[which] = time(calls[which], problem, runs[which]);
        }
        let [primal, gradient, by_hand] = now;
        ratios.push(gradient / primal);
        hand_ratios.push(gradient / by_hand);
        for (times, now) in times.iter_mut().zip(now) {
            times.push(now);
        }
    }
    let [primal, gradient, by_hand] = times.map(median);
    Times {
        primal,
        gradient,
        by_hand,
        ratio: median(ratios),
        hand_ratio: median(hand_ratios),
    }
}

/// How many calls fill a stretch of time.
fn calls_in(slice: Duration, problem: &mut dyn Problem, run: fn(&mut dyn Problem)) -> usize {
    let mut calls = 1;
    while time(calls, problem, run) * (calls as f64) < slice.as_secs_f64() {
        calls *= 2;
    }
    calls
}

/// Seconds for one call.
fn time(calls: usize, problem: &mut dyn Problem, run: fn(&mut dyn Problem)) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        run(black_box(&mut *problem));
    }
    start.elapsed().as_secs_f64() / calls as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
