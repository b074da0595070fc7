//! The logarithm of the gamma function and its first two derivatives.
//!
//! Large arguments take Stirling's series (NIST Digital Library of Mathematical Functions, 5.11), smaller ones are shifted up by the
//! recurrence, negative ones reflected. Around its zeros at 1 and 2, ln Γ is a polynomial of our own times (x − 1)(x − 2).

use core::f64::consts::PI;

use backprop_macros::differentiable;

use super::format::polynomial;
use crate::Real;

/// ln |Γ(x)|. Error: 6 ulp for `x > 0`; for `x < 0`, 1e-14 absolute or relative, whichever is larger. +∞ at 0 and the negative integers.
///
/// Derivative: `digamma(x)`.
#[differentiable(crate = crate, jvp, hvp, partials(x = digamma(x)))]
#[inline]
pub fn ln_gamma<T: Real>(x: T) -> T {
    T::from_f64(ln_gamma_f64(x.to_f64()))
}

/// The digamma function ψ, the derivative of [`ln_gamma`]. Error: 4e-15 absolute or relative, whichever is larger (it has a zero at
/// 1.4616), and in proportion to 1/distance near a pole left of 0. NaN at the negative integers, ∓∞ at ±0.
///
/// Derivative: `trigamma(x)`.
#[differentiable(crate = crate, jvp, hvp, partials(x = trigamma(x)))]
#[inline]
pub fn digamma<T: Real>(x: T) -> T {
    T::from_f64(digamma_f64(x.to_f64()))
}

/// The trigamma function ψ′, the derivative of [`digamma`]. Error: 8 ulp for `x > 0`; +∞ at 0 and the negative integers.
///
/// Derivative: ψ″(x).
#[differentiable(crate = crate, jvp, partials(x = tetragamma(x)))]
#[inline]
pub fn trigamma<T: Real>(x: T) -> T {
    T::from_f64(trigamma_f64(x.to_f64()))
}

/// The derivative ψ″ of [`trigamma`]: −∞ at 0, NaN at the negative integers.
fn tetragamma<T: Real>(x: T) -> T {
    T::from_f64(tetragamma_f64(x.to_f64()))
}

/// From here on Stirling's series converges to double precision with eight terms.
const LARGE: f64 = 10.0;

fn ln_gamma_f64(x: f64) -> f64 {
    if x >= LARGE {
        stirling(x)
    } else if x >= 1.0 {
        // Γ(x) = (x − 1)(x − 2)..·Γ(y) with y in [1, 2).
        let (mut y, mut product) = (x, 1.0);
        while y >= 2.0 {
            y -= 1.0;
            product *= y;
        }
        product.ln() + (y - 1.0) * (y - 2.0) * polynomial(&AROUND_ONE_AND_A_HALF, 2.0 * y - 3.0)
    } else if x >= 0.0 {
        // y = x + 1, which would be rounded.
        x * (x - 1.0) * polynomial(&AROUND_ONE_AND_A_HALF, 2.0 * x - 1.0) - x.ln()
    } else if x.is_nan() {
        x
    } else if x == x.floor() {
        f64::INFINITY
    } else {
        PI.ln() - sin_pi(x).abs().ln() - ln_gamma_f64(1.0 - x)
    }
}

/// (x − ½)·(ln x − 1) + (ln 2π − 1)/2 + 1/(12 x) − ..: the form without ∞ − ∞.
fn stirling(x: f64) -> f64 {
    const HALF_LN_TAU_MINUS_HALF: f64 = 0.418_938_533_204_672_7;
    const SERIES: [f64; 8] = [
        1.0 / 12.0,
        -1.0 / 360.0,
        1.0 / 1260.0,
        -1.0 / 1680.0,
        1.0 / 1188.0,
        -691.0 / 360_360.0,
        1.0 / 156.0,
        -3617.0 / 122_400.0,
    ];
    let inverse = 1.0 / x;
    (x - 0.5) * (x.ln() - 1.0)
        + HALF_LN_TAU_MINUS_HALF
        + inverse * polynomial(&SERIES, inverse * inverse)
}

