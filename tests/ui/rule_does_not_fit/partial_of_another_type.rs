use backprop::prelude::*;

#[differentiable(partials(x = 2 * n))]
fn scale(x: f64, n: usize) -> f64 {
    x * 2.0 * n as f64
}

fn main() {}
