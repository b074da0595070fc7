use backprop::prelude::*;

#[differentiable]
fn vector(x: f64, n: usize) -> f64 {
    let v = vec![x; n];
    v[0]
}

#[differentiable]
fn push(x: f64) -> f64 {
    let mut v = Vec::new();
    v.push(x);
    v[0]
}

#[differentiable]
fn boxed(x: f64) -> f64 {
    *Box::new(x)
}

#[differentiable]
fn mem_swap(x: f64, y: f64) -> f64 {
    let (mut a, mut b) = (x, y);
    std::mem::swap(&mut a, &mut b);
    a / b
}

fn main() {}
