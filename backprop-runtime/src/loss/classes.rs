//! The loss of choosing one class out of several, where the right one is known.

use backprop_macros::differentiable;

use super::{row_len, same_len};
use crate::__private::lanes;
use crate::kernel::instructions::versions;
use crate::{Real, math};

const BATCH: &str = "softmax_cross_entropy_batch";

/// −ln pₗ = ln Σ exp(zᵢ) − zₗ for one sample, where z are the logits, one for each class, p their softmax, and l the label.
///
/// A logit of −∞ rules a class out, one of +∞ is certain: the loss is 0 where that is right, and infinite where it is not.
///
/// # Panics
/// If `label` is not a class: `label >= logits.len()`.
///
/// ```
/// # use backprop_runtime::loss::softmax_cross_entropy;
/// assert_eq!(softmax_cross_entropy(&[5.0, 5.0], 1), 2.0_f64.ln());
/// assert_eq!(softmax_cross_entropy(&[1000.0, 0.0], 1), 1000.0_f64);
/// ```
#[differentiable(crate = crate, vjp = rule, jvp = tangent)]
#[track_caller]
pub fn softmax_cross_entropy<T: Real>(logits: &[T], label: usize) -> T {
    check(label, logits.len());
    Peak::of(logits).loss(logits[label])
}

/// [`softmax_cross_entropy`], and `d_ret` times its gradient added to `d_logits`.
///
/// The gradient is softmax(logits), less 1 at the label.
///
/// # Panics
/// If `label >= logits.len()`, or the lengths differ.
#[track_caller]
fn rule<T: Real>(logits: &[T], d_logits: &mut [T], label: usize, d_ret: T) -> T {
    same_len(
        "softmax_cross_entropy",
        ("logits", logits.len()),
        ("their gradient", d_logits.len()),
    );
    check(label, logits.len());
    let peak = Peak::of(logits);
    let factor = d_ret / (T::from_f64(1.0) + peak.others);
    let kept = (d_logits[label], d_logits[peak.index]);
    add_exponentials(d_logits, logits, factor, peak.largest);
    // The two that have forms of their own, below.
    d_logits[peak.index] = kept.1 + factor;
    d_logits[label] = kept.0;
    // p − 1 would cancel for a label that is nearly certain; −(sum of the others)/(sum of all) does not.
    d_logits[label] += if label == peak.index {
        -factor * peak.others
    } else {
        factor * (logits[label] - peak.largest).exp() - d_ret
    };
    peak.loss(logits[label])
}

/// [`softmax_cross_entropy`], and its derivative along `d_logits`.
///
/// # Panics
/// If `label >= logits.len()`, or `d_logits` is shorter.
#[track_caller]
fn tangent<T: Real>(logits: &[T], d_logits: &[T], label: usize) -> (T, T) {
    check(label, logits.len());
    let peak = Peak::of(logits);
    let (mut sum, all) = (T::from_f64(0.0), T::from_f64(1.0) + peak.others);
    // Σ pᵢ (z'ᵢ − z'ₗ): what belongs to the label is zero, so nothing cancels where it is nearly certain.
    for (i, &z) in logits.iter().enumerate() {
        let weight = if i == peak.index {
            T::from_f64(1.0)
        } else {
            (z - peak.largest).exp()
        };
        sum += weight * (d_logits[i] - d_logits[label]);
    }
    (peak.loss(logits[label]), sum / all)
}

/// The mean of [`softmax_cross_entropy`] over a batch: `logits` has a row for each of the `labels`, one after the other. NaN for an empty
/// batch.
///
/// # Panics
/// If the length of `logits` is not a multiple of that of `labels`, or a label is not a class.
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn softmax_cross_entropy_batch<T: Real>(logits: &[T], labels: &[usize]) -> T {
    softmax_cross_entropy_batch_sum(logits, labels) / T::from_f64(labels.len() as f64)
}

