//! Hessians along all axes at once: against gradients, products with unit vectors, and finite differences of gradients.

#![allow(
    clippy::needless_range_loop,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{assert_near, check_derivative, noise};

/// What a Hessian is compared with.
fn check<const N: usize>(
    x: &[f64; N],
    (value, gradient, hessian): (f64, [f64; N], [[f64; N]; N]),
    grad: impl Fn(&[f64; N], &mut [f64; N]) -> f64,
    hvp: impl Fn(&[f64; N], &[f64; N], &mut [f64; N]) -> f64,
) {
    let mut wanted = [0.0; N];
    assert_near(value, grad(x, &mut wanted), 1e-14);
    for k in 0..N {
        assert_near(gradient[k], wanted[k], 1e-13);
        let (mut axis, mut column) = ([0.0; N], [0.0; N]);
        axis[k] = 1.0;
        hvp(x, &axis, &mut column);
        for i in 0..N {
            assert_near(hessian[k][i], column[i], 1e-12);
            assert_near(hessian[k][i], hessian[i][k], 1e-12);
            check_derivative("entry", hessian[k][i], |h| {
                let mut x = *x;
                x[k] += h;
                let mut d = [0.0; N];
                grad(&x, &mut d);
                d[i]
            });
        }
    }
}

macro_rules! check {
    ($hessian:ident, $grad:ident, $hvp:ident, $x:expr $(, $rest:expr)*) => {{
        let x = $x;
        check(
            &x,
            $hessian(&x $(, $rest)*),
            |x, d| $grad(x, d $(, $rest)*),
            |x, v, h| $hvp(x, v, h $(, $rest)*),
        );
    }};
}

#[differentiable(hessian)]
fn rosenbrock(x: &[f64; 2]) -> f64 {
    (1.0 - x[0]).powi(2) + 100.0 * (x[1] - x[0] * x[0]).powi(2)
}

/// One element that nothing depends on, one whose second derivatives are zero.
#[differentiable(hessian)]
fn straight(x: &[f64; 5], #[nodiff] k: f64) -> f64 {
    let [a, b, c, d, _] = *x;
    (a * b).sin() * c.exp() / (1.0 + k * b * b) + (a - c).abs() + 3.0 * d
}

#[differentiable(hessian)]
fn one(x: &[f64; 1]) -> f64 {
    x[0].ln() * x[0]
}

/// What is added to the gradient is added in a loop.
#[differentiable(hessian)]
fn sums(x: &[f64; 4], weights: &[usize]) -> f64 {
    let mut s = 0.0;
    for (i, w) in weights.iter().enumerate() {
        s += *w as f64 * (x[i % 4] * x[(i + 1) % 4]).cos();
    }
    let t = x[0] * x[0];
    if s > 0.5 { s * s + t } else { s.exp() * t }
}

#[differentiable(hessian)]
fn arrays(x: &[f64; 3]) -> f64 {
    let mut y = [0.0; 3];
    for i in 0..3 {
        y[i] = x[i] * x[(i + 1) % 3];
    }
    for i in 1..3 {
        y[i] = y[i] * y[i - 1] + y[i].sin();
    }
    y[0] * y[1] + y[2].sqrt()
}

#[differentiable(hessian, tape)]
fn recurrence(x: &[f64; 3], n: usize) -> f64 {
    let mut y = 0.5;
    for i in 0..n {
        y = (y * x[i % 3]).sin() + 0.1 * y * y;
    }
    y
}

/// So many inputs that there is a product for each.
#[differentiable(hessian)]
fn many(x: &[f64; 9]) -> f64 {
    let mut s = 0.0;
    for i in 1..9 {
        s += (x[i] - x[i - 1] * x[i - 1]).powi(2);
    }
    s
}

#[test]
fn straight_lines() {
    check!(
        rosenbrock_hessian,
        rosenbrock_grad,
        rosenbrock_hvp,
        [1.2, 0.7]
    );
    let (_, _, hessian) = rosenbrock_hessian(&[1.0, 1.0]);
    assert_eq!(hessian, [[802.0, -400.0], [-400.0, 200.0]]);
    check!(
        straight_hessian,
        straight_grad,
        straight_hvp,
        [0.4, 1.1, -0.3, 2.0, 5.0],
        0.7
    );
    check!(one_hessian, one_grad, one_hvp, [1.7]);
}

#[test]
fn loops_and_branches() {
    for (weights, at) in [(vec![1, 0, 2, 3, 1], 0.3), (vec![0, 5], 1.5), (vec![], 0.1)] {
        let x = [at, at + 0.4, -at, 0.9];
        check!(sums_hessian, sums_grad, sums_hvp, x, &weights);
    }
    check!(arrays_hessian, arrays_grad, arrays_hvp, [0.8, 1.3, 0.6]);
    let x: [f64; 9] = noise(3, 9).try_into().unwrap();
    check!(many_hessian, many_grad, many_hvp, x);
}

#[test]
fn with_a_tape() {
    for n in [0, 1, 7] {
        let x = [0.9, 1.2, 0.4];
        let mut tape = Tape::new();
        check(
            &x,
            recurrence_hessian(&x, n, &mut tape),
            |x, d| recurrence_grad(x, d, n, &mut Tape::new()),
            |x, v, h| recurrence_hvp(x, v, h, n, &mut Tape::new()),
        );
    }
}

