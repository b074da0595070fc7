//! What solvers ask of a function: [`Objective`] (a value and its gradient) and [`Residuals`] (a vector and its Jacobian), each written in three lines
//! from generated functions, or not at all: `f_grad` *is* an objective.
//!
//! Solvers see the unknowns as a row of numbers. [`array()`] and [`array_mut`] turn it into the array that a function with a fixed number of unknowns takes;
//! [`flatten`] and [`unflatten`] go between it and a struct that derives [`Differentiable`].
//!
//! ```
//! # use backprop_runtime::solve::{Memo, Objective};
//! // As the attribute writes it.
//! fn bowl_grad(x: &[f64], d_x: &mut [f64]) -> f64 {
//!     x.iter().zip(d_x).map(|(x, d)| { *d += 2.0 * x; x * x }).sum()
//! }
//!
//! // A solver that asks for the value, then for the gradient, pays once.
//! let mut memo = Memo::new(bowl_grad, [0.0; 2]);
//! assert_eq!(memo.value(&[3.0, 4.0]), 25.0);
//! assert_eq!(memo.gradient(&[3.0, 4.0]), [6.0, 8.0]);
//! assert_eq!(memo.evaluations(), 1);
//! ```
#![cfg_attr(
    feature = "alloc",
    doc = "\n[`LevenbergMarquardt`] solves nonlinear least squares; `optim::Lbfgs` minimises an objective."
)]
//! Neither the traits nor the memos need an allocator.

mod flat;
#[cfg(feature = "alloc")]
mod least_squares;
mod memo;

pub use self::flat::{array, array_mut, flatten, unflatten, write_columns};
#[cfg(feature = "alloc")]
pub use self::least_squares::{LeastSquaresError, LevenbergMarquardt, Solution};
pub use self::memo::{Memo, MemoResiduals};

#[cfg(doc)]
use crate::Differentiable;

/// A function to be minimised, or a density to be sampled: its value and gradient, together, since together they cost little more than the gradient.
///
/// Every function or closure with the signature of `f_grad` on a slice is one, and a pair of `f_grad` and `f_hvp` is [`SecondOrder`] besides. For a
/// struct with data it is one line:
///
/// ```
/// # use backprop_runtime::solve::Objective;
/// # fn misfit_grad(w: &[f64], d_w: &mut [f64], xs: &[f64]) -> f64 { xs.iter().map(|x| { d_w[0] += 2.0 * (w[0] - x); (w[0] - x).powi(2) }).sum() }
/// struct Fit { xs: Vec<f64> }
///
/// impl Objective for Fit {
///     fn gradient(&mut self, w: &[f64], d_w: &mut [f64]) -> f64 {
///         misfit_grad(w, d_w, &self.xs)
///     }
/// }
/// # let mut d = [0.0];
/// # assert_eq!(Fit { xs: vec![1.0, 2.0] }.gradient(&[0.0], &mut d), 5.0);
/// # assert_eq!(d, [-6.0]);
/// ```
///
/// It may own what a call needs besides, such as a `Tape`: that is why `self` is unique.
pub trait Objective {
    /// Returns the value at `x` and *adds* its gradient to `gradient`, as `f_grad` does. Both slices have a number for each unknown.
    fn gradient(&mut self, x: &[f64], gradient: &mut [f64]) -> f64;
}

impl<F: FnMut(&[f64], &mut [f64]) -> f64> Objective for F {
    #[inline]
    fn gradient(&mut self, x: &[f64], gradient: &mut [f64]) -> f64 {
        self(x, gradient)
    }
}

