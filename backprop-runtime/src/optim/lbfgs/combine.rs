//! Values as vectors: sums of multiples.

use crate::{Differentiable, Path, Real, Visitor};

/// y ← y + factor·x.
pub(super) fn add_scaled<M: Differentiable>(y: &mut M, factor: f64, x: &M) {
    M::visit([x], [y], Path::root(), &mut AddScaled(factor));
}

/// y ← factor·x.
pub(super) fn set_scaled<M: Differentiable>(y: &mut M, factor: f64, x: &M) {
    M::visit([x], [y], Path::root(), &mut SetScaled(factor));
}

struct AddScaled(f64);

impl Visitor<1, 1> for AddScaled {
    fn leaf<T: Real>(&mut self, _: Path<'_>, [x]: [&[T]; 1], [y]: [&mut [T]; 1]) {
        let factor = T::from_f64(self.0);
        for (y, &x) in y.iter_mut().zip(x) {
            *y += factor * x;
        }
    }
}

struct SetScaled(f64);

impl Visitor<1, 1> for SetScaled {
    fn leaf<T: Real>(&mut self, _: Path<'_>, [x]: [&[T]; 1], [y]: [&mut [T]; 1]) {
        let factor = T::from_f64(self.0);
        for (y, &x) in y.iter_mut().zip(x) {
            *y = factor * x;
        }
    }
}
