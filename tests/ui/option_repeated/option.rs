use backprop::prelude::*;

#[differentiable(wrt(x), wrt(y))]
fn wrt(x: f64, y: f64) -> f64 {
    x * y
}

#[differentiable(tape, tape)]
fn tape(x: f64) -> f64 {
    x * x
}

fn main() {}
