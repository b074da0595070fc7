use backprop::prelude::*;

#[differentiable]
fn helper(x: f64) -> f64 {
    x * x
}

#[differentiable(hvp)]
fn through_a_call(x: f64) -> f64 {
    helper(x).sin()
}

fn main() {}
