//! [`Real`] for `f32` and `f64`: over the standard library's methods, or over `libm`.

use core::cmp::Ordering;

use super::Real;

/// Methods that `core` has as inherent ones, forwarded by name.
macro_rules! forward {
    ($float:ident: $($method:ident($($arg:ident: $type:ty),*) -> $ret:ty;)*) => {$(
        #[inline(always)]
        fn $method(self $(, $arg: $type)*) -> $ret {
            $float::$method(self $(, $arg)*)
        }
    )*};
}

macro_rules! constants_and_core {
    ($float:ident) => {
        const EPSILON: Self = $float::EPSILON;
        const INFINITY: Self = $float::INFINITY;
        const NEG_INFINITY: Self = $float::NEG_INFINITY;
        const NAN: Self = $float::NAN;
        const MAX: Self = $float::MAX;
        const MIN: Self = $float::MIN;
        const MIN_POSITIVE: Self = $float::MIN_POSITIVE;

        #[inline(always)]
        fn from_f64(x: f64) -> Self {
            x as $float
        }

        #[inline(always)]
        fn to_f64(self) -> f64 {
            f64::from(self)
        }

        #[inline(always)]
        fn total_cmp(&self, other: &Self) -> Ordering {
            $float::total_cmp(self, other)
        }

        forward!($float:
            abs() -> Self;
            clamp(min: Self, max: Self) -> Self;
            copysign(sign: Self) -> Self;
            is_finite() -> bool;
            is_infinite() -> bool;
            is_nan() -> bool;
            is_sign_negative() -> bool;
            is_sign_positive() -> bool;
            max(other: Self) -> Self;
            midpoint(other: Self) -> Self;
            min(other: Self) -> Self;
            recip() -> Self;
            signum() -> Self;
            to_degrees() -> Self;
            to_radians() -> Self;
        );
    };
}

#[cfg(feature = "std")]
macro_rules! real {
    ($float:ident) => {
        impl Real for $float {
            constants_and_core!($float);
            forward!($float:
                acos() -> Self;
                acosh() -> Self;
                asin() -> Self;
                asinh() -> Self;
                atan() -> Self;
                atan2(other: Self) -> Self;
                atanh() -> Self;
                cbrt() -> Self;
                ceil() -> Self;
                cos() -> Self;
                cosh() -> Self;
                div_euclid(rhs: Self) -> Self;
                exp() -> Self;
                exp2() -> Self;
                exp_m1() -> Self;
                floor() -> Self;
                fract() -> Self;
                hypot(other: Self) -> Self;
                ln() -> Self;
                ln_1p() -> Self;
                log(base: Self) -> Self;
                log10() -> Self;
                log2() -> Self;
                mul_add(a: Self, b: Self) -> Self;
                powf(n: Self) -> Self;
                powi(n: i32) -> Self;
                rem_euclid(rhs: Self) -> Self;
                round() -> Self;
                round_ties_even() -> Self;
                sin() -> Self;
                sin_cos() -> (Self, Self);
                sinh() -> Self;
                sqrt() -> Self;
                tan() -> Self;
                tanh() -> Self;
                trunc() -> Self;
            );
        }
    };
}

#[cfg(feature = "std")]
real!(f32);
#[cfg(feature = "std")]
real!(f64);

/// Methods that are one function of `libm` each.
#[cfg(all(feature = "libm", not(feature = "std")))]
macro_rules! libm {
    ($($method:ident($($arg:ident),*) = $function:ident;)*) => {$(
        #[inline]
        fn $method(self $(, $arg: Self)*) -> Self {
            libm::$function(self $(, $arg)*)
        }
    )*};
}

/// What `libm` has no function for, after the standard library's definitions.
#[cfg(all(feature = "libm", not(feature = "std")))]
macro_rules! composed {
    ($float:ident) => {
        #[inline]
        fn log(self, base: Self) -> Self {
            Real::ln(self) / Real::ln(base)
        }

        #[inline]
        fn fract(self) -> Self {
            self - Real::trunc(self)
        }

        #[inline]
        fn sin_cos(self) -> (Self, Self) {
            (Real::sin(self), Real::cos(self))
        }

        #[inline]
        fn div_euclid(self, rhs: Self) -> Self {
            let q = Real::trunc(self / rhs);
            if self % rhs < 0.0 {
                if rhs > 0.0 { q - 1.0 } else { q + 1.0 }
            } else {
                q
            }
        }

        #[inline]
        fn rem_euclid(self, rhs: Self) -> Self {
            let r = self % rhs;
            if r < 0.0 { r + $float::abs(rhs) } else { r }
        }

        /// By repeated squaring: within n/2 roundings of the exact power, as the compiler's built-in one.
        fn powi(self, n: i32) -> Self {
            let (mut base, mut exponent, mut power) = (self, n.unsigned_abs(), 1.0);
            while exponent > 0 {
                if exponent % 2 == 1 {
                    power *= base;
                }
                base *= base;
                exponent /= 2;
            }
            if n < 0 { 1.0 / power } else { power }
        }
    };
}

#[cfg(all(feature = "libm", not(feature = "std")))]
impl Real for f64 {
    constants_and_core!(f64);
    composed!(f64);
    libm!(
        acos() = acos;
        acosh() = acosh;
        asin() = asin;
        asinh() = asinh;
        atan() = atan;
        atan2(other) = atan2;
        atanh() = atanh;
        cbrt() = cbrt;
        ceil() = ceil;
        cos() = cos;
        cosh() = cosh;
        exp() = exp;
        exp2() = exp2;
        exp_m1() = expm1;
        floor() = floor;
        hypot(other) = hypot;
        ln() = log;
        ln_1p() = log1p;
        log10() = log10;
        log2() = log2;
        mul_add(a, b) = fma;
        powf(n) = pow;
        round() = round;
        round_ties_even() = rint;
        sin() = sin;
        sinh() = sinh;
        sqrt() = sqrt;
        tan() = tan;
        tanh() = tanh;
        trunc() = trunc;
    );
}

#[cfg(all(feature = "libm", not(feature = "std")))]
impl Real for f32 {
    constants_and_core!(f32);
    composed!(f32);
    libm!(
        acos() = acosf;
        acosh() = acoshf;
        asin() = asinf;
        asinh() = asinhf;
        atan() = atanf;
        atan2(other) = atan2f;
        atanh() = atanhf;
        cbrt() = cbrtf;
        ceil() = ceilf;
        cos() = cosf;
        cosh() = coshf;
        exp() = expf;
        exp2() = exp2f;
        exp_m1() = expm1f;
        floor() = floorf;
        hypot(other) = hypotf;
        ln() = logf;
        ln_1p() = log1pf;
        log10() = log10f;
        log2() = log2f;
        mul_add(a, b) = fmaf;
        powf(n) = powf;
        round() = roundf;
        round_ties_even() = rintf;
        sin() = sinf;
        sinh() = sinhf;
        sqrt() = sqrtf;
        tan() = tanf;
        tanh() = tanhf;
        trunc() = truncf;
    );
}