/// The sum that [`softmax_cross_entropy_batch`] is the mean of.
///
/// # Panics
/// If the length of `logits` is not a multiple of that of `labels`, or a label is not a class.
#[differentiable(crate = crate, vjp = batch_rule, jvp = batch_tangent)]
#[track_caller]
pub fn softmax_cross_entropy_batch_sum<T: Real>(logits: &[T], labels: &[usize]) -> T {
    let classes = row_len(BATCH, ("logits", logits.len()), labels.len());
    let mut sum = T::from_f64(0.0);
    for (i, &label) in labels.iter().enumerate() {
        sum += softmax_cross_entropy(&logits[i * classes..][..classes], label);
    }
    sum
}

/// [`softmax_cross_entropy_batch_sum`], and `d_ret` times its gradient added to `d_logits`.
///
/// # Panics
/// As [`softmax_cross_entropy_batch_sum`], or if the lengths of `logits` and `d_logits` differ.
#[track_caller]
fn batch_rule<T: Real>(logits: &[T], d_logits: &mut [T], labels: &[usize], d_ret: T) -> T {
    same_len(
        BATCH,
        ("logits", logits.len()),
        ("their gradient", d_logits.len()),
    );
    let classes = row_len(BATCH, ("logits", logits.len()), labels.len());
    let mut sum = T::from_f64(0.0);
    for (i, &label) in labels.iter().enumerate() {
        let row = i * classes..(i + 1) * classes;
        sum += rule(&logits[row.clone()], &mut d_logits[row], label, d_ret);
    }
    sum
}

/// [`softmax_cross_entropy_batch_sum`], and its derivative along `d_logits`.
///
/// # Panics
/// As [`softmax_cross_entropy_batch_sum`], or if `d_logits` is shorter than `logits`.
#[track_caller]
fn batch_tangent<T: Real>(logits: &[T], d_logits: &[T], labels: &[usize]) -> (T, T) {
    let classes = row_len(BATCH, ("logits", logits.len()), labels.len());
    let (mut sum, mut d_sum) = (T::from_f64(0.0), T::from_f64(0.0));
    for (i, &label) in labels.iter().enumerate() {
        let row = i * classes..(i + 1) * classes;
        let (loss, d_loss) = tangent(&logits[row.clone()], &d_logits[row], label);
        sum += loss;
        d_sum += d_loss;
    }
    (sum, d_sum)
}

/// The index of the largest of at least one logit, the first one of several.
pub(super) fn largest<T: Real>(logits: &[T]) -> usize {
    let mut index = 0;
    for (i, &z) in logits.iter().enumerate() {
        if z > logits[index] {
            index = i;
        }
    }
    index
}

#[track_caller]
pub(super) fn check(label: usize, classes: usize) {
    assert!(
        label < classes,
        "softmax_cross_entropy: label {label} of {classes} classes"
    );
}

versions! {
    /// Σ exp(z − largest).
    fn sum_of_exponentials<T: Real>(logits: &[T], largest: T) -> T {
        lanes([logits], |[z]| math::exp(z - largest))
    }
}

versions! {
    /// Adds factor·exp(z − largest) to each element.
    fn add_exponentials<T: Real>(d_logits: &mut [T], logits: &[T], factor: T, largest: T) {
        for (d, &z) in d_logits.iter_mut().zip(logits) {
            *d += factor * math::exp(z - largest);
        }
    }
}

/// The largest logit, and the sum of exp(z − largest) over all the others.
struct Peak<T> {
    index: usize,
    largest: T,
    others: T,
}

impl<T: Real> Peak<T> {
    fn of(logits: &[T]) -> Self {
        let index = largest(logits);
        let largest = logits[index];
        let (before, behind) = (&logits[..index], &logits[index + 1..]);
        let others = sum_of_exponentials(before, largest) + sum_of_exponentials(behind, largest);
        Peak {
            index,
            largest,
            others,
        }
    }

    /// −ln p of a class with logit z: ln(1 + others) + largest − z, which for a nearly certain label keeps the digits of its tiny loss.
    fn loss(&self, z: T) -> T {
        // Not the difference, which is NaN for the infinity that is certain.
        let below = if z == self.largest {
            T::from_f64(0.0)
        } else {
            self.largest - z
        };
        below + self.others.ln_1p()
    }
}
