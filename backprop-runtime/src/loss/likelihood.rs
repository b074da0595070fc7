//! Negative logarithms of likelihoods: of normal errors with a predicted variance, and of counts.

use backprop_macros::differentiable;

use super::same_len;
use crate::Real;

const GAUSSIAN: &str = "gaussian_nll";
const LOG_VARIANCE: &str = "gaussian_nll_log_variance";
const POISSON: &str = "poisson";

/// The mean over all elements of (ln vᵢ + (mᵢ − tᵢ)²/vᵢ)/2: the negative logarithm of what a normal distribution with mean m and variance v gives
/// to the target t, without its constant ln(2π)/2. NaN for empty slices, and where a variance is negative.
///
/// A small variance makes for steep gradients, and a network has to be kept from predicting 0: [`gaussian_nll_log_variance`] takes the
/// logarithm, where every number is good.
///
/// Source: D. A. Nix, A. S. Weigend, Estimating the mean and variance of the target probability distribution, ICNN 1994, equation 4.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// # use backprop_runtime::loss::gaussian_nll;
/// assert_eq!(gaussian_nll(&[1.0, 0.0], &[4.0, 1.0], &[3.0, 1.0]), (4.0_f64.ln() + 2.0) / 4.0);
/// ```
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn gaussian_nll<T: Real>(mean: &[T], variance: &[T], target: &[T]) -> T {
    gaussian_nll_sum(mean, variance, target) / T::from_f64(mean.len() as f64)
}

/// The sum that [`gaussian_nll`] is the mean of.
///
/// # Panics
/// If the lengths differ.
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn gaussian_nll_sum<T: Real>(mean: &[T], variance: &[T], target: &[T]) -> T {
    same_len(GAUSSIAN, ("mean", mean.len()), ("variance", variance.len()));
    same_len(GAUSSIAN, ("mean", mean.len()), ("target", target.len()));
    let half = T::from_f64(0.5);
    let mut sum = T::from_f64(0.0);
    for i in 0..mean.len() {
        let error = mean[i] - target[i];
        sum += half * (variance[i].ln() + error * error / variance[i]);
    }
    sum
}

/// [`gaussian_nll`] by the logarithms s of the variances: the mean of (sᵢ + (mᵢ − tᵢ)²·exp(−sᵢ))/2.
///
/// # Panics
/// If the lengths differ.
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn gaussian_nll_log_variance<T: Real>(mean: &[T], log_variance: &[T], target: &[T]) -> T {
    gaussian_nll_log_variance_sum(mean, log_variance, target) / T::from_f64(mean.len() as f64)
}

/// The sum that [`gaussian_nll_log_variance`] is the mean of.
///
/// # Panics
/// If the lengths differ.
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn gaussian_nll_log_variance_sum<T: Real>(mean: &[T], log_variance: &[T], target: &[T]) -> T {
    same_len(
        LOG_VARIANCE,
        ("mean", mean.len()),
        ("log_variance", log_variance.len()),
    );
    same_len(LOG_VARIANCE, ("mean", mean.len()), ("target", target.len()));
    let half = T::from_f64(0.5);
    let mut sum = T::from_f64(0.0);
    for i in 0..mean.len() {
        let error = mean[i] - target[i];
        sum += half * (log_variance[i] + error * error * (-log_variance[i]).exp());
    }
    sum
}

/// The mean over all elements of exp(zᵢ) − tᵢ·zᵢ: the negative logarithm of what a Poisson distribution with rate exp(z) gives to the count t,
/// without ln t!, which no prediction changes. NaN for empty slices.
///
/// A logarithm z of −∞ is certain that nothing will happen: the loss is 0 where t is 0, else infinite.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// # use backprop_runtime::loss::poisson;
/// assert_eq!(poisson(&[0.0, 1.0], &[2.0, 1.0]), 1.0_f64.exp() / 2.0);
/// ```
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn poisson<T: Real>(log_rates: &[T], counts: &[T]) -> T {
    poisson_sum(log_rates, counts) / T::from_f64(log_rates.len() as f64)
}

/// The sum that [`poisson`] is the mean of.
///
/// # Panics
/// If the lengths differ.
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn poisson_sum<T: Real>(log_rates: &[T], counts: &[T]) -> T {
    same_len(
        POISSON,
        ("log_rates", log_rates.len()),
        ("counts", counts.len()),
    );
    let mut sum = T::from_f64(0.0);
    for i in 0..log_rates.len() {
        sum += of_rate(log_rates[i], counts[i]);
    }
    sum
}

/// exp(z) − t·z, where 0·∞ is 0.
#[differentiable(crate = crate, jvp, partials(z = z.exp() - t, t = -z))]
#[inline]
fn of_rate<T: Real>(z: T, t: T) -> T {
    let zero = T::from_f64(0.0);
    let seen = if t == zero { zero } else { t * z };
    z.exp() - seen
}
