//! Second derivatives: products with the Hessian against differences of gradients, Hessians symmetric, closed forms.

mod common;

use backprop::prelude::*;
use common::{assert_near, check_derivative, dot, noise};

#[differentiable(hvp)]
fn scalars(x: f64, y: f64) -> f64 {
    (x * y).sin() / (1.0 + y * y) + x.powi(3) * y.exp() - (x / y).sqrt()
}

#[test]
fn straight_lines() {
    for [x, y] in [[0.7, 1.2], [2.0, 0.4]] {
        let (v_x, v_y) = (0.3, -1.1);
        let (value, h_x, h_y) = scalars_hvp(x, v_x, y, v_y);
        assert_eq!(value, scalars(x, y));
        let along = |h: f64| scalars_grad(x + h * v_x, y + h * v_y);
        check_derivative("by x", h_x, |h| along(h).1);
        check_derivative("by y", h_y, |h| along(h).2);
    }
}

/// Every elementary function where it is smooth.
#[differentiable(hvp)]
fn functions(x: &[f64]) -> f64 {
    let (a, b) = (x[0], x[1]);
    let (s, c) = (a * b).sin_cos();
    let mut sum = s * c + a.cos() * b.tan() + a.asin() * b.acos() + a.atan() + b.atan2(a * a);
    sum += a.sinh() * b.cosh() + a.tanh() + b.asinh() + (2.0 + a).acosh() + (0.5 * b).atanh();
    sum += a.exp() * b.exp2()
        + a.exp_m1() * b.ln()
        + a.ln_1p()
        + b.log2() * a.log10()
        + (b + 2.0).log(a + 2.0);
    sum += a.powf(b) + b.powi(3) * a.powi(-2) + a.sqrt() * b.cbrt() + a.hypot(b) + a.recip() * b;
    sum += a.mul_add(b, a * a)
        + a.max(b) * a.min(b)
        + (a * b).abs()
        + a.clamp(0.0, 1.0) * a.copysign(b);
    sum + a.to_degrees() * b.to_radians() + a % b * a + a.fract() * b + a.rem_euclid(b) * a
}

fn check(
    grad: impl Fn(&[f64], &mut [f64]) -> f64,
    hvp: impl Fn(&[f64], &[f64], &mut [f64]) -> f64,
    x: &[f64],
) {
    let n = x.len();
    let (v, mut product) = (noise(7, n), vec![0.0; n]);
    let value = hvp(x, &v, &mut product);
    assert_near(value, grad(x, &mut vec![0.0; n]), 1e-13);
    for k in 0..n {
        check_derivative(&format!("entry {k}"), product[k], |h| {
            let moved: Vec<f64> = x.iter().zip(&v).map(|(x, v)| x + h * v).collect();
            let mut d = vec![0.0; n];
            grad(&moved, &mut d);
            d[k]
        });
    }
    // It is added to what is there, and the Hessian is symmetric.
    let mut again: Vec<f64> = vec![1.0; n];
    hvp(x, &v, &mut again);
    let (w, mut other) = (noise(8, n), vec![0.0; n]);
    hvp(x, &w, &mut other);
    for k in 0..n {
        assert_near(again[k], product[k] + 1.0, 1e-12);
    }
    assert_near(dot(&w, &product), dot(&v, &other), 1e-11);
}

#[test]
fn elementary_functions() {
    check(functions_grad, functions_hvp, &[0.3, 0.55]);
    check(functions_grad, functions_hvp, &[0.62, 0.41]);
}

#[differentiable(hvp)]
fn chain(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 1..x.len() {
        let t = x[i] - x[i - 1] * x[i - 1];
        sum += 100.0 * t * t + (1.0 - x[i - 1]).powi(2);
    }
    if sum > 1e6 { sum.ln() } else { sum }
}

#[differentiable(hvp, tape)]
fn recurrence(x: &[f64]) -> f64 {
    let mut y = 0.5;
    for i in 0..x.len() {
        y = (y * x[i]).sin() + 0.1 * y * y;
    }
    y
}

#[differentiable(hvp)]
fn local_arrays(x: &[f64]) -> f64 {
    let mut a = [0.0; 4];
    for i in 0..4 {
        a[i] = x[i] * x[(i + 1) % 4];
    }
    for i in 1..4 {
        a[i] = a[i] * a[i - 1] + a[i].sin();
    }
    let [p, q, r, s] = a;
    p * q + r * s
}

#[differentiable(hvp)]
fn softmax_like(x: &[f64]) -> f64 {
    let largest = no_grad!(x.iter().copied().fold(f64::NEG_INFINITY, f64::max));
    let sum: f64 = x.iter().map(|v| (v - largest).exp()).sum();
    largest + sum.ln()
}

