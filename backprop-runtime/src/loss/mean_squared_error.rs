//! The loss of regression.

use super::same_len;
use crate::__private::lanes;
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
#[track_caller]
pub fn mean_squared_error<T: Real>(prediction: &[T], target: &[T]) -> T {
    same_len(
        NAME,
        ("prediction", prediction.len()),
        ("target", target.len()),
    );
    let sum = lanes([prediction, target], |[p, t]| (p - t) * (p - t));
    sum / T::from_f64(prediction.len() as f64)
}

/// [`mean_squared_error`], and `d_ret` times its gradient added to `d_prediction` and `d_target`.
///
/// The gradient is ±2·(predictionᵢ − targetᵢ)/n.
///
/// # Panics
/// If any two lengths differ.
#[track_caller]
pub fn mean_squared_error_vjp<T: Real>(
    prediction: &[T],
    d_prediction: &mut [T],
    target: &[T],
    d_target: &mut [T],
    d_ret: T,
) -> T {
    let value = mean_squared_error(prediction, target);
    same_len(
        NAME,
        ("prediction", prediction.len()),
        ("its gradient", d_prediction.len()),
    );
    same_len(
        NAME,
        ("target", target.len()),
        ("its gradient", d_target.len()),
    );
    let factor = T::from_f64(2.0) * d_ret / T::from_f64(prediction.len() as f64);
    for (((d_p, d_t), &p), &t) in d_prediction
        .iter_mut()
        .zip(d_target)
        .zip(prediction)
        .zip(target)
    {
        let d = factor * (p - t);
        *d_p += d;
        *d_t -= d;
    }
    value
}
