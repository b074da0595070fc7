//! The exponential function, and what is made of it without losing digits.
//!
//! e^(x + y) = 2ⁿ·(1 + r + rest), where n is the nearest integer to x/ln 2, r = x + y − n·ln 2, and the rest is r² times a polynomial. What the
//! rounding of r takes away goes to the rest: it would be most of the error.

use backprop_macros::differentiable;

use super::format::{Format, polynomial};
use crate::Real;

/// The exponential eˣ. Error: 0.8 ulp.
///
/// Derivative: `ret`.
#[differentiable(crate = crate, jvp, hvp, partials(x = ret))]
#[inline(always)]
pub fn exp<T: Real>(x: T) -> T {
    exp_of_sum(x, T::from_f64(0.0))
}

/// eˣ − 1, accurate where it is tiny. Error: 1.3 ulp.
///
/// Derivative: `exp(x)`.
#[differentiable(crate = crate, jvp, hvp, partials(x = exp(x)))]
#[inline(always)]
pub fn exp_m1<T: Real>(x: T) -> T {
    let m = exp_m1_of_moderate(if x > T::EXP_HIGH { T::EXP_HIGH } else { x });
    // Nothing is added to −0, nor to subnormal numbers.
    if x.abs() < T::TINY { x } else { m }
}

/// eˣ for x between −[`NEGLIGIBLE`](Format::NEGLIGIBLE) and twice that.
#[inline(always)]
pub(super) fn exp_of_moderate<T: Real>(x: T) -> T {
    let parts = Parts::of(x, T::from_f64(0.0));
    parts.sum() * T::power_of_two(parts.n + T::ROUND)
}

/// e^(x + y) for a |y| that is small beside 1.
#[inline(always)]
pub(super) fn exp_of_sum<T: Real>(x: T, y: T) -> T {
    let x = if x > T::EXP_HIGH { T::EXP_HIGH } else { x };
    let x = if x < T::EXP_LOW { T::EXP_LOW } else { x };
    let parts = Parts::of(x, y);
    scale(parts.sum(), parts.n)
}

/// eˣ − 1 for x that is not above [`Format::EXP_HIGH`].
#[inline(always)]
pub(super) fn exp_m1_of_moderate<T: Real>(x: T) -> T {
    let x = if x < -T::NEGLIGIBLE {
        -T::NEGLIGIBLE
    } else {
        x
    };
    let (half, two) = (T::from_f64(0.5), T::from_f64(2.0));
    let (n, r, low) = reduce(x, T::from_f64(0.0));
    let rest = low + r * r * T::exp_tail(r);
    // p = 2ⁿ⁻¹, because 2ⁿ may be infinite where the result is not: 2·((p − ½) + p·r + p·rest), with the error of the first sum.
    let p = T::power_of_two(n - T::from_f64(1.0) + T::ROUND);
    let (a, b) = (p - half, p * r);
    let sum = a + b;
    let b_part = sum - a;
    let error = (a - (sum - b_part)) + (b - b_part);
    two * (sum + (error + p * rest))
}

/// e^(x + y) as 2ⁿ·(1 + r + rest), with |r| < 0.35 and |rest| < 0.07.
pub(super) struct Parts<T> {
    pub(super) n: T,
    pub(super) r: T,
    pub(super) rest: T,
}

impl<T: Real> Parts<T> {
    /// x is between [`Format::EXP_LOW`] and its negative, or NaN.
    #[inline(always)]
    pub(super) fn of(x: T, y: T) -> Self {
        let (n, r, low) = reduce(x, y);
        Parts {
            n,
            r,
            rest: low + r * r * T::exp_tail(r),
        }
    }

    /// The sum of both times what multiplied by 2ⁿ is the exponential.
    #[inline(always)]
    pub(super) fn product_of_sum(&self, (large, small): (T, T)) -> T {
        large + (small + (large + small) * (self.r + self.rest))
    }

    /// What multiplied by 2ⁿ is the exponential, with next to no error but that of a last rounding.
    #[inline(always)]
    pub(super) fn sum(&self) -> T {
        let one = T::from_f64(1.0);
        let high = one + self.r;
        high + (((one - high) + self.r) + self.rest)
    }
}

impl Parts<f64> {
    /// As [`of`](Self::of), where what is made of it is rounded to `T` in the end.
    #[inline(always)]
    pub(super) fn for_rounding_to<T: Format>(x: f64, y: f64) -> Self {
        /// The polynomial of [`Format::exp_tail`] with an error of 2⁻²⁹.
        const SHORT: [f64; 6] = [
            0.5000000013473895,
            0.1666666668163221,
            0.041666464844507485,
            0.00833331091651024,
            0.0013933658961533572,
            0.00019891000780597316,
        ];
        if T::SHORT {
            let (n, r, _) = reduce(x, y);
            let rest = r * r * polynomial(&SHORT, r);
            Parts { n, r, rest }
        } else {
            Self::of(x, y)
        }
    }
}

/// x·2ⁿ, rounded once, for 2ⁿ from the square of the smallest normal number to that of the largest.
#[inline(always)]
pub(super) fn scale<T: Real>(x: T, n: T) -> T {
    let first = n * T::from_f64(0.5) + T::ROUND;
    let second = n - (first - T::ROUND) + T::ROUND;
    x * T::power_of_two(first) * T::power_of_two(second)
}

/// x + y = n·ln 2 + r + low: the integer n, the rest, and what its rounding took away.
#[inline(always)]
fn reduce<T: Real>(x: T, y: T) -> (T, T, T) {
    let n = x * T::from_f64(core::f64::consts::LOG2_E) + T::ROUND - T::ROUND;
    let high = x - n * T::LN_2_HIGH; // exact
    let rest = y - n * T::LN_2_LOW;
    let r = high + rest;
    (n, r, (high - r) + rest)
}
