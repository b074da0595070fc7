use backprop::prelude::*;

#[differentiable]
fn layer(x: &[f64], #[out] y: &mut [f64]) {
    for i in 0..x.len() {
        y[i] = x[i] * x[i];
    }
}

#[differentiable(tape)]
fn scratch(x: &[f64], #[out] y: &mut [f64], rounds: usize) -> f64 {
    let mut s = 0.0;
    for _ in 0..rounds {
        layer(x, y);
        s += y[0] * y[0];
    }
    s
}

fn main() {}
