//! The natural logarithm.
//!
//! x = 2ⁿ·m; with m = (1 + s)/(1 − s), ln m = 2·artanh(s), an odd function: 2 s + s³·(a polynomial in s²). As in W. J. Cody and W. Waite,
//! *Software Manual for the Elementary Functions* (1980), but arranged so that the leading term is m − 1, which is exact.

use backprop_macros::differentiable;

use crate::Real;

/// The natural logarithm. −∞ at 0, NaN below. Error: 0.9 ulp.
///
/// Derivative: `1 / x`.
#[differentiable(crate = crate, jvp, hvp, partials(x = T::from_f64(1.0) / x))]
#[inline(always)]
pub fn ln<T: Real>(x: T) -> T {
    let (n, m) = T::split_any(x);
    let ln = ln_of_parts(n, m - T::from_f64(1.0), T::from_f64(0.0));
    outside(x, ln)
}

/// ln(1 + x), accurate near zero. −∞ at −1, NaN below. Error: 1 ulp.
///
/// Derivative: `1 / (1 + x)`.
#[differentiable(crate = crate, jvp, hvp, partials(x = T::from_f64(1.0) / (T::from_f64(1.0) + x)))]
#[inline(always)]
pub fn ln_1p<T: Real>(x: T) -> T {
    let one = T::from_f64(1.0);
    let y = one + x;
    // What the sum's rounding took away, whichever is larger.
    let part = y - one;
    let error = (one - (y - part)) + (x - part);
    let (n, m, power) = T::split(y);
    let ln = outside(y, ln_of_sum(n, m - one, error * power));
    if x.abs() < T::TINY { x } else { ln }
}

/// ln(1 + x) for 0 ≤ x ≤ 1.
#[inline(always)]
pub(super) fn ln_1p_of_moderate<T: Real>(x: T) -> T {
    let one = T::from_f64(1.0);
    let y = one + x;
    let error = x - (y - one);
    let (n, m, power) = T::split(y);
    let ln = ln_of_sum(n, m - one, error * power);
    if x < T::TINY { x } else { ln }
}

/// ln(2ⁿ·(1 + f + g)), where g is small beside 1, but perhaps not beside f.
#[inline(always)]
fn ln_of_sum<T: Real>(n: T, f: T, g: T) -> T {
    let sum = f + g;
    ln_of_parts(n, sum, (f - sum) + g)
}

/// ln(2ⁿ·(1 + f + low)), where `low` is what a rounding took from f.
#[inline(always)]
fn ln_of_parts<T: Real>(n: T, f: T, low: T) -> T {
    let s = f / (T::from_f64(2.0) + f);
    let z = s * s;
    let half_square = T::from_f64(0.5) * f * f;
    // f − f²/2 + s·(f²/2 + z·tail): the last two are small beside the first.
    let rest = s * (half_square + z * T::ln_tail(z)) + (n * T::LN_2_LOW + low);
    n * T::LN_2_HIGH - ((half_square - rest) - f)
}

/// The logarithm of what is no positive finite number, else `ln`.
#[inline(always)]
fn outside<T: Real>(x: T, ln: T) -> T {
    let zero = T::from_f64(0.0);
    let positive = if x < T::INFINITY { ln } else { x };
    let not_positive = if x == zero { T::NEG_INFINITY } else { T::NAN };
    if x > zero { positive } else { not_positive }
}
