use backprop::prelude::*;

#[differentiable]
fn layer(x: &[f64], #[out] y: &mut [f64]) {
    for i in 0..x.len() {
        y[i] = x[i].tanh();
    }
}

/// Nothing says that all of it is written.
#[differentiable]
fn in_part(x: &[f64], #[out] y: &mut [f64], rounds: usize) -> f64 {
    let mut s = 0.0;
    for k in 0..rounds {
        for (y, x) in y.iter_mut().zip(x) {
            *y = x * x * k as f64;
        }
        for y in y.iter() {
            s += y * y;
        }
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
