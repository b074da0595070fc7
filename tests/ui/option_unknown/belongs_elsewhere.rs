use backprop::prelude::*;

#[differentiable(nodiff(n))]
fn on_the_parameter(x: f64, n: f64) -> f64 {
    x * n
}

#[differentiable(grad, no_tape)]
fn there_anyway(x: f64) -> f64 {
    x * x
}

fn main() {}
