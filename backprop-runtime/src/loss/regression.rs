//! Losses of regression: functions of the error, which is the prediction less the target.

use backprop_macros::differentiable;

use super::same_len;
use crate::Real;

const SQUARED: &str = "mean_squared_error";
const ABSOLUTE: &str = "mean_absolute_error";
const HUBER: &str = "huber";
const LOG_COSH: &str = "log_cosh";

/// The mean of (predictionᵢ − targetᵢ)² over all elements. NaN for empty slices.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// # use backprop_runtime::loss::mean_squared_error;
/// assert_eq!(mean_squared_error(&[1.0, 2.0], &[1.0, 4.0]), 2.0);
/// ```
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn mean_squared_error<T: Real>(prediction: &[T], target: &[T]) -> T {
    squared_error_sum(prediction, target) / T::from_f64(prediction.len() as f64)
}

/// The sum of (predictionᵢ − targetᵢ)².
///
/// # Panics
/// If the lengths differ.
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn squared_error_sum<T: Real>(prediction: &[T], target: &[T]) -> T {
    same_len(
        SQUARED,
        ("prediction", prediction.len()),
        ("target", target.len()),
    );
    let mut sum = T::from_f64(0.0);
    for i in 0..prediction.len() {
        let error = prediction[i] - target[i];
        sum += error * error;
    }
    sum
}

/// The mean of |predictionᵢ − targetᵢ| over all elements, whose derivative is taken to be 0 where the error is 0. NaN for empty slices.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// # use backprop_runtime::loss::mean_absolute_error;
/// assert_eq!(mean_absolute_error(&[1.0, 2.0], &[1.0, 4.0]), 1.0);
/// ```
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn mean_absolute_error<T: Real>(prediction: &[T], target: &[T]) -> T {
    absolute_error_sum(prediction, target) / T::from_f64(prediction.len() as f64)
}

/// The sum of |predictionᵢ − targetᵢ|. Derivative as of [`mean_absolute_error`].
///
/// # Panics
/// If the lengths differ.
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn absolute_error_sum<T: Real>(prediction: &[T], target: &[T]) -> T {
    same_len(
        ABSOLUTE,
        ("prediction", prediction.len()),
        ("target", target.len()),
    );
    let mut sum = T::from_f64(0.0);
    for i in 0..prediction.len() {
        sum += (prediction[i] - target[i]).abs();
    }
    sum
}

/// The mean over all elements of e²/2 for errors e up to δ = `delta`, and δ·(|e| − δ/2) for larger ones, which so pull no harder than δ. NaN for
/// empty slices.
///
/// Source: P. J. Huber, Robust estimation of a location parameter, Ann. Math. Statist. 35 (1964), 73.
///
/// # Panics
/// If the lengths differ, or `delta` is not positive.
///
/// ```
/// # use backprop_runtime::loss::huber;
/// assert_eq!(huber(&[0.5, 3.0], &[0.0, 0.0], 1.0), (0.125 + 2.5) / 2.0);
/// ```
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn huber<T: Real>(prediction: &[T], target: &[T], #[nodiff] delta: T) -> T {
    huber_sum(prediction, target, delta) / T::from_f64(prediction.len() as f64)
}

/// The sum that [`huber`] is the mean of.
///
/// # Panics
/// If the lengths differ, or `delta` is not positive.
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn huber_sum<T: Real>(prediction: &[T], target: &[T], #[nodiff] delta: T) -> T {
    same_len(
        HUBER,
        ("prediction", prediction.len()),
        ("target", target.len()),
    );
    positive(delta);
    let half = T::from_f64(0.5);
    let mut sum = T::from_f64(0.0);
    for i in 0..prediction.len() {
        let error = prediction[i] - target[i];
        let size = error.abs();
        sum += if size <= delta {
            half * error * error
        } else {
            delta * (size - half * delta)
        };
    }
    sum
}

#[track_caller]
fn positive<T: Real>(delta: T) {
    assert!(
        delta > T::from_f64(0.0),
        "huber: delta is {delta:?}, and has to be positive"
    );
}

/// The mean of ln cosh(predictionᵢ − targetᵢ) over all elements: like e²/2 for small errors and like |e| − ln 2 for large ones. NaN for empty
/// slices.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// # use backprop_runtime::loss::log_cosh;
/// assert_eq!(log_cosh(&[1000.0], &[0.0]), 1000.0 - 2.0_f64.ln());
/// ```
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn log_cosh<T: Real>(prediction: &[T], target: &[T]) -> T {
    log_cosh_sum(prediction, target) / T::from_f64(prediction.len() as f64)
}

/// The sum that [`log_cosh`] is the mean of.
///
/// # Panics
/// If the lengths differ.
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn log_cosh_sum<T: Real>(prediction: &[T], target: &[T]) -> T {
    same_len(
        LOG_COSH,
        ("prediction", prediction.len()),
        ("target", target.len()),
    );
    let mut sum = T::from_f64(0.0);
    for i in 0..prediction.len() {
        sum += ln_cosh(prediction[i] - target[i]);
    }
    sum
}

/// ln cosh e: ln(1 + 2·sinh²(e/2)), which keeps the digits of small errors, and |e| + ln(1 + exp(−2|e|)) − ln 2, which does not overflow.
#[differentiable(crate = crate, jvp, partials(error = error.tanh()))]
#[inline]
fn ln_cosh<T: Real>(error: T) -> T {
    let size = error.abs();
    if size < T::from_f64(1.0) {
        let sinh = (T::from_f64(0.5) * size).sinh();
        (T::from_f64(2.0) * sinh * sinh).ln_1p()
    } else {
        size + (T::from_f64(-2.0) * size).exp().ln_1p() - T::from_f64(core::f64::consts::LN_2)
    }
}
