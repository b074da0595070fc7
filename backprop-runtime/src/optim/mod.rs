//! Optimizers: from a gradient to the next parameters.
//!
//! An optimizer works on any [`Differentiable`] model. Its moments are values of the model's own type, made once; a step walks over the
//! leaves of parameters, gradient and moments side by side and never allocates. Hyperparameters are `f64` and rounded to each leaf's type.

mod adam;
mod clip;
mod sgd;

pub use self::adam::{Adam, AdamW};
pub use self::clip::{clip_global_norm, global_norm};
pub use self::sgd::Sgd;
use crate::Differentiable;

/// What all optimizers have in common.
///
/// ```
/// # use backprop_runtime::optim::{Adam, Optimizer};
/// // Minimise (x - 3)^2.
/// let mut x = [0.0_f64];
/// let mut adam = Adam::new(&x).learning_rate(0.1);
/// for step in 0..500 {
///     let gradient = [2.0 * (x[0] - 3.0)];
///     adam.set_learning_rate(0.1 / (1.0 + 0.01 * f64::from(step)));
///     adam.step(&mut x, &gradient);
/// }
/// assert!((x[0] - 3.0).abs() < 1e-4);
/// ```
pub trait Optimizer<M: Differentiable> {
    /// Moves the model one step against its gradient. Does not allocate, and does not clear the gradient.
    ///
    /// # Panics
    /// If model, gradient and the model that the optimizer was made for differ in shape, naming the leaf.
    fn step(&mut self, model: &mut M, gradient: &M);

    /// The present learning rate.
    fn current_learning_rate(&self) -> f64;

    /// Sets the learning rate for the steps to come: call it before each step to follow a schedule.
    fn set_learning_rate(&mut self, learning_rate: f64);
}
