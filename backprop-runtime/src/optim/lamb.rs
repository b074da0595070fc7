//! Adam, layer by layer in proportion to the weights.

use super::Optimizer;
use super::algebra::norm_slice;
use super::common::{Common, correction, decay_setters, rate_accessors, rate_setters, state};
use crate::state::{State, StateVisitor};
use crate::{Differentiable, Path, Real, Visitor};

/// LAMB, for large batches: each leaf moves by η times its own norm, in the direction u = m̂/(√v̂ + ε) + λ·θ.
///
/// θ ← θ − η·|θ|/|u|·u for each leaf, where m̂ and v̂ are those of [`Adam`](super::Adam), and the quotient is 1 where either norm is 0. So weight
/// decay λ is a part of the direction.
///
/// Source: Y. You and others, Large batch optimization for deep learning: training BERT in 76 minutes, ICLR 2020, algorithm 2 with φ(z) = z;
/// defaults η = 0.001, β₁ = 0.9, β₂ = 0.999, ε = 10⁻⁶, λ = 0.01.
#[derive(Clone, Debug)]
pub struct Lamb<M> {
    common: Common,
    betas: (f64, f64),
    epsilon: f64,
    steps: u64,
    first_moment: M,
    second_moment: M,
}

impl<M: Differentiable> Lamb<M> {
    /// For models of the shape of `model`.
    #[must_use]
    pub fn new(model: &M) -> Self {
        Lamb {
            common: Common::new(1e-3, 0.01),
            betas: (0.9, 0.999),
            epsilon: 1e-6,
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
}

impl<M: Differentiable> Optimizer<M> for Lamb<M> {
    fn step(&mut self, model: &mut M, gradient: &M) {
        self.common.check(model);
        self.steps += 1;
        let mut update = Update {
            common: &self.common,
            correction: Real::recip(correction(self.betas.0, self.steps)),
            root: Real::recip(Real::sqrt(correction(self.betas.1, self.steps))),
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

state!(Lamb { first_moment, second_moment } { steps });

struct Update<'a> {
    common: &'a Common,
    correction: f64,
    root: f64,
    betas: (f64, f64),
    epsilon: f64,
}

impl Visitor<1, 3> for Update<'_> {
    fn leaf<T: Real>(
        &mut self,
        path: Path<'_>,
        [gradient]: [&[T]; 1],
        [parameters, first, second]: [&mut [T]; 3],
    ) {
        let rates = self.common.at(path);
        let (correction, root) = (T::from_f64(self.correction), T::from_f64(self.root));
        let (epsilon, decay) = (T::from_f64(self.epsilon), T::from_f64(rates.weight_decay));
        let (beta1, beta2) = (T::from_f64(self.betas.0), T::from_f64(self.betas.1));
        let (gain1, gain2) = (
            T::from_f64(1.0 - self.betas.0),
            T::from_f64(1.0 - self.betas.1),
        );
        // The direction is made twice, first for its norm: so it needs no memory.
        let direction = |x: T, m: T, v: T| correction * m / (v.sqrt() * root + epsilon) + decay * x;
        let mut squares = 0.0;
        let moments = first.iter_mut().zip(&mut *second);
        for ((&x, (m, v)), &g) in parameters.iter().zip(moments).zip(gradient) {
            *m = beta1 * *m + gain1 * g;
            *v = beta2 * *v + gain2 * g * g;
            let u = direction(x, *m, *v).to_f64();
            squares += u * u;
        }
        let (weights, length) = (norm_slice(parameters), Real::sqrt(squares));
        let trust = if weights == 0.0 || length == 0.0 {
            1.0
        } else {
            weights / length
        };
        let rate = T::from_f64(rates.learning_rate * trust);
        for ((x, &m), &v) in parameters.iter_mut().zip(&*first).zip(&*second) {
            *x -= rate * direction(*x, m, v);
        }
    }
}
