use backprop::prelude::*;

#[differentiable(wrt(x), partials(x = y, y = x))]
fn more(x: f64, y: f64) -> f64 {
    x * y
}

#[differentiable(wrt(x, y), partials(x = y))]
fn less(x: f64, y: f64) -> f64 {
    x * y
}

fn main() {}
