//! Values as vectors: products, sums and norms over all leaves.

use crate::{Differentiable, Path, Real, Visitor};

/// The sum over all elements of a·b, in double precision.
pub(super) fn dot<M: Differentiable>(a: &M, b: &M) -> f64 {
    let mut product = Dot(0.0);
    M::visit([a, b], [], Path::root(), &mut product);
    product.0
}

/// y ← factor·y.
pub(super) fn scale<M: Differentiable>(y: &mut M, factor: f64) {
    M::visit([], [y], Path::root(), &mut Scale(factor));
}

/// The sum of products of a slice: in double precision, because squares of single precision numbers overflow in their own type, and in eight lanes.
pub(crate) fn dot_slice<T: Real>(a: &[T], b: &[T]) -> f64 {
    let (a, a_rest) = a.as_chunks::<8>();
    let (b, b_rest) = b.as_chunks::<8>();
    let mut lane = [0.0; 8];
    for (a, b) in a.iter().zip(b) {
        for ((sum, a), b) in lane.iter_mut().zip(a).zip(b) {
            *sum += a.to_f64() * b.to_f64();
        }
    }
    let rest = a_rest.iter().zip(b_rest);
    let rest: f64 = rest.map(|(a, b)| a.to_f64() * b.to_f64()).sum();
    lane.iter().sum::<f64>() + rest
}

/// The Euclidean norm of a slice.
pub(crate) fn norm_slice<T: Real>(xs: &[T]) -> f64 {
    Real::sqrt(dot_slice(xs, xs))
}

struct Dot(f64);

impl Visitor<2, 0> for Dot {
    fn leaf<T: Real>(&mut self, _: Path<'_>, [a, b]: [&[T]; 2], []: [&mut [T]; 0]) {
        self.0 += dot_slice(a, b);
    }
}

struct Scale(f64);

impl Visitor<0, 1> for Scale {
    fn leaf<T: Real>(&mut self, _: Path<'_>, []: [&[T]; 0], [y]: [&mut [T]; 1]) {
        let factor = T::from_f64(self.0);
        for y in y {
            *y *= factor;
        }
    }
}
