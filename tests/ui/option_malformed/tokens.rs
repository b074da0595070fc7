use backprop::prelude::*;

#[differentiable(wrt(x) tape)]
fn comma(x: f64) -> f64 {
    x * x
}

#[differentiable(3)]
fn name(x: f64) -> f64 {
    x * x
}

#[differentiable(wrt(3), vjp = 4)]
fn literals(x: f64) -> f64 {
    x * x
}

#[differentiable = "tape"]
fn equals(x: f64) -> f64 {
    x * x
}

fn main() {}