fn digamma_f64(x: f64) -> f64 {
    /// ln x − 1/(2x) − Σ B₂ₖ/(2k x²ᵏ).
    const SERIES: [f64; 8] = [
        1.0 / 12.0,
        -1.0 / 120.0,
        1.0 / 252.0,
        -1.0 / 240.0,
        1.0 / 132.0,
        -691.0 / 32_760.0,
        1.0 / 12.0,
        -3617.0 / 8160.0,
    ];
    if x == 0.0 {
        return -1.0 / x;
    }
    if x < 0.0 {
        return if x == x.floor() {
            f64::NAN
        } else {
            digamma_f64(1.0 - x) - PI * cos_pi(x) / sin_pi(x)
        };
    }
    let (mut y, mut shift) = (x, 0.0);
    while y < LARGE {
        shift += 1.0 / y;
        y += 1.0;
    }
    let inverse = 1.0 / y;
    let square = inverse * inverse;
    y.ln() - 0.5 * inverse - square * polynomial(&SERIES, square) - shift
}

fn tetragamma_f64(x: f64) -> f64 {
    /// −(1/x² + 1/x³ + Σ (2k + 1) B₂ₖ/x²ᵏ⁺²), the derivative of the series of [`trigamma_f64`].
    const SERIES: [f64; 8] = [
        3.0 / 6.0,
        -5.0 / 30.0,
        7.0 / 42.0,
        -9.0 / 30.0,
        11.0 * 5.0 / 66.0,
        -13.0 * 691.0 / 2730.0,
        15.0 * 7.0 / 6.0,
        -17.0 * 3617.0 / 510.0,
    ];
    if x <= 0.0 {
        if x == 0.0 {
            return f64::NEG_INFINITY;
        }
        let sine = sin_pi(x);
        return if x == x.floor() {
            f64::NAN
        } else {
            tetragamma_f64(1.0 - x) - 2.0 * PI * PI * PI * cos_pi(x) / (sine * sine * sine)
        };
    }
    let (mut y, mut shift) = (x, 0.0);
    while y < LARGE {
        shift += 2.0 / (y * y * y);
        y += 1.0;
    }
    let inverse = 1.0 / y;
    let square = inverse * inverse;
    -(square + square * inverse + square * square * polynomial(&SERIES, square) + shift)
}

fn trigamma_f64(x: f64) -> f64 {
    /// 1/x + 1/(2x²) + Σ B₂ₖ/x²ᵏ⁺¹.
    const SERIES: [f64; 8] = [
        1.0 / 6.0,
        -1.0 / 30.0,
        1.0 / 42.0,
        -1.0 / 30.0,
        5.0 / 66.0,
        -691.0 / 2730.0,
        7.0 / 6.0,
        -3617.0 / 510.0,
    ];
    if x <= 0.0 {
        let sine = sin_pi(x);
        return if x == x.floor() {
            f64::INFINITY
        } else {
            PI * PI / (sine * sine) - trigamma_f64(1.0 - x)
        };
    }
    let (mut y, mut shift) = (x, 0.0);
    while y < LARGE {
        shift += 1.0 / (y * y);
        y += 1.0;
    }
    let inverse = 1.0 / y;
    let square = inverse * inverse;
    inverse + 0.5 * square + inverse * square * polynomial(&SERIES, square) + shift
}

/// sin(πx), up to its sign where `x` is far from 0: exact reduction to the nearest integer first. With [`cos_pi`] the sign cancels.
fn sin_pi(x: f64) -> f64 {
    (PI * (x - x.round())).sin()
}

fn cos_pi(x: f64) -> f64 {
    (PI * (x - x.round())).cos()
}

/// ln Γ(x)/((x − 1)(x − 2)) in powers of 2x − 3, on [1, 2]. Chebyshev interpolation at 60 digits.
const AROUND_ONE_AND_A_HALF: [f64; 21] = [
    0.4831289505409809,
    -0.07297994795715297,
    0.01572785026864121,
    -0.003913560937631659,
    0.0010498186644508718,
    -0.0002945507014009265,
    8.510090378468051e-05,
    -2.509432984849446e-05,
    7.5113915317296576e-06,
    -2.274240971132041e-06,
    6.948440187550096e-07,
    -2.138843561161159e-07,
    6.623601939725099e-08,
    -2.057761163373013e-08,
    6.434152357291201e-09,
    -2.0732827842398214e-09,
    6.533268528434416e-10,
    -1.6393816009998903e-10,
    5.18198984494436e-11,
    -3.533898162275879e-11,
    1.1273354955165048e-11,
];
