//! Sine and cosine.
//!
//! x = n·π/2 + r by subtraction of n times the parts of π/2, as in W. J. Cody and W. Waite, *Software Manual for the Elementary Functions*
//! (1980); the sine and the cosine of r are polynomials; n says which of the two, and its sign. `f32` is computed in `f64`.

use core::f64::consts::FRAC_2_PI;

use backprop_macros::differentiable;

use super::format::{Format, polynomial};
use crate::Real;

/// The sine of an angle in radians. Error: 0.9 ulp for |x| ≤ 10⁸. Above, as much as a relative change of `x` by 2⁻⁵² makes, for `f32`
/// too, and from 2⁵⁰ on, where that is all there is, the result is NaN.
///
/// The method `x.sin()` of the standard library is slower, and accurate for all angles.
///
/// Derivative: `cos(x)`.
#[differentiable(crate = crate, jvp, hvp, partials(x = cos(x)))]
#[inline(always)]
pub fn sin<T: Real>(x: T) -> T {
    let sine = turned::<T>(x, 0);
    // Nothing is added to −0, nor to subnormal numbers.
    if x.abs() < T::TINY { x } else { sine }
}

/// The cosine of an angle in radians. Error: as that of [`sin`].
///
/// Derivative: `-sin(x)`.
#[differentiable(crate = crate, jvp, hvp, partials(x = -sin(x)))]
#[inline(always)]
pub fn cos<T: Real>(x: T) -> T {
    turned::<T>(x, 1)
}

/// sin(x + quarters·π/2).
#[inline(always)]
fn turned<T: Real>(x: T, quarters: u64) -> T {
    let (n, r, low) = reduce::<T>(x.to_f64());
    let z = r * r;
    let (sine, cosine) = if T::SHORT {
        (
            r + r * z * polynomial(&SHORT_SIN, z),
            1.0 + z * (polynomial(&SHORT_COS, z) * z - 0.5),
        )
    } else {
        let half = 0.5 * z;
        let first = 1.0 - half;
        (
            // sin(r + low) = sin r + low·cos r
            r + (r * z * polynomial(&SIN, z) + low * first),
            // cos(r + low) = cos r − low·sin r; the rounding of 1 − r²/2 is known.
            first + (((1.0 - first) - half) + (z * z * polynomial(&COS, z) - r * low)),
        )
    };
    let n = n.wrapping_add(quarters);
    // All ones for an odd n: bits are chosen, not numbers, since baseline x86-64 has no comparison of long integers.
    let odd = 0_u64.wrapping_sub(n & 1);
    let chosen = (cosine.to_bits() & odd) | (sine.to_bits() & !odd);
    T::from_f64(f64::from_bits(chosen ^ ((n & 2) << 62)))
}

/// x = n·π/2 + r + low, |r| ≤ π/4 and a little: n modulo 4 in the last bits, the rest, and what its rounding took away.
#[inline(always)]
fn reduce<T: Real>(x: f64) -> (u64, f64, f64) {
    /// π/2 in parts of 22 bits, so that products with |n| < 2³¹ are exact, and the rest.
    const PARTS: [f64; 4] = [
        1.570796012878418,
        3.139164164167596e-07,
        6.223371969669989e-14,
        2.0222627272360855e-21,
    ];
    const REST: f64 = 3.5215598651832e-27;
    /// 2⁵⁰: n is an integer up to there.
    const LIMIT: f64 = 1_125_899_906_842_624.0;
    let x = if x.abs() < LIMIT { x } else { f64::NAN };
    let rounded = x * FRAC_2_PI + f64::ROUND;
    let n = rounded - f64::ROUND;
    // The first two differences are exact. The others are where x is close to a multiple of π/2, and have an error that is known.
    let high = (x - n * PARTS[0]) - n * PARTS[1];
    if T::SHORT {
        return (rounded.to_bits(), high - n * PARTS[2] - n * PARTS[3], 0.0);
    }
    let (high, first) = difference(high, n * PARTS[2]);
    let (high, second) = difference(high, n * PARTS[3]);
    let low = first + (second - n * REST);
    let r = high + low;
    (rounded.to_bits(), r, (high - r) + low)
}

/// a − b and the error of that, by D. Knuth.
#[inline(always)]
fn difference(a: f64, b: f64) -> (f64, f64) {
    let difference = a - b;
    let part = difference - a;
    (difference, (a - (difference - part)) - (b + part))
}

/// (sin r − r)/r³ in powers of r².
const SIN: [f64; 6] = [
    -0.16666666666666666,
    0.008333333333330925,
    -0.00019841269836722418,
    2.755731608381636e-06,
    -2.5051127944014188e-08,
    1.5917848524808262e-10,
];

/// (cos r − 1 + r²/2)/r⁴ in powers of r².
const COS: [f64; 6] = [
    0.041666666666666664,
    -0.0013888888888887382,
    2.480158729874307e-05,
    -2.7557317260008837e-07,
    2.0876143827993133e-09,
    -1.1382456778061306e-11,
];

/// As [`SIN`], with an error of 2⁻³⁵.
const SHORT_SIN: [f64; 4] = [
    -0.16666666663832763,
    0.008333331865959415,
    -0.00019840082012765537,
    2.7249314054698804e-06,
];

/// As [`COS`], with an error of 2⁻³⁹.
const SHORT_COS: [f64; 4] = [
    0.0416666666643024,
    -0.0013888887664713619,
    2.4801596435621998e-05,
    -2.7300448619488353e-07,
];
