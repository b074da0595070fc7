//! The loss of yes-or-no questions.

use backprop_macros::differentiable;

use super::same_len;
use crate::Real;
use crate::math::softplus;

const NAME: &str = "binary_cross_entropy_with_logits";

/// The mean over all elements of −tᵢ·ln σ(zᵢ) − (1 − tᵢ)·ln(1 − σ(zᵢ)), where σ is the sigmoid, z the logits and t the targets, each between
/// 0 and 1. NaN for empty slices.
///
/// Computed as softplus(z) − t·z, which neither overflows nor takes the logarithm of a vanishing probability.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// # use backprop_runtime::loss::binary_cross_entropy_with_logits;
/// assert_eq!(binary_cross_entropy_with_logits(&[0.0, 1000.0], &[1.0, 1.0]), 0.5 * 2.0_f64.ln());
/// ```
#[differentiable(crate = crate)]
#[track_caller]
pub fn binary_cross_entropy_with_logits<T: Real>(logits: &[T], targets: &[T]) -> T {
    same_len(NAME, ("logits", logits.len()), ("targets", targets.len()));
    let mut sum = T::from_f64(0.0);
    for i in 0..logits.len() {
        sum += one(logits[i], targets[i]);
    }
    sum / T::from_f64(logits.len() as f64)
}

/// softplus(z) − t·z, arranged so that a large z and a target of 1 leave softplus(−z).
#[differentiable(crate = crate)]
#[inline]
fn one<T: Real>(z: T, t: T) -> T {
    if z > T::from_f64(0.0) {
        softplus(-z) + (T::from_f64(1.0) - t) * z
    } else {
        softplus(z) - t * z
    }
}
