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
