use backprop::prelude::*;

#[differentiable]
fn reference(x: &[f64]) -> &f64 {
    &x[0]
}

#[differentiable]
fn slice(x: &[f64]) -> &[f64] {
    &x[1..]
}

#[differentiable]
fn hidden(x: f64) -> impl Into<f64> {
    x * x
}

fn main() {}
