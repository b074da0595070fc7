//! The loss of regression.

use backprop_macros::differentiable;

use super::same_len;
use crate::Real;

const NAME: &str = "mean_squared_error";

/// The mean of (predictionᵢ − targetᵢ)² over all elements. NaN for empty slices.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// # use backprop_runtime::loss::mean_squared_error;
/// assert_eq!(mean_squared_error(&[1.0, 2.0], &[1.0, 4.0]), 2.0);
/// ```
#[differentiable(crate = crate)]
#[track_caller]
pub fn mean_squared_error<T: Real>(prediction: &[T], target: &[T]) -> T {
    same_len(
        NAME,
        ("prediction", prediction.len()),
        ("target", target.len()),
    );
    let mut sum = T::from_f64(0.0);
    for i in 0..prediction.len() {
        let error = prediction[i] - target[i];
        sum += error * error;
    }
    sum / T::from_f64(prediction.len() as f64)
}
