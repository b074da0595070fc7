//! Learning rates by step: each schedule is a value that is called with the number of the step, from 0.
//!
//! ```
//! # use backprop_runtime::optim::{Optimizer, Sgd};
//! # use backprop_runtime::schedule::{cosine, warm_up};
//! let rate = warm_up(100, cosine(0.1, 0.001, 900));
//! let mut x = [1.0];
//! let mut sgd = Sgd::new(0.0);
//! for step in 0..1000 {
//!     sgd.set_learning_rate(rate(step));
//!     let gradient = [2.0 * x[0]];
//!     sgd.step(&mut x, &gradient);
//! }
//! assert_eq!(rate(100), 0.1);
//! ```
//!
//! What follows the loss and not the step has a memory: [`Plateau`], which lowers the rate when nothing improves any more, and
#![cfg_attr(
    feature = "alloc",
    doc = "[`RangeFinder`], which looks for a rate to begin with."
)]
#![cfg_attr(
    not(feature = "alloc"),
    doc = "with the feature `alloc` a finder of a rate to begin with."
)]

#[cfg(feature = "alloc")]
mod finder;
mod plateau;

#[cfg(feature = "alloc")]
pub use self::finder::RangeFinder;
pub use self::plateau::Plateau;
use crate::Real;

/// Always the same rate.
pub fn constant(rate: f64) -> impl Fn(u64) -> f64 + Copy {
    move |_| rate
}

/// `rate`, times `factor` after `every` so many steps: rate·factor^⌊t/every⌋.
///
/// # Panics
/// If `every` is 0.
#[track_caller]
pub fn step(rate: f64, factor: f64, every: u64) -> impl Fn(u64) -> f64 + Copy {
    assert!(every > 0, "a schedule of 0 steps");
    move |t| rate * Real::powf(factor, (t / every) as f64)
}

/// As [`step`], without the jumps: rate·factor^(t/every).
///
/// # Panics
/// If `every` is 0.
#[track_caller]
pub fn exponential(rate: f64, factor: f64, every: u64) -> impl Fn(u64) -> f64 + Copy {
    let whole = length(every);
    move |t| rate * Real::powf(factor, t as f64 / whole)
}

/// From one rate to another within `steps`, along (1 − t/steps)^power; then it stays. The power 1 is a straight line.
///
/// # Panics
/// If `steps` is 0.
#[track_caller]
pub fn polynomial(from: f64, to: f64, power: f64, steps: u64) -> impl Fn(u64) -> f64 + Copy {
    let whole = length(steps);
    move |t| to + (from - to) * Real::powf(1.0 - done(t, whole), power)
}

/// From one rate to another within `steps`, along half a cosine; then it stays.
///
/// Source: I. Loshchilov, F. Hutter, SGDR: stochastic gradient descent with warm restarts, ICLR 2017, equation 5.
///
/// # Panics
/// If `steps` is 0.
#[track_caller]
pub fn cosine(from: f64, to: f64, steps: u64) -> impl Fn(u64) -> f64 + Copy {
    let whole = length(steps);
    move |t| half_cosine(from, to, done(t, whole))
}

/// [`cosine`] over and over: the first time within `first` steps, and each time after in `growth` times as many. Source as there, section 3.
///
/// # Panics
/// If `first` or `growth` is 0.
///
/// ```
/// # use backprop_runtime::schedule::cosine_restarts;
/// let rate = cosine_restarts(1.0, 0.0, 10, 2); // from 0 to 10, from 10 to 30, from 30 to 70, ..
/// assert_eq!([rate(0), rate(10), rate(20), rate(30)], [1.0, 1.0, 0.5, 1.0]);
/// ```
#[track_caller]
pub fn cosine_restarts(from: f64, to: f64, first: u64, growth: u64) -> impl Fn(u64) -> f64 + Copy {
    assert!(first > 0 && growth > 0, "a schedule of 0 steps");
    move |t| {
        let (mut start, mut period) = (0, first);
        if growth == 1 {
            start = t - t % first;
        } else {
            while t - start >= period {
                start += period;
                period = period.saturating_mul(growth);
            }
        }
        half_cosine(from, to, (t - start) as f64 / period as f64)
    }
}

/// Begins with a line of `steps` towards what `then` begins with, (t + 1)/(steps + 1) of it, and follows `then` from its start.
///
/// Source: P. Goyal and others, Accurate, large minibatch SGD, arXiv:1706.02677, section 2.2.
pub fn warm_up<S: Fn(u64) -> f64>(steps: u64, then: S) -> impl Fn(u64) -> f64 {
    move |t| {
        if t < steps {
            then(0) * (t + 1) as f64 / (steps + 1) as f64
        } else {
            then(t - steps)
        }
    }
}

/// `first` for so many `steps`, and `then` from its start.
///
/// ```
/// # use backprop_runtime::schedule::{constant, joined, polynomial};
/// let rate = joined(constant(0.1), 50, joined(polynomial(0.1, 0.0, 1.0, 100), 100, constant(0.01)));
/// assert_eq!([rate(49), rate(100), rate(150)], [0.1, 0.05, 0.01]);
/// ```
pub fn joined<A, B>(first: A, steps: u64, then: B) -> impl Fn(u64) -> f64
where
    A: Fn(u64) -> f64,
    B: Fn(u64) -> f64,
{
    move |t| {
        if t < steps { first(t) } else { then(t - steps) }
    }
}

/// One cycle of `steps`: from 1/25 of `peak` up to it in the first 30 %, and down to 1/250,000 of it, both along half a cosine. A run as short as
/// possible, with a rate as large as possible; the peak is what a range finder shows.
///
/// Source: L. N. Smith, N. Topin, Super-convergence, arXiv:1708.07120, with half cosines and these fractions as in PyTorch.
///
/// # Panics
/// If `steps` is less than 2.
#[track_caller]
pub fn one_cycle(peak: f64, steps: u64) -> impl Fn(u64) -> f64 + Copy {
    const UP: f64 = 0.3;
    const START: f64 = 1.0 / 25.0;
    const END: f64 = 1.0 / 250_000.0;
    assert!(steps > 1, "a cycle of {steps} steps");
    // The last step is at the end.
    let (top, last) = (UP * steps as f64 - 1.0, (steps - 1) as f64);
    move |t| {
        let t = t as f64;
        if t <= top {
            half_cosine(START * peak, peak, t / top)
        } else {
            half_cosine(peak, END * peak, Real::min((t - top) / (last - top), 1.0))
        }
    }
}

/// Up to `peak` on a line of `warm_up` steps, and then down with 1/√t: peak·min((t + 1)/warm_up, √(warm_up/(t + 1))).
///
/// Source: A. Vaswani and others, Attention is all you need, NeurIPS 2017, equation 3.
///
/// # Panics
/// If `warm_up` is 0.
#[track_caller]
pub fn inverse_square_root(peak: f64, warm_up: u64) -> impl Fn(u64) -> f64 + Copy {
    let whole = length(warm_up);
    move |t| {
        let t = t as f64 + 1.0;
        peak * Real::min(t / whole, Real::sqrt(whole / t))
    }
}

#[track_caller]
fn length(steps: u64) -> f64 {
    assert!(steps > 0, "a schedule of 0 steps");
    steps as f64
}

/// How much of a schedule is behind, at most 1.
fn done(t: u64, whole: f64) -> f64 {
    Real::min(t as f64 / whole, 1.0)
}

fn half_cosine(from: f64, to: f64, done: f64) -> f64 {
    // In this form both ends are exact.
    let share = 0.5 * (1.0 + Real::cos(core::f64::consts::PI * done));
    from * share + to * (1.0 - share)
}
