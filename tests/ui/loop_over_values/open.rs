use backprop::prelude::*;

#[differentiable]
fn no_start(x: &[f64], n: usize) -> f64 {
    let mut s = 0.0;
    for i in ..n {
        s += x[i];
    }
    s
}

#[differentiable]
fn no_last(x: f64) -> f64 {
    (0..).rev().map(|i| x * i as f64).sum::<f64>()
}

#[differentiable]
fn searched(x: f64) -> f64 {
    let n = (1..).find(|i| i * i > 50).unwrap();
    x * n as f64
}

fn main() {}
