use backprop::prelude::*;

#[differentiable]
fn layer(x: &[f64], #[out] y: &mut [f64]) {
    for i in 0..x.len() {
        y[i] = x[i].tanh();
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

#[differentiable]
fn filled_twice(x: &[f64], z: &[f64], y: &mut [f64]) -> f64 {
    layer(x, y);
    let a = y[0] * y[0];
    layer(z, y);
    a * y[1]
}

fn main() {}
