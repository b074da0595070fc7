use backprop::prelude::*;

#[differentiable(taep)]
fn tape(x: f64) -> f64 {
    x * x
}

#[differentiable(wtr(x), partial(y = x))]
fn two(x: f64, y: f64) -> f64 {
    x * y
}

#[differentiable(banana)]
fn far_off(x: f64) -> f64 {
    x * x
}

fn main() {}
