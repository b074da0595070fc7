//! Residuals with a generated Jacobian, as the crate `levenberg-marquardt` (MIT) asks for them: [`Problem`].
//!
//! Copy this file into your crate. Both have the Jacobian column by column, so numbers are copied as they lie; residuals at a trial point cost no Jacobian.

use std::cell::RefCell;

use backprop::solve::{MemoResiduals, Residuals};
use levenberg_marquardt::LeastSquaresProblem;
use nalgebra::{DMatrix, DVector, Dyn, storage::Owned};

type Memo<F> = MemoResiduals<F, Vec<f64>, Vec<f64>, Vec<f64>>;

/// Residuals, and the point where the solver is.
///
/// ```
/// use backprop::prelude::*;
/// use backprop::solve::{Residuals, array, write_columns};
/// use example_levenberg_marquardt::Problem;
/// use levenberg_marquardt::LevenbergMarquardt;
///
/// #[differentiable(jacobian)]
/// fn rosenbrock(x: &[f64; 2]) -> [f64; 2] {
///     [10.0 * (x[1] - x[0] * x[0]), 1.0 - x[0]]
/// }
///
/// struct Rosenbrock;
/// impl Residuals for Rosenbrock {
///     fn count(&self) -> usize {
///         2
///     }
///     fn residuals(&mut self, x: &[f64], out: &mut [f64]) {
///         out.copy_from_slice(&rosenbrock(array(x)));
///     }
///     fn jacobian(&mut self, x: &[f64], out: &mut [f64], j: &mut [f64]) {
///         let (values, rows) = rosenbrock_jacobian(array(x));
///         out.copy_from_slice(&values);
///         write_columns(&rows, j);
///     }
/// }
///
/// let (solved, report) = LevenbergMarquardt::new().minimize(Problem::new(Rosenbrock, &[-1.2, 1.0]));
/// assert!(report.termination.was_successful());
/// assert!(solved.x().iter().all(|x| (x - 1.0).abs() < 1e-12));
/// ```
pub struct Problem<F> {
    memo: RefCell<Memo<F>>,
    x: Vec<f64>,
    count: usize,
}

impl<F: Residuals> Problem<F> {
    /// To be solved from `start`.
    pub fn new(residuals: F, start: &[f64]) -> Self {
        Problem {
            count: residuals.count(),
            memo: RefCell::new(MemoResiduals::with_unknowns(residuals, start.len())),
            x: start.to_vec(),
        }
    }

    /// Where the solver is, or has ended.
    #[must_use]
    pub fn x(&self) -> &[f64] {
        &self.x
    }

    /// How often the residuals have been computed, with or without their Jacobian.
    #[must_use]
    pub fn evaluations(&self) -> u64 {
        self.memo.borrow().evaluations()
    }
}

impl<F: Residuals> LeastSquaresProblem<f64, Dyn, Dyn> for Problem<F> {
    type ResidualStorage = Owned<f64, Dyn>;
    type JacobianStorage = Owned<f64, Dyn, Dyn>;
    type ParameterStorage = Owned<f64, Dyn>;

    fn set_params(&mut self, x: &DVector<f64>) {
        self.x.copy_from_slice(x.as_slice());
    }

    fn params(&self) -> DVector<f64> {
        DVector::from_column_slice(&self.x)
    }

    fn residuals(&self) -> Option<DVector<f64>> {
        Some(DVector::from_column_slice(
            self.memo.borrow_mut().residuals(&self.x),
        ))
    }

    fn jacobian(&self) -> Option<DMatrix<f64>> {
        let mut memo = self.memo.borrow_mut();
        let jacobian = memo.jacobian(&self.x);
        Some(DMatrix::from_column_slice(
            self.count,
            self.x.len(),
            jacobian,
        ))
    }
}
