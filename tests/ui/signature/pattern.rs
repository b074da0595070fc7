use backprop::prelude::*;

#[differentiable]
fn tuple((x, y): (f64, f64)) -> f64 {
    x * y
}

#[differentiable]
fn wild(x: f64, _: f64) -> f64 {
    x * x
}

fn main() {}
