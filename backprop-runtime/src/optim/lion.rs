//! The sign of a momentum.

use super::Optimizer;
use super::common::{Common, decay_setters, rate_accessors, rate_setters, state};
use super::elements::each_with_one;
use crate::state::{State, StateVisitor};
use crate::{Differentiable, Path, Real, Visitor};

/// Lion: θ ← θ − η·(sign(β₁·m + (1 − β₁)·g) + λ·θ), then m ← β₂·m + (1 − β₂)·g. Every parameter moves by the same amount; one moment.
///
/// A learning rate three to ten times smaller than Adam's, and a weight decay as much larger, are a good start.
///
/// Source: X. Chen and others, Symbolic discovery of optimization algorithms, NeurIPS 2023, algorithm 2, with its defaults η = 10⁻⁴, β₁ = 0.9,
/// β₂ = 0.99; no weight decay unless set.
#[derive(Clone, Debug)]
pub struct Lion<M> {
    common: Common,
    betas: (f64, f64),
    moment: M,
}

impl<M: Differentiable> Lion<M> {
    /// For models of the shape of `model`.
    #[must_use]
    pub fn new(model: &M) -> Self {
        Lion {
            common: Common::new(1e-4, 0.0),
            betas: (0.9, 0.99),
            moment: model.zeros_like(),
        }
    }

    /// With β₁ for the update and β₂ for the moment, each at least 0 and less than 1.
    #[must_use]
    pub fn betas(mut self, update: f64, moment: f64) -> Self {
        self.betas = (update, moment);
        self
    }

    rate_setters!();
    decay_setters!();
}

impl<M: Differentiable> Optimizer<M> for Lion<M> {
    fn step(&mut self, model: &mut M, gradient: &M) {
        self.common.check(model);
        let mut update = Update {
            common: &self.common,
            betas: self.betas,
        };
        M::visit(
            [gradient],
            [model, &mut self.moment],
            Path::root(),
            &mut update,
        );
    }

    rate_accessors!();
}

state!(Lion { moment } {});

struct Update<'a> {
    common: &'a Common,
    betas: (f64, f64),
}

impl Visitor<1, 2> for Update<'_> {
    #[inline]
    fn leaf<T: Real>(
        &mut self,
        path: Path<'_>,
        [gradient]: [&[T]; 1],
        [parameters, moment]: [&mut [T]; 2],
    ) {
        let rates = self.common.at(path);
        let (rate, keep) = (T::from_f64(rates.learning_rate), rates.keep::<T>());
        let (beta1, beta2) = (T::from_f64(self.betas.0), T::from_f64(self.betas.1));
        let (gain1, gain2) = (
            T::from_f64(1.0 - self.betas.0),
            T::from_f64(1.0 - self.betas.1),
        );
        each_with_one(parameters, moment, gradient, |x, m, g| {
            *x = keep * *x - rate * sign(beta1 * *m + gain1 * g);
            *m = beta2 * *m + gain2 * g;
        });
    }
}

/// −1, 0 or 1; NaN for NaN.
#[inline]
fn sign<T: Real>(x: T) -> T {
    if x == T::from_f64(0.0) { x } else { x.signum() }
}
