use backprop::prelude::*;

#[differentiable]
fn swap(x: [f64; 3]) -> f64 {
    let mut y = x;
    y.swap(0, 1);
    y[0]
}

#[differentiable]
fn fill(x: f64, y: &mut [f64]) {
    y.fill(x);
}

#[differentiable]
fn copy(x: &[f64], y: &mut [f64]) {
    y.copy_from_slice(x);
}

#[differentiable]
fn split(x: &[f64]) -> f64 {
    let (a, b) = x.split_at(1);
    a[0] * b[0]
}

#[differentiable]
fn sort(x: [f64; 3]) -> f64 {
    let mut y = x;
    y.sort_by(|a, b| a.total_cmp(b));
    y[0]
}

#[differentiable]
fn to_vec(x: &[f64]) -> f64 {
    x.to_vec()[0]
}

#[differentiable]
fn last_mut(x: f64, y: &mut [f64]) {
    *y.last_mut().unwrap() = x;
}

fn main() {}
