use backprop::prelude::*;

fn pair(x: f64) -> [f64; 2] {
    [x, x]
}

#[differentiable]
fn array(x: f64) -> f64 {
    let (a, b);
    [a, b] = pair(1.0);
    a * b * x
}

fn first(y: &mut [f64]) -> &mut f64 {
    &mut y[0]
}

#[differentiable]
fn through_a_call(x: f64, y: &mut [f64]) {
    *first(y) = x;
}

#[differentiable]
fn through_a_hidden_reference(x: f64, y: &mut [f64]) {
    let r = first(y);
    *r = x;
}

fn main() {}
