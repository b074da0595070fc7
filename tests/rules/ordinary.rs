//! Ordinary points, where the derivative is what dual numbers (the crate `num-dual`) say it is, or finite differences where they cannot.

use num_dual::{Dual64, DualNum};

use crate::common::{assert_near, check_derivative};
use crate::functions::{double, single};

fn active(x: f64) -> Dual64 {
    Dual64::from(x).derivative()
}

/// Checks a function of one variable at both precisions.
#[track_caller]
fn unary(
    grad: fn(f64) -> (f64, f64),
    narrow: fn(f32) -> (f32, f32),
    dual: fn(Dual64) -> Dual64,
    points: &[f64],
) {
    for &x in points {
        let (value, d) = grad(x);
        let want = dual(active(x));
        assert_near(value, want.re, 1e-14);
        assert_near(d, want.eps, 1e-13);
        let (value, d) = narrow(x as f32);
        let want = dual(active(f64::from(x as f32)));
        assert_near(value.into(), want.re, 4e-6);
        assert_near(d.into(), want.eps, 4e-6);
    }
}

/// Checks a function of two variables, by each.
#[track_caller]
fn binary(
    grad: fn(f64, f64) -> (f64, f64, f64),
    narrow: fn(f32, f32) -> (f32, f32, f32),
    dual: fn(Dual64, Dual64) -> Dual64,
    points: &[(f64, f64)],
) {
    for &(x, y) in points {
        let (value, d_x, d_y) = grad(x, y);
        assert_near(value, dual(x.into(), y.into()).re, 1e-14);
        assert_near(d_x, dual(active(x), y.into()).eps, 1e-13);
        assert_near(d_y, dual(x.into(), active(y)).eps, 1e-13);
        let (value, d_x, d_y) = narrow(x as f32, y as f32);
        let (x, y) = (f64::from(x as f32), f64::from(y as f32));
        assert_near(value.into(), dual(x.into(), y.into()).re, 2e-6);
        assert_near(d_x.into(), dual(active(x), y.into()).eps, 1e-5);
        assert_near(d_y.into(), dual(x.into(), active(y)).eps, 1e-5);
    }
}

const ANY: &[f64] = &[0.3, -0.7, 1.9, -2.6, 0.01, 4.1];
const POSITIVE: &[f64] = &[0.3, 0.7, 1.9, 12.5, 0.01];
const SMALL: &[f64] = &[0.3, -0.7, 0.05, -0.99];

macro_rules! unary {
    ($($name:ident at $points:expr, $dual:expr;)*) => {$(
        #[test]
        fn $name() {
            unary(double_grad::$name, single_grad::$name, $dual, $points);
        }
    )*};
}

/// The gradients under their functions' names.
macro_rules! gradients {
    ($($name:ident $grad:ident;)*) => {
        mod double_grad {
            pub(super) use super::double::{$($grad as $name),*};
        }
        mod single_grad {
            pub(super) use super::single::{$($grad as $name),*};
        }
    };
}

gradients! {
    abs abs_grad; acos acos_grad; acosh acosh_grad; asin asin_grad; asinh asinh_grad; atan atan_grad; atanh atanh_grad; cbrt cbrt_grad; cos cos_grad;
    cosh cosh_grad; exp exp_grad; exp2 exp2_grad; exp_m1 exp_m1_grad; ln ln_grad; ln_1p ln_1p_grad; log10 log10_grad; log2 log2_grad; recip recip_grad;
    sin sin_grad; sine_of_both sine_of_both_grad; cosine_of_both cosine_of_both_grad; sinh sinh_grad; sqrt sqrt_grad; tan tan_grad; tanh tanh_grad;
    to_degrees to_degrees_grad; to_radians to_radians_grad; neg neg_grad;
}

unary! {
    abs at ANY, |x| if x.re < 0.0 { -x } else { x };
    acos at SMALL, |x| x.acos();
    acosh at &[1.2, 1.9, 12.5], |x| x.acosh();
    asin at SMALL, |x| x.asin();
    asinh at ANY, |x| x.asinh();
    atan at ANY, |x| x.atan();
    atanh at SMALL, |x| x.atanh();
    cbrt at ANY, |x| x.cbrt();
    cos at ANY, |x| x.cos();
    cosh at ANY, |x| x.cosh();
    exp at ANY, |x| x.exp();
    exp2 at ANY, |x| x.exp2();
    exp_m1 at ANY, |x| x.exp_m1();
    ln at POSITIVE, |x| x.ln();
    ln_1p at POSITIVE, |x| x.ln_1p();
    log10 at POSITIVE, |x| x.log10();
    log2 at POSITIVE, |x| x.log2();
    recip at ANY, |x| x.recip();
    sin at ANY, |x| x.sin();
    sine_of_both at ANY, |x| x.sin();
    cosine_of_both at ANY, |x| x.cos();
    sinh at ANY, |x| x.sinh();
    sqrt at POSITIVE, |x| x.sqrt();
    tan at SMALL, |x| x.tan();
    tanh at ANY, |x| x.tanh();
    to_degrees at ANY, |x| x * 57.295_779_513_082_32;
    to_radians at ANY, |x| x * 0.017_453_292_519_943_295;
    neg at ANY, |x| -x;
}

