use backprop::prelude::*;

#[differentiable(tape = 3)]
fn flag(x: f64) -> f64 {
    x * x
}

#[differentiable(wrt)]
fn names(x: f64) -> f64 {
    x * x
}

#[differentiable(wrt())]
fn no_names(x: f64) -> f64 {
    x * x
}

#[differentiable(vjp)]
fn path(x: f64) -> f64 {
    x * x
}

#[differentiable(partials)]
fn rules(x: f64) -> f64 {
    x * x
}

#[differentiable(partials())]
fn no_rules(x: f64) -> f64 {
    x * x
}

fn main() {}
