//! Huge, tiny, infinite and undefined arguments: no overflow on the way to a finite derivative, NaN only where the value is NaN.

use crate::common::assert_near;
use crate::functions::{double, single};

const INF: f64 = f64::INFINITY;

#[test]
fn saturation() {
    for x in [800.0, 1e300, INF] {
        assert_eq!(double::tanh_grad(x), (1.0, 0.0));
        assert_eq!(double::tanh_grad(-x), (-1.0, 0.0));
        assert_eq!(double::exp_grad(-x), ((-x).exp(), (-x).exp()));
        assert_eq!(double::exp_m1_grad(-x), (-1.0, (-x).exp()));
        assert_eq!(double::exp_grad(x), (INF, INF));
        assert_eq!(double::cosh_grad(x), (INF, INF));
        assert_eq!(double::sinh_grad(-x), (-INF, INF));
        assert_eq!(double::exp2_grad(-10.0 * x).1, 0.0);
    }
    assert_eq!(single::tanh_grad(100.0), (1.0, 0.0));
    assert_eq!(single::exp_grad(-200.0), (0.0, 0.0));
    assert_eq!(double::atan_grad(INF).1, 0.0);
    assert_eq!(double::asinh_grad(INF), (INF, 0.0));
    assert_eq!(double::ln_grad(INF), (INF, 0.0));
    assert_eq!(double::recip_grad(INF).1, 0.0);
}

/// Relative agreement, also where the number is tiny.
#[track_caller]
fn near(got: f64, want: f64) {
    assert_near(got / want, 1.0, 1e-14);
}

#[test]
fn huge_and_tiny() {
    near(double::ln_grad(1e300).1, 1e-300);
    near(double::ln_grad(1e-300).1, 1e300);
    near(double::ln_1p_grad(1e300).1, 1e-300);
    near(
        double::log10_grad(1e-300).1,
        1e300 / core::f64::consts::LN_10,
    );
    near(double::asinh_grad(1e300).1, 1e-300);
    near(double::asinh_grad(-1e300).1, 1e-300);
    near(double::sqrt_grad(1e-300).1, 0.5e150);
    near(double::sqrt_grad(1e300).1, 0.5e-150);
    near(double::cbrt_grad(1e300).1, 1e-200 / 3.0);
    near(double::cbrt_grad(-1e-300).1, 1e200 / 3.0);
    near(double::atan_grad(1e100).1, 1e-200);
    near(double::recip_grad(1e150).1, -1e-300);
    near(double::recip_grad(1e-150).1, -1e300);
    near(double::powi_grad(1e100, 3).1, 3e200);
    near(double::powf_grad(1e-100, 2.0).1, 2e-100);
    near(double::sinh_grad(1e-300).1, 1.0);
    near(double::tanh_grad(1e-300).1, 1.0);
}

#[test]
fn quotients_do_not_overflow_on_the_way() {
    // -x / y² with y² out of range; the derivative itself is not.
    near(double::div_grad(1e200, 1e200).2, -1e-200);
    near(double::div_grad(1e-200, 1e-200).2, -1e200);
    near(double::div_grad(1e300, 1e160).2, -1e-20);
}

#[test]
fn hypot_and_atan2_do_not_overflow_on_the_way() {
    let half = core::f64::consts::FRAC_1_SQRT_2;
    for s in [1e300, 1e-300] {
        let (_, d_x, d_y) = double::hypot_grad(s, s);
        near(d_x, half);
        near(d_y, half);
        let (_, d_y, d_x) = double::atan2_grad(s, s);
        near(d_y, 0.5 / s);
        near(d_x, -0.5 / s);
    }
    assert_eq!(double::hypot_grad(INF, 1.0).0, INF);
    assert_eq!(double::atan2_grad(1.0, INF), (0.0, 0.0, 0.0));
}

/// The derivative of acosh at `x` is close to 1/x; `x²` is out of range.
#[test]
fn acosh_of_a_huge_number() {
    near(double::acosh_grad(1e300).1, 1e-300);
}

#[test]
fn ends_of_domains() {
    assert_eq!(double::ln_grad(0.0), (-INF, INF));
    assert_eq!(double::ln_1p_grad(-1.0), (-INF, INF));
    assert_eq!(double::asin_grad(1.0).1, INF);
    assert_eq!(double::asin_grad(-1.0).1, INF);
    assert_eq!(double::acos_grad(1.0), (0.0, -INF));
    assert_eq!(double::atanh_grad(1.0), (INF, INF));
    assert_eq!(double::acosh_grad(1.0), (0.0, INF));
    assert_eq!(double::recip_grad(0.0), (INF, -INF));
    assert_eq!(double::div_grad(1.0, 0.0), (INF, INF, -INF));
}

