use backprop::prelude::*;

#[differentiable]
fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(a, b)| a * b).sum()
}

#[differentiable]
fn range(x: &[f64]) -> f64 {
    (0..x.len()).map(|i| x[i]).sum::<f64>().sqrt()
}

#[differentiable]
fn fold(x: &[f64]) -> f64 {
    let m = x.iter().copied().fold(f64::MIN, f64::max);
    x[0] - m
}

fn main() {}
