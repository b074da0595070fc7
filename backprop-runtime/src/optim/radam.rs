//! Adam that waits until its second moment can be trusted.

use super::Optimizer;
use super::common::{Common, correction, decay_setters, rate_accessors, rate_setters, state};
use super::elements::each_with_two;
use crate::state::{State, StateVisitor};
use crate::{Differentiable, Path, Real, Visitor};

/// From how many degrees of freedom on the second moment is used. The paper has 4; PyTorch and optax wait a step longer, and so do we.
const ENOUGH: f64 = 5.0;

/// RAdam: [`Adam`](super::Adam) with a variance that is rectified in the first steps, so that it needs no warm-up.
///
/// Step t computes m and v as Adam does, and with ρ∞ = 2/(1 − β₂) − 1, ρ = ρ∞ − 2t·β₂ᵗ/(1 − β₂ᵗ): where ρ > 5,
/// θ ← θ − η·r·m̂/(√v̂ + ε) with r² = (ρ − 4)(ρ − 2)ρ∞/((ρ∞ − 4)(ρ∞ − 2)ρ), and before that θ ← θ − η·m̂. Weight decay is decoupled:
/// θ ← θ − η·λ·θ comes first.
///
/// Source: L. Liu, H. Jiang, P. He, W. Chen, X. Liu, J. Gao, J. Han, On the variance of the adaptive learning rate and beyond, ICLR 2020,
/// algorithm 2. As in PyTorch, ε is added to √v, not to √v̂.
#[derive(Clone, Debug)]
pub struct RAdam<M> {
    common: Common,
    betas: (f64, f64),
    epsilon: f64,
    steps: u64,
    first_moment: M,
    second_moment: M,
}

impl<M: Differentiable> RAdam<M> {
    /// For models of the shape of `model`.
    #[must_use]
    pub fn new(model: &M) -> Self {
        RAdam {
            common: Common::new(1e-3, 0.0),
            betas: (0.9, 0.999),
            epsilon: 1e-8,
            steps: 0,
            first_moment: model.zeros_like(),
            second_moment: model.zeros_like(),
        }
    }

    /// With decay rates β₁ and β₂ of the moments, each at least 0 and less than 1.
    #[must_use]
    pub fn betas(mut self, first: f64, second: f64) -> Self {
        self.betas = (first, second);
        self
    }

    /// With ε in the denominator.
    #[must_use]
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }

    rate_setters!();
    decay_setters!();

    /// r·√(1 − β₂ᵗ), where the second moment can be used.
    fn rectification(&self) -> Option<f64> {
        let beta = self.betas.1;
        let seen = correction(beta, self.steps);
        let last = 2.0 / (1.0 - beta) - 1.0;
        let freedom = last - 2.0 * self.steps as f64 * (1.0 - seen) / seen;
        (freedom > ENOUGH).then(|| {
            let above = (freedom - 4.0) * (freedom - 2.0) * last;
            let below = (last - 4.0) * (last - 2.0) * freedom;
            Real::sqrt(above / below * seen)
        })
    }
}

impl<M: Differentiable> Optimizer<M> for RAdam<M> {
    fn step(&mut self, model: &mut M, gradient: &M) {
        self.common.check(model);
        self.steps += 1;
        let mut update = Update {
            common: &self.common,
            correction: Real::recip(correction(self.betas.0, self.steps)),
            rectification: self.rectification(),
            betas: self.betas,
            epsilon: self.epsilon,
        };
        M::visit(
            [gradient],
            [model, &mut self.first_moment, &mut self.second_moment],
            Path::root(),
            &mut update,
        );
    }

    rate_accessors!();
}

state!(RAdam { first_moment, second_moment } { steps });

struct Update<'a> {
    common: &'a Common,
    correction: f64,
    rectification: Option<f64>,
    betas: (f64, f64),
    epsilon: f64,
}

impl Visitor<1, 3> for Update<'_> {
    #[inline]
    fn leaf<T: Real>(
        &mut self,
        path: Path<'_>,
        [gradient]: [&[T]; 1],
        [parameters, first, second]: [&mut [T]; 3],
    ) {
        let rates = self.common.at(path);
        let keep = rates.keep::<T>();
        let rate = rates.learning_rate * self.correction;
        let (beta1, beta2) = (T::from_f64(self.betas.0), T::from_f64(self.betas.1));
        let (gain1, gain2) = (
            T::from_f64(1.0 - self.betas.0),
            T::from_f64(1.0 - self.betas.1),
        );
        let epsilon = T::from_f64(self.epsilon);
        // With or without the second moment is a choice of constants, so that the loop has no branch: (√v·0 + 1) is 1.
        let (rate, root, epsilon) = match self.rectification {
            Some(factor) => (T::from_f64(rate * factor), T::from_f64(1.0), epsilon),
            None => (T::from_f64(rate), T::from_f64(0.0), T::from_f64(1.0)),
        };
        each_with_two(parameters, first, second, gradient, |x, [m, v], g| {
            *m = beta1 * *m + gain1 * g;
            *v = beta2 * *v + gain2 * g * g;
            *x = keep * *x - rate * *m / (v.sqrt() * root + epsilon);
        });
    }
}
