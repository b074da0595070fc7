//! The error function and the normal distribution.
//!
//! Near 0, erf(x)/x is a polynomial in x²; elsewhere a·exp(a²/2)·Φ(−a) is one in a, and far out in (a − 5)/(a + 5), after M. M. Shepherd and
//! J. G. Laframboise, Math. Comp. 36 (1981), 249. The coefficients are our own: Chebyshev interpolation at 60 digits.
//! All is computed in `f64`; `f32` takes shorter polynomials and is rounded once.

use core::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, SQRT_2};

use backprop_macros::differentiable;

use super::exponential::{Parts, scale};
use super::format::polynomial;
use crate::Real;

/// The error function 2/√π·∫₀ˣ exp(−t²) dt. Error: 1.3 ulp.
///
/// Derivative: 2/√π·exp(−x²).
#[differentiable(crate = crate, jvp, hvp, partials(x = erf_slope(x)))]
#[inline(always)]
pub fn erf<T: Real>(x: T) -> T {
    let x = x.to_f64();
    let size = x.abs();
    let near = x + x * excess::<T>(x * x);
    let Gauss { parts, .. } = Gauss::of::<T>(x);
    let tail = parts.product_of_sum(tail::<T>(SQRT_2 * size)) * (SQRT_2 / size);
    let far = 1.0 - scale(tail, parts.n);
    T::from_f64(if size < 1.0 { near } else { far.copysign(x) })
}

/// The derivative of [`erf`].
#[differentiable(crate = crate, jvp, partials(x = T::from_f64(-2.0) * x * ret))]
#[inline(always)]
pub(super) fn erf_slope<T: Real>(x: T) -> T {
    T::from_f64(FRAC_2_SQRT_PI * Gauss::of::<T>(x.to_f64()).value())
}

/// The complementary error function 1 − erf(x), accurate where it is tiny. Error: 4 ulp, 0.6 for `f32`.
///
/// Derivative: −2/√π·exp(−x²).
#[differentiable(crate = crate, jvp, hvp, partials(x = -erf_slope(x)))]
#[inline(always)]
pub fn erfc<T: Real>(x: T) -> T {
    let x = x.to_f64();
    let Gauss { parts, size } = Gauss::of::<T>(x);
    let tail = parts.product_of_sum(tail::<T>(SQRT_2 * size)) * (SQRT_2 / size);
    let tail = scale(tail, parts.n);
    let far = if x < 0.0 { 2.0 - tail } else { tail };
    let near = 1.0 - (x + x * excess::<T>(x * x));
    T::from_f64(if size < 0.4 { near } else { far })
}

/// Density of the standard normal distribution, exp(−x²/2)/√(2π). Error: 2 ulp.
///
/// Derivative: `-x * ret`.
#[differentiable(crate = crate, jvp, hvp, partials(x = -x * ret))]
#[inline(always)]
pub fn normal_pdf<T: Real>(x: T) -> T {
    let Gauss { parts, .. } = Gauss::of_half::<T>(x.to_f64());
    T::from_f64(scale(parts.product_of_sum((INV_SQRT_TAU, 0.0)), parts.n))
}

/// Distribution function Φ of the standard normal distribution. Error: 3.5 ulp, 0.6 for `f32`.
///
/// Derivative: `normal_pdf(x)`.
#[differentiable(crate = crate, jvp, hvp, partials(x = normal_pdf(x)))]
#[inline(always)]
pub fn normal_cdf<T: Real>(x: T) -> T {
    T::from_f64(cdf::<T>(x.to_f64()))
}

