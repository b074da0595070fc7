//! Losses of yes-or-no questions.

use backprop_macros::differentiable;

use super::same_len;
use crate::Real;
use crate::math::{relu, sigmoid, softplus};

const LOGITS: &str = "binary_cross_entropy_with_logits";
const PROBABILITIES: &str = "binary_cross_entropy";
const FOCAL: &str = "focal";
const HINGE: &str = "hinge";

/// The mean over all elements of −tᵢ·ln σ(zᵢ) − (1 − tᵢ)·ln(1 − σ(zᵢ)), where σ is the sigmoid, z the logits and t the targets, each between
/// 0 and 1. NaN for empty slices.
///
/// Computed as softplus(z) − t·z, which neither overflows nor takes the logarithm of a vanishing probability. Infinite logits are certain
/// answers: their loss is 0 where they are right, and infinite where they are not.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// # use backprop_runtime::loss::binary_cross_entropy_with_logits;
/// assert_eq!(binary_cross_entropy_with_logits(&[0.0, 1000.0], &[1.0, 1.0]), 0.5 * 2.0_f64.ln());
/// ```
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn binary_cross_entropy_with_logits<T: Real>(logits: &[T], targets: &[T]) -> T {
    binary_cross_entropy_with_logits_sum(logits, targets) / T::from_f64(logits.len() as f64)
}

/// The sum that [`binary_cross_entropy_with_logits`] is the mean of.
///
/// # Panics
/// If the lengths differ.
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn binary_cross_entropy_with_logits_sum<T: Real>(logits: &[T], targets: &[T]) -> T {
    same_len(LOGITS, ("logits", logits.len()), ("targets", targets.len()));
    let mut sum = T::from_f64(0.0);
    for i in 0..logits.len() {
        sum += of_logit(logits[i], targets[i]);
    }
    sum
}

/// softplus(z) − t·z, arranged so that a large z and a target of 1 leave softplus(−z).
#[differentiable(crate = crate, jvp, partials(z = of_logit_slope(z, t), t = -z))]
#[inline]
fn of_logit<T: Real>(z: T, t: T) -> T {
    let zero = T::from_f64(0.0);
    // The share of the answer that is wrong, and how far it is from an even chance.
    let (wrong, size) = if z > zero {
        (T::from_f64(1.0) - t, z)
    } else {
        (t, -z)
    };
    // No share of an infinite distance is none.
    let rest = if wrong == zero { zero } else { wrong * size };
    softplus(-size) + rest
}

/// σ(z) − t, arranged so that it does not cancel where the answer is nearly certain and right.
#[inline]
fn of_logit_slope<T: Real>(z: T, t: T) -> T {
    if z > T::from_f64(0.0) {
        (T::from_f64(1.0) - t) - sigmoid(-z)
    } else {
        sigmoid(z) - t
    }
}

/// The mean over all elements of −tᵢ·ln pᵢ − (1 − tᵢ)·ln(1 − pᵢ), where p are probabilities and t the targets, each between 0 and 1. NaN for
/// empty slices.
///
/// A certain answer (0 or 1) has no loss where it is right, and an infinite one where it is not: there is nothing to be clipped to. Where the
/// probabilities are a sigmoid's, hand its argument to [`binary_cross_entropy_with_logits`], which keeps more digits.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// # use backprop_runtime::loss::binary_cross_entropy;
/// assert_eq!(binary_cross_entropy(&[0.5, 1.0], &[0.0, 1.0]), 0.5 * 2.0_f64.ln());
/// assert_eq!(binary_cross_entropy(&[0.0], &[1.0]), f64::INFINITY);
/// ```
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn binary_cross_entropy<T: Real>(probabilities: &[T], targets: &[T]) -> T {
    binary_cross_entropy_sum(probabilities, targets) / T::from_f64(probabilities.len() as f64)
}

/// The sum that [`binary_cross_entropy`] is the mean of.
///
/// # Panics
/// If the lengths differ.
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn binary_cross_entropy_sum<T: Real>(probabilities: &[T], targets: &[T]) -> T {
    same_len(
        PROBABILITIES,
        ("probabilities", probabilities.len()),
        ("targets", targets.len()),
    );
    let mut sum = T::from_f64(0.0);
    for i in 0..probabilities.len() {
        sum += of_probability(probabilities[i], targets[i]);
    }
    sum
}

