//! Nonlinear least squares by the method of Levenberg and Marquardt.

mod error;
mod factors;

use alloc::vec;
use alloc::vec::Vec;

pub use self::error::LeastSquaresError;
use self::factors::{Factors, square};
use super::Residuals;
use crate::Real;

/// The first step's bound, in units of the scaled unknowns' length. Larger ones overshoot: Moré's 100 loses one of the reference datasets (BoxBOD).
const FIRST: f64 = 1.0;
/// A step is taken where at least this share of the predicted reduction comes true.
const LEAST: f64 = 1e-4;
/// How far the length of a damped step may be from its bound.
const BAND: f64 = 0.1;
/// A step this short, relative to the scaled unknowns, is rounding.
const NO_STEP: f64 = 1e-16;
/// Where a step promises a relative reduction below this, sums of squares are too coarse to judge it: its length does.
const FINE: f64 = 1e-9;
/// A fine step is one of a sequence that converges while it is this much shorter than the one before.
const SHRINKS: f64 = 0.9;
/// If the residuals are still that far from orthogonal to the Jacobian where no step leads on, something is wrong; unless they are rounding themselves: then the
/// Gauss-Newton step is this short, relative to the scaled unknowns.
const STUCK: f64 = 1e-2;
const SOLVED: f64 = 1e-8;

/// Minimises the sum of squares of [`Residuals`], by damped Gauss-Newton steps within a region of trust.
///
/// The region is an ellipsoid scaled by the largest norms that the Jacobian's columns have had, so that the units of the unknowns do not matter. Near the
/// solution, where the sum of squares no longer shows whether a step is good, steps go on while they shrink: that gives the last digits. Linear systems are
/// solved by orthogonal transformations of the Jacobian, whose condition is not squared.
///
/// Memory is allocated by [`new`](Self::new) only, and serves any number of problems of one size.
///
/// Source: J. J. Moré, The Levenberg-Marquardt algorithm: implementation and theory, Lecture Notes in Mathematics 630 (1978), 105.
///
/// ```
/// # use backprop_runtime::solve::{LevenbergMarquardt, Residuals};
/// # struct Rosenbrock;
/// # impl Residuals for Rosenbrock {
/// #     fn count(&self) -> usize { 2 }
/// #     fn residuals(&mut self, x: &[f64], out: &mut [f64]) { out.copy_from_slice(&[10.0 * (x[1] - x[0] * x[0]), 1.0 - x[0]]); }
/// #     fn jacobian(&mut self, x: &[f64], out: &mut [f64], j: &mut [f64]) { self.residuals(x, out); j.copy_from_slice(&[-20.0 * x[0], -1.0, 10.0, 0.0]); }
/// # }
/// let mut x = [-1.2, 1.0];
/// let solution = LevenbergMarquardt::new(2, 2).solve(&mut Rosenbrock, &mut x)?;
/// assert_eq!((x, solution.sum_of_squares), ([1.0, 1.0], 0.0));
/// # Ok::<(), backprop_runtime::solve::LeastSquaresError>(())
/// ```
#[derive(Clone, Debug)]
pub struct LevenbergMarquardt {
    steps: u64,
    factors: Factors,
    /// Used up by the factorisation.
    jacobian: Vec<f64>,
    residuals: Vec<f64>,
    projected: Vec<f64>,
    /// The unknowns' scale, the step, where it leads and what is there.
    scale: Vec<f64>,
    step: Vec<f64>,
    trial: Vec<f64>,
    there: Vec<f64>,
    /// Jᵀ r, and the vector behind the secular equation's derivative.
    gradient: Vec<f64>,
    vector: Vec<f64>,
}

/// What [`LevenbergMarquardt::solve`] found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Solution {
    /// The sum of squares of the residuals, without a factor ½.
    pub sum_of_squares: f64,
    /// The largest cosine of the angle between the residuals and a column of the Jacobian: 0 at a minimum.
    pub cosine: f64,
    /// Steps taken, each with its own Jacobian.
    pub steps: u64,
    /// How often the residuals alone were asked for.
    pub trials: u64,
}

impl LevenbergMarquardt {
    /// For problems with so many unknowns and residuals. At most 1000 steps are done.
    ///
    /// # Panics
    /// If there are no unknowns, or fewer residuals than unknowns.
    #[must_use]
    #[track_caller]
    pub fn new(unknowns: usize, residuals: usize) -> Self {
        assert!(
            0 < unknowns && unknowns <= residuals,
            "{residuals} residuals for {unknowns} unknowns"
        );
        let zeros = |n| vec![0.0; n];
        LevenbergMarquardt {
            steps: 1000,
            factors: Factors::new(unknowns),
            jacobian: zeros(unknowns * residuals),
            residuals: zeros(residuals),
            projected: zeros(residuals),
            scale: zeros(unknowns),
            step: zeros(unknowns),
            trial: zeros(unknowns),
            there: zeros(residuals),
            gradient: zeros(unknowns),
            vector: zeros(unknowns),
        }
    }

