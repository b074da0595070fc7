//! Gradients over their root mean square.

use super::Optimizer;
use super::common::{Common, decay_setters, rate_accessors, rate_setters, state};
use super::elements::{each_with_one, each_with_two};
use crate::state::{State, StateVisitor};
use crate::{Differentiable, Path, Real, Visitor};

/// RMSprop: v ← α·v + (1 − α)·g², and θ ← θ − η·g/(√v + ε); with momentum μ, b ← μ·b + g/(√v + ε) and θ ← θ − η·b.
///
/// Weight decay is decoupled: θ ← θ − η·λ·θ comes first.
///
/// Source: T. Tieleman, G. Hinton, Neural networks for machine learning, lecture 6.5, Coursera 2012; momentum, ε outside of the root and the
/// defaults η = 0.01, α = 0.99, ε = 10⁻⁸ as in PyTorch.
#[derive(Clone, Debug)]
pub struct RmsProp<M> {
    common: Common,
    smoothing: f64,
    epsilon: f64,
    momentum: f64,
    second_moment: M,
    /// Made with the momentum.
    velocity: Option<M>,
}

impl<M: Differentiable> RmsProp<M> {
    /// For models of the shape of `model`.
    #[must_use]
    pub fn new(model: &M) -> Self {
        RmsProp {
            common: Common::new(1e-2, 0.0),
            smoothing: 0.99,
            epsilon: 1e-8,
            momentum: 0.0,
            second_moment: model.zeros_like(),
            velocity: None,
        }
    }

    /// With α, by which the mean of squares forgets: at least 0 and less than 1.
    #[must_use]
    pub fn smoothing(mut self, smoothing: f64) -> Self {
        self.smoothing = smoothing;
        self
    }

    /// With ε in the denominator.
    #[must_use]
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }

    /// With momentum μ.
    #[must_use]
    pub fn momentum(mut self, momentum: f64) -> Self {
        self.momentum = momentum;
        self.velocity = Some(self.second_moment.zeros_like());
        self
    }

    rate_setters!();
    decay_setters!();
}

impl<M: Differentiable> Optimizer<M> for RmsProp<M> {
    fn step(&mut self, model: &mut M, gradient: &M) {
        self.common.check(model);
        let mut update = Update {
            common: &self.common,
            smoothing: self.smoothing,
            epsilon: self.epsilon,
            momentum: self.momentum,
        };
        let (v, path) = (&mut self.second_moment, Path::root());
        match &mut self.velocity {
            None => M::visit([gradient], [model, v], path, &mut update),
            Some(velocity) => M::visit([gradient], [model, v, velocity], path, &mut update),
        }
    }

    rate_accessors!();
}

state!(RmsProp { second_moment, velocity } {});

struct Update<'a> {
    common: &'a Common,
    smoothing: f64,
    epsilon: f64,
    momentum: f64,
}

impl Visitor<1, 2> for Update<'_> {
    #[inline]
    fn leaf<T: Real>(
        &mut self,
        path: Path<'_>,
        [gradient]: [&[T]; 1],
        [parameters, second]: [&mut [T]; 2],
    ) {
        let rates = self.common.at(path);
        let (rate, keep) = (T::from_f64(rates.learning_rate), rates.keep::<T>());
        let (old, new) = (
            T::from_f64(self.smoothing),
            T::from_f64(1.0 - self.smoothing),
        );
        let epsilon = T::from_f64(self.epsilon);
        each_with_one(parameters, second, gradient, |x, v, g| {
            *v = old * *v + new * g * g;
            *x = keep * *x - rate * g / (v.sqrt() + epsilon);
        });
    }
}

impl Visitor<1, 3> for Update<'_> {
    #[inline]
    fn leaf<T: Real>(
        &mut self,
        path: Path<'_>,
        [gradient]: [&[T]; 1],
        [parameters, second, velocity]: [&mut [T]; 3],
    ) {
        let rates = self.common.at(path);
        let (rate, keep) = (T::from_f64(rates.learning_rate), rates.keep::<T>());
        let (old, new) = (
            T::from_f64(self.smoothing),
            T::from_f64(1.0 - self.smoothing),
        );
        let (epsilon, momentum) = (T::from_f64(self.epsilon), T::from_f64(self.momentum));
        each_with_two(parameters, second, velocity, gradient, |x, [v, b], g| {
            *v = old * *v + new * g * g;
            *b = momentum * *b + g / (v.sqrt() + epsilon);
            *x = keep * *x - rate * *b;
        });
    }
}
