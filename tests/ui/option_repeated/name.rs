use backprop::prelude::*;

#[differentiable(wrt(x, x))]
fn wrt(x: f64, y: f64) -> f64 {
    x * y
}

#[differentiable(partials(x = 2.0 * x, x = x))]
fn partials(x: f64) -> f64 {
    x * x
}

fn main() {}
