//! An objective with generated derivatives, as the crate `argmin` (MIT or Apache-2.0) asks for it: [`Problem`].
//!
//! Copy this file into your crate. Value and gradient, which argmin asks for separately, come from one call. The Hessian is never written down: [`HessianAt`] is a
//! place, and its product with a direction is a call of `f_hvp`, so Newton-CG and Steihaug's trust region go to any number of unknowns.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use argmin::core::{CostFunction, Error, Gradient, Hessian};
use argmin_math::ArgminDot;
use backprop::solve::{Memo, Objective, SecondOrder};

/// An objective, for argmin's solvers on `Vec<f64>`.
///
/// ```
/// use argmin::core::{Executor, State};
/// use argmin::solver::{linesearch::MoreThuenteLineSearch, quasinewton::LBFGS};
/// use backprop::prelude::*;
/// use example_argmin::Problem;
///
/// #[differentiable]
/// fn valley(x: &[f64]) -> f64 {
///     x.windows(2).map(|w| 100.0 * (w[1] - w[0] * w[0]).powi(2) + (1.0 - w[0]).powi(2)).sum()
/// }
///
/// let start = vec![-1.2, 1.0];
/// let solver = LBFGS::new(MoreThuenteLineSearch::new(), 7);
/// let result = Executor::new(Problem::new(valley_grad, start.len()), solver)
///     .configure(|state| state.param(start).max_iters(100))
///     .run()?;
/// assert!(result.state().get_best_cost() < 1e-12);
/// # Ok::<(), argmin::core::Error>(())
/// ```
pub struct Problem<F>(Rc<RefCell<Memo<F, Vec<f64>>>>);

impl<F: Objective> Problem<F> {
    /// For so many unknowns.
    pub fn new(objective: F, unknowns: usize) -> Self {
        Problem(Rc::new(RefCell::new(Memo::new(
            objective,
            vec![0.0; unknowns],
        ))))
    }

    /// How often value and gradient have been computed.
    #[must_use]
    pub fn evaluations(&self) -> u64 {
        self.0.borrow().evaluations()
    }
}

/// The same problem: it counts for both.
impl<F> Clone for Problem<F> {
    fn clone(&self) -> Self {
        Problem(Rc::clone(&self.0))
    }
}

impl<F: Objective> CostFunction for Problem<F> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, x: &Vec<f64>) -> Result<f64, Error> {
        Ok(self.0.borrow_mut().value(x))
    }
}

impl<F: Objective> Gradient for Problem<F> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, x: &Vec<f64>) -> Result<Vec<f64>, Error> {
        Ok(self.0.borrow_mut().gradient(x).to_vec())
    }
}

impl<F: SecondOrder> Hessian for Problem<F> {
    type Param = Vec<f64>;
    type Hessian = HessianAt<F>;

    fn hessian(&self, x: &Vec<f64>) -> Result<HessianAt<F>, Error> {
        Ok(HessianAt {
            problem: self.clone(),
            x: x.clone(),
        })
    }
}

/// The Hessian at a point, as what it does to a direction.
pub struct HessianAt<F> {
    problem: Problem<F>,
    x: Vec<f64>,
}

impl<F> Clone for HessianAt<F> {
    fn clone(&self) -> Self {
        HessianAt {
            problem: self.problem.clone(),
            x: self.x.clone(),
        }
    }
}

impl<F> fmt::Debug for HessianAt<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HessianAt")
            .field("x", &self.x)
            .finish_non_exhaustive()
    }
}

impl<F: SecondOrder> ArgminDot<Vec<f64>, Vec<f64>> for HessianAt<F> {
    fn dot(&self, direction: &Vec<f64>) -> Vec<f64> {
        let mut product = vec![0.0; direction.len()];
        let mut memo = self.problem.0.borrow_mut();
        memo.hessian_product(&self.x, direction, &mut product);
        product
    }
}
