//! The size of a whole gradient, and a limit to it.

use crate::{Differentiable, Path, Real, Visitor};

/// The Euclidean norm over all leaves together, summed in double precision.
///
/// ```
/// # use backprop_runtime::optim::global_norm;
/// assert_eq!(global_norm(&([3.0_f32, 0.0], [4.0_f64])), 5.0);
/// ```
#[must_use]
pub fn global_norm<M: Differentiable>(gradient: &M) -> f64 {
    let mut squares = Squares(0.0);
    M::visit([gradient], [], Path::root(), &mut squares);
    squares.0.sqrt()
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
        M::visit([], [gradient], Path::root(), &mut Scale(max_norm / norm));
    }
    norm
}

struct Squares(f64);

impl Visitor<1, 0> for Squares {
    fn leaf<T: Real>(&mut self, _: Path<'_>, [xs]: [&[T]; 1], []: [&mut [T]; 0]) {
        // Squares of single precision numbers overflow in their own type, so this is not `lanes`.
        let (chunks, rest) = xs.as_chunks::<8>();
        let mut lane = [0.0; 8];
        for chunk in chunks {
            for (sum, x) in lane.iter_mut().zip(chunk) {
                *sum += x.to_f64() * x.to_f64();
            }
        }
        let rest: f64 = rest.iter().map(|x| x.to_f64() * x.to_f64()).sum();
        self.0 += lane.iter().sum::<f64>() + rest;
    }
}

struct Scale(f64);

impl Visitor<0, 1> for Scale {
    fn leaf<T: Real>(&mut self, _: Path<'_>, []: [&[T]; 0], [xs]: [&mut [T]; 1]) {
        let factor = T::from_f64(self.0);
        for x in xs {
            *x *= factor;
        }
    }
}