    /// With at most so many steps.
    #[must_use]
    pub fn steps(mut self, steps: u64) -> Self {
        self.steps = steps;
        self
    }

    /// Moves `x` to a local minimum. Does not allocate.
    ///
    /// # Errors
    /// If the residuals or their Jacobian are not finite where a step starts; if the steps do not suffice; if no step leads lower though the residuals are not
    /// orthogonal to the Jacobian, which is then not theirs. `x` is the best point that was found.
    ///
    /// # Panics
    /// If `x` or the problem's residuals are not as many as the solver was made for.
    #[track_caller]
    pub fn solve<R: Residuals + ?Sized>(
        &mut self,
        problem: &mut R,
        x: &mut [f64],
    ) -> Result<Solution, LeastSquaresError> {
        let (n, m) = (self.step.len(), self.residuals.len());
        assert!(
            x.len() == n && problem.count() == m,
            "a solver for {m} residuals of {n} unknowns, and a problem with {} of {}",
            problem.count(),
            x.len()
        );
        self.scale.fill(0.0);
        let mut found = Solution {
            sum_of_squares: f64::INFINITY,
            cosine: 1.0,
            steps: 0,
            trials: 0,
        };
        let (mut bound, mut damping, mut fine) = (0.0, 0.0, f64::INFINITY);
        loop {
            self.look(problem, x, &mut found)?;
            let length = self.scaled_length(x);
            if found.steps == 0 {
                bound = if length > 0.0 { FIRST * length } else { FIRST };
            }
            if found.cosine == 0.0 {
                return Ok(found);
            }
            if found.steps == self.steps {
                return Err(LeastSquaresError::Steps { found });
            }
            loop {
                damping = self.choose_step(bound, damping);
                let step = self.scaled_length(&self.step);
                if found.steps == 0 {
                    bound = Real::min(bound, step);
                }
                let no_step = NO_STEP * length;
                let damped = damping * step * step;
                let image = self.factors.image_square(&self.step);
                let predicted = (image + 2.0 * damped) / found.sum_of_squares;
                if !step.is_finite() {
                    return Err(LeastSquaresError::NotFinite { found });
                }
                if step <= no_step || bound <= no_step {
                    return self.finish(found, length);
                }
                let is_fine = predicted <= FINE && damping == 0.0;
                if is_fine && step > SHRINKS * fine {
                    return self.finish(found, length);
                }
                for ((to, x), p) in self.trial.iter_mut().zip(&*x).zip(&self.step) {
                    *to = x + p;
                }
                problem.residuals(&self.trial, &mut self.there);
                found.trials += 1;
                let reached = square(&self.there);
                // NaN and infinity are no reduction at all.
                let actual = if reached.is_finite() {
                    1.0 - reached / found.sum_of_squares
                } else {
                    -1.0
                };
                if is_fine && reached.is_finite() {
                    fine = step;
                } else {
                    fine = f64::INFINITY;
                    let ratio = if predicted > 0.0 {
                        actual / predicted
                    } else {
                        0.0
                    };
                    let slope = (image + damped) / found.sum_of_squares;
                    (bound, damping) = next_bound(bound, damping, step, ratio, actual, slope);
                    if ratio < LEAST {
                        continue;
                    }
                }
                x.copy_from_slice(&self.trial);
                found.steps += 1;
                break;
            }
        }
    }

    /// The residuals where the last [`solve`](Self::solve) ended.
    #[must_use]
    pub fn residuals(&self) -> &[f64] {
        &self.residuals
    }

    /// Writes the covariance of the unknowns where the last [`solve`](Self::solve) ended, row by row: s² (JᵀJ)⁻¹, with the residuals' variance s² = ‖r‖²/(m − n)
    /// estimated from themselves. Numbers are infinite or not numbers where the Jacobian does not determine the unknowns, or m = n.
    ///
    /// # Panics
    /// If the place has not n × n numbers.
    pub fn covariance(&self, covariance: &mut [f64]) {
        let (n, m) = (self.step.len(), self.residuals.len());
        assert_eq!(
            covariance.len(),
            n * n,
            "the place for {n} rows and columns"
        );
        let variance = square(&self.residuals) / (m - n) as f64;
        self.factors.covariance(variance, covariance);
    }