#[test]
fn loops() {
    check(chain_grad, chain_hvp, &[0.3, -0.7, 1.1, 0.4]);
    check(local_arrays_grad, local_arrays_hvp, &[0.3, -0.7, 1.1, 0.4]);
    check(softmax_like_grad, softmax_like_hvp, &[0.3, -0.7, 1.1]);
    let x = [0.3, -0.7, 1.1, 0.4, 0.9];
    check(
        |x, d| recurrence_grad(x, d, &mut Tape::new()),
        |x, v, h| recurrence_hvp(x, v, h, &mut Tape::new()),
        &x,
    );
    assert_eq!(chain_hvp(&[], &[], &mut []), 0.0);
}

#[derive(Differentiable, Clone, Copy)]
struct Well {
    depth: f64,
    at: [f64; 2],
}

#[differentiable(hvp)]
fn energy(w: &Well, x: f64) -> f64 {
    let r = (x - w.at[0]).hypot(w.at[1]);
    -w.depth / (1.0 + r * r)
}

#[test]
fn structs() {
    let (w, v) = (
        Well {
            depth: 2.0,
            at: [0.3, 0.8],
        },
        Well {
            depth: 0.5,
            at: [-1.0, 0.25],
        },
    );
    let mut h = w.zeros_like();
    let (_, h_x) = energy_hvp(&w, &v, &mut h, 0.7, 2.0);
    let along = |s: f64| {
        let at = [w.at[0] + s * v.at[0], w.at[1] + s * v.at[1]];
        let moved = Well {
            depth: w.depth + s * v.depth,
            at,
        };
        let mut d = w.zeros_like();
        let (_, d_x) = energy_grad(&moved, &mut d, 0.7 + 2.0 * s);
        [d.depth, d.at[0], d.at[1], d_x]
    };
    for (k, got) in [h.depth, h.at[0], h.at[1], h_x].into_iter().enumerate() {
        check_derivative("entry", got, |s| along(s)[k]);
    }
}

#[differentiable(hessian)]
fn rosenbrock(x: &[f64; 2]) -> f64 {
    (1.0 - x[0]).powi(2) + 100.0 * (x[1] - x[0] * x[0]).powi(2)
}

#[differentiable(hessian)]
fn generic<T: Real, const N: usize>(x: [T; N], k: usize) -> T {
    let mut sum = T::from_f64(0.0);
    for i in 0..N {
        sum += x[i] * x[i] * x[(i + k) % N];
    }
    sum
}

#[test]
fn hessians() {
    let (x, y) = (1.2, 1.0);
    let (value, gradient, hessian) = rosenbrock_hessian(&[x, y]);
    assert_near(value, 19.4, 1e-12);
    assert_near(gradient[0], 211.6, 1e-12);
    let want = [
        [2.0 - 400.0 * (y - 3.0 * x * x), -400.0 * x],
        [-400.0 * x, 200.0],
    ];
    for i in 0..2 {
        for j in 0..2 {
            assert_near(hessian[i][j], want[i][j], 1e-13);
        }
    }
    let (_, gradient, hessian) = generic_hessian([1.0_f32, 2.0, 3.0], 1);
    // x² y + y² z + z² x.
    assert_eq!(gradient, [13.0, 13.0, 10.0]);
    assert_eq!(hessian, [[4.0, 2.0, 6.0], [2.0, 6.0, 4.0], [6.0, 4.0, 2.0]]);
    assert_eq!(generic_hessian::<f64, 0>([], 0).0, 0.0);
}

#[differentiable(hvp)]
fn kinks(x: f64, y: f64) -> f64 {
    x.abs() * y + x.max(y) * x + y.floor() * x * x
}

#[test]
fn beside_kinks_everything_is_smooth() {
    for [x, y] in [[0.7, 1.2], [-2.0, 0.4], [1.5, 0.25]] {
        let (_, h_x, h_y) = kinks_hvp(x, 1.0, y, 0.5);
        check_derivative("by x", h_x, |h| kinks_grad(x + h, y + 0.5 * h).1);
        check_derivative("by y", h_y, |h| kinks_grad(x + h, y + 0.5 * h).2);
    }
    let (_, h_x, h_y) = kinks_hvp(0.0, 1.0, 0.0, 1.0);
    assert!(h_x.is_finite() && h_y.is_finite());
}

/// Each iteration fills an element of its own of an array that begins with one value: nothing is kept of it, but of its tangent.
#[differentiable(hvp)]
fn filled_in_turn(x: &[f64]) -> f64 {
    let from = [4, 2, 0, 1, 3];
    let mut all = [[0.8; 2]; 5];
    for i in 0..5 {
        let other = all[from[i]];
        all[i][0] = other[0] * x[i] + other[1] * x[i];
        all[i][1] += x[i].sin() * other[0];
    }
    all[4][0] * all[1][1] + all[3][0] * all[2][1]
}

#[test]
fn arrays_that_begin_with_one_value() {
    let x = [0.7, -1.3, 0.4, 1.1, -0.6];
    check(filled_in_turn_grad, filled_in_turn_hvp, &x);
}
