//! The size of a gradient, and limits to it: by element, as a whole, or in proportion to the weights.

use super::algebra::{dot, norm_slice, scale};
use crate::{Differentiable, Path, Real, Visitor};

/// The Euclidean norm over all leaves together, summed in double precision.
///
/// ```
/// # use backprop_runtime::optim::global_norm;
/// assert_eq!(global_norm(&([3.0_f32, 0.0], [4.0_f64])), 5.0);
/// ```
#[must_use]
pub fn global_norm<M: Differentiable>(gradient: &M) -> f64 {
    Real::sqrt(dot(gradient, gradient))
}

/// Scales the gradient down so that its [`global_norm`] is at most `max_norm`, and returns the norm it had.
///
/// A gradient whose norm is infinite or NaN has no direction to keep: it is left as it is. Look at the returned norm.
///
/// Source: R. Pascanu, T. Mikolov, Y. Bengio, On the difficulty of training recurrent neural networks, ICML 2013, algorithm 1.
///
/// # Panics
/// If `max_norm` is negative or NaN.
#[track_caller]
pub fn clip_global_norm<M: Differentiable>(gradient: &mut M, max_norm: f64) -> f64 {
    assert!(
        max_norm >= 0.0,
        "clip_global_norm: the largest norm is {max_norm}"
    );
    let norm = global_norm(gradient);
    if norm > max_norm && norm.is_finite() {
        scale(gradient, max_norm / norm);
    }
    norm
}

/// Confines each element of the gradient to ±`limit`, and returns how many were outside. NaN stays, and is counted.
///
/// This changes the direction; [`clip_global_norm`] does not.
///
/// # Panics
/// If `limit` is negative or NaN.
///
/// ```
/// # use backprop_runtime::optim::clip_value;
/// let mut gradient = [3.0, -0.5, f64::NEG_INFINITY];
/// assert_eq!(clip_value(&mut gradient, 1.0), 2);
/// assert_eq!(gradient, [1.0, -0.5, -1.0]);
/// ```
#[track_caller]
pub fn clip_value<M: Differentiable>(gradient: &mut M, limit: f64) -> usize {
    assert!(limit >= 0.0, "clip_value: the limit is {limit}");
    let mut clip = ClipValue { limit, outside: 0 };
    M::visit([], [gradient], Path::root(), &mut clip);
    clip.outside
}

struct ClipValue {
    limit: f64,
    outside: usize,
}

impl Visitor<0, 1> for ClipValue {
    fn leaf<T: Real>(&mut self, _: Path<'_>, []: [&[T]; 0], [xs]: [&mut [T]; 1]) {
        let limit = T::from_f64(self.limit);
        for x in xs {
            self.outside += usize::from(x.is_nan() || x.abs() > limit);
            *x = x.clamp(-limit, limit);
        }
    }
}

/// Adaptive clipping: scales the gradient of each leaf down so that its norm is at most `ratio` times the norm of the weights, or times
/// `floor` where that is larger. Returns how many leaves were clipped.
///
/// The published method does this for each unit, a row of a matrix; a leaf here is a whole tensor, as in optax for vectors. Leaves whose gradient has an
/// infinite norm or NaN are left as they are.
///
/// Source: A. Brock, S. De, S. L. Smith, K. Simonyan, High-performance large-scale image recognition without normalization, ICML 2021,
/// equation 3, with its values `ratio` = 0.01 and `floor` = 0.001.
///
/// # Panics
/// If `ratio` or `floor` is negative or NaN, or the shapes differ.
///
/// ```
/// # use backprop_runtime::optim::clip_adaptive;
/// let weights = ([3.0, 4.0], [0.0]);
/// let mut gradient = ([0.0, 10.0], [1e-5]);
/// assert_eq!(clip_adaptive(&mut gradient, &weights, 0.01, 0.001), 1);
/// assert_eq!(gradient, ([0.0, 0.05], [1e-5]));
/// ```
#[track_caller]
pub fn clip_adaptive<M: Differentiable>(
    gradient: &mut M,
    weights: &M,
    ratio: f64,
    floor: f64,
) -> usize {
    assert!(
        ratio >= 0.0 && floor >= 0.0,
        "clip_adaptive: the ratio is {ratio}, and the floor {floor}"
    );
    let mut clip = ClipAdaptive {
        ratio,
        floor,
        clipped: 0,
    };
    M::visit([weights], [gradient], Path::root(), &mut clip);
    clip.clipped
}

struct ClipAdaptive {
    ratio: f64,
    floor: f64,
    clipped: usize,
}

impl Visitor<1, 1> for ClipAdaptive {
    fn leaf<T: Real>(&mut self, _: Path<'_>, [weights]: [&[T]; 1], [gradient]: [&mut [T]; 1]) {
        let most = self.ratio * Real::max(norm_slice(weights), self.floor);
        let norm = norm_slice(gradient);
        if norm > most && norm.is_finite() {
            self.clipped += 1;
            let factor = T::from_f64(most / norm);
            for g in gradient {
                *g *= factor;
            }
        }
    }
}
