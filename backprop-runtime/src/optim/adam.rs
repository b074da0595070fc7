//! Adaptive moments.

use super::Optimizer;
use crate::{Differentiable, Path, Real, Visitor};

/// Adam: each parameter moves by its mean gradient over the root of its mean square gradient.
///
/// Step t computes m ← β₁·m + (1 − β₁)·g, v ← β₂·v + (1 − β₂)·g², and θ ← θ − η·m̂/(√v̂ + ε), where m̂ = m/(1 − β₁ᵗ) and v̂ = v/(1 − β₂ᵗ).
/// Source: D. P. Kingma, J. Ba, Adam: a method for stochastic optimization, arXiv:1412.6980, algorithm 1, with its defaults η = 0.001,
/// β₁ = 0.9, β₂ = 0.999, ε = 10⁻⁸.
#[derive(Clone, Debug)]
pub struct Adam<M> {
    learning_rate: f64,
    betas: (f64, f64),
    epsilon: f64,
    steps: u64,
    first_moment: M,
    second_moment: M,
}

impl<M: Differentiable> Adam<M> {
    /// For models of the shape of `model`.
    #[must_use]
    pub fn new(model: &M) -> Self {
        Adam {
            learning_rate: 1e-3,
            betas: (0.9, 0.999),
            epsilon: 1e-8,
            steps: 0,
            first_moment: model.zeros_like(),
            second_moment: model.zeros_like(),
        }
    }

    /// With learning rate η.
    #[must_use]
    pub fn learning_rate(self, learning_rate: f64) -> Self {
        Adam {
            learning_rate,
            ..self
        }
    }

    /// With decay rates β₁ and β₂ of the moments, each at least 0 and less than 1.
    #[must_use]
    pub fn betas(self, first: f64, second: f64) -> Self {
        Adam {
            betas: (first, second),
            ..self
        }
    }

    /// With ε in the denominator.
    #[must_use]
    pub fn epsilon(self, epsilon: f64) -> Self {
        Adam { epsilon, ..self }
    }

    /// One step, with each parameter shrunk by the factor 1 − `decay` first.
    fn decayed_step(&mut self, model: &mut M, gradient: &M, decay: f64) {
        self.steps += 1;
        let (first, second) = self.betas;
        // The bias corrections move from every element to two constants: m̂/(√v̂ + ε) = (m/c₁)/(√v/√c₂ + ε).
        let corrections = (
            correction(first, self.steps),
            correction(second, self.steps),
        );
        let mut update = Update {
            rate: self.learning_rate / corrections.0,
            root: corrections.1.sqrt().recip(),
            betas: self.betas,
            epsilon: self.epsilon,
            keep: 1.0 - decay,
        };
        M::visit(
            [gradient],
            [model, &mut self.first_moment, &mut self.second_moment],
            Path::root(),
            &mut update,
        );
    }
}

/// 1 − βᵗ, without cancellation for β near 1.
fn correction(beta: f64, steps: u64) -> f64 {
    -(steps as f64 * beta.ln()).exp_m1()
}

impl<M: Differentiable> Optimizer<M> for Adam<M> {
    fn step(&mut self, model: &mut M, gradient: &M) {
        self.decayed_step(model, gradient, 0.0);
    }

    fn current_learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.learning_rate = learning_rate;
    }
}

/// Adam with decoupled weight decay: θ ← θ − η·λ·θ before each step of [`Adam`], whose moments do not see the decay.
///
/// Source: I. Loshchilov, F. Hutter, Decoupled weight decay regularization, arXiv:1711.05101, algorithm 2, with λ scaled by the learning
/// rate and λ = 0.01 unless set, as in PyTorch.
#[derive(Clone, Debug)]
pub struct AdamW<M> {
    adam: Adam<M>,
    weight_decay: f64,
}

impl<M: Differentiable> AdamW<M> {
    /// For models of the shape of `model`.
    #[must_use]
    pub fn new(model: &M) -> Self {
        AdamW {
            adam: Adam::new(model),
            weight_decay: 0.01,
        }
    }

    /// With learning rate η.
    #[must_use]
    pub fn learning_rate(self, learning_rate: f64) -> Self {
        AdamW {
            adam: self.adam.learning_rate(learning_rate),
            ..self
        }
    }

    /// With decay rates β₁ and β₂ of the moments, each at least 0 and less than 1.
    #[must_use]
    pub fn betas(self, first: f64, second: f64) -> Self {
        AdamW {
            adam: self.adam.betas(first, second),
            ..self
        }
    }

    /// With ε in the denominator.
    #[must_use]
    pub fn epsilon(self, epsilon: f64) -> Self {
        AdamW {
            adam: self.adam.epsilon(epsilon),
            ..self
        }
    }

    /// With weight decay λ.
    #[must_use]
    pub fn weight_decay(self, weight_decay: f64) -> Self {
        AdamW {
            weight_decay,
            ..self
        }
    }
}

impl<M: Differentiable> Optimizer<M> for AdamW<M> {
    fn step(&mut self, model: &mut M, gradient: &M) {
        let decay = self.adam.learning_rate * self.weight_decay;
        self.adam.decayed_step(model, gradient, decay);
    }

    fn current_learning_rate(&self) -> f64 {
        self.adam.learning_rate
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.adam.learning_rate = learning_rate;
    }
}

struct Update {
    rate: f64,
    root: f64,
    betas: (f64, f64),
    epsilon: f64,
    keep: f64,
}

impl Visitor<1, 3> for Update {
    #[inline]
    fn leaf<T: Real>(
        &mut self,
        _: Path<'_>,
        [gradient]: [&[T]; 1],
        [parameters, first, second]: [&mut [T]; 3],
    ) {
        let (rate, root, epsilon, keep) = (
            T::from_f64(self.rate),
            T::from_f64(self.root),
            T::from_f64(self.epsilon),
            T::from_f64(self.keep),
        );
        let (beta1, beta2) = (T::from_f64(self.betas.0), T::from_f64(self.betas.1));
        // From the double precision values: 1 − 0.999 in single precision has four digits.
        let (gain1, gain2) = (
            T::from_f64(1.0 - self.betas.0),
            T::from_f64(1.0 - self.betas.1),
        );
        for (((x, m), v), &g) in parameters.iter_mut().zip(first).zip(second).zip(gradient) {
            *m = beta1 * *m + gain1 * g;
            *v = beta2 * *v + gain2 * g * g;
            *x = keep * *x - rate * *m / (v.sqrt() * root + epsilon);
        }
    }
}
