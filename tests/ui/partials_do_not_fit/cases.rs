use backprop::prelude::*;

#[differentiable(partials(x = 2.0 * x))]
fn not_scalar(x: f64) -> [f64; 2] {
    [x, x]
}

#[differentiable(partials(x = 2.0 * x))]
fn by_reference(x: &[f64]) -> f64 {
    x[0] * x[0]
}

#[differentiable(partials(x = y))]
fn missing(x: f64, y: f64) -> f64 {
    x * y
}

#[differentiable(partials(x = 2.0 * x, z = 1.0))]
fn unknown(x: f64) -> f64 {
    x * x
}

#[differentiable(partials(x = n as f64, n = x))]
fn inactive(x: f64, n: usize) -> f64 {
    x * n as f64
}

fn main() {}