/// x·Φ(x): the exact form of the Gaussian error linear unit.
///
/// Source: D. Hendrycks, K. Gimpel, Gaussian Error Linear Units, arXiv:1606.08415. Error: 2 ulp, 0.6 for `f32`.
///
/// Derivative: `normal_cdf(x) + x * normal_pdf(x)`.
#[differentiable(crate = crate, jvp, hvp, partials(x = gelu_slope(x)))]
#[inline(always)]
pub fn gelu<T: Real>(x: T) -> T {
    let x = x.to_f64();
    let Gauss { parts, size } = Gauss::of_half::<T>(x);
    // x·Φ(x) = −|x|·Φ(−|x|) where x is negative, else x more.
    let tail = scale(parts.product_of_sum(tail::<T>(size)), parts.n);
    let far = if x > 0.0 { x - tail } else { -tail };
    T::from_f64(if size < NEAR {
        x * near_cdf::<T>(x)
    } else {
        far
    })
}

/// The derivative of [`gelu`].
#[differentiable(crate = crate, jvp, partials(x = normal_pdf(x) * (T::from_f64(2.0) - x * x)))]
#[inline(always)]
pub(super) fn gelu_slope<T: Real>(x: T) -> T {
    let x = x.to_f64();
    let Gauss { parts, size } = Gauss::of_half::<T>(x);
    let density = scale(parts.product_of_sum((INV_SQRT_TAU, 0.0)), parts.n);
    // The density is 0 from `size` on.
    T::from_f64(cdf::<T>(x) + size.copysign(x) * density)
}

#[inline(always)]
fn cdf<T: Real>(x: f64) -> f64 {
    let Gauss { parts, size } = Gauss::of_half::<T>(x);
    let tail = scale(parts.product_of_sum(tail::<T>(size)) / size, parts.n);
    let far = if x > 0.0 { 1.0 - tail } else { tail };
    if size < NEAR { near_cdf::<T>(x) } else { far }
}

/// Below, Φ is ½ and an odd function.
const NEAR: f64 = 0.5;

/// Φ(x) near 0, without the rounding errors of [`tail`].
#[inline(always)]
fn near_cdf<T: Real>(x: f64) -> f64 {
    let first = x * (0.5 * FRAC_1_SQRT_2);
    0.5 + (first + first * excess::<T>(0.5 * x * x))
}

/// erf(x)/x − 1 of the square of x, up to 1: less than 1 is less of an error.
#[inline(always)]
fn excess<T: Real>(square: f64) -> f64 {
    if T::SHORT {
        polynomial(&SHORT_ERF, square)
    } else {
        polynomial(&ERF, square)
    }
}

/// a·exp(a²/2)·Φ(−a) for a ≥ ½: from 0.17 to 0.4, as a number and a smaller one to be added.
#[inline(always)]
fn tail<T: Real>(a: f64) -> (f64, f64) {
    if T::SHORT {
        // Further out all is less than half the smallest number, and the polynomial is negative.
        let a = if a > 15.0 { 15.0 } else { a };
        return (polynomial(&SHORT_TAIL, (a - 3.0) / (a + 3.0)), 0.0);
    }
    let a = if a > FAR { FAR } else { a };
    // The argument is exact where the function is steep.
    let [first, rest @ ..] = &MIDDLE;
    let middle = (*first, (a - 1.25) * polynomial(rest, a - 1.25));
    let [first, rest @ ..] = &TAIL;
    let t = (a - 5.0) / (a + 5.0);
    let far = (*first, t * polynomial(rest, t));
    if a < 2.25 { middle } else { far }
}

/// Φ(−38.7) is less than half the smallest number.
const FAR: f64 = 38.7;

/// An exponential of a square.
struct Gauss {
    parts: Parts<f64>,
    /// |x|, or where the exponential is 0 a smaller number for which it is, too.
    size: f64,
}

impl Gauss {
    /// exp(−x²).
    #[inline(always)]
    fn of<T: Real>(x: f64) -> Self {
        let size = if x.abs() > 27.4 { 27.4 } else { x.abs() };
        let (high, low) = square(size);
        let parts = Parts::for_rounding_to::<T>(-high, -low);
        Gauss { parts, size }
    }

