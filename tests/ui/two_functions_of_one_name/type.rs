use backprop::prelude::*;

struct loss {}

#[differentiable]
fn loss(x: f64) -> f64 {
    x * x
}

fn main() {}
