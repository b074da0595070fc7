//! How well scores put one kind before the other.

use alloc::vec::Vec;

use crate::Real;

/// The area under the receiver operating characteristic: the chance that a random sample whose answer is yes has a higher score than one whose answer is no, a
/// tie counting half. NaN where one kind is missing, or a score is NaN.
///
/// Computed from ranks in n·ln n. Source: J. A. Hanley, B. J. McNeil, Radiology 143 (1982), 29.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// # use backprop_runtime::metrics::auroc;
/// assert_eq!(auroc(&[0.1, 0.4, 0.35, 0.8], &[false, false, true, true]), 0.75);
/// ```
#[must_use]
#[track_caller]
pub fn auroc<T: Real>(scores: &[T], answers: &[bool]) -> f64 {
    assert!(
        scores.len() == answers.len(),
        "{} scores for {} answers",
        scores.len(),
        answers.len()
    );
    if scores.iter().any(|score| score.is_nan()) {
        return f64::NAN;
    }
    let mut samples: Vec<(T, bool)> = scores
        .iter()
        .copied()
        .zip(answers.iter().copied())
        .collect();
    samples.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Pairs in the right order, twice: so a tie is one.
    let (mut pairs, mut yes, mut no) = (0_u128, 0_u128, 0_u128);
    for equal in samples.chunk_by(|a, b| a.0 == b.0) {
        let of_yes = equal.iter().filter(|(_, answer)| *answer).count() as u128;
        let of_no = equal.len() as u128 - of_yes;
        pairs += of_yes * (2 * no + of_no);
        yes += of_yes;
        no += of_no;
    }
    pairs as f64 / (2 * yes * no) as f64
}
