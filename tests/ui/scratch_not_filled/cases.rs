use backprop::prelude::*;

#[differentiable]
fn first(x: &[f64], y: &mut [f64]) {
    y[0] = x[0] * x[0];
}

/// The callee does not say that it writes all of it, and here it does not.
#[differentiable]
fn accumulates(x: &[f64], #[out] y: &mut [f64], rounds: usize) -> f64 {
    let mut s = 0.0;
    for _ in 0..rounds {
        first(x, y);
        s += y[0] * y[1];
    }
    s
}

fn main() {}
