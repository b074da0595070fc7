//! The loss of yes-or-no questions.

use super::same_len;
use crate::Real;
use crate::math::{sigmoid, softplus};

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
#[track_caller]
pub fn binary_cross_entropy_with_logits<T: Real>(logits: &[T], targets: &[T]) -> T {
    same_len(NAME, ("logits", logits.len()), ("targets", targets.len()));
    let mut sum = T::from_f64(0.0);
    for (&z, &t) in logits.iter().zip(targets) {
        sum += one(z, t);
    }
    sum / T::from_f64(logits.len() as f64)
}

/// [`binary_cross_entropy_with_logits`], and `d_ret` times its gradient added to `d_logits` and `d_targets`.
///
/// The gradient is (σ(zᵢ) − tᵢ)/n in the logits and −zᵢ/n in the targets.
///
/// # Panics
/// If any two lengths differ.
#[track_caller]
pub fn binary_cross_entropy_with_logits_vjp<T: Real>(
    logits: &[T],
    d_logits: &mut [T],
    targets: &[T],
    d_targets: &mut [T],
    d_ret: T,
) -> T {
    same_len(NAME, ("logits", logits.len()), ("targets", targets.len()));
    same_len(
        NAME,
        ("logits", logits.len()),
        ("their gradient", d_logits.len()),
    );
    same_len(
        NAME,
        ("targets", targets.len()),
        ("their gradient", d_targets.len()),
    );
    let n = T::from_f64(logits.len() as f64);
    let factor = d_ret / n;
    let mut sum = T::from_f64(0.0);
    for (((&z, &t), d_z), d_t) in logits.iter().zip(targets).zip(d_logits).zip(d_targets) {
        sum += one(z, t);
        // Near a certain yes, σ(z) − t cancels; 1 − σ(z) = σ(−z) does not.
        let excess = if z > T::from_f64(0.0) {
            (T::from_f64(1.0) - t) - sigmoid(-z)
        } else {
            sigmoid(z) - t
        };
        *d_z += factor * excess;
        *d_t -= factor * z;
    }
    sum / n
}

/// softplus(z) − t·z, arranged so that a large z and a target of 1 leave softplus(−z).
#[inline]
fn one<T: Real>(z: T, t: T) -> T {
    if z > T::from_f64(0.0) {
        softplus(-z) + (T::from_f64(1.0) - t) * z
    } else {
        softplus(z) - t * z
    }
}