#[differentiable(hessian)]
fn by_value(x: [f64; 3]) -> f64 {
    let [a, b, c] = x;
    a * b * c + (a * c).exp()
}

struct Model {
    scale: f64,
}

impl Model {
    #[differentiable(hessian)]
    fn energy<T: Real>(#[nodiff] &self, x: &[T; 2]) -> T {
        T::from_f64(self.scale) * (x[0] * x[1]).tanh() + x[0] * x[0] * x[1]
    }
}

#[test]
fn values_methods_and_single_precision() {
    let x = [0.3, -0.8, 1.1];
    let (value, gradient, hessian) = by_value_hessian(x);
    let (same, d) = by_value_grad(x);
    assert_near(value, same, 1e-15);
    for k in 0..3 {
        assert_near(gradient[k], d[k], 1e-14);
        for i in 0..3 {
            assert_near(hessian[k][i], hessian[i][k], 1e-14);
            check_derivative("entry", hessian[k][i], |h| {
                let mut x = x;
                x[k] += h;
                by_value_grad(x).1[i]
            });
        }
    }
    let model = Model { scale: 1.5 };
    check(
        &[0.4, -0.9],
        model.energy_hessian(&[0.4, -0.9]),
        |x, d| model.energy_grad(x, d),
        |x, v, h| model.energy_hvp(x, v, h),
    );
    let (value, gradient, single) = model.energy_hessian(&[0.4_f32, -0.9]);
    let (wanted, d, double) = model.energy_hessian(&[0.4_f64, -0.9]);
    assert!((f64::from(value) - wanted).abs() < 1e-6);
    for k in 0..2 {
        assert!((f64::from(gradient[k]) - d[k]).abs() < 1e-6);
        for i in 0..2 {
            assert!((f64::from(single[k][i]) - double[k][i]).abs() < 1e-5);
        }
    }
}

/// At kinks the second derivative is that of the pieces.
#[differentiable(hessian)]
fn kinks(x: &[f64; 3]) -> f64 {
    x[0].abs() * x[1] + x[1].max(x[2]) * x[2]
}

#[test]
fn at_kinks() {
    let (_, gradient, hessian) = kinks_hessian(&[0.0, 2.0, 1.0]);
    assert_eq!(gradient, [0.0, 1.0, 2.0]);
    assert_eq!(hessian, [[0.0; 3], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]);
}

/// A function of one number, by its partial derivative: along all axes at once.
#[differentiable(hvp, partials(x = 1.0 - ret * ret))]
fn saturating(x: f64) -> f64 {
    x.tanh()
}

/// One that is differentiated itself.
#[differentiable(hvp)]
fn bump<T: Real>(x: T) -> T {
    (-x * x).exp() * x
}

#[differentiable(hessian)]
fn through_calls(x: &[f64; 3]) -> f64 {
    let a = saturating(x[0] * x[1]);
    let b = bump(a + x[2]);
    let c = if a > 0.2 { bump(b * x[0]) } else { a * x[1] };
    let mut s = 0.0;
    for i in 0..3 {
        s += bump(x[i] * c);
    }
    s * a + saturating(0.3) * x[1]
}

/// Prices with all their sensitivities: the error function is another crate's.
#[differentiable(hessian)]
fn call_price(x: &[f64; 5]) -> f64 {
    let [spot, strike, rate, volatility, time] = *x;
    let spread = volatility * time.sqrt();
    let d1 = ((spot / strike).ln() + (rate + 0.5 * volatility * volatility) * time) / spread;
    spot * backprop::math::normal_cdf(d1)
        - strike * (-rate * time).exp() * backprop::math::normal_cdf(d1 - spread)
}

/// A callee of two numbers has a product for each axis, and so has one of another precision.
#[differentiable(hvp)]
fn pair(x: f64, y: f64) -> f64 {
    x * x * y
}

#[differentiable(hvp)]
fn rounded(x: f32) -> f32 {
    x * x * x
}

#[differentiable(hessian)]
fn others(x: &[f64; 2]) -> f64 {
    pair(x[0], x[1]) + f64::from(rounded(x[0] as f32)) + bump(x[1])
}

#[test]
fn calls() {
    for x in [[0.7, 1.1, -0.4], [0.2, -0.3, 0.9]] {
        check!(
            through_calls_hessian,
            through_calls_grad,
            through_calls_hvp,
            x
        );
    }
    let x = [1.0, 1.05, 0.03, 0.25, 0.75];
    check!(call_price_hessian, call_price_grad, call_price_hvp, x);
    let (value, gradient, hessian) = others_hessian(&[0.5, 1.5]);
    let mut wanted = [0.0; 2];
    assert_near(value, others_grad(&[0.5, 1.5], &mut wanted), 1e-14);
    for k in 0..2 {
        assert_near(gradient[k], wanted[k], 1e-14);
    }
    assert_near(hessian[0][0], 3.0 + 3.0, 1e-6);
    assert_near(hessian[0][1], 1.0, 1e-14);
    assert_near(hessian[1][0], 1.0, 1e-14);
}
