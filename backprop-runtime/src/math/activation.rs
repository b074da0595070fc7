//! Activation functions of neural networks, in forms that neither overflow nor cancel.

use backprop_macros::differentiable;

use super::error_function::normal_cdf_and_pdf;
use crate::Real;

/// The logistic function 1/(1 + e⁻ˣ). Error: 4 ulp.
///
/// Derivative: `ret * (1 - ret)`.
#[differentiable(crate = crate, partials(x = ret * (T::from_f64(1.0) - ret)))]
#[inline]
pub fn sigmoid<T: Real>(x: T) -> T {
    let one = T::from_f64(1.0);
    let e = (-x.abs()).exp();
    let numerator = if x < T::from_f64(0.0) { e } else { one };
    numerator / (one + e)
}

/// ln(1 + eˣ), the smooth form of [`relu`]. Error: 4 ulp.
///
/// Derivative: `sigmoid(x)`.
#[differentiable(crate = crate, partials(x = sigmoid(x)))]
#[inline]
pub fn softplus<T: Real>(x: T) -> T {
    let zero = T::from_f64(0.0);
    let linear = if x <= zero { zero } else { x };
    linear + (-x.abs()).exp().ln_1p()
}

/// ln(sigmoid(x)) = −softplus(−x). Error: 4 ulp.
///
/// Derivative: `sigmoid(-x)`.
#[differentiable(crate = crate, partials(x = sigmoid(-x)))]
#[inline]
pub fn log_sigmoid<T: Real>(x: T) -> T {
    -softplus(-x)
}

/// The positive part of `x`. Exact.
///
/// Derivative: 1 where `x > 0`, else 0.
#[differentiable(crate = crate, partials(x = T::from_f64(if x > T::from_f64(0.0) { 1.0 } else { 0.0 })))]
#[inline]
pub fn relu<T: Real>(x: T) -> T {
    // Not `max`, which would turn a NaN into 0.
    let zero = T::from_f64(0.0);
    if x <= zero { zero } else { x }
}

/// `x` where it is positive, else `slope * x`. Correctly rounded.
///
/// Derivative: in `x`, 1 where `x > 0`, else `slope`; in `slope`, 0 where `x > 0`, else `x`.
#[differentiable(crate = crate, partials(x = if x > T::from_f64(0.0) { T::from_f64(1.0) } else { slope }, slope = if x > T::from_f64(0.0) { T::from_f64(0.0) } else { x }))]
#[inline]
pub fn leaky_relu<T: Real>(x: T, slope: T) -> T {
    if x <= T::from_f64(0.0) { slope * x } else { x }
}

/// x·sigmoid(x), also called swish. Error: 5 ulp.
///
/// Derivative: `s + ret * (1 - s)`, where `s = sigmoid(x)`.
#[differentiable(crate = crate, partials(x = sigmoid(x) + ret * (T::from_f64(1.0) - sigmoid(x))))]
#[inline]
pub fn silu<T: Real>(x: T) -> T {
    x * sigmoid(x)
}

/// x·Φ(x), where Φ is the normal distribution function: the exact form of the Gaussian error linear unit.
///
/// Source: D. Hendrycks, K. Gimpel, Gaussian Error Linear Units, arXiv:1606.08415. Error: that of
/// [`normal_cdf`](super::normal_cdf) and 1 ulp.
///
/// Derivative: `normal_cdf(x) + x * normal_pdf(x)`.
#[differentiable(crate = crate, vjp = gelu_rule)]
#[inline]
pub fn gelu<T: Real>(x: T) -> T {
    x * super::normal_cdf(x)
}

/// Φ and φ have an exponential in common.
#[inline]
fn gelu_rule<T: Real>(x: T, d_ret: T) -> (T, T) {
    let (cdf, pdf) = normal_cdf_and_pdf(x.to_f64());
    let (cdf, pdf) = (T::from_f64(cdf), T::from_f64(pdf));
    let rest = if pdf == T::from_f64(0.0) {
        pdf
    } else {
        x * pdf
    }; // infinity times nothing
    (x * cdf, d_ret * (cdf + rest))
}

/// The approximation x/2·(1 + tanh u) of [`gelu`], with u = √(2/π)·(x + 0.044715·x³).
///
/// Written as x·sigmoid(2u), which does not cancel for negative `x`. Source as of [`gelu`], section 2. Error: 5 ulp, plus 8|u| ulp from the
/// rounding of u where `x` is negative.
///
/// Derivative: `s + x * s * (1 - s) * 2 * u'`, where `s = sigmoid(2 * u)` and `u'` = √(2/π)·(1 + 0.134145·x²).
#[differentiable(crate = crate, partials(x = gelu_tanh_slope(x)))]
#[inline]
pub fn gelu_tanh<T: Real>(x: T) -> T {
    let twice_root = T::from_f64(1.595_769_121_605_730_7); // 2 √(2/π)
    let cubic = T::from_f64(0.044_715);
    x * sigmoid(twice_root * (x + cubic * x * x * x))
}

/// The derivative of [`gelu_tanh`].
#[inline]
fn gelu_tanh_slope<T: Real>(x: T) -> T {
    let one = T::from_f64(1.0);
    let twice_root = T::from_f64(1.595_769_121_605_730_7); // 2 √(2/π)
    let s = sigmoid(twice_root * (x + T::from_f64(0.044_715) * x * x * x));
    let twice_u = twice_root * (one + T::from_f64(0.134_145) * x * x);
    s + x * s * (one - s) * twice_u
}
