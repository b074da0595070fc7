//! Quasi-Newton steps from the last few gradients.

mod combine;
mod line_search;

use alloc::vec;
use alloc::vec::Vec;

use self::combine::{add_scaled, set_scaled};
pub use self::line_search::LineSearchError;
use self::line_search::Point;
use super::algebra::{dot, scale};
use crate::state::{State, StateVisitor};
use crate::{Differentiable, Path, Real, Visitor};

/// Of a pair that shows less curvature than this, relative to the change of the gradient, nothing can be learnt.
const LEAST_CURVATURE: f64 = 1e-10;

/// L-BFGS: steps along −H·g, where H, an inverse of the Hessian, is made of the last few steps and changes of the gradient; their length is found by a
/// line search, to satisfy the strong Wolfe conditions with constants 10⁻⁴ and 0.9.
///
/// For smooth functions without noise, where it needs far fewer gradients than descent: fits, inverse problems, calibration. For mini-batches
/// take another optimizer: the function must be the same from step to step, or [`restart`](Self::restart) be called.
///
/// Source: J. Nocedal, S. J. Wright, Numerical Optimization, 2nd edition, Springer 2006: algorithms 7.4 and 7.5, scaling by equation 7.20; line
/// search by algorithms 3.5 and 3.6, with cubic interpolation (equation 3.59). The first step has length min(1, 1/‖g‖₁).
///
/// ```
/// # use backprop_runtime::optim::Lbfgs;
/// let rosenbrock = |x: &[f64; 2], d_x: &mut [f64; 2]| {
///     let t = x[1] - x[0] * x[0];
///     d_x[0] += -2.0 * (1.0 - x[0]) - 400.0 * x[0] * t;
///     d_x[1] += 200.0 * t;
///     (1.0 - x[0]).powi(2) + 100.0 * t * t
/// };
/// let mut x = [-1.2, 1.0];
/// let last = Lbfgs::new(&x).minimise(&mut x, 1e-8, 100, rosenbrock)?;
/// assert!(last.gradient_norm < 1e-8 && (x[0] - 1.0).abs() < 1e-8 && (x[1] - 1.0).abs() < 1e-8);
/// # Ok::<(), backprop_runtime::optim::LineSearchError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Lbfgs<M> {
    /// A ring of steps and changes of the gradient.
    steps: Vec<M>,
    changes: Vec<M>,
    /// How many of these hold something, and where the next one goes.
    filled: u64,
    next: u64,
    /// The function's value where the model is, once it is known; its gradient there.
    value: Option<f64>,
    gradient: M,
    /// Where a line search began, and its direction.
    origin: M,
    direction: M,
    /// Factors of the two-loop recursion.
    factors: Vec<f64>,
}

/// What a step of [`Lbfgs`] did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LbfgsStep {
    /// The function's value after the step.
    pub value: f64,
    /// The Euclidean norm of its gradient there.
    pub gradient_norm: f64,
    /// The step's length in units of its direction: 1 is the quasi-Newton step itself.
    pub length: f64,
    /// How often the function was called.
    pub evaluations: usize,
}

impl<M: Differentiable> Lbfgs<M> {
    /// For models of the shape of `model`, with a history of 10 steps.
    #[must_use]
    pub fn new(model: &M) -> Self {
        Lbfgs {
            steps: Vec::new(),
            changes: Vec::new(),
            filled: 0,
            next: 0,
            value: None,
            gradient: model.zeros_like(),
            origin: model.zeros_like(),
            direction: model.zeros_like(),
            factors: Vec::new(),
        }
        .history(10)
    }

    /// With so many of the last steps remembered: 3 to 20 are usual.
    ///
    /// # Panics
    /// If `history` is 0.
    #[must_use]
    #[track_caller]
    pub fn history(mut self, history: usize) -> Self {
        assert!(history > 0, "a history of nothing");
        let zeros = || (0..history).map(|_| self.gradient.zeros_like()).collect();
        (self.steps, self.changes) = (zeros(), zeros());
        self.factors = vec![0.0; history];
        self.restart();
        self
    }

