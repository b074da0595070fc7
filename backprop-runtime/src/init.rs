//! First weights: random, from a seed, scaled so that signals neither fade nor explode on their way through the layers.
//!
//! The same seed gives the same weights on every platform, to the last bit: the generator works on integers, and the normal distribution
//! uses only operations that IEEE 754 rounds exactly. (That, and not the generator's twenty lines, is why this is our own: a system's `ln`
//! differs from the next one's.)

use crate::Real;

mod generator;

pub use self::generator::Generator;

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
    uniform(weights, (6.0 / fans(fan_in + fan_out)).sqrt(), generator);
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
    normal(weights, (2.0 / fans(fan_in + fan_out)).sqrt(), generator);
}

/// Fills `weights` from the uniform distribution on ±√(6/`fan_in`).
///
/// For layers with a rectifying activation. Source: K. He, X. Zhang, S. Ren, J. Sun, Delving deep into rectifiers, ICCV 2015, equation 10.
///
/// # Panics
/// If `fan_in` is 0.
#[track_caller]
pub fn he_uniform<T: Real>(weights: &mut [T], fan_in: usize, generator: &mut Generator) {
    uniform(weights, (6.0 / fans(fan_in)).sqrt(), generator);
}

/// Fills `weights` from the normal distribution with variance 2/`fan_in`. Use and source as of [`he_uniform`].
///
/// # Panics
/// If `fan_in` is 0.
#[track_caller]
pub fn he_normal<T: Real>(weights: &mut [T], fan_in: usize, generator: &mut Generator) {
    normal(weights, (2.0 / fans(fan_in)).sqrt(), generator);
}

#[track_caller]
fn fans(fans: usize) -> f64 {
    assert!(
        fans > 0,
        "weights of a layer without inputs have no scale: the fan is 0"
    );
    fans as f64
}

fn uniform<T: Real>(weights: &mut [T], limit: f64, generator: &mut Generator) {
    for w in weights {
        *w = T::from_f64(limit * (2.0 * generator.uniform() - 1.0));
    }
}

fn normal<T: Real>(weights: &mut [T], deviation: f64, generator: &mut Generator) {
    for w in weights {
        *w = T::from_f64(deviation * generator.normal());
    }
}
