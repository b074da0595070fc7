//! The loss of choosing one class out of several, where the answer asked for is a distribution: given, or a label that is smoothed.

use backprop_macros::differentiable;

use super::classes::{check, largest};
use super::{row_len, same_len};
use crate::{Real, no_grad};

const DENSE: &str = "softmax_cross_entropy_dense";
const SMOOTHED: &str = "softmax_cross_entropy_smoothed";

/// −Σ tᵢ·ln pᵢ for one sample, where p is the softmax of the logits, one for each class, and t are the targets: probabilities, as a rule.
///
/// A class whose target is 0 does not count, even where its logit is −∞.
///
/// # Panics
/// If the lengths differ, or there is no class.
///
/// ```
/// # use backprop_runtime::loss::softmax_cross_entropy_dense;
/// assert_eq!(softmax_cross_entropy_dense(&[5.0, 5.0], &[0.25, 0.75]), 2.0_f64.ln());
/// ```
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn softmax_cross_entropy_dense<T: Real>(logits: &[T], targets: &[T]) -> T {
    same_len(DENSE, ("logits", logits.len()), ("targets", targets.len()));
    some(DENSE, logits.len());
    let peak = no_grad!(largest(logits));
    let rest = ln_of_all(logits, peak);
    let mut sum = T::from_f64(0.0);
    for i in 0..logits.len() {
        sum += weighted(targets[i], below(logits, i, peak) + rest);
    }
    sum
}

/// The mean of [`softmax_cross_entropy_dense`] over so many `samples`, whose logits and targets follow one another. NaN for no samples.
///
/// # Panics
/// If the lengths differ, or the samples have not all the same number of classes, at least one.
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn softmax_cross_entropy_dense_batch<T: Real>(
    logits: &[T],
    targets: &[T],
    samples: usize,
) -> T {
    softmax_cross_entropy_dense_batch_sum(logits, targets, samples) / T::from_f64(samples as f64)
}

/// The sum that [`softmax_cross_entropy_dense_batch`] is the mean of.
///
/// # Panics
/// If the lengths differ, or the samples have not all the same number of classes, at least one.
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn softmax_cross_entropy_dense_batch_sum<T: Real>(
    logits: &[T],
    targets: &[T],
    samples: usize,
) -> T {
    same_len(DENSE, ("logits", logits.len()), ("targets", targets.len()));
    let n = row_len(DENSE, ("logits", logits.len()), samples);
    let mut sum = T::from_f64(0.0);
    for i in 0..samples {
        sum += softmax_cross_entropy_dense(&logits[i * n..][..n], &targets[i * n..][..n]);
    }
    sum
}

/// The cross-entropy for one sample with the label smoothed: of the target, ε = `smoothing` is divided among all classes, and 1 − ε is left to
/// the label. (1 − ε)·(−ln pₗ) + ε/K·Σ(−ln pᵢ) for K classes.
///
/// So a network is not rewarded for certainty. A logit of −∞, which rules a class out, makes for an infinite loss unless ε is 0.
///
/// Source: C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens, Z. Wojna, Rethinking the Inception architecture for computer vision, CVPR 2016,
/// section 7.
///
/// # Panics
/// If `label` is not a class: `label >= logits.len()`.
///
/// ```
/// # use backprop_runtime::loss::softmax_cross_entropy_smoothed;
/// let loss = softmax_cross_entropy_smoothed(&[2.0, 0.0], 0, 0.1);
/// let sum = 1.0_f64 + (-2.0_f64).exp();
/// assert!((loss - (sum.ln() + 0.05 * 2.0)).abs() < 1e-15);
/// ```
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn softmax_cross_entropy_smoothed<T: Real>(
    logits: &[T],
    label: usize,
    #[nodiff] smoothing: T,
) -> T {
    check(label, logits.len());
    let peak = no_grad!(largest(logits));
    let rest = ln_of_all(logits, peak);
    let share = smoothing / T::from_f64(logits.len() as f64);
    let mut sum = T::from_f64(0.0);
    for i in 0..logits.len() {
        sum += weighted(share, below(logits, i, peak) + rest);
    }
    let chosen = below(logits, label, peak) + rest;
    sum + weighted(T::from_f64(1.0) - smoothing, chosen)
}

/// The mean of [`softmax_cross_entropy_smoothed`] over a batch: `logits` has a row for each of the `labels`, one after the other. NaN for an
/// empty batch.
///
/// # Panics
/// If the length of `logits` is not a multiple of that of `labels`, or a label is not a class.
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn softmax_cross_entropy_smoothed_batch<T: Real>(
    logits: &[T],
    labels: &[usize],
    #[nodiff] smoothing: T,
) -> T {
    softmax_cross_entropy_smoothed_batch_sum(logits, labels, smoothing)
        / T::from_f64(labels.len() as f64)
}

/// The sum that [`softmax_cross_entropy_smoothed_batch`] is the mean of.
///
/// # Panics
/// If the length of `logits` is not a multiple of that of `labels`, or a label is not a class.
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn softmax_cross_entropy_smoothed_batch_sum<T: Real>(
    logits: &[T],
    labels: &[usize],
    #[nodiff] smoothing: T,
) -> T {
    let n = row_len(SMOOTHED, ("logits", logits.len()), labels.len());
    let mut sum = T::from_f64(0.0);
    for i in 0..labels.len() {
        sum += softmax_cross_entropy_smoothed(&logits[i * n..][..n], labels[i], smoothing);
    }
    sum
}

#[track_caller]
fn some(name: &str, classes: usize) {
    assert!(classes > 0, "{name}: there is no class");
}

/// How far the logit of class `i` is below the largest one. With it, −ln p is this and [`ln_of_all`].
#[differentiable(crate = crate, jvp)]
#[inline]
fn below<T: Real>(logits: &[T], i: usize, peak: usize) -> T {
    // By the index, not the value: the derivative of what is always 0 is 0, and an infinity less itself would be NaN.
    if i == peak {
        T::from_f64(0.0)
    } else {
        logits[peak] - logits[i]
    }
}

/// ln Σ exp(zᵢ − largest): of 1 and the others, so that the digits of tiny ones are kept.
#[differentiable(crate = crate, jvp)]
#[inline]
fn ln_of_all<T: Real>(logits: &[T], peak: usize) -> T {
    let mut others = T::from_f64(0.0);
    for i in 0..logits.len() {
        if i != peak {
            others += (logits[i] - logits[peak]).exp();
        }
    }
    others.ln_1p()
}

/// t·x, where nothing of an infinity is nothing.
#[differentiable(crate = crate, jvp, partials(t = x, x = t))]
#[inline]
fn weighted<T: Real>(t: T, x: T) -> T {
    if t == T::from_f64(0.0) { t } else { t * x }
}