const PAIRS: &[(f64, f64)] = &[(0.3, 1.7), (-0.7, 0.4), (1.9, -2.2), (-3.1, -0.6)];

#[test]
fn arithmetic() {
    binary(double::add_grad, single::add_grad, |x, y| x + y, PAIRS);
    binary(double::sub_grad, single::sub_grad, |x, y| x - y, PAIRS);
    binary(double::mul_grad, single::mul_grad, |x, y| x * y, PAIRS);
    binary(double::div_grad, single::div_grad, |x, y| x / y, PAIRS);
    binary(
        double::midpoint_grad,
        single::midpoint_grad,
        |x, y| (x + y) * 0.5,
        PAIRS,
    );
}

#[test]
fn hypot_and_atan2() {
    binary(
        double::hypot_grad,
        single::hypot_grad,
        |x, y| (x * x + y * y).sqrt(),
        PAIRS,
    );
    binary(
        double::atan2_grad,
        single::atan2_grad,
        |y, x| y.atan2(x),
        PAIRS,
    );
}

#[test]
fn powers_and_logarithms() {
    let points = &[(0.3, 1.7), (1.9, -2.2), (2.5, 0.4), (0.9, 3.0)];
    binary(
        double::powf_grad,
        single::powf_grad,
        |x, p| x.powd(p),
        points,
    );
    binary(
        double::log_grad,
        single::log_grad,
        |x, base| x.ln() / base.ln(),
        &[(0.3, 1.7), (5.5, 10.0), (2.5, 0.4)],
    );
    for n in [-3, -1, 0, 1, 2, 5] {
        for x in [0.4, -1.3, 2.2] {
            let want = active(x).powi(n);
            let (value, d) = double::powi_grad(x, n);
            assert_near(value, want.re, 1e-13);
            assert_near(d, want.eps, 1e-13);
            assert_near(
                single::powi_grad(x as f32, n).1.into(),
                active(f64::from(x as f32)).powi(n).eps,
                4e-6,
            );
        }
    }
    // A negative base has a derivative where the exponent is an integer.
    assert_near(double::powf_grad(-2.0, 3.0).1, 12.0, 1e-14);
    assert_near(double::powf_grad(-2.0, -2.0).1, 0.25, 1e-14);
}

#[test]
fn larger_and_smaller() {
    binary(
        double::max_grad,
        single::max_grad,
        |x, y| if x.re > y.re { x } else { y },
        PAIRS,
    );
    binary(
        double::min_grad,
        single::min_grad,
        |x, y| if x.re < y.re { x } else { y },
        PAIRS,
    );
    binary(
        double::copysign_grad,
        single::copysign_grad,
        |x, s| if x.re * s.re < 0.0 { -x } else { x },
        PAIRS,
    );
    assert_eq!(double::clamp_grad(0.5, 0.0, 1.0), (0.5, 1.0, 0.0, 0.0));
    assert_eq!(double::clamp_grad(-0.5, 0.0, 1.0), (0.0, 0.0, 1.0, 0.0));
    assert_eq!(single::clamp_grad(1.5, 0.0, 1.0), (1.0, 0.0, 0.0, 1.0));
}

#[test]
fn fused_multiply_add() {
    assert_eq!(double::mul_add_grad(2.0, 3.0, 5.0), (11.0, 3.0, 2.0, 1.0));
    assert_eq!(single::mul_add_grad(2.0, 3.0, 5.0), (11.0, 3.0, 2.0, 1.0));
}

#[test]
fn remainders() {
    for (x, y) in [
        (7.3, 2.1),
        (-7.3, 2.1),
        (7.3, -2.1),
        (-7.3, -2.1),
        (0.4, 3.0),
    ] {
        let rem = double::rem_grad(x, y);
        check_derivative("% by x", rem.1, |h| (x + h) % y);
        check_derivative("% by y", rem.2, |h| x % (y + h));
        let rem = double::rem_euclid_grad(x, y);
        check_derivative("rem_euclid by x", rem.1, |h| (x + h).rem_euclid(y));
        check_derivative("rem_euclid by y", rem.2, |h| x.rem_euclid(y + h));
        assert_eq!(double::div_euclid_grad(x, y), (x.div_euclid(y), 0.0, 0.0));
        assert_eq!(
            single::rem_grad(x as f32, y as f32).2,
            -(x / y).trunc() as f32
        );
    }
}

#[test]
fn steps() {
    for x in [0.3, -0.7, 1.9, -2.6] {
        assert_eq!(double::fract_grad(x), (x.fract(), 1.0));
        for (grad, f) in [
            (
                double::floor_grad as fn(f64) -> (f64, f64),
                f64::floor as fn(f64) -> f64,
            ),
            (double::ceil_grad, f64::ceil),
            (double::round_grad, f64::round),
            (double::round_ties_even_grad, f64::round_ties_even),
            (double::trunc_grad, f64::trunc),
            (double::signum_grad, f64::signum),
            (double::whole_grad, f64::trunc),
        ] {
            assert_eq!(grad(x), (f(x), 0.0));
        }
        assert_eq!(single::floor_grad(x as f32).1, 0.0);
        assert_eq!(single::fract_grad(x as f32).1, 1.0);
        assert_eq!(single::whole_grad(x as f32).1, 0.0);
    }
}
