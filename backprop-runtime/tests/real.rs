//! `Real`'s methods against the standard library's, whichever implementation is chosen: run with `--no-default-features --features libm` too.

use backprop_runtime::Real;

/// Results within three units in the last place of each other, or both NaN.
#[track_caller]
fn close<T: Real>(name: &str, x: T, got: T, want: T) {
    let same = got == want || (got.is_nan() && want.is_nan());
    let bound = T::from_f64(3.0) * T::EPSILON * want.abs();
    assert!(
        same || (got - want).abs() <= bound,
        "{name}({x:?}) = {got:?}, the standard library says {want:?}"
    );
}

macro_rules! compare {
    ($float:ident, $xs:expr; $($method:ident($($arg:expr),*))*) => {
        for x in $xs {
            $(close(stringify!($method), x, <$float as Real>::$method(x $(, $arg)*), $float::$method(x $(, $arg)*));)*
        }
    };
}

macro_rules! all {
    ($float:ident, $xs:expr) => {
        compare!($float, $xs;
            abs() acos() acosh() asin() asinh() atan() atan2(0.7) atan2(-0.0) atanh() cbrt() ceil() clamp(-0.5, 2.0) copysign(-1.0) cos()
            cosh() div_euclid(0.75) div_euclid(-2.0) exp() exp2() exp_m1() floor() fract() hypot(2.0) ln() ln_1p() log(3.0) log10() log2()
            max(0.3) midpoint(1.5) min(0.3) mul_add(2.0, -0.1) powf(1.7) powf(-2.0) powi(0) powi(3) powi(-2) powi(10) recip()
            rem_euclid(0.75) rem_euclid(-2.0) round() round_ties_even() signum() sin() sinh() sqrt() tan() tanh() to_degrees()
            to_radians() trunc()
        );
        for x in $xs {
            let (sin, cos) = Real::sin_cos(x);
            close("sin_cos", x, sin, x.sin());
            close("sin_cos", x, cos, x.cos());
            assert_eq!(Real::total_cmp(&x, &0.5), x.total_cmp(&0.5));
            assert_eq!(
                (Real::is_nan(x), Real::is_finite(x), Real::is_infinite(x), Real::is_sign_negative(x), Real::is_sign_positive(x)),
                (x.is_nan(), x.is_finite(), x.is_infinite(), x.is_sign_negative(), x.is_sign_positive())
            );
        }
    };
}

#[test]
fn double_precision() {
    all!(
        f64,
        [
            -7.5,
            -2.5,
            -1.0,
            -0.3,
            -0.0,
            0.0,
            1e-9,
            0.2,
            0.5,
            1.0,
            1.5,
            2.5,
            11.0,
            1e5,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN
        ]
    );
}

#[test]
fn single_precision() {
    all!(
        f32,
        [
            -7.5,
            -2.5,
            -1.0,
            -0.3,
            -0.0,
            0.0,
            1e-9,
            0.2,
            0.5,
            1.0,
            1.5,
            2.5,
            11.0,
            f32::INFINITY,
            f32::NEG_INFINITY,
            f32::NAN
        ]
    );
}

#[test]
fn constants_and_conversions() {
    fn check<T: Real>() {
        assert_eq!(T::from_f64(1.0) + T::EPSILON - T::from_f64(1.0), T::EPSILON);
        assert!(
            T::NAN.is_nan()
                && T::INFINITY > T::MAX
                && T::NEG_INFINITY < T::MIN
                && T::MIN_POSITIVE > T::default()
        );
        assert_eq!(T::from_f64(0.25).to_f64(), 0.25);
    }
    check::<f32>();
    check::<f64>();
}
