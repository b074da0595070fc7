//! How far one distribution is from another.

use backprop_macros::differentiable;

use super::same_len;
use crate::Real;

const NAME: &str = "kl_divergence";
const FROM_LOG: &str = "kl_divergence_from_log";

/// The divergence Σ tᵢ·ln(tᵢ/qᵢ) of the predicted probabilities q from the targets t. Of a batch it is the sum over all samples.
///
/// Where a target is 0 its term is 0, and where only the prediction is 0 it is infinite.
///
/// Source: S. Kullback, R. A. Leibler, On information and sufficiency, Ann. Math. Statist. 22 (1951), 79.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// # use backprop_runtime::loss::kl_divergence;
/// assert_eq!(kl_divergence(&[0.75, 0.25], &[0.0, 1.0]), 4.0_f64.ln());
/// ```
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn kl_divergence<T: Real>(prediction: &[T], target: &[T]) -> T {
    same_len(
        NAME,
        ("prediction", prediction.len()),
        ("target", target.len()),
    );
    let mut sum = T::from_f64(0.0);
    for i in 0..prediction.len() {
        sum += term(prediction[i], target[i]);
    }
    sum
}

/// The mean of [`kl_divergence`] over so many `samples`, whose distributions follow one another.
///
/// # Panics
/// If the lengths differ.
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn kl_divergence_batch<T: Real>(prediction: &[T], target: &[T], samples: usize) -> T {
    kl_divergence(prediction, target) / T::from_f64(samples as f64)
}

/// [`kl_divergence`] by the logarithms of the predicted probabilities, such as a network ends in: Σ tᵢ·(ln tᵢ − lᵢ).
///
/// # Panics
/// If the lengths differ.
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn kl_divergence_from_log<T: Real>(log_prediction: &[T], target: &[T]) -> T {
    same_len(
        FROM_LOG,
        ("log_prediction", log_prediction.len()),
        ("target", target.len()),
    );
    let mut sum = T::from_f64(0.0);
    for i in 0..log_prediction.len() {
        sum += term_from_log(log_prediction[i], target[i]);
    }
    sum
}

/// The mean of [`kl_divergence_from_log`] over so many `samples`, whose distributions follow one another.
///
/// # Panics
/// If the lengths differ.
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn kl_divergence_from_log_batch<T: Real>(
    log_prediction: &[T],
    target: &[T],
    samples: usize,
) -> T {
    kl_divergence_from_log(log_prediction, target) / T::from_f64(samples as f64)
}

/// t·ln(t/q), where 0·ln(0/q) is 0.
#[differentiable(crate = crate, jvp, partials(q = if t == T::from_f64(0.0) { t } else { -t / q }, t = (t / q).ln() + T::from_f64(1.0)))]
#[inline]
fn term<T: Real>(q: T, t: T) -> T {
    if t == T::from_f64(0.0) {
        t
    } else {
        t * (t / q).ln()
    }
}

/// t·(ln t − l), where nothing of an infinite l is nothing.
#[differentiable(crate = crate, jvp, partials(l = -t, t = t.ln() - l + T::from_f64(1.0)))]
#[inline]
fn term_from_log<T: Real>(l: T, t: T) -> T {
    if t == T::from_f64(0.0) {
        t
    } else {
        t * (t.ln() - l)
    }
}
