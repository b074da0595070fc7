//! Forward mode, construct by construct: against finite differences along the tangent, and against reverse mode.
//!
//! For a cotangent w and a tangent v, the product of w with the Jacobian times v is the same from either side.

mod common;

use backprop::prelude::*;
use common::{assert_near, assert_same, check_derivative, dot, noise};

#[differentiable(jvp)]
fn rosenbrock(x: f64, y: f64) -> f64 {
    (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2)
}

#[test]
fn straight_lines() {
    let (value, d) = rosenbrock_jvp(1.2, 0.3, 1.0, -0.7);
    let (same, d_x, d_y) = rosenbrock_grad(1.2, 1.0);
    assert_same(value, same);
    assert_near(d, 0.3 * d_x - 0.7 * d_y, 1e-13);
}

/// The tangent of an element that does not vary is zero beside one that does.
#[differentiable(jvp, hvp)]
fn from_a_constant(x: f64) -> f64 {
    let y = [1.0, x * x];
    let z = (2.0, x.sin());
    (y[0] - y[1]) * (z.0 - z.1)
}

#[test]
fn constants_in_aggregates() {
    for x in [0.4, -1.3] {
        check_derivative("along", from_a_constant_jvp(x, 1.0).1, |h| {
            from_a_constant(x + h)
        });
        let (_, second) = from_a_constant_hvp(x, 1.0);
        check_derivative("second", second, |h| from_a_constant_grad(x + h).1);
    }
}

#[differentiable(jvp)]
fn reduction(w: &[f64], x: &[f64], b: f64) -> f64 {
    let mut s = b;
    for i in 0..w.len() {
        s += (w[i] * x[i]).sin();
    }
    if s > 0.0 { s.ln() } else { s * s }
}

#[test]
fn loops_and_branches() {
    for n in [0, 1, 5] {
        let (w, x) = (noise(1, n), noise(2, n));
        let (d_w, d_x) = (noise(3, n), noise(4, n));
        for b in [3.0, -4.0] {
            let (_, d) = reduction_jvp(&w, &d_w, &x, &d_x, b, 0.5);
            check_derivative("along", d, |h| {
                let moved = |a: &[f64], d: &[f64]| -> Vec<f64> {
                    a.iter().zip(d).map(|(a, d)| a + h * d).collect()
                };
                reduction(&moved(&w, &d_w), &moved(&x, &d_x), b + 0.5 * h)
            });
            let (mut g_w, mut g_x) = (vec![0.0; n], vec![0.0; n]);
            let (_, g_b) = reduction_grad(&w, &mut g_w, &x, &mut g_x, b);
            assert_near(d, dot(&g_w, &d_w) + dot(&g_x, &d_x) + 0.5 * g_b, 1e-12);
        }
    }
}

#[differentiable(jvp)]
fn layer(w: &[f64], x: &[f64], out: &mut [f64]) {
    for (k, out) in out.iter_mut().enumerate() {
        *out = reduction(&w[k..k + x.len()], x, 2.0);
    }
}

#[differentiable(jvp)]
fn network(w: &[f64], x: &[f64]) -> f64 {
    let mut hidden = [0.0; 3];
    layer(w, x, &mut hidden);
    let mut out = [0.0; 2];
    layer(&w[1..], &hidden, &mut out);
    out[0] * out[1]
}

#[test]
fn calls() {
    let (w, x) = (noise(1, 9), noise(2, 4));
    let (d_w, d_x) = (noise(3, 9), noise(4, 4));
    let (_, d) = network_jvp(&w, &d_w, &x, &d_x);
    let (mut g_w, mut g_x) = (vec![0.0; 9], vec![0.0; 4]);
    network_grad(&w, &mut g_w, &x, &mut g_x);
    assert_near(d, dot(&g_w, &d_w) + dot(&g_x, &d_x), 1e-12);
}

#[derive(Clone, Copy, Differentiable)]
struct Gain {
    factor: f64,
    offset: f64,
}

/// Tangents that are lent, read whole.
#[differentiable(jvp)]
fn wholes(x: f64, a: &[f64; 2], y: &f64, g: &Gain) -> f64 {
    let mut rows = [*a, [x, x]];
    let (z, gain) = (*y, *g);
    if x > z {
        rows[1][0] = rows[0][1] * z;
    }
    rows[1][0] * rows[0][0] * gain.factor + z * x + gain.offset * rows[1][1]
}

#[differentiable(jvp)]
fn some_are_constant(x: f64, #[nodiff] a: [[f64; 2]; 2], k: usize, y: f64) -> f64 {
    let g = Gain {
        factor: 0.3,
        offset: 2.0,
    };
    let constant = wholes(x, &a[k % 2], &a[1][0], &g);
    constant
        + wholes(
            y,
            &[x, y],
            &a[0][1],
            &Gain {
                factor: x,
                offset: 1.0,
            },
        )
}

#[test]
fn whole_tangents_that_are_not_there() {
    let a = [[0.4, 0.8], [0.3, -0.6]];
    for (x, y) in [(0.2, 1.1), (0.9, 0.5), (-0.7, 0.3)] {
        for k in 0..2 {
            let (dx, dy) = (0.7, -1.3);
            let (value, d) = some_are_constant_jvp(x, dx, a, k, y, dy);
            assert_eq!(value, some_are_constant(x, a, k, y));
            check_derivative("the tangent", d, |h| {
                some_are_constant(x + h * dx, a, k, y + h * dy)
            });
            let (_, d_x, d_y) = some_are_constant_grad(x, a, k, y);
            assert!((d - (d_x * dx + d_y * dy)).abs() < 1e-12);
        }
    }
}

#[differentiable(jvp, hvp)]
fn mix(a: &mut f64, b: &mut f64) -> f64 {
    let t = *a * 0.5 + b.sin();
    *b *= *a;
    *a = t;
    t + *b
}

/// Two variables that start from one value are two when they are lent; their tangents, too.
#[differentiable(jvp, hvp)]
fn two_from_one(x: f64) -> f64 {
    let t = x.sin();
    let (mut a, mut b) = (t, t);
    let mut c = 0.5;
    let mut d = 0.5;
    mix(&mut c, &mut d);
    let s = mix(&mut a, &mut b);
    s * b + mix(&mut d, &mut a) * x
}

#[test]
fn two_variables_from_one_value() {
    for x in [0.3, 1.1, -0.7] {
        let (_, d) = two_from_one_grad(x);
        check_derivative("two_from_one", d, |h| two_from_one(x + h));
        assert_near(two_from_one_jvp(x, 1.0).1, d, 1e-12);
        let (_, second) = two_from_one_hvp(x, 1.0);
        check_derivative("second", second, |h| two_from_one_grad(x + h).1);
    }
}
