//! Stochastic gradient descent.

use super::Optimizer;
use super::common::{Common, decay_setters, rate_accessors, rate_setters, state};
use super::elements::{each, each_with_one};
use crate::state::{State, StateVisitor};
use crate::{Differentiable, Path, Real, Visitor};

/// Gradient descent, with heavy-ball or Nesterov momentum and weight decay where asked for.
///
/// A step computes g ← gradient + λ·θ, v ← μ·v + g, and θ ← θ − η·v, or with Nesterov's momentum θ ← θ − η·(g + μ·v). Without momentum v
/// is g. So weight decay λ is the gradient of λ/2·|θ|². Source: I. Sutskever, J. Martens, G. Dahl, G. Hinton, On the importance of
/// initialization and momentum in deep learning, ICML 2013, with the learning rate outside of v, as in PyTorch.
#[derive(Clone, Debug)]
pub struct Sgd<M> {
    common: Common,
    momentum: f64,
    nesterov: bool,
    /// Made with the momentum: plain descent needs no memory.
    velocity: Option<M>,
}

impl<M: Differentiable> Sgd<M> {
    /// Plain gradient descent.
    #[must_use]
    pub const fn new(learning_rate: f64) -> Self {
        Sgd {
            common: Common::new(learning_rate, 0.0),
            momentum: 0.0,
            nesterov: false,
            velocity: None,
        }
    }

    /// With momentum μ, and a velocity of the shape of `model`.
    #[must_use]
    pub fn momentum(mut self, model: &M, momentum: f64) -> Self {
        self.momentum = momentum;
        self.velocity = Some(model.zeros_like());
        self
    }

    /// With Nesterov's momentum μ, and a velocity of the shape of `model`.
    #[must_use]
    pub fn nesterov(self, model: &M, momentum: f64) -> Self {
        Sgd {
            nesterov: true,
            ..self.momentum(model, momentum)
        }
    }

    rate_setters!();
    decay_setters!();
}

impl<M: Differentiable> Optimizer<M> for Sgd<M> {
    fn step(&mut self, model: &mut M, gradient: &M) {
        self.common.check(model);
        let common = &self.common;
        match &mut self.velocity {
            None => M::visit([gradient], [model], Path::root(), &mut Plain { common }),
            Some(velocity) => {
                let mut update = Momentum {
                    common,
                    momentum: self.momentum,
                    nesterov: self.nesterov,
                };
                M::visit([gradient], [model, velocity], Path::root(), &mut update);
            }
        }
    }

    rate_accessors!();
}

state!(Sgd { velocity } {});

struct Plain<'a> {
    common: &'a Common,
}

impl Visitor<1, 1> for Plain<'_> {
    #[inline]
    fn leaf<T: Real>(
        &mut self,
        path: Path<'_>,
        [gradient]: [&[T]; 1],
        [parameters]: [&mut [T]; 1],
    ) {
        let rates = self.common.at(path);
        let (rate, decay) = (
            T::from_f64(rates.learning_rate),
            T::from_f64(rates.weight_decay),
        );
        each(parameters, gradient, |x, g| *x -= rate * (g + decay * *x));
    }
}

struct Momentum<'a> {
    common: &'a Common,
    momentum: f64,
    nesterov: bool,
}

impl Visitor<1, 2> for Momentum<'_> {
    #[inline]
    fn leaf<T: Real>(
        &mut self,
        path: Path<'_>,
        [gradient]: [&[T]; 1],
        [parameters, velocity]: [&mut [T]; 2],
    ) {
        let rates = self.common.at(path);
        let (rate, decay, momentum) = (
            T::from_f64(rates.learning_rate),
            T::from_f64(rates.weight_decay),
            T::from_f64(self.momentum),
        );
        // Looking ahead or not is a factor, so that the loop has no branch.
        let (of_gradient, of_velocity) = if self.nesterov {
            (rate, rate * momentum)
        } else {
            (T::from_f64(0.0), rate)
        };
        each_with_one(parameters, velocity, gradient, |x, v, g| {
            let g = g + decay * *x;
            *v = momentum * *v + g;
            *x -= of_gradient * g + of_velocity * *v;
        });
    }
}
