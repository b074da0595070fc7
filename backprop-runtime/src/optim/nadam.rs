//! Adam that looks ahead.

use super::Optimizer;
use super::common::{Common, correction, decay_setters, rate_accessors, rate_setters};
use super::elements::each_with_two;
use crate::state::{State, StateVisitor};
use crate::{Differentiable, Path, Real, Visitor};

/// The base and the pace of the momentum's warm-up.
const WARM_UP: (f64, f64) = (0.96, 0.004);

/// NAdam: [`Adam`](super::Adam) with Nesterov's momentum, which grows towards β₁ in the first steps.
///
/// Step t computes m and v as Adam does, and θ ← θ − η·(μₜ₊₁·m/(1 − μ₁·…·μₜ₊₁) + (1 − μₜ)·g/(1 − μ₁·…·μₜ))/(√v̂ + ε), where
/// μₜ = β₁·(1 − 0.96^(0.004·t)/2). Weight decay is decoupled: θ ← θ − η·λ·θ comes first.
///
/// Source: T. Dozat, Incorporating Nesterov momentum into Adam, ICLR 2016 workshop, algorithm 2, and its schedule of μ, as in PyTorch; its
/// default η = 0.002.
#[derive(Clone, Debug)]
pub struct NAdam<M> {
    common: Common,
    betas: (f64, f64),
    epsilon: f64,
    steps: u64,
    /// The product of all μ so far.
    momenta: f64,
    first_moment: M,
    second_moment: M,
}

impl<M: Differentiable> NAdam<M> {
    /// For models of the shape of `model`.
    #[must_use]
    pub fn new(model: &M) -> Self {
        NAdam {
            common: Common::new(2e-3, 0.0),
            betas: (0.9, 0.999),
            epsilon: 1e-8,
            steps: 0,
            momenta: 1.0,
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

    fn momentum(&self, step: u64) -> f64 {
        let (base, pace) = WARM_UP;
        self.betas.0 * (1.0 - 0.5 * Real::powf(base, step as f64 * pace))
    }
}

impl<M: Differentiable> Optimizer<M> for NAdam<M> {
    fn step(&mut self, model: &mut M, gradient: &M) {
        self.common.check(model);
        self.steps += 1;
        let (now, next) = (self.momentum(self.steps), self.momentum(self.steps + 1));
        self.momenta *= now;
        let mut update = Update {
            common: &self.common,
            of_gradient: (1.0 - now) / (1.0 - self.momenta),
            of_moment: next / (1.0 - self.momenta * next),
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

impl<M: Differentiable> State for NAdam<M> {
    fn visit_state<const READ: usize, const WRITE: usize, V>(
        read: [&Self; READ],
        mut write: [&mut Self; WRITE],
        path: Path<'_>,
        visitor: &mut V,
    ) where
        V: StateVisitor<READ, WRITE>,
    {
        M::visit(
            read.map(|x| &x.first_moment),
            write.each_mut().map(|x| &mut x.first_moment),
            path.field("first_moment"),
            visitor,
        );
        M::visit(
            read.map(|x| &x.second_moment),
            write.each_mut().map(|x| &mut x.second_moment),
            path.field("second_moment"),
            visitor,
        );
        f64::visit(
            read.map(|x| &x.momenta),
            write.each_mut().map(|x| &mut x.momenta),
            path.field("momenta"),
            visitor,
        );
        visitor.counters(
            path.field("steps"),
            read.map(|x| core::slice::from_ref(&x.steps)),
            write.map(|x| core::slice::from_mut(&mut x.steps)),
        );
    }
}

struct Update<'a> {
    common: &'a Common,
    of_gradient: f64,
    of_moment: f64,
    root: f64,
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
        let of_gradient = T::from_f64(rates.learning_rate * self.of_gradient);
        let of_moment = T::from_f64(rates.learning_rate * self.of_moment);
        let (root, epsilon) = (T::from_f64(self.root), T::from_f64(self.epsilon));
        let (beta1, beta2) = (T::from_f64(self.betas.0), T::from_f64(self.betas.1));
        let (gain1, gain2) = (
            T::from_f64(1.0 - self.betas.0),
            T::from_f64(1.0 - self.betas.1),
        );
        each_with_two(parameters, first, second, gradient, |x, [m, v], g| {
            *m = beta1 * *m + gain1 * g;
            *v = beta2 * *v + gain2 * g * g;
            *x = keep * *x - (of_moment * *m + of_gradient * g) / (v.sqrt() * root + epsilon);
        });
    }
}
