use backprop::prelude::*;

#[differentiable(tape)]
fn product(x: &[f64]) -> f64 {
    let mut p = 1.0;
    for i in 0..x.len() {
        p *= x[i];
    }
    p
}

#[differentiable]
fn log_product(x: &[f64]) -> f64 {
    product(x).ln()
}

fn main() {}
