//! Optimizers: from a gradient to the next parameters.
//!
//! An optimizer works on any [`Differentiable`] model. Its moments are values of the model's own type, made once; a step walks over the
//! leaves of parameters, gradient and moments side by side and never allocates. Hyperparameters are `f64` and rounded to each leaf's type.
//!
//! | optimizer | for | memory, in models |
//! |---|---|---|
//! | [`Sgd`] | anything, with a tuned learning rate; momentum nearly always helps | 0, with momentum 1 |
//! | [`Adam`], [`AdamW`] | the first to try; `AdamW` where weights are to stay small | 2, AMSGrad 3 |
//! | [`NAdam`], [`RAdam`] | as Adam, with a look ahead, or without a warm-up of the learning rate | 2 |
//! | [`RmsProp`], [`Adadelta`] | recurrent networks, reinforcement learning | 1, with momentum 2; 2 |
//! | [`Adagrad`] | sparse gradients | 1 |
//! | [`Lion`] | as AdamW, with less memory | 1 |
//! | [`Lamb`] | large batches | 2 |
#![cfg_attr(
    feature = "alloc",
    doc = "| [`Adafactor`] | large matrices, where memory is short | rows + columns of each matrix |
| [`Muon`] | the matrices of hidden layers | 2 and a workspace |
| [`Lbfgs`] | smooth functions without noise: fits, small problems | 2·history + 3 |"
)]
//!
//! Leaves have names, such as `layers.0.bias`, and all optimizers take exceptions by name: [`AdamW::weight_decay_of`], [`AdamW::rate_factor`].
//! [`Accumulate`] steps once for several gradients; [`clip_global_norm`], [`clip_value`] and [`clip_adaptive`] limit what goes in.

mod accumulate;
mod adadelta;
#[cfg(feature = "alloc")]
mod adafactor;
mod adagrad;
mod adam;
pub(crate) mod algebra;
mod clip;
mod common;
mod elements;
mod lamb;
#[cfg(feature = "alloc")]
mod lbfgs;
mod lion;
#[cfg(feature = "alloc")]
mod matrices;
#[cfg(feature = "alloc")]
mod muon;
mod nadam;
pub(crate) mod pattern;
mod radam;
mod rmsprop;
mod sgd;

pub use self::accumulate::Accumulate;
pub use self::adadelta::Adadelta;
#[cfg(feature = "alloc")]
pub use self::adafactor::Adafactor;
pub use self::adagrad::Adagrad;
pub use self::adam::{Adam, AdamW};
pub use self::clip::{clip_adaptive, clip_global_norm, clip_value, global_norm};
pub use self::lamb::Lamb;
#[cfg(feature = "alloc")]
pub use self::lbfgs::{Lbfgs, LbfgsStep, LineSearchError};
pub use self::lion::Lion;
#[cfg(feature = "alloc")]
pub use self::muon::Muon;
pub use self::nadam::NAdam;
pub use self::radam::RAdam;
pub use self::rmsprop::RmsProp;
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
    /// If model, gradient and the model that the optimizer was made for differ in shape, naming the leaf; or, in the first step, if a setting by name is
    /// about no leaf of the model.
    fn step(&mut self, model: &mut M, gradient: &M);

    /// The present learning rate.
    fn current_learning_rate(&self) -> f64;

    /// Sets the learning rate for the steps to come: call it before each step to follow a schedule.
    fn set_learning_rate(&mut self, learning_rate: f64);
}
