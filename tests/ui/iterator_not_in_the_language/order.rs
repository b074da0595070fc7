use backprop::prelude::*;

#[differentiable]
fn behind_filter(x: &[f64], y: &[f64]) -> f64 {
    x.iter().filter(|v| **v > 0.0).zip(y).map(|(a, b)| a * b).sum()
}

#[differentiable]
fn counted_behind_filter(x: &[f64]) -> f64 {
    x.iter().filter(|v| **v > 0.0).step_by(2).sum()
}

#[differentiable]
fn changes_something(x: &[f64]) -> f64 {
    let mut s = 0.0;
    let t = x
        .iter()
        .map(|v| {
            s += v;
            v * v
        })
        .skip(2)
        .sum::<f64>();
    s * t
}

#[differentiable]
fn reference_that_moves(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for mut v in x {
        if *v < 0.0 {
            v = &x[0];
        }
        s += v;
    }
    s
}

#[differentiable]
fn array_of_unknown_length(x: f64) -> f64 {
    norm(&core::array::from_fn(|i| x * i as f64))
}

#[differentiable]
fn norm(x: &[f64; 3]) -> f64 {
    x.iter().map(|v| v * v).sum()
}

fn main() {}
