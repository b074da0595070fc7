//! A rule written by hand gives every gradient of its signature; the caller need not want them all.

use backprop::prelude::*;

fn dot_rule(x: &[f64], d_x: &mut [f64], y: &[f64], d_y: &mut [f64], d_ret: f64) -> f64 {
    d_x[0] += y[0] * d_ret;
    d_y[0] += x[0] * d_ret;
    x[0] * y[0]
}

#[differentiable(vjp = dot_rule)]
fn dot(x: &[f64], y: &[f64]) -> f64 {
    x[0] * y[0]
}

#[differentiable(wrt(x))]
fn loss(x: &[f64], y: &[f64]) -> f64 {
    dot(x, y)
}

fn main() {}
