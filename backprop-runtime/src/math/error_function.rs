//! The error function and the normal distribution.
//!
//! Two polynomials cover everything: erf(x)/x in x² up to 1, and (1 + 2x)·exp(x²)·erfc(x) in (x − 3)/(x + 3) for all x ≥ 0, the form of
//! M. M. Shepherd and J. G. Laframboise, Math. Comp. 36 (1981), 249. The coefficients are our own: Chebyshev interpolation at 60 digits.

use core::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

use backprop_macros::differentiable;

use super::gamma::polynomial;
use crate::Real;

/// The error function 2/√π·∫₀ˣ exp(−t²) dt. Error: 2 ulp.
///
/// Derivative: 2/√π·exp(−x²).
#[differentiable(crate = crate, vjp = erf_rule)]
#[inline]
pub fn erf<T: Real>(x: T) -> T {
    let x = x.to_f64();
    T::from_f64(erf_given(x, || gauss(x)))
}

#[inline]
fn erf_rule<T: Real>(x: T, d_ret: T) -> (T, T) {
    let x = x.to_f64();
    let gauss = gauss(x);
    (
        T::from_f64(erf_given(x, || gauss)),
        d_ret * T::from_f64(FRAC_2_SQRT_PI * gauss),
    )
}

/// The complementary error function 1 − erf(x), accurate where it is tiny. Error: 4 ulp.
///
/// Derivative: −2/√π·exp(−x²).
#[differentiable(crate = crate, vjp = erfc_rule)]
#[inline]
pub fn erfc<T: Real>(x: T) -> T {
    T::from_f64(erfc_and_gauss(x.to_f64()).0)
}

#[inline]
fn erfc_rule<T: Real>(x: T, d_ret: T) -> (T, T) {
    let (value, gauss) = erfc_and_gauss(x.to_f64());
    (
        T::from_f64(value),
        d_ret * T::from_f64(-FRAC_2_SQRT_PI * gauss),
    )
}

/// Density of the standard normal distribution, exp(−x²/2)/√(2π). Error: 4 ulp.
///
/// Derivative: `-x * ret`.
#[differentiable(crate = crate, partials(x = -x * ret))]
#[inline]
pub fn normal_pdf<T: Real>(x: T) -> T {
    T::from_f64(INV_SQRT_TAU * half_gauss(x.to_f64()))
}

/// Distribution function Φ of the standard normal distribution. Error: 6 ulp where `x` is negative, else 2 ulp.
///
/// Derivative: `normal_pdf(x)`.
#[differentiable(crate = crate, vjp = normal_cdf_rule)]
#[inline]
pub fn normal_cdf<T: Real>(x: T) -> T {
    T::from_f64(normal_cdf_and_pdf(x.to_f64()).0)
}

#[inline]
fn normal_cdf_rule<T: Real>(x: T, d_ret: T) -> (T, T) {
    let (value, density) = normal_cdf_and_pdf(x.to_f64());
    (T::from_f64(value), d_ret * T::from_f64(density))
}

/// Φ and its derivative, which have an exponential in common.
#[inline]
pub(super) fn normal_cdf_and_pdf(x: f64) -> (f64, f64) {
    let gauss = half_gauss(x);
    let tail = 0.5 * gauss * scaled_erfc(x.abs() * FRAC_1_SQRT_2);
    (
        if x > 0.0 { 1.0 - tail } else { tail },
        INV_SQRT_TAU * gauss,
    )
}

/// erf(x), where `gauss` gives exp(−x²).
#[inline]
fn erf_given(x: f64, gauss: impl FnOnce() -> f64) -> f64 {
    let size = x.abs();
    if size < 1.0 {
        x * polynomial(&ERF, x * x)
    } else {
        (1.0 - gauss() * scaled_erfc(size)).copysign(x)
    }
}

/// erfc(x) and exp(−x²).
#[inline]
fn erfc_and_gauss(x: f64) -> (f64, f64) {
    let gauss = gauss(x);
    let tail = gauss * scaled_erfc(x.abs());
    (if x < 0.0 { 2.0 - tail } else { tail }, gauss)
}

/// exp(x²)·erfc(x) for x ≥ 0, and NaN for NaN.
fn scaled_erfc(x: f64) -> f64 {
    let x = if x > 28.0 { 28.0 } else { x }; // erfc(28) underflows; infinity would make t a NaN
    let t = (x - 3.0) / (x + 3.0);
    polynomial(&ERFC, t) / (1.0 + 2.0 * x)
}

/// exp(−x²), of which the square's rounding would spoil many digits where x is large.
fn gauss(x: f64) -> f64 {
    let x = if x.abs() > 28.0 { 28.0 } else { x }; // underflows; infinity would become ∞ − ∞
    let (high, low) = split_square(x);
    (-high).exp() * (1.0 - low + 0.5 * low * low - low * low * low * (1.0 / 6.0))
}

/// exp(−x²/2).
fn half_gauss(x: f64) -> f64 {
    let x = if x.abs() > 40.0 { 40.0 } else { x };
    let (high, low) = split_square(x);
    (-0.5 * high).exp() * (1.0 - 0.5 * low + 0.125 * low * low - low * low * low * (1.0 / 48.0))
}

/// 1/√(2π)
const INV_SQRT_TAU: f64 = 0.398_942_280_401_432_7;

/// x² as an exact part and a small rest, so that exp(−x²) does not suffer from the rounding of a large exponent.
fn split_square(x: f64) -> (f64, f64) {
    let short = f64::from_bits(x.to_bits() & 0xffff_ffff_f800_0000); // 26 bits: the square is exact
    (short * short, (x - short) * (x + short))
}

/// erf(x)/x in powers of x², |x| ≤ 1.
const ERF: [f64; 14] = [
    FRAC_2_SQRT_PI,
    -0.37612638903183754,
    0.1128379167095512,
    -0.02686617064512984,
    0.0052239776254232985,
    -0.000854832702193483,
    0.00012055332902888736,
    -1.4925647567519332e-05,
    1.6462045441468418e-06,
    -1.6364642158167616e-07,
    1.4792401209404813e-08,
    -1.216456005728345e-09,
    8.709045129053106e-11,
    -4.230945824295338e-12,
];

/// (1 + 2x)·exp(x²)·erfc(x) in powers of (x − 3)/(x + 3).
const ERFC: [f64; 25] = [
    1.2530080582697296,
    -0.13562110612458117,
    -0.04756229435345087,
    0.1296451587027606,
    -0.11927366341530699,
    0.06830802734397835,
    -0.02377051491864602,
    0.002529391816067899,
    0.00188869035915799,
    -0.0007798322721208415,
    -0.0001051597998287631,
    0.00012509935241199546,
    4.949485054864148e-06,
    -2.010056809364399e-05,
    -7.315106958493138e-07,
    3.472414906603939e-06,
    3.5683872721840723e-07,
    -6.166499750603063e-07,
    -1.4160105534012882e-07,
    1.0187028269836924e-07,
    4.180815279295764e-08,
    -1.3326482766007075e-08,
    -8.500528290712341e-09,
    9.886016003639493e-10,
    8.864459034185568e-10,
];
