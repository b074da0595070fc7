use backprop::prelude::*;

#[differentiable]
fn loss(x: f64) -> f64 {
    x * x
}

fn loss_grad(x: f64) -> f64 {
    2.0 * x
}

fn main() {}
