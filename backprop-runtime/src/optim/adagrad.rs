//! Gradients over the root of the sum of all their squares.

use super::Optimizer;
use super::common::{Common, decay_setters, rate_accessors, rate_setters, state};
use super::elements::each_with_one;
use crate::state::{State, StateVisitor};
use crate::{Differentiable, Path, Real, Visitor};

/// Adagrad: s ← s + g², and θ ← θ − η·g/(√s + ε). For sparse gradients: what is seldom moved moves far.
///
/// Weight decay is decoupled: θ ← θ − η·λ·θ comes first.
///
/// Source: J. Duchi, E. Hazan, Y. Singer, Adaptive subgradient methods for online learning and stochastic optimization, JMLR 12 (2011), 2121,
/// figure 1 with a diagonal matrix; defaults η = 0.01, ε = 10⁻¹⁰ as in PyTorch.
#[derive(Clone, Debug)]
pub struct Adagrad<M> {
    common: Common,
    epsilon: f64,
    squares: M,
}

impl<M: Differentiable> Adagrad<M> {
    /// For models of the shape of `model`.
    #[must_use]
    pub fn new(model: &M) -> Self {
        Adagrad {
            common: Common::new(1e-2, 0.0),
            epsilon: 1e-10,
            squares: model.zeros_like(),
        }
    }

    /// With ε in the denominator.
    #[must_use]
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }

    rate_setters!();
    decay_setters!();
}

impl<M: Differentiable> Optimizer<M> for Adagrad<M> {
    fn step(&mut self, model: &mut M, gradient: &M) {
        self.common.check(model);
        let mut update = Update {
            common: &self.common,
            epsilon: self.epsilon,
        };
        M::visit(
            [gradient],
            [model, &mut self.squares],
            Path::root(),
            &mut update,
        );
    }

    rate_accessors!();
}

state!(Adagrad { squares } {});

struct Update<'a> {
    common: &'a Common,
    epsilon: f64,
}

impl Visitor<1, 2> for Update<'_> {
    #[inline]
    fn leaf<T: Real>(
        &mut self,
        path: Path<'_>,
        [gradient]: [&[T]; 1],
        [parameters, squares]: [&mut [T]; 2],
    ) {
        let rates = self.common.at(path);
        let (rate, keep) = (T::from_f64(rates.learning_rate), rates.keep::<T>());
        let epsilon = T::from_f64(self.epsilon);
        each_with_one(parameters, squares, gradient, |x, s, g| {
            *s += g * g;
            *x = keep * *x - rate * g / (s.sqrt() + epsilon);
        });
    }
}
