//! Metrics: how good answers are, as numbers for people. Nothing here has a derivative.
//!
//! Shares are between 0 and 1. What has no value, such as the precision of a class that nothing was taken for, is NaN.

#[cfg(feature = "alloc")]
mod confusion;
#[cfg(feature = "alloc")]
mod ranking;
mod regression;

#[cfg(feature = "alloc")]
pub use self::confusion::Confusion;
#[cfg(feature = "alloc")]
pub use self::ranking::auroc;
pub use self::regression::{mean_absolute_error, perplexity, r_squared, root_mean_squared_error};
use crate::Real;

/// The index of the largest score, the first one of several; a NaN is never the largest. `None` for no scores.
///
/// ```
/// # use backprop_runtime::metrics::best;
/// assert_eq!(best(&[0.1, 0.7, 0.2]), Some(1));
/// ```
#[must_use]
pub fn best<T: Real>(scores: &[T]) -> Option<usize> {
    let mut found: Option<usize> = None;
    for (i, &score) in scores.iter().enumerate() {
        if found.is_none_or(|best| score > scores[best] || scores[best].is_nan()) {
            found = Some(i);
        }
    }
    found
}

/// The share of samples whose label has the largest score: `scores` has a row for each of the `labels`.
///
/// # Panics
/// If the scores do not make equal rows for the labels, or a label is not a class.
///
/// ```
/// # use backprop_runtime::metrics::accuracy;
/// assert_eq!(accuracy(&[0.9, 0.1, 0.2, 0.8], &[0, 0]), 0.5);
/// ```
#[must_use]
#[track_caller]
pub fn accuracy<T: Real>(scores: &[T], labels: &[usize]) -> f64 {
    top_k(scores, labels, 1)
}

/// The share of samples whose label is among the `k` largest scores. Of equal scores those of lower classes are larger.
///
/// # Panics
/// If the scores do not make equal rows for the labels, or a label is not a class.
#[must_use]
#[track_caller]
pub fn top_k<T: Real>(scores: &[T], labels: &[usize], k: usize) -> f64 {
    if labels.is_empty() {
        return f64::NAN;
    }
    assert!(
        scores.len().is_multiple_of(labels.len()),
        "{} scores do not make equal rows for {} labels",
        scores.len(),
        labels.len()
    );
    let classes = scores.len() / labels.len();
    let mut right = 0;
    for (i, &label) in labels.iter().enumerate() {
        assert!(label < classes, "label {label} of {classes} classes");
        let row = &scores[i * classes..][..classes];
        let own = row[label];
        let above = |&(class, &score): &(usize, &T)| {
            // A NaN is below everything, and above nothing.
            score > own || (score == own && class < label) || (own.is_nan() && class != label)
        };
        right += usize::from(row.iter().enumerate().filter(above).count() < k);
    }
    right as f64 / labels.len() as f64
}
