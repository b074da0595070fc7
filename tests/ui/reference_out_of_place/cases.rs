use backprop::prelude::*;

#[differentiable]
fn temporary(x: f64) -> f64 {
    let r = &(x + 1.0);
    *r * *r
}

#[differentiable]
fn reseated(x: &[f64]) -> f64 {
    let mut r = &x[1..];
    r = &r[1..];
    r[0]
}

#[differentiable]
fn in_a_tuple(x: f64, y: f64) -> f64 {
    let r = (&x, &y);
    *r.0
}

fn main() {}