    /// exp(−x²/2).
    #[inline(always)]
    fn of_half<T: Real>(x: f64) -> Self {
        let size = if x.abs() > FAR { FAR } else { x.abs() };
        let (high, low) = square(size);
        let parts = Parts::for_rounding_to::<T>(-0.5 * high, -0.5 * low);
        Gauss { parts, size }
    }

    #[inline(always)]
    fn value(&self) -> f64 {
        scale(self.parts.sum(), self.parts.n)
    }
}

/// 1/√(2π)
const INV_SQRT_TAU: f64 = 0.398_942_280_401_432_7;

/// x² as an exact part and a small rest, so that exp(−x²) does not suffer from the rounding of a large exponent.
#[inline(always)]
fn square(x: f64) -> (f64, f64) {
    let short = f64::from_bits(x.to_bits() & 0xffff_ffff_f800_0000); // 26 bits: the square is exact
    (short * short, (x - short) * (x + short))
}

/// erf(x)/x − 1 in powers of x², |x| ≤ 1.
const ERF: [f64; 13] = [
    0.1283791670955126,
    -0.3761263890318375,
    0.11283791670954878,
    -0.02686617064507674,
    0.0052239776248174784,
    -0.0008548326980801447,
    0.00012055331110409494,
    -1.4925595235970651e-05,
    1.6460999970345427e-06,
    -1.6350307065234626e-07,
    1.4659736155673959e-08,
    -1.1372693191126323e-09,
    5.956905633653031e-11,
];

/// As [`ERF`], with an error of 2⁻²⁹.
const SHORT_ERF: [f64; 7] = [
    0.12837916584752418,
    -0.3761262665983077,
    0.11283594623850285,
    -0.026854207648140106,
    0.005189078110013981,
    -0.0008016773499810029,
    7.875545765351228e-05,
];

/// a·exp(a²/2)·Φ(−a) in powers of a − 5⁄4, ½ ≤ a ≤ 9⁄4.
const MIDDLE: [f64; 19] = [
    0.2884504016320397,
    0.0926454728438905,
    -0.05258845824196108,
    0.02441087882113326,
    -0.009901086449063698,
    0.003627448092902362,
    -0.0012244989368713692,
    0.000385914158846891,
    -0.00011462933456674206,
    3.2318523174610105e-05,
    -8.696765118521992e-06,
    2.243598946795123e-06,
    -5.569443844966701e-07,
    1.333956159634727e-07,
    -3.086467009502854e-08,
    6.9554268057612845e-09,
    -1.5767953801398329e-09,
    3.4223117809954344e-10,
    -4.7133011395891345e-11,
];

/// The same in powers of (a − 5)/(a + 5), 9⁄4 ≤ a ≤ 38.7.
const TAIL: [f64; 18] = [
    0.38459652487503143,
    0.051905273430003084,
    -0.08503844346002629,
    0.09088622964932969,
    -0.07425639525171508,
    0.04795086373375881,
    -0.02416178591093251,
    0.008900844924685743,
    -0.0018956237307948944,
    -0.00012648323175890128,
    0.0002427658795857178,
    -5.4589063784565624e-05,
    -1.654236369046512e-05,
    1.0422959270521335e-05,
    5.025595228644816e-07,
    -1.6699387739221892e-06,
    3.7906536438828116e-07,
    6.336940553998606e-09,
];

/// The same in powers of (a − 3)/(a + 3), ½ ≤ a ≤ 15, with an error of 2⁻³².
const SHORT_TAIL: [f64; 12] = [
    0.3645418451376644,
    0.10987585360523679,
    -0.13965714206259575,
    0.09137736743660822,
    -0.02886266380213408,
    -0.0017453150597979846,
    0.003997464445267821,
    -8.718461178999598e-06,
    -0.000639945303394411,
    -4.904720481186214e-05,
    9.427492227325836e-05,
    2.3046057602614514e-05,
];
