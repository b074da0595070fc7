//! Weights from a distribution as it is.

use super::Generator;
use crate::Real;

/// How many standard deviations a truncated normal distribution reaches.
const REACH: f64 = 2.0;

/// Sets all `weights` to one value.
pub fn constant<T: Real>(weights: &mut [T], value: T) {
    weights.fill(value);
}

/// Fills `weights` from the uniform distribution between two numbers, the second one excluded but for rounding.
///
/// # Panics
/// If `low` is larger than `high`, or either is not finite.
#[track_caller]
pub fn uniform<T: Real>(weights: &mut [T], low: f64, high: f64, generator: &mut Generator) {
    assert!(
        low <= high && low.is_finite() && high.is_finite(),
        "a uniform distribution from {low} to {high}"
    );
    let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
    for w in weights {
        *w = T::from_f64(middle + half * (2.0 * generator.uniform() - 1.0));
    }
}

/// Fills `weights` from the normal distribution with a mean and a standard deviation.
///
/// # Panics
/// If the deviation is negative or NaN.
#[track_caller]
pub fn normal<T: Real>(weights: &mut [T], mean: f64, deviation: f64, generator: &mut Generator) {
    check(deviation);
    for w in weights {
        *w = T::from_f64(mean + deviation * generator.normal());
    }
}

/// Fills `weights` from the normal distribution without its tails: what is farther than two standard deviations from the mean is drawn again. Their own
/// standard deviation is so 0.88 times the one given.
///
/// # Panics
/// If the deviation is negative or NaN.
#[track_caller]
pub fn truncated_normal<T: Real>(
    weights: &mut [T],
    mean: f64,
    deviation: f64,
    generator: &mut Generator,
) {
    check(deviation);
    for w in weights {
        let mut z = generator.normal();
        while z.abs() > REACH {
            z = generator.normal();
        }
        *w = T::from_f64(mean + deviation * z);
    }
}

#[track_caller]
fn check(deviation: f64) {
    assert!(deviation >= 0.0, "a standard deviation of {deviation}");
}
