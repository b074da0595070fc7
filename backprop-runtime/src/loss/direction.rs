//! How far one vector points away from another.

use backprop_macros::differentiable;

use super::{row_len, same_len};
use crate::{Real, no_grad};

const NAME: &str = "cosine";
const BATCH: &str = "cosine_batch";

/// 1 − cos φ, where φ is the angle between two vectors: from 0 for the same direction to 2 for opposite ones.
///
/// A vector of zeros has no direction: it is taken to be at right angles to everything, with a gradient of 0. Lengths do not matter, and their
/// squares neither overflow nor vanish.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// # use backprop_runtime::loss::cosine;
/// assert_eq!(cosine(&[3.0, 4.0], &[6.0, 8.0]), 0.0);
/// assert_eq!(cosine(&[1e200, 0.0], &[0.0, 1e-200]), 1.0);
/// ```
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn cosine<T: Real>(prediction: &[T], target: &[T]) -> T {
    same_len(
        NAME,
        ("prediction", prediction.len()),
        ("target", target.len()),
    );
    // The angle does not depend on the lengths, so that what the vectors are divided by has no derivative.
    let of_prediction = no_grad!(largest(prediction));
    let of_target = no_grad!(largest(target));
    let zero = T::from_f64(0.0);
    let one = T::from_f64(1.0);
    if of_prediction == zero || of_target == zero {
        one
    } else {
        let mut product = zero;
        let mut squares = zero;
        let mut target_squares = zero;
        for i in 0..prediction.len() {
            let a = prediction[i] / of_prediction;
            let b = target[i] / of_target;
            product += a * b;
            squares += a * a;
            target_squares += b * b;
        }
        one - product / (squares * target_squares).sqrt()
    }
}

/// The mean of [`cosine`] over so many `samples`, whose vectors follow one another. NaN for no samples.
///
/// # Panics
/// If the lengths differ, or the samples have not all the same length.
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn cosine_batch<T: Real>(prediction: &[T], target: &[T], samples: usize) -> T {
    cosine_batch_sum(prediction, target, samples) / T::from_f64(samples as f64)
}

/// The sum that [`cosine_batch`] is the mean of.
///
/// # Panics
/// If the lengths differ, or the samples have not all the same length.
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn cosine_batch_sum<T: Real>(prediction: &[T], target: &[T], samples: usize) -> T {
    same_len(
        BATCH,
        ("prediction", prediction.len()),
        ("target", target.len()),
    );
    let n = row_len(BATCH, ("numbers", prediction.len()), samples);
    let mut sum = T::from_f64(0.0);
    for i in 0..samples {
        sum += cosine(&prediction[i * n..][..n], &target[i * n..][..n]);
    }
    sum
}

/// The largest magnitude, NaN where the last one is: a NaN elsewhere comes back with the squares.
fn largest<T: Real>(xs: &[T]) -> T {
    xs.iter().fold(T::from_f64(0.0), |largest, x| {
        // Not `max`, which would turn a NaN alone into 0.
        if x.abs() <= largest { largest } else { x.abs() }
    })
}
