//! The loss of choosing one class out of several.

use backprop_macros::differentiable;

use super::same_len;
use crate::Real;

/// −ln pₗ = ln Σ exp(zᵢ) − zₗ for one sample, where z are the logits, one for each class, p their softmax, and l the label.
///
/// # Panics
/// If `label` is not a class: `label >= logits.len()`.
///
/// ```
/// # use backprop_runtime::loss::softmax_cross_entropy;
/// assert_eq!(softmax_cross_entropy(&[5.0, 5.0], 1), 2.0_f64.ln());
/// assert_eq!(softmax_cross_entropy(&[1000.0, 0.0], 1), 1000.0_f64);
/// ```
#[differentiable(crate = crate, vjp = rule)]
#[track_caller]
pub fn softmax_cross_entropy<T: Real>(logits: &[T], label: usize) -> T {
    let peak = Peak::of(logits, label);
    peak.loss(logits[label])
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
    let peak = Peak::of(logits, label);
    let factor = d_ret / (T::from_f64(1.0) + peak.others);
    for (i, (d_z, &z)) in d_logits.iter_mut().zip(logits).enumerate() {
        if i == label {
            continue;
        }
        *d_z += if i == peak.index {
            factor
        } else {
            factor * (z - peak.largest).exp()
        };
    }
    // p − 1 would cancel for a label that is nearly certain; −(sum of the others)/(sum of all) does not.
    d_logits[label] += if label == peak.index {
        -factor * peak.others
    } else {
        factor * (logits[label] - peak.largest).exp() - d_ret
    };
    peak.loss(logits[label])
}

/// The mean of [`softmax_cross_entropy`] over a batch: `logits` has a row for each of the `labels`, one after the other. NaN for an empty
/// batch.
///
/// # Panics
/// If the length of `logits` is not a multiple of that of `labels`, or a label is not a class.
#[differentiable(crate = crate, vjp = batch_rule)]
#[track_caller]
pub fn softmax_cross_entropy_batch<T: Real>(logits: &[T], labels: &[usize]) -> T {
    let classes = classes(logits.len(), labels.len());
    let mut sum = T::from_f64(0.0);
    for (i, &label) in labels.iter().enumerate() {
        sum += softmax_cross_entropy(&logits[i * classes..][..classes], label);
    }
    sum / T::from_f64(labels.len() as f64)
}

/// [`softmax_cross_entropy_batch`], and `d_ret` times its gradient added to `d_logits`.
///
/// # Panics
/// As [`softmax_cross_entropy_batch`], or if the lengths of `logits` and `d_logits` differ.
#[track_caller]
fn batch_rule<T: Real>(logits: &[T], d_logits: &mut [T], labels: &[usize], d_ret: T) -> T {
    same_len(
        "softmax_cross_entropy_batch",
        ("logits", logits.len()),
        ("their gradient", d_logits.len()),
    );
    let classes = classes(logits.len(), labels.len());
    let n = T::from_f64(labels.len() as f64);
    let mut sum = T::from_f64(0.0);
    for (i, &label) in labels.iter().enumerate() {
        let (row, d_row) = (
            &logits[i * classes..][..classes],
            &mut d_logits[i * classes..][..classes],
        );
        sum += rule(row, d_row, label, d_ret / n);
    }
    sum / n
}

/// The largest logit, and the sum of exp(z − largest) over all the others.
struct Peak<T> {
    index: usize,
    largest: T,
    others: T,
}

impl<T: Real> Peak<T> {
    #[track_caller]
    fn of(logits: &[T], label: usize) -> Self {
        assert!(
            label < logits.len(),
            "softmax_cross_entropy: label {label} of {} classes",
            logits.len()
        );
        let mut index = 0;
        for (i, &z) in logits.iter().enumerate() {
            if z > logits[index] {
                index = i;
            }
        }
        let largest = logits[index];
        let mut others = T::from_f64(0.0);
        for (i, &z) in logits.iter().enumerate() {
            if i != index {
                others += (z - largest).exp();
            }
        }
        Peak {
            index,
            largest,
            others,
        }
    }

    /// ln(1 + others) + largest − z, which for a nearly certain label keeps the digits of its tiny loss.
    fn loss(&self, z: T) -> T {
        (self.largest - z) + self.others.ln_1p()
    }
}

#[track_caller]
fn classes(logits: usize, labels: usize) -> usize {
    if labels == 0 {
        assert!(
            logits == 0,
            "softmax_cross_entropy_batch: {logits} logits for 0 labels"
        );
        return 0;
    }
    assert!(
        logits.is_multiple_of(labels),
        "softmax_cross_entropy_batch: {logits} logits do not make equal rows for {labels} labels"
    );
    logits / labels
}
