use backprop::prelude::*;

#[differentiable]
fn total(y: &[f64], scale: f64) -> f64 {
    scale * y[0] * y[1]
}

/// How the callee takes it is not seen here.
#[differentiable]
fn totals(x: f64, y: &mut [f64], n: usize) -> f64 {
    let mut sum = 0.0;
    for _ in 0..n {
        sum += total(y, x);
        y[0] *= x;
    }
    sum
}

fn main() {}