    /// Residuals, Jacobian and all that follows from them at `x`.
    fn look<R: Residuals + ?Sized>(
        &mut self,
        problem: &mut R,
        x: &[f64],
        found: &mut Solution,
    ) -> Result<(), LeastSquaresError> {
        let m = self.residuals.len();
        problem.jacobian(x, &mut self.residuals, &mut self.jacobian);
        found.sum_of_squares = square(&self.residuals);
        if !(found.sum_of_squares.is_finite() && self.jacobian.iter().all(|j| j.is_finite())) {
            return Err(LeastSquaresError::NotFinite { found: *found });
        }
        let norm = Real::sqrt(found.sum_of_squares);
        found.cosine = 0.0;
        for (scale, column) in self.scale.iter_mut().zip(self.jacobian.chunks_exact(m)) {
            let length = Real::sqrt(square(column));
            let dot: f64 = column.iter().zip(&self.residuals).map(|(j, r)| j * r).sum();
            if length > 0.0 && norm > 0.0 {
                found.cosine = Real::max(found.cosine, Real::abs(dot) / (length * norm));
            }
            *scale = Real::max(*scale, length);
            if *scale == 0.0 {
                *scale = 1.0;
            }
        }
        self.projected.copy_from_slice(&self.residuals);
        self.factors
            .factorise(&mut self.jacobian, &mut self.projected);
        self.factors.gradient(&mut self.gradient);
        Ok(())
    }

    /// The Gauss-Newton step, or one damped so that it is as long as the bound; returns the damping. A root of the secular equation ‖D p(damping)‖ = bound, by Hebden's
    /// iteration with safeguards, starting from the `last` damping.
    fn choose_step(&mut self, bound: f64, last: f64) -> f64 {
        self.factors.solve(0.0, &self.scale, &mut self.step);
        let mut excess = self.scaled_length(&self.step) - bound;
        if excess <= BAND * bound {
            return 0.0;
        }
        let mut low = if self.factors.is_regular() {
            excess / (bound * self.slope(excess + bound))
        } else {
            0.0
        };
        let mut high = 0.0;
        for (g, d) in self.gradient.iter().zip(&self.scale) {
            high += (g / d) * (g / d);
        }
        high = Real::sqrt(high) / bound;
        let mut damping = Real::min(Real::max(last, low), high);
        if damping == 0.0 {
            damping = high * 1e-3;
        }
        for _ in 0..30 {
            self.factors.solve(damping, &self.scale, &mut self.step);
            excess = self.scaled_length(&self.step) - bound;
            if Real::abs(excess) <= BAND * bound || low >= high {
                break;
            }
            if excess > 0.0 {
                low = Real::max(low, damping);
            } else {
                high = Real::min(high, damping);
            }
            let next = damping + excess / (bound * self.slope(excess + bound));
            damping = if next > low && next < high {
                next
            } else {
                Real::max(Real::sqrt(low * high), 1e-3 * high)
            };
        }
        damping
    }

    /// ‖S⁻ᵀ D² p‖² / ‖D p‖² for the present step, of the given scaled length: −d ln ‖D p‖ / d damping.
    fn slope(&mut self, length: f64) -> f64 {
        for ((v, p), d) in self.vector.iter_mut().zip(&self.step).zip(&self.scale) {
            *v = d * d * p / length;
        }
        self.factors.inverse_square(&self.vector)
    }

    /// Where no step leads on, with unknowns of that scaled length: the solution, if the residuals are orthogonal to the Jacobian, or zero to rounding.
    fn finish(&mut self, found: Solution, length: f64) -> Result<Solution, LeastSquaresError> {
        self.factors.solve(0.0, &self.scale, &mut self.step);
        if found.cosine > STUCK && self.scaled_length(&self.step) > SOLVED * length {
            return Err(LeastSquaresError::Stuck { found });
        }
        Ok(found)
    }

    fn scaled_length(&self, x: &[f64]) -> f64 {
        let scaled = x.iter().zip(&self.scale).map(|(x, d)| (x * d) * (x * d));
        Real::sqrt(scaled.sum::<f64>())
    }
}

/// The region of trust, and the damping to start from, after a step whose reduction was so good.
fn next_bound(
    bound: f64,
    damping: f64,
    step: f64,
    ratio: f64,
    actual: f64,
    slope: f64,
) -> (f64, f64) {
    if ratio <= 0.25 {
        // Where the parabola through both values and the slope has its minimum.
        let shrink = if actual >= 0.0 {
            0.5
        } else {
            Real::max(0.5 * slope / (slope - 0.5 * actual), 0.1)
        };
        let bound = shrink * Real::min(bound, step / 0.1);
        (bound, damping / shrink)
    } else if damping == 0.0 || ratio >= 0.75 {
        (step / 0.5, 0.5 * damping)
    } else {
        (bound, damping)
    }
}
