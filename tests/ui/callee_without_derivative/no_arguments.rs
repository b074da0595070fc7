use backprop::prelude::*;

fn factor() -> f64 {
    2.0
}

#[differentiable]
fn caller(x: f64) -> f64 {
    factor() * x
}

fn main() {}
