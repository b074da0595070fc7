use backprop::prelude::*;

#[differentiable(wrt(z))]
fn unknown(x: f64) -> f64 {
    x * x
}

#[differentiable(wrt(n))]
fn integer(x: f64, n: usize) -> f64 {
    x * n as f64
}

fn main() {}
