use backprop::prelude::*;

#[differentiable(jacobian)]
fn of_two(x: &[f64; 2], y: f64) -> [f64; 2] {
    [x[0] * y, x[1]]
}

#[differentiable(jacobian)]
fn of_slices(x: &[f64], out: &mut [f64]) {
    out[0] = x[0];
}

#[differentiable(jacobian)]
fn in_place(x: &[f64; 2], out: &mut [f64]) {
    out[0] = out[0] * x[0] + x[1];
}

#[differentiable(hvp, partials(x = 2.0 * x))]
fn by_hand(x: f64) -> f64 {
    x * x
}

#[differentiable(hvp)]
fn no_float(x: f64) -> [f64; 2] {
    [x, x * x]
}

#[differentiable(hessian)]
fn of_a_slice(x: &[f64]) -> f64 {
    x[0] * x[1]
}

fn main() {}
