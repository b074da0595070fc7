//! Adaptive moments.

use super::Optimizer;
use super::common::{Common, correction, decay_setters, rate_accessors, rate_setters, state};
use super::elements::{each_with_three, each_with_two};
use crate::state::{State, StateVisitor};
use crate::{Differentiable, Path, Real, Visitor};

/// Adam: each parameter moves by its mean gradient over the root of its mean square gradient.
///
/// Step t computes m ← β₁·m + (1 − β₁)·g, v ← β₂·v + (1 − β₂)·g², and θ ← θ − η·m̂/(√v̂ + ε), where m̂ = m/(1 − β₁ᵗ) and v̂ = v/(1 − β₂ᵗ).
/// Source: D. P. Kingma, J. Ba, Adam: a method for stochastic optimization, arXiv:1412.6980, algorithm 1, with its defaults η = 0.001,
/// β₁ = 0.9, β₂ = 0.999, ε = 10⁻⁸.
#[derive(Clone, Debug)]
pub struct Adam<M> {
    common: Common,
    betas: (f64, f64),
    epsilon: f64,
    steps: u64,
    first_moment: M,
    second_moment: M,
    /// Of AMSGrad only.
    largest_moment: Option<M>,
}

impl<M: Differentiable> Adam<M> {
    /// For models of the shape of `model`.
    #[must_use]
    pub fn new(model: &M) -> Self {
        Adam {
            common: Common::new(1e-3, 0.0),
            betas: (0.9, 0.999),
            epsilon: 1e-8,
            steps: 0,
            first_moment: model.zeros_like(),
            second_moment: model.zeros_like(),
            largest_moment: None,
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

    /// With the largest second moment so far in place of the present one: so no step is larger than those before because a gradient was forgotten.
    ///
    /// Source: S. J. Reddi, S. Kale, S. Kumar, On the convergence of Adam and beyond, ICLR 2018, algorithm 2, with the bias corrections of Adam, as in
    /// PyTorch.
    #[must_use]
    pub fn amsgrad(mut self) -> Self {
        self.largest_moment = Some(self.second_moment.zeros_like());
        self
    }

    rate_setters!();
}

impl<M: Differentiable> Optimizer<M> for Adam<M> {
    fn step(&mut self, model: &mut M, gradient: &M) {
        self.common.check(model);
        self.steps += 1;
        let (first, second) = self.betas;
        // The bias corrections move from every element to two constants: m̂/(√v̂ + ε) = (m/c₁)/(√v/√c₂ + ε).
        let mut update = Update {
            common: &self.common,
            correction: Real::recip(correction(first, self.steps)),
            root: Real::recip(Real::sqrt(correction(second, self.steps))),
            betas: self.betas,
            epsilon: self.epsilon,
        };
        let (m, v) = (&mut self.first_moment, &mut self.second_moment);
        match &mut self.largest_moment {
            None => M::visit([gradient], [model, m, v], Path::root(), &mut update),
            Some(largest) => {
                M::visit(
                    [gradient],
                    [model, m, v, largest],
                    Path::root(),
                    &mut update,
                );
            }
        }
    }

    rate_accessors!();
}

state!(Adam { first_moment, second_moment, largest_moment } { steps });

/// Adam with decoupled weight decay: θ ← θ − η·λ·θ before each step of [`Adam`], whose moments do not see the decay.
///
/// Source: I. Loshchilov, F. Hutter, Decoupled weight decay regularization, arXiv:1711.05101, algorithm 2, with λ scaled by the learning
/// rate and λ = 0.01 unless set, as in PyTorch.
///
/// ```
/// # use backprop_runtime::optim::{AdamW, Optimizer};
/// // Weights and biases, of which only the weights decay.
/// let mut model = ([1.0, 2.0], [3.0]);
/// let mut adam = AdamW::new(&model).learning_rate(0.1).weight_decay(0.5).weight_decay_of("1", 0.0);
/// adam.step(&mut model, &([0.0, 0.0], [0.0]));
/// assert_eq!(model, ([0.95, 1.9], [3.0]));
/// ```
#[derive(Clone, Debug)]
pub struct AdamW<M> {
    adam: Adam<M>,
}

impl<M: Differentiable> AdamW<M> {
    /// For models of the shape of `model`.
    #[must_use]
    pub fn new(model: &M) -> Self {
        let mut adam = Adam::new(model);
        adam.common.weight_decay = 0.01;
        AdamW { adam }
    }

    /// With learning rate η.
    #[must_use]
    pub fn learning_rate(self, learning_rate: f64) -> Self {
        AdamW {
            adam: self.adam.learning_rate(learning_rate),
        }
    }

    /// As [`Adam::rate_factor`].
    ///
    /// # Panics
    /// If there are more than 16 settings by name.
    #[must_use]
    #[track_caller]
    pub fn rate_factor(self, pattern: &'static str, factor: f64) -> Self {
        AdamW {
            adam: self.adam.rate_factor(pattern, factor),
        }
    }

    /// With decay rates β₁ and β₂ of the moments, each at least 0 and less than 1.
    #[must_use]
    pub fn betas(self, first: f64, second: f64) -> Self {
        AdamW {
            adam: self.adam.betas(first, second),
        }
    }

    /// With ε in the denominator.
    #[must_use]
    pub fn epsilon(self, epsilon: f64) -> Self {
        AdamW {
            adam: self.adam.epsilon(epsilon),
        }
    }

    /// With the largest second moment so far, as [`Adam::amsgrad`].
    #[must_use]
    pub fn amsgrad(self) -> Self {
        AdamW {
            adam: self.adam.amsgrad(),
        }
    }

    decay_setters!(adam.common);
}

impl<M: Differentiable> Optimizer<M> for AdamW<M> {
    fn step(&mut self, model: &mut M, gradient: &M) {
        self.adam.step(model, gradient);
    }

    rate_accessors!(adam.common);
}

impl<M: Differentiable> State for AdamW<M> {
    fn visit_state<const READ: usize, const WRITE: usize, V>(
        read: [&Self; READ],
        write: [&mut Self; WRITE],
        path: Path<'_>,
        visitor: &mut V,
    ) where
        V: StateVisitor<READ, WRITE>,
    {
        let (read, write) = (read.map(|x| &x.adam), write.map(|x| &mut x.adam));
        State::visit_state(read, write, path, visitor);
    }
}

struct Update<'a> {
    common: &'a Common,
    correction: f64,
    root: f64,
    betas: (f64, f64),
    epsilon: f64,
}

/// The numbers of [`Update`] for one leaf, in its type.
struct Constants<T> {
    rate: T,
    root: T,
    betas: (T, T),
    gains: (T, T),
    epsilon: T,
    keep: T,
}

impl Update<'_> {
    fn constants<T: Real>(&self, path: Path<'_>) -> Constants<T> {
        let rates = self.common.at(path);
        Constants {
            rate: T::from_f64(rates.learning_rate * self.correction),
            root: T::from_f64(self.root),
            betas: (T::from_f64(self.betas.0), T::from_f64(self.betas.1)),
            // From the double precision values: 1 − 0.999 in single precision has four digits.
            gains: (
                T::from_f64(1.0 - self.betas.0),
                T::from_f64(1.0 - self.betas.1),
            ),
            epsilon: T::from_f64(self.epsilon),
            keep: rates.keep(),
        }
    }
}

