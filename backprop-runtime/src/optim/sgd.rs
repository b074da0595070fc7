//! Stochastic gradient descent.

use super::Optimizer;
use crate::{Differentiable, Path, Real, Visitor};

/// Gradient descent, with heavy-ball or Nesterov momentum and weight decay where asked for.
///
/// A step computes g ← gradient + λ·θ, v ← μ·v + g, and θ ← θ − η·v, or with Nesterov's momentum θ ← θ − η·(g + μ·v). Without momentum v
/// is g. Source: I. Sutskever, J. Martens, G. Dahl, G. Hinton, On the importance of initialization and momentum in deep learning, ICML 2013,
/// with the learning rate outside of v, as in PyTorch.
#[derive(Clone, Debug)]
pub struct Sgd<M> {
    learning_rate: f64,
    momentum: f64,
    nesterov: bool,
    weight_decay: f64,
    /// Made with the momentum: plain descent needs no memory.
    velocity: Option<M>,
}

impl<M: Differentiable> Sgd<M> {
    /// Plain gradient descent.
    #[must_use]
    pub const fn new(learning_rate: f64) -> Self {
        Sgd {
            learning_rate,
            momentum: 0.0,
            nesterov: false,
            weight_decay: 0.0,
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

    /// With weight decay λ: the gradient of λ/2·|θ|² is added.
    #[must_use]
    pub fn weight_decay(self, weight_decay: f64) -> Self {
        Sgd {
            weight_decay,
            ..self
        }
    }
}

impl<M: Differentiable> Optimizer<M> for Sgd<M> {
    fn step(&mut self, model: &mut M, gradient: &M) {
        let Sgd {
            learning_rate,
            momentum,
            nesterov,
            weight_decay,
            ..
        } = *self;
        let path = Path::root();
        match &mut self.velocity {
            None => M::visit(
                [gradient],
                [model],
                path,
                &mut Plain {
                    learning_rate,
                    weight_decay,
                },
            ),
            Some(velocity) => {
                M::visit(
                    [gradient],
                    [model, velocity],
                    path,
                    &mut Momentum {
                        learning_rate,
                        weight_decay,
                        momentum,
                        nesterov,
                    },
                );
            }
        }
    }

    fn current_learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.learning_rate = learning_rate;
    }
}

struct Plain {
    learning_rate: f64,
    weight_decay: f64,
}

impl Visitor<1, 1> for Plain {
    #[inline]
    fn leaf<T: Real>(&mut self, _: Path<'_>, [gradient]: [&[T]; 1], [parameters]: [&mut [T]; 1]) {
        let (rate, decay) = (
            T::from_f64(self.learning_rate),
            T::from_f64(self.weight_decay),
        );
        for (x, &g) in parameters.iter_mut().zip(gradient) {
            *x -= rate * (g + decay * *x);
        }
    }
}

struct Momentum {
    learning_rate: f64,
    weight_decay: f64,
    momentum: f64,
    nesterov: bool,
}

impl Visitor<1, 2> for Momentum {
    #[inline]
    fn leaf<T: Real>(
        &mut self,
        _: Path<'_>,
        [gradient]: [&[T]; 1],
        [parameters, velocity]: [&mut [T]; 2],
    ) {
        let (rate, decay, momentum) = (
            T::from_f64(self.learning_rate),
            T::from_f64(self.weight_decay),
            T::from_f64(self.momentum),
        );
        // Looking ahead or not is a factor, so that the loop has no branch.
        let (of_gradient, of_velocity) = if self.nesterov {
            (rate, rate * momentum)
        } else {
            (T::from_f64(0.0), rate)
        };
        for ((x, v), &g) in parameters.iter_mut().zip(velocity).zip(gradient) {
            let g = g + decay * *x;
            *v = momentum * *v + g;
            *x -= of_gradient * g + of_velocity * *v;
        }
    }
}
