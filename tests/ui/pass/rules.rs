//! Rules written by hand, and ways to stop a gradient.
#![deny(warnings, missing_docs, unused_qualifications, unreachable_pub, clippy::all)]
#![forbid(unsafe_code)]

use backprop::prelude::*;

#[differentiable(partials(x = y, y = x))]
fn times(x: f64, y: f64) -> f64 {
    x * y
}

fn dot_rule(x: &[f64], d_x: &mut [f64], y: &[f64], d_y: &mut [f64], d_ret: f64) -> f64 {
    d_x[0] += y[0] * d_ret;
    d_y[0] += x[0] * d_ret;
    x[0] * y[0]
}

#[differentiable(vjp = dot_rule)]
fn dot(x: &[f64], y: &[f64]) -> f64 {
    x[0] * y[0]
}

#[differentiable]
fn stopped(x: f64, #[nodiff] k: f64) -> f64 {
    let frozen = stop_gradient(x);
    let largest = no_grad!([x, k].into_iter().fold(0.0, f64::max));
    assert!(largest >= 0.0, "negative: {x}");
    frozen * x * k + largest + times(x, frozen)
}

fn main() {
    let (mut d_x, mut d_y) = ([0.0], [0.0]);
    assert_eq!(dot_grad(&[2.0], &mut d_x, &[3.0], &mut d_y), 6.0);
    assert_eq!((d_x, d_y), ([3.0], [2.0]));
    assert_eq!(stopped_grad(2.0, 3.0).1, 8.0);
}
