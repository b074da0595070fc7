//! Errors of numbers.

use crate::Real;

/// The mean of |predictionᵢ − targetᵢ|.
///
/// # Panics
/// If the lengths differ.
#[must_use]
#[track_caller]
pub fn mean_absolute_error<T: Real>(prediction: &[T], target: &[T]) -> f64 {
    sum(prediction, target, f64::abs) / prediction.len() as f64
}

/// The root of the mean of (predictionᵢ − targetᵢ)².
///
/// # Panics
/// If the lengths differ.
#[must_use]
#[track_caller]
pub fn root_mean_squared_error<T: Real>(prediction: &[T], target: &[T]) -> f64 {
    Real::sqrt(sum(prediction, target, |e| e * e) / prediction.len() as f64)
}

/// The share of the targets' variance that the predictions explain, R² = 1 − Σ(pᵢ − tᵢ)²/Σ(tᵢ − mean)²: 1 is perfect, 0 no better than the mean, and
/// below is worse. NaN where the targets are all the same.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// # use backprop_runtime::metrics::r_squared;
/// assert_eq!(r_squared(&[1.0, 2.0, 4.0], &[1.0, 2.0, 3.0]), 0.5);
/// ```
#[must_use]
#[track_caller]
pub fn r_squared<T: Real>(prediction: &[T], target: &[T]) -> f64 {
    let errors = sum(prediction, target, |e| e * e);
    let mean = target.iter().map(|t| t.to_f64()).sum::<f64>() / target.len() as f64;
    let spread: f64 = target
        .iter()
        .map(|t| t.to_f64() - mean)
        .map(|t| t * t)
        .sum();
    if spread == 0.0 {
        f64::NAN
    } else {
        1.0 - errors / spread
    }
}

/// exp of a mean cross-entropy in natural units: among how many equally likely answers the model chooses.
///
/// ```
/// # use backprop_runtime::metrics::perplexity;
/// assert!((perplexity(65.0_f64.ln()) - 65.0).abs() < 1e-12);
/// ```
#[must_use]
pub fn perplexity(mean_loss: f64) -> f64 {
    Real::exp(mean_loss)
}

#[track_caller]
fn sum<T: Real>(prediction: &[T], target: &[T], of: impl Fn(f64) -> f64) -> f64 {
    assert!(
        prediction.len() == target.len(),
        "{} predictions for {} targets",
        prediction.len(),
        target.len()
    );
    let errors = prediction.iter().zip(target);
    errors.map(|(p, t)| of(p.to_f64() - t.to_f64())).sum()
}