impl Visitor<1, 3> for Update<'_> {
    #[inline]
    fn leaf<T: Real>(
        &mut self,
        path: Path<'_>,
        [gradient]: [&[T]; 1],
        [parameters, first, second]: [&mut [T]; 3],
    ) {
        let c = self.constants::<T>(path);
        each_with_two(parameters, first, second, gradient, |x, [m, v], g| {
            *m = c.betas.0 * *m + c.gains.0 * g;
            *v = c.betas.1 * *v + c.gains.1 * g * g;
            *x = c.keep * *x - c.rate * *m / (v.sqrt() * c.root + c.epsilon);
        });
    }
}

impl Visitor<1, 4> for Update<'_> {
    #[inline]
    fn leaf<T: Real>(
        &mut self,
        path: Path<'_>,
        [gradient]: [&[T]; 1],
        [parameters, first, second, largest]: [&mut [T]; 4],
    ) {
        let c = self.constants::<T>(path);
        let update = |x: &mut T, [m, v, top]: [&mut T; 3], g| {
            *m = c.betas.0 * *m + c.gains.0 * g;
            *v = c.betas.1 * *v + c.gains.1 * g * g;
            // A comparison, so that a NaN is not lost.
            *top = if *v <= *top { *top } else { *v };
            *x = c.keep * *x - c.rate * *m / (top.sqrt() * c.root + c.epsilon);
        };
        each_with_three(parameters, first, second, largest, gradient, update);
    }
}