#[test]
fn close_to_the_ends_of_domains() {
    // 1 - x is exact there, so nothing may be lost in 1 - x².
    let x: f64 = 1.0 - 1e-12;
    let want = 1.0 / ((1.0 - x) * (1.0 + x));
    near(double::atanh_grad(x).1, want);
    near(double::asin_grad(x).1, want.sqrt());
    near(double::acos_grad(x).1, -want.sqrt());
    let x: f64 = 1.0 + 1e-12;
    near(
        double::acosh_grad(x).1,
        1.0 / ((x - 1.0) * (x + 1.0)).sqrt(),
    );
}

#[test]
fn outside_the_domain_the_value_says_so() {
    for (value, _) in [
        double::ln_grad(-1.0),
        double::sqrt_grad(-1.0),
        double::acos_grad(2.0),
        double::asin_grad(-2.0),
        double::acosh_grad(0.5),
        double::atanh_grad(1.5),
        double::ln_1p_grad(-2.0),
        double::log2_grad(-1.0),
        double::sin_grad(INF),
    ] {
        assert!(value.is_nan());
    }
    assert!(double::powf_grad(-2.0, 0.5).0.is_nan());
}

#[test]
fn nan_in_nan_out() {
    for grad in [
        double::sin_grad,
        double::exp_grad,
        double::ln_grad,
        double::sqrt_grad,
        double::tanh_grad,
        double::abs_grad,
        double::atan_grad,
        double::cbrt_grad,
        double::recip_grad,
        double::asinh_grad,
        double::cosh_grad,
        double::exp2_grad,
        double::ln_1p_grad,
    ] {
        let (value, d) = grad(f64::NAN);
        assert!(value.is_nan() && d.is_nan());
    }
}

#[test]
fn values_are_the_primal_s_everywhere() {
    let points = [
        0.0,
        -0.0,
        INF,
        -INF,
        f64::NAN,
        1e300,
        -1e300,
        1e-300,
        5e-324,
        f64::MAX,
        f64::MIN_POSITIVE,
        0.5,
        -2.0,
    ];
    let same = |a: f64, b: f64| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
    for x in points {
        for (f, grad) in [
            (
                double::abs as fn(f64) -> f64,
                double::abs_grad as fn(f64) -> (f64, f64),
            ),
            (double::acos, double::acos_grad),
            (double::asinh, double::asinh_grad),
            (double::cbrt, double::cbrt_grad),
            (double::exp, double::exp_grad),
            (double::floor, double::floor_grad),
            (double::fract, double::fract_grad),
            (double::ln, double::ln_grad),
            (double::neg, double::neg_grad),
            (double::round_ties_even, double::round_ties_even_grad),
            (double::signum, double::signum_grad),
            (double::sqrt, double::sqrt_grad),
            (double::tanh, double::tanh_grad),
            (double::to_degrees, double::to_degrees_grad),
        ] {
            assert!(same(f(x), grad(x).0), "at {x}");
        }
        for y in points {
            for (f, grad) in [
                (
                    double::atan2 as fn(f64, f64) -> f64,
                    double::atan2_grad as fn(f64, f64) -> (f64, f64, f64),
                ),
                (double::copysign, double::copysign_grad),
                (double::hypot, double::hypot_grad),
                (double::max, double::max_grad),
                (double::midpoint, double::midpoint_grad),
                (double::min, double::min_grad),
                (double::powf, double::powf_grad),
                (double::rem, double::rem_grad),
                (double::sub, double::sub_grad),
            ] {
                assert!(same(f(x, y), grad(x, y).0), "at {x}, {y}");
            }
        }
    }
}

#[backprop::differentiable]
fn log_sum_exp(x: &[f64; 3]) -> f64 {
    let m = x[0].max(x[1]).max(x[2]);
    m + ((x[0] - m).exp() + (x[1] - m).exp() + (x[2] - m).exp()).ln()
}

#[test]
fn a_stable_formula_stays_stable() {
    let mut d = [0.0; 3];
    assert_eq!(log_sum_exp_grad(&[1e4, -1e4, 0.0], &mut d), 1e4);
    assert_eq!(d, [1.0, 0.0, 0.0]);
}