/// −t·ln p − (1 − t)·ln(1 − p), where 0·ln 0 is 0.
#[differentiable(crate = crate, jvp, partials(
    p = quotient(T::from_f64(1.0) - t, T::from_f64(1.0) - p) - quotient(t, p),
    t = (-p).ln_1p() - p.ln(),
))]
#[inline]
fn of_probability<T: Real>(p: T, t: T) -> T {
    let zero = T::from_f64(0.0);
    let no = T::from_f64(1.0) - t;
    let of_yes = if t == zero { zero } else { t * p.ln() };
    let of_no = if no == zero { zero } else { no * (-p).ln_1p() };
    -of_yes - of_no
}

/// a/b, where nothing of it is nothing.
#[inline]
fn quotient<T: Real>(a: T, b: T) -> T {
    if a == T::from_f64(0.0) { a } else { a / b }
}

/// The mean over all elements of −α·(1 − p)^γ·ln p, where p is what the sigmoid of the logit gives to the right answer, and α is `alpha` where
/// that is yes, 1 − `alpha` where it is no. NaN for empty slices.
///
/// The larger γ = `gamma`, the less is made of questions that are answered well; 0 leaves the cross-entropy, weighted.
///
/// Source: T.-Y. Lin, P. Goyal, R. Girshick, K. He, P. Dollár, Focal loss for dense object detection, ICCV 2017, equation 5, with its
/// recommendation α = 0.25, γ = 2.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// # use backprop_runtime::loss::focal;
/// let expected = 0.25 * 0.25 * 2.0_f64.ln();
/// assert!((focal(&[0.0], &[true], 0.25, 2.0) - expected).abs() < 1e-15);
/// ```
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn focal<T: Real>(logits: &[T], answers: &[bool], #[nodiff] alpha: T, #[nodiff] gamma: T) -> T {
    focal_sum(logits, answers, alpha, gamma) / T::from_f64(logits.len() as f64)
}

/// The sum that [`focal`] is the mean of.
///
/// # Panics
/// If the lengths differ.
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn focal_sum<T: Real>(
    logits: &[T],
    answers: &[bool],
    #[nodiff] alpha: T,
    #[nodiff] gamma: T,
) -> T {
    same_len(FOCAL, ("logits", logits.len()), ("answers", answers.len()));
    let mut sum = T::from_f64(0.0);
    for i in 0..logits.len() {
        sum += if answers[i] {
            alpha * focal_of(logits[i], gamma)
        } else {
            (T::from_f64(1.0) - alpha) * focal_of(-logits[i], gamma)
        };
    }
    sum
}

/// −(1 − p)^γ·ln p for p = σ(u): exp(−γ·softplus(u))·softplus(−u).
#[differentiable(crate = crate, jvp, partials(u = focal_slope(u, gamma)))]
#[inline]
fn focal_of<T: Real>(u: T, #[nodiff] gamma: T) -> T {
    doubt(u, gamma) * softplus(-u)
}

/// −(1 − p)^γ·(1 − p − γ·p·ln p).
#[inline]
fn focal_slope<T: Real>(u: T, gamma: T) -> T {
    let p = sigmoid(u);
    // p·ln p goes to 0 with p.
    let p_ln_p = if p == T::from_f64(0.0) {
        p
    } else {
        -p * softplus(-u)
    };
    doubt(u, gamma) * (gamma * p_ln_p - sigmoid(-u))
}

/// (1 − p)^γ.
#[inline]
fn doubt<T: Real>(u: T, gamma: T) -> T {
    if gamma == T::from_f64(0.0) {
        T::from_f64(1.0)
    } else {
        (-gamma * softplus(u)).exp()
    }
}

/// The mean of max(0, 1 − tᵢ·zᵢ) over all elements, where z are scores and t the targets, each −1 or 1. Its derivative is taken to be 0 where
/// t·z is 1. NaN for empty slices.
///
/// Source: C. Cortes, V. Vapnik, Support-vector networks, Machine Learning 20 (1995), 273.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// # use backprop_runtime::loss::hinge;
/// assert_eq!(hinge(&[0.5, 2.0], &[-1.0, 1.0]), 0.75);
/// ```
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn hinge<T: Real>(scores: &[T], targets: &[T]) -> T {
    hinge_sum(scores, targets) / T::from_f64(scores.len() as f64)
}

/// The sum that [`hinge`] is the mean of.
///
/// # Panics
/// If the lengths differ.
#[differentiable(crate = crate, jvp)]
#[track_caller]
pub fn hinge_sum<T: Real>(scores: &[T], targets: &[T]) -> T {
    same_len(HINGE, ("scores", scores.len()), ("targets", targets.len()));
    let mut sum = T::from_f64(0.0);
    for i in 0..scores.len() {
        sum += relu(T::from_f64(1.0) - targets[i] * scores[i]);
    }
    sum
}
