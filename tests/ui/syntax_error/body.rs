use backprop::prelude::*;

#[differentiable]
fn truncated(x: f64) -> f64 {
    let y = x *;
    y
}

fn main() {}
