//! Weights scaled by the number of inputs and outputs, so that the variance of signals, of gradients, or of both stays from layer to layer.

use super::{Generator, normal, uniform};
use crate::Real;

/// Fills `weights` from the uniform distribution on ±√(6/(`fan_in` + `fan_out`)).
///
/// For layers with a sigmoid, tanh or no activation. Source: X. Glorot, Y. Bengio, Understanding the difficulty of training deep feedforward
/// neural networks, AISTATS 2010, equation 16.
///
/// # Panics
/// If both fans are 0.
///
/// ```
/// # use backprop_runtime::init::{Generator, glorot_uniform};
/// let mut weights = [0.0_f32; 6]; // 2 inputs, 3 outputs
/// glorot_uniform(&mut weights, 2, 3, &mut Generator::new(42));
/// assert!(weights.iter().all(|w| w.abs() <= (6.0_f32 / 5.0).sqrt()));
/// ```
#[track_caller]
pub fn glorot_uniform<T: Real>(
    weights: &mut [T],
    fan_in: usize,
    fan_out: usize,
    generator: &mut Generator,
) {
    within(weights, 6.0 / fans(fan_in + fan_out), generator);
}

/// Fills `weights` from the normal distribution with variance 2/(`fan_in` + `fan_out`). Use and source as of [`glorot_uniform`].
///
/// # Panics
/// If both fans are 0.
#[track_caller]
pub fn glorot_normal<T: Real>(
    weights: &mut [T],
    fan_in: usize,
    fan_out: usize,
    generator: &mut Generator,
) {
    spread(weights, 2.0 / fans(fan_in + fan_out), generator);
}

/// Fills `weights` from the uniform distribution on ±√(6/`fan_in`).
///
/// For layers with a rectifying activation. Source: K. He, X. Zhang, S. Ren, J. Sun, Delving deep into rectifiers, ICCV 2015, equation 10.
///
/// # Panics
/// If `fan_in` is 0.
#[track_caller]
pub fn he_uniform<T: Real>(weights: &mut [T], fan_in: usize, generator: &mut Generator) {
    within(weights, 6.0 / fans(fan_in), generator);
}

/// Fills `weights` from the normal distribution with variance 2/`fan_in`. Use and source as of [`he_uniform`].
///
/// # Panics
/// If `fan_in` is 0.
#[track_caller]
pub fn he_normal<T: Real>(weights: &mut [T], fan_in: usize, generator: &mut Generator) {
    spread(weights, 2.0 / fans(fan_in), generator);
}

/// Fills `weights` from the uniform distribution on ±√(3/`fan_in`).
///
/// For layers whose activation keeps the variance, such as SELU. Source: Y. LeCun, L. Bottou, G. B. Orr, K.-R. Müller, Efficient BackProp, in Neural
/// Networks: Tricks of the Trade, Springer 1998, equation 16.
///
/// # Panics
/// If `fan_in` is 0.
#[track_caller]
pub fn lecun_uniform<T: Real>(weights: &mut [T], fan_in: usize, generator: &mut Generator) {
    within(weights, 3.0 / fans(fan_in), generator);
}

/// Fills `weights` from the normal distribution with variance 1/`fan_in`. Use and source as of [`lecun_uniform`].
///
/// # Panics
/// If `fan_in` is 0.
#[track_caller]
pub fn lecun_normal<T: Real>(weights: &mut [T], fan_in: usize, generator: &mut Generator) {
    spread(weights, 1.0 / fans(fan_in), generator);
}

#[track_caller]
fn fans(fans: usize) -> f64 {
    assert!(
        fans > 0,
        "weights of a layer without inputs have no scale: the fan is 0"
    );
    fans as f64
}

fn within<T: Real>(weights: &mut [T], square: f64, generator: &mut Generator) {
    let limit = Real::sqrt(square);
    uniform(weights, -limit, limit, generator);
}

fn spread<T: Real>(weights: &mut [T], variance: f64, generator: &mut Generator) {
    normal(weights, 0.0, Real::sqrt(variance), generator);
}