    /// Forgets all steps. To be called when the function has changed, or the model other than by a step.
    pub fn restart(&mut self) {
        (self.filled, self.next, self.value) = (0, 0, None);
    }

    /// One step: `function` returns the value at a model, and adds its gradient to the second argument, which it finds zero, as `f_grad` does.
    ///
    /// # Errors
    /// If no point on the way has a smaller value: at a minimum, to rounding, or because gradient and function do not belong together. The model is
    /// then where it was.
    pub fn step(
        &mut self,
        model: &mut M,
        mut function: impl FnMut(&M, &mut M) -> f64,
    ) -> Result<LbfgsStep, LineSearchError> {
        let mut evaluations = 0;
        let value = match self.value {
            Some(value) => value,
            None => {
                evaluations = 1;
                self.gradient.set_zero();
                function(model, &mut self.gradient)
            }
        };
        let start = self.choose_direction(value);
        if start.slope == 0.0 && value.is_finite() {
            self.value = Some(value);
            return Ok(self.report(value, 0.0, evaluations));
        }
        let first = if self.filled > 0 {
            1.0
        } else {
            Real::min(1.0, Real::recip(sum_of_magnitudes(&self.gradient)))
        };
        set_scaled(&mut self.origin, 1.0, model);
        // What was the gradient is kept where the change of it will be.
        let slot = self.next as usize;
        set_scaled(&mut self.changes[slot], -1.0, &self.gradient);

        let (origin, direction, gradient) = (&self.origin, &self.direction, &mut self.gradient);
        let found = line_search::strong_wolfe(start, first, |t| {
            evaluations += 1;
            set_scaled(model, 1.0, origin);
            add_scaled(model, t, direction);
            gradient.set_zero();
            let value = function(model, gradient);
            (value, dot(gradient, direction))
        });
        match found {
            Ok(end) => {
                self.remember(slot, end.t);
                self.value = Some(end.value);
                Ok(self.report(end.value, end.t, evaluations))
            }
            Err(error) => {
                set_scaled(model, 1.0, &self.origin);
                set_scaled(&mut self.gradient, -1.0, &self.changes[slot]);
                // What was remembered may be what led astray; what this slot held is gone.
                self.restart();
                self.value = Some(value);
                Err(error)
            }
        }
    }

    /// Steps until the gradient's norm is at most `tolerance`, or so many `steps` have been done. Returns what the last one did.
    ///
    /// # Errors
    /// As [`step`](Self::step).
    pub fn minimise(
        &mut self,
        model: &mut M,
        tolerance: f64,
        steps: usize,
        mut function: impl FnMut(&M, &mut M) -> f64,
    ) -> Result<LbfgsStep, LineSearchError> {
        let mut last = self.step(model, &mut function)?;
        for _ in 1..steps {
            if last.gradient_norm <= tolerance {
                break;
            }
            last = self.step(model, &mut function)?;
        }
        Ok(last)
    }

    /// Puts −H·g into the direction, by the two-loop recursion, and returns where the line search starts.
    fn choose_direction(&mut self, value: f64) -> Point {
        let count = self.steps.len();
        let filled = self.filled as usize;
        // Positions from the newest pair to the oldest.
        let slot = |k: usize| (self.next as usize + count - 1 - k) % count;
        let (direction, gradient) = (&mut self.direction, &self.gradient);
        set_scaled(direction, -1.0, gradient);
        for k in 0..filled {
            let (s, y) = (&self.steps[slot(k)], &self.changes[slot(k)]);
            let factor = dot(s, direction) / dot(s, y);
            self.factors[k] = factor;
            add_scaled(direction, -factor, y);
        }
        if filled > 0 {
            let (s, y) = (&self.steps[slot(0)], &self.changes[slot(0)]);
            scale(direction, dot(s, y) / dot(y, y));
        }
        for k in (0..filled).rev() {
            let (s, y) = (&self.steps[slot(k)], &self.changes[slot(k)]);
            let factor = dot(y, direction) / dot(s, y);
            add_scaled(direction, self.factors[k] - factor, s);
        }
        let mut slope = dot(direction, gradient);
        // Rounding only: H is positive definite, since every pair has positive curvature.
        if slope >= 0.0 {
            self.filled = 0;
            set_scaled(direction, -1.0, gradient);
            slope = -dot(gradient, gradient);
        }
        Point {
            t: 0.0,
            value,
            slope,
        }
    }