/// An objective with products of its Hessian: what Newton-CG and trust regions ask for.
///
/// ```
/// # use backprop_runtime::solve::{Objective, SecondOrder};
/// # fn cubes_grad(x: &[f64], d_x: &mut [f64]) -> f64 { d_x[0] += 3.0 * x[0] * x[0]; x[0].powi(3) }
/// # fn cubes_hvp(x: &[f64], v: &[f64], h: &mut [f64]) -> f64 { h[0] += 6.0 * x[0] * v[0]; x[0].powi(3) }
/// // As `#[differentiable(hvp)]` writes them.
/// let mut cubes = (cubes_grad, cubes_hvp);
/// let (mut gradient, mut product) = ([0.0], [0.0]);
/// assert_eq!(cubes.gradient(&[2.0], &mut gradient), 8.0);
/// cubes.hessian_product(&[2.0], &[1.0], &mut product);
/// assert_eq!((gradient, product), ([12.0], [12.0]));
/// ```
pub trait SecondOrder: Objective {
    /// Returns the value at `x` and *adds* the product of the Hessian there and `direction` to `product`, as `f_hvp` does.
    fn hessian_product(&mut self, x: &[f64], direction: &[f64], product: &mut [f64]) -> f64;
}

impl<G, H> Objective for (G, H)
where
    G: FnMut(&[f64], &mut [f64]) -> f64,
{
    #[inline]
    fn gradient(&mut self, x: &[f64], gradient: &mut [f64]) -> f64 {
        (self.0)(x, gradient)
    }
}

impl<G, H> SecondOrder for (G, H)
where
    G: FnMut(&[f64], &mut [f64]) -> f64,
    H: FnMut(&[f64], &[f64], &mut [f64]) -> f64,
{
    #[inline]
    fn hessian_product(&mut self, x: &[f64], direction: &[f64], product: &mut [f64]) -> f64 {
        (self.1)(x, direction, product)
    }
}

/// A function whose result is to become small as a whole: the residuals of a fit, the equations of a system; with its Jacobian.
///
/// From `#[differentiable(jacobian)] fn curve(b: &[f64; 2], #[nodiff] xs: &[f64], #[nodiff] ys: &[f64], out: &mut [f64])`:
///
/// ```
/// # use backprop_runtime::solve::{Residuals, array};
/// # fn curve(b: &[f64; 2], xs: &[f64], ys: &[f64], out: &mut [f64]) { for i in 0..xs.len() { out[i] = b[0] + b[1] * xs[i] - ys[i]; } }
/// # fn curve_jacobian_into(b: &[f64; 2], xs: &[f64], ys: &[f64], out: &mut [f64], j: &mut [f64]) {
/// #     curve(b, xs, ys, out);
/// #     j[..xs.len()].fill(1.0);
/// #     j[xs.len()..].copy_from_slice(xs);
/// # }
/// struct Fit { xs: Vec<f64>, ys: Vec<f64> }
///
/// impl Residuals for Fit {
///     fn count(&self) -> usize { self.xs.len() }
///     fn residuals(&mut self, b: &[f64], out: &mut [f64]) { curve(array(b), &self.xs, &self.ys, out) }
///     fn jacobian(&mut self, b: &[f64], out: &mut [f64], j: &mut [f64]) { curve_jacobian_into(array(b), &self.xs, &self.ys, out, j) }
/// }
/// # let mut fit = Fit { xs: vec![2.0], ys: vec![1.0] };
/// # let (mut out, mut j) = ([0.0], [0.0; 2]);
/// # fit.jacobian(&[1.0, 3.0], &mut out, &mut j);
/// # assert_eq!((out, j), ([6.0], [1.0, 2.0]));
/// ```
pub trait Residuals {
    /// How many residuals there are.
    fn count(&self) -> usize;

    /// Writes the residuals at `x`.
    fn residuals(&mut self, x: &[f64], residuals: &mut [f64]);

    /// Writes the residuals at `x` and their Jacobian, whatever was there before: column by column, a column for each unknown, as `f_jacobian_into` does.
    /// The derivative of residual `i` by unknown `k` stands at `k * count + i`. [`write_columns`] writes the matrix that `f_jacobian` returns so.
    fn jacobian(&mut self, x: &[f64], residuals: &mut [f64], jacobian: &mut [f64]);
}
