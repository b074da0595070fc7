use backprop::prelude::*;

#[differentiable(jacobian)]
fn of_two(x: &[f64; 2], y: &[f64]) -> [f64; 2] {
    [x[0] * y[0], x[1]]
}

#[differentiable(jacobian)]
fn of_slices(x: &[f64], out: &mut [f64]) {
    out[0] = x[0];
}

#[differentiable(jacobian)]
fn in_place(x: &[f64; 2], out: &mut [f64]) {
    out[0] = out[0] * x[0] + x[1];
}

#[differentiable(hvp, vjp = square_reverse)]
fn by_hand(x: f64) -> f64 {
    x * x
}

fn square_reverse(x: f64, d_ret: f64) -> (f64, f64) {
    (x * x, 2.0 * x * d_ret)
}

#[differentiable(hessian)]
fn no_float(x: &[f64; 1]) -> [f64; 2] {
    [x[0], x[0] * x[0]]
}

#[differentiable(hessian)]
fn of_a_slice(x: &[f64]) -> f64 {
    x[0] * x[1]
}

fn main() {}
