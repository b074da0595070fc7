//! Is this gradient right? Compares any gradient with finite differences, for the tests of those who compute one.
//!
//! Derivatives are extrapolated from central differences of shrinking steps, and come with an estimate of their own error, so that a
//! tolerance need not be guessed. Small inputs are checked entry by entry. Large ones are checked along random directions, which see every
//! entry at once; where a direction disagrees, halving it finds the entry that is wrong.

mod compare;
mod probe;
mod report;
mod ridders;

use alloc::vec::Vec;

use self::compare::Checker;
pub use self::report::{Comparison, Failure, Report};
use crate::{Differentiable, Real};

/// How to check a gradient. The defaults suit most functions.
///
/// ```
/// # use backprop_runtime::gradcheck::Gradcheck;
/// let f = |x: &[f64]| x[0].sin() * x[1];
/// let report = Gradcheck::new().check_slice(f, &[0.4, 2.0], &[2.0 * 0.4_f64.cos(), 0.4_f64.sin()])?;
/// assert_eq!(report.compared, 2);
///
/// let failure = Gradcheck::new().check_slice(f, &[0.4, 2.0], &[2.0, 0.4_f64.sin()]).unwrap_err();
/// assert!(failure.to_string().contains("value[0]"));
/// # Ok::<(), backprop_runtime::gradcheck::Failure>(())
/// ```
#[derive(Clone, Debug)]
pub struct Gradcheck {
    tolerance: Option<f64>,
    entries: usize,
    directions: usize,
    seed: u64,
}

impl Default for Gradcheck {
    fn default() -> Self {
        Gradcheck {
            tolerance: None,
            entries: 256,
            directions: 8,
            seed: 0,
        }
    }
}

impl Gradcheck {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The relative error that a gradient may have beyond that of the finite differences. Unless set, ten times the square root of the
    /// coarsest float type's precision: 1.5e-7 where all are `f64`, 3.5e-3 where an `f32` takes part.
    #[must_use]
    pub fn tolerance(self, tolerance: f64) -> Self {
        Gradcheck {
            tolerance: Some(tolerance),
            ..self
        }
    }

    /// Inputs of at most so many floats are checked entry by entry (256 unless set), larger ones along random directions. One entry or
    /// direction costs about twenty evaluations.
    #[must_use]
    pub fn entries_up_to(self, entries: usize) -> Self {
        Gradcheck { entries, ..self }
    }

    /// The number of random directions for large inputs: 8 unless set.
    #[must_use]
    pub fn directions(self, directions: usize) -> Self {
        Gradcheck { directions, ..self }
    }

    /// The seed of the random directions: 0 unless set. A failure repeats with its seed.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Gradcheck { seed, ..self }
    }

    /// Checks that `gradient` is the gradient of `f` at the point `at`.
    ///
    /// # Errors
    /// If it is not, or if `f` or `gradient` is not finite there, or if there is nothing to check.
    ///
    /// # Panics
    /// If `at` and `gradient` differ in shape, naming the leaf.
    pub fn check<M: Differentiable, T: Real>(
        &self,
        f: impl FnMut(&M) -> T,
        at: &M,
        gradient: &M,
    ) -> Result<Report, Failure> {
        let mut checker = Checker::new(f, at, gradient, self.tolerance)?;
        if checker.len() <= self.entries {
            checker.every_entry()
        } else {
            checker.random_directions(self.directions, self.seed)
        }
    }

    /// [`check`](Self::check) for a function of a slice. The elements are called `value[0]`, `value[1]` and so on.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    ///
    /// # Panics
    /// If `at` and `gradient` differ in length.
    pub fn check_slice<X: Real, T: Real>(
        &self,
        mut f: impl FnMut(&[X]) -> T,
        at: &[X],
        gradient: &[X],
    ) -> Result<Report, Failure> {
        self.check(|x: &Vec<X>| f(x), &at.to_vec(), &gradient.to_vec())
    }
}

/// Panics with the report unless `gradient` is the gradient of `f` at the point `at`, as far as [`Gradcheck::check`] can tell.
///
/// ```
/// # use backprop_runtime::gradcheck::assert_gradient;
/// assert_gradient(|&(x, y): &(f64, f64)| x * y * y, &(3.0, 2.0), &(4.0, 12.0));
/// ```
///
/// # Panics
/// If it is not.
#[track_caller]
pub fn assert_gradient<M: Differentiable, T: Real>(f: impl FnMut(&M) -> T, at: &M, gradient: &M) {
    if let Err(failure) = Gradcheck::new().check(f, at, gradient) {
        panic!("{failure}");
    }
}

/// [`assert_gradient`] for a function of a slice.
///
/// ```
/// # use backprop_runtime::gradcheck::assert_gradient_slice;
/// assert_gradient_slice(|x| x[0].exp() + x[1], &[0.5, 1.0], &[0.5_f64.exp(), 1.0]);
/// ```
///
/// # Panics
/// If it is not.
#[track_caller]
pub fn assert_gradient_slice<X: Real, T: Real>(f: impl FnMut(&[X]) -> T, at: &[X], gradient: &[X]) {
    if let Err(failure) = Gradcheck::new().check_slice(f, at, gradient) {
        panic!("{failure}");
    }
}
