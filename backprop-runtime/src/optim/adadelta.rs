//! Gradients over their root mean square, in units of the steps so far.

use super::Optimizer;
use super::common::{Common, decay_setters, rate_accessors, rate_setters, state};
use super::elements::each_with_two;
use crate::state::{State, StateVisitor};
use crate::{Differentiable, Path, Real, Visitor};

/// Adadelta: v ← ρ·v + (1 − ρ)·g², Δ = g·√(u + ε)/√(v + ε), u ← ρ·u + (1 − ρ)·Δ², and θ ← θ − η·Δ.
///
/// The published method has no learning rate: η is 1 unless set. Weight decay is decoupled: θ ← θ − η·λ·θ comes first.
///
/// Source: M. D. Zeiler, ADADELTA: an adaptive learning rate method, arXiv:1212.5701, algorithm 1; defaults ρ = 0.9, ε = 10⁻⁶ as in PyTorch.
#[derive(Clone, Debug)]
pub struct Adadelta<M> {
    common: Common,
    smoothing: f64,
    epsilon: f64,
    gradients: M,
    updates: M,
}

impl<M: Differentiable> Adadelta<M> {
    /// For models of the shape of `model`.
    #[must_use]
    pub fn new(model: &M) -> Self {
        Adadelta {
            common: Common::new(1.0, 0.0),
            smoothing: 0.9,
            epsilon: 1e-6,
            gradients: model.zeros_like(),
            updates: model.zeros_like(),
        }
    }

    /// With ρ, by which the means of squares forget: at least 0 and less than 1.
    #[must_use]
    pub fn smoothing(mut self, smoothing: f64) -> Self {
        self.smoothing = smoothing;
        self
    }

    /// With ε, which sets the size of the first steps.
    #[must_use]
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }

    rate_setters!();
    decay_setters!();
}

impl<M: Differentiable> Optimizer<M> for Adadelta<M> {
    fn step(&mut self, model: &mut M, gradient: &M) {
        self.common.check(model);
        let mut update = Update {
            common: &self.common,
            smoothing: self.smoothing,
            epsilon: self.epsilon,
        };
        M::visit(
            [gradient],
            [model, &mut self.gradients, &mut self.updates],
            Path::root(),
            &mut update,
        );
    }

    rate_accessors!();
}

state!(Adadelta { gradients, updates } {});

struct Update<'a> {
    common: &'a Common,
    smoothing: f64,
    epsilon: f64,
}

impl Visitor<1, 3> for Update<'_> {
    #[inline]
    fn leaf<T: Real>(
        &mut self,
        path: Path<'_>,
        [gradient]: [&[T]; 1],
        [parameters, gradients, updates]: [&mut [T]; 3],
    ) {
        let rates = self.common.at(path);
        let (rate, keep) = (T::from_f64(rates.learning_rate), rates.keep::<T>());
        let (old, new) = (
            T::from_f64(self.smoothing),
            T::from_f64(1.0 - self.smoothing),
        );
        let epsilon = T::from_f64(self.epsilon);
        each_with_two(parameters, gradients, updates, gradient, |x, [v, u], g| {
            *v = old * *v + new * g * g;
            let delta = g * (*u + epsilon).sqrt() / (*v + epsilon).sqrt();
            *u = old * *u + new * delta * delta;
            *x = keep * *x - rate * delta;
        });
    }
}
