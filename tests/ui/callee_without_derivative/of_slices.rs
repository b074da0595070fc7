use backprop::prelude::*;

#[differentiable]
fn first(x: &[f64]) -> f64 {
    x.first().unwrap() * 2.0
}

#[differentiable]
fn checked(x: &[f64], i: usize) -> f64 {
    x.get(i).copied().unwrap_or(0.0)
}

#[differentiable]
fn of_a_part(x: &[f64]) -> f64 {
    *x[1..].last().unwrap()
}

#[differentiable]
fn joined(x: &[[f64; 2]]) -> f64 {
    let flat = x.concat();
    flat[0] * flat[1]
}

// Nothing that varies: no mistake.
#[differentiable(wrt(k))]
fn constant(k: f64, x: &[f64]) -> f64 {
    k * x.first().copied().unwrap_or(0.0)
}

fn main() {}