    /// Keeps the step and the change of the gradient, whose first half is in its slot, where they show curvature.
    fn remember(&mut self, slot: usize, length: f64) {
        set_scaled(&mut self.steps[slot], length, &self.direction);
        let (s, y) = (&self.steps[slot], &mut self.changes[slot]);
        add_scaled(y, 1.0, &self.gradient);
        if dot(s, y) > LEAST_CURVATURE * dot(y, y) {
            let count = self.steps.len() as u64;
            self.next = (self.next + 1) % count;
            self.filled = (self.filled + 1).min(count);
        } else if self.filled == self.steps.len() as u64 {
            // The slot held the oldest pair.
            self.filled -= 1;
        }
    }

    fn report(&self, value: f64, length: f64, evaluations: usize) -> LbfgsStep {
        LbfgsStep {
            value,
            gradient_norm: Real::sqrt(dot(&self.gradient, &self.gradient)),
            length,
            evaluations,
        }
    }
}

impl<M: Differentiable> State for Lbfgs<M> {
    fn visit_state<const READ: usize, const WRITE: usize, V>(
        read: [&Self; READ],
        mut write: [&mut Self; WRITE],
        path: Path<'_>,
        visitor: &mut V,
    ) where
        V: StateVisitor<READ, WRITE>,
    {
        let (steps, changes) = (path.field("steps"), path.field("changes"));
        let gradient = path.field("gradient");
        Vec::visit(
            read.map(|x| &x.steps),
            write.each_mut().map(|x| &mut x.steps),
            steps,
            visitor,
        );
        Vec::visit(
            read.map(|x| &x.changes),
            write.each_mut().map(|x| &mut x.changes),
            changes,
            visitor,
        );
        M::visit(
            read.map(|x| &x.gradient),
            write.each_mut().map(|x| &mut x.gradient),
            gradient,
            visitor,
        );
        // The value's bits, and whether there is one.
        let counters = |x: &Self| {
            let bits = x.value.unwrap_or_default().to_bits();
            [x.filled, x.next, u64::from(x.value.is_some()), bits]
        };
        let read = read.map(counters);
        let mut written = write.each_ref().map(|x| counters(x));
        visitor.counters(
            path.field("place"),
            read.each_ref().map(|x| x.as_slice()),
            written.each_mut().map(|x| x.as_mut_slice()),
        );
        for (x, [filled, next, known, bits]) in write.into_iter().zip(written) {
            let count = x.steps.len() as u64;
            (x.filled, x.next) = (filled.min(count), next % count);
            x.value = (known == 1).then_some(f64::from_bits(bits));
        }
    }
}

/// The sum of the magnitudes of all elements.
fn sum_of_magnitudes<M: Differentiable>(x: &M) -> f64 {
    struct Sum(f64);
    impl Visitor<1, 0> for Sum {
        fn leaf<T: Real>(&mut self, _: Path<'_>, [xs]: [&[T]; 1], []: [&mut [T]; 0]) {
            self.0 += xs.iter().map(|x| x.to_f64().abs()).sum::<f64>();
        }
    }
    let mut sum = Sum(0.0);
    M::visit([x], [], Path::root(), &mut sum);
    sum.0
}
