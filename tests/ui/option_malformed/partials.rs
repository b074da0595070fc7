use backprop::prelude::*;

#[differentiable(partials(2.0 * x))]
fn no_name(x: f64) -> f64 {
    x * x
}

#[differentiable(partials(x: 2.0 * x))]
fn colon(x: f64) -> f64 {
    x * x
}

#[differentiable(without(speed))]
fn unknown_optimisation(x: f64) -> f64 {
    x * x
}

fn main() {}
