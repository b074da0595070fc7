use backprop::prelude::*;

fn helper(x: f64) -> f64 {
    x * x
}

#[differentiable]
fn caller(x: f64) -> f64 {
    helper(x) + 1.0
}

fn main() {}
