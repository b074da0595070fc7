//! Activation functions of neural networks, in forms that neither overflow nor cancel, without branches.

use backprop_macros::differentiable;

use super::exponential::{Parts, exp};
use super::logarithm::ln_1p_of_moderate;
use crate::Real;

/// The logistic function 1/(1 + e⁻ˣ). Error: 1.7 ulp.
///
/// Derivative: `ret * (1 - ret)`.
#[differentiable(crate = crate, jvp, hvp, partials(x = ret * (T::from_f64(1.0) - ret)))]
#[inline(always)]
pub fn sigmoid<T: Real>(x: T) -> T {
    gate(x, T::from_f64(1.0))
}

/// factor·sigmoid(x), where a factor below [`Format::EXP_LOW`] comes with an x at which all is 0.
#[inline(always)]
fn gate<T: Real>(x: T, factor: T) -> T {
    let (zero, one) = (T::from_f64(0.0), T::from_f64(1.0));
    let (low, high) = (T::EXP_LOW, -T::EXP_LOW);
    // Negated afterwards: each is the processor's minimum.
    let exponent = -if x > high { high } else { x };
    let exponent = if exponent > high { high } else { exponent };
    let Parts { n, r, rest } = Parts::of(exponent, zero);
    // 1 + e⁻ˣ = 1 + 2ⁿ·(1 + r + rest), or that times 2⁻ⁿ, so that nothing overflows; what sums lose is added in the end. Where n is
    // negative the power stands there, else beside the 1, and in the result.
    let enough = T::NEGLIGIBLE + T::NEGLIGIBLE;
    let below = if n < zero { n } else { zero };
    let below = if below < -enough { -enough } else { below };
    let above = if n > zero { n } else { zero };
    let near = if above > enough { enough } else { above };
    let (times, down) = (
        T::power_of_two(T::ROUND + below),
        T::power_of_two(T::ROUND - near),
    );
    let power = times * down;
    let (r, rest) = (times * r, times * rest);
    let base = one + power;
    let high = base + r;
    let lost = (power - (base - one)) + ((base - high) + r);
    let factor = if factor < low { low } else { factor };
    // The power of two comes last, in two parts, since it may be subnormal: what is small would be rounded twice.
    factor / (high + (lost + rest)) * down * T::power_of_two(T::ROUND - (above - near))
}

/// ln(1 + eˣ), the smooth form of [`relu`]. Error: 1.7 ulp.
///
/// Derivative: `sigmoid(x)`.
#[differentiable(crate = crate, jvp, hvp, partials(x = sigmoid(x)))]
#[inline(always)]
pub fn softplus<T: Real>(x: T) -> T {
    let zero = T::from_f64(0.0);
    let linear = if x <= zero { zero } else { x };
    linear + ln_1p_of_moderate(exp(-x.abs()))
}

/// ln(sigmoid(x)) = −softplus(−x). Error: 1.7 ulp.
///
/// Derivative: `sigmoid(-x)`.
#[differentiable(crate = crate, jvp, hvp, partials(x = sigmoid(-x)))]
#[inline(always)]
pub fn log_sigmoid<T: Real>(x: T) -> T {
    -softplus(-x)
}

/// The positive part of `x`. Exact.
///
/// Derivative: 1 where `x > 0`, else 0.
#[differentiable(crate = crate, jvp, hvp, partials(x = T::from_f64(if x > T::from_f64(0.0) { 1.0 } else { 0.0 })))]
#[inline(always)]
pub fn relu<T: Real>(x: T) -> T {
    // Not `max`, which would turn a NaN into 0.
    let zero = T::from_f64(0.0);
    if x <= zero { zero } else { x }
}

/// `x` where it is positive, else `slope * x`. Correctly rounded.
///
/// Derivative: in `x`, 1 where `x > 0`, else `slope`; in `slope`, 0 where `x > 0`, else `x`.
#[differentiable(crate = crate, jvp, hvp, partials(x = if x > T::from_f64(0.0) { T::from_f64(1.0) } else { slope }, slope = if x > T::from_f64(0.0) { T::from_f64(0.0) } else { x }))]
#[inline(always)]
pub fn leaky_relu<T: Real>(x: T, slope: T) -> T {
    if x <= T::from_f64(0.0) { slope * x } else { x }
}

/// x·sigmoid(x), also called swish. Error: 1.7 ulp.
///
/// Derivative: `s + ret * (1 - s)`, where `s = sigmoid(x)`.
#[differentiable(crate = crate, jvp, hvp, partials(x = sigmoid(x) + ret * (T::from_f64(1.0) - sigmoid(x))))]
#[inline(always)]
pub fn silu<T: Real>(x: T) -> T {
    gate(x, x)
}

/// The approximation x/2·(1 + tanh u) of [`gelu`](super::gelu), with u = √(2/π)·(x + 0.044715·x³).
///
/// Written as x·sigmoid(2u), which does not cancel for negative `x`. Source as of [`gelu`](super::gelu), section 2. Error: 3 ulp, plus 8|u| ulp from the
/// rounding of u where `x` is negative.
///
/// Derivative: `s + x * s * (1 - s) * 2 * u'`, where `s = sigmoid(2 * u)` and `u'` = √(2/π)·(1 + 0.134145·x²).
#[differentiable(crate = crate, jvp, hvp, partials(x = gelu_tanh_slope(x)))]
#[inline(always)]
pub fn gelu_tanh<T: Real>(x: T) -> T {
    let twice_root = T::from_f64(1.595_769_121_605_730_7); // 2 √(2/π)
    let cubic = T::from_f64(0.044_715);
    gate(twice_root * (x + cubic * x * x * x), x)
}

/// The derivative of [`gelu_tanh`].
#[differentiable(crate = crate, jvp)]
#[inline(always)]
pub(super) fn gelu_tanh_slope<T: Real>(x: T) -> T {
    let one = T::from_f64(1.0);
    let twice_root = T::from_f64(1.595_769_121_605_730_7); // 2 √(2/π)
    let s = sigmoid(twice_root * (x + T::from_f64(0.044_715) * x * x * x));
    let twice_u = twice_root * (one + T::from_f64(0.134_145) * x * x);
    s + x * s * (one - s) * twice_u
}
