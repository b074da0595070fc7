use backprop::prelude::*;

mod layers {
    pub fn dense(x: &[f64], w: &[f64]) -> f64 {
        x[0] * w[0]
    }
}

use layers::dense;

#[differentiable]
fn imported(x: &[f64], w: &[f64]) -> f64 {
    dense(x, w).tanh()
}

#[differentiable]
fn by_path(x: &[f64], w: &[f64]) -> f64 {
    layers::dense(x, w).tanh()
}

fn main() {}
