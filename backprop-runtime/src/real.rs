//! The float types, as one trait: what generic differentiable code may do with a `T: Real`.
//!
//! Methods carry the names and signatures of the inherent ones of `f32` and `f64`, so that a body reads the same for all three. They go to
//! the standard library, or to `libm` where there is none.

use core::fmt::Debug;
use core::ops::{
    Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Rem, RemAssign, Sub, SubAssign,
};

use crate::__private::rule::Kept;
use crate::__private::{Blank, CastBack, Float, Word};
use crate::Differentiable;
use crate::math::format::Format;

mod floats;

/// `f32` or `f64`.
///
/// ```
/// # use backprop_runtime::Real;
/// fn gaussian<T: Real>(x: T, width: T) -> T {
///     (T::from_f64(-0.5) * (x / width).powi(2)).exp()
/// }
/// assert_eq!(gaussian(0.0_f32, 2.0), 1.0);
/// assert_eq!(gaussian(0.0_f64, 2.0), 1.0);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a float",
    note = "`Real` is implemented for `f32` and `f64`"
)]
pub trait Real:
    Copy
    + PartialOrd
    + Debug
    + Default
    + Send
    + Sync
    + 'static
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Rem<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + DivAssign
    + RemAssign
    + Differentiable
    + Float
    + Blank
    + CastBack
    + Format
    + Kept
    + Word
{
    /// The distance from 1 to the next larger number.
    const EPSILON: Self;
    /// Positive infinity.
    const INFINITY: Self;
    /// Negative infinity.
    const NEG_INFINITY: Self;
    /// Not a number.
    const NAN: Self;
    /// The largest finite number.
    const MAX: Self;
    /// The smallest finite number.
    const MIN: Self;
    /// The smallest positive normal number.
    const MIN_POSITIVE: Self;

    /// The number nearest to a constant.
    fn from_f64(x: f64) -> Self;
    /// The same number in double precision: exact.
    fn to_f64(self) -> f64;

    /// Absolute value.
    fn abs(self) -> Self;
    /// Arc cosine, in radians.
    fn acos(self) -> Self;
    /// Inverse hyperbolic cosine.
    fn acosh(self) -> Self;
    /// Arc sine, in radians.
    fn asin(self) -> Self;
    /// Inverse hyperbolic sine.
    fn asinh(self) -> Self;
    /// Arc tangent, in radians.
    fn atan(self) -> Self;
    /// Angle of the point (`other`, `self`) with the positive first axis, in radians.
    fn atan2(self, other: Self) -> Self;
    /// Inverse hyperbolic tangent.
    fn atanh(self) -> Self;
    /// Cube root.
    fn cbrt(self) -> Self;
    /// Smallest integer not below `self`.
    fn ceil(self) -> Self;
    /// `self`, confined to the interval. Panics where `min > max` or either is NaN.
    fn clamp(self, min: Self, max: Self) -> Self;
    /// The magnitude of `self` with the sign of `sign`.
    fn copysign(self, sign: Self) -> Self;
    /// Cosine of an angle in radians.
    fn cos(self) -> Self;
    /// Hyperbolic cosine.
    fn cosh(self) -> Self;
    /// Quotient of the Euclidean division.
    fn div_euclid(self, rhs: Self) -> Self;
    /// e to the power of `self`.
    fn exp(self) -> Self;
    /// 2 to the power of `self`.
    fn exp2(self) -> Self;
    /// `exp(self) - 1`, accurate near zero.
    fn exp_m1(self) -> Self;
    /// Largest integer not above `self`.
    fn floor(self) -> Self;
    /// `self - self.trunc()`.
    fn fract(self) -> Self;
    /// Length of the hypotenuse, without undue overflow.
    fn hypot(self, other: Self) -> Self;
    /// Whether `self` is neither infinite nor NaN.
    fn is_finite(self) -> bool;
    /// Whether `self` is infinite.
    fn is_infinite(self) -> bool;
    /// Whether `self` is NaN.
    fn is_nan(self) -> bool;
    /// Whether the sign bit is set.
    fn is_sign_negative(self) -> bool;
    /// Whether the sign bit is clear.
    fn is_sign_positive(self) -> bool;
    /// Natural logarithm.
    fn ln(self) -> Self;
    /// `ln(1 + self)`, accurate near zero.
    fn ln_1p(self) -> Self;
    /// Logarithm in any base.
    fn log(self, base: Self) -> Self;
    /// Logarithm in base 10.
    fn log10(self) -> Self;
    /// Logarithm in base 2.
    fn log2(self) -> Self;
    /// The larger of two numbers; a NaN is ignored.
    fn max(self, other: Self) -> Self;
    /// Half way between two numbers, without overflow.
    fn midpoint(self, other: Self) -> Self;
    /// The smaller of two numbers; a NaN is ignored.
    fn min(self, other: Self) -> Self;
    /// `self * a + b`, rounded once.
    fn mul_add(self, a: Self, b: Self) -> Self;
    /// `self` to the power of `n`.
    fn powf(self, n: Self) -> Self;
    /// `self` to the integer power of `n`.
    fn powi(self, n: i32) -> Self;
    /// `1 / self`.
    fn recip(self) -> Self;
    /// Remainder of the Euclidean division: never negative.
    fn rem_euclid(self, rhs: Self) -> Self;
    /// Nearest integer, ties away from zero.
    fn round(self) -> Self;
    /// Nearest integer, ties to even.
    fn round_ties_even(self) -> Self;
    /// ±1 by the sign bit, NaN for NaN.
    fn signum(self) -> Self;
    /// Sine of an angle in radians.
    fn sin(self) -> Self;
    /// Sine and cosine.
    fn sin_cos(self) -> (Self, Self);
    /// Hyperbolic sine.
    fn sinh(self) -> Self;
    /// Square root.
    fn sqrt(self) -> Self;
    /// Tangent of an angle in radians.
    fn tan(self) -> Self;
    /// Hyperbolic tangent.
    fn tanh(self) -> Self;
    /// Radians to degrees.
    fn to_degrees(self) -> Self;
    /// Degrees to radians.
    fn to_radians(self) -> Self;
    /// IEEE 754 `totalOrder`.
    fn total_cmp(&self, other: &Self) -> core::cmp::Ordering;
    /// Integer part.
    fn trunc(self) -> Self;
}
