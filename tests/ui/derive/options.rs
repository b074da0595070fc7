use backprop::prelude::*;

#[derive(Differentiable)]
#[differentiable]
struct Bare {
    x: f64,
}

#[derive(Differentiable)]
#[differentiable(crate = backprop, crate = backprop)]
struct Twice {
    x: f64,
}

fn main() {}
