//! The hyperbolic tangent.

use backprop_macros::differentiable;

use super::exponential::exp_of_moderate;
use crate::Real;

/// The hyperbolic tangent. Error: 1.7 ulp.
///
/// Derivative: `1 - ret * ret`.
#[differentiable(crate = crate, jvp, hvp, partials(x = T::from_f64(1.0) - ret * ret))]
#[inline(always)]
pub fn tanh<T: Real>(x: T) -> T {
    let (one, two) = (T::from_f64(1.0), T::from_f64(2.0));
    let size = x.abs();
    // x − x·z·(a rational function of z = x²) near 0, else 1 − 2/(e²ˣ + 1): one division for both.
    let near = size < T::from_f64(0.55);
    let z = size * size;
    let (numerator, denominator) = T::tanh_near(z);
    let bounded = if size > T::NEGLIGIBLE {
        T::NEGLIGIBLE
    } else {
        size
    };
    let denominator_far = one + exp_of_moderate(two * bounded);
    let (numerator, denominator) = if near {
        (z * numerator, denominator)
    } else {
        (two, denominator_far)
    };
    let quotient = numerator / denominator;
    let tanh = if near {
        size - size * quotient
    } else {
        one - quotient
    };
    tanh.copysign(x)
}
