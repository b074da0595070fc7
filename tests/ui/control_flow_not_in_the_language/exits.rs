#![allow(unreachable_code)]

use backprop::prelude::*;

#[differentiable]
fn operand(x: f64) -> f64 {
    x.max(return x)
}

#[differentiable]
fn argument(x: f64, n: usize) -> f64 {
    let mut s = 0.0;
    for i in 0..n {
        s += x.powi(if i > 3 { break } else { 2 });
    }
    s
}

#[differentiable]
fn panics(x: f64) -> f64 {
    x.max(unreachable!("never"))
}

#[differentiable]
fn condition(x: f64, stop: bool) -> f64 {
    if { if stop { return 0.0 }; x > 1.0 } { x } else { x * x }
}

#[differentiable]
fn in_an_index(x: &[f64], k: usize) -> f64 {
    x[{ if k > 2 { return 0.0 }; k }]
}

fn main() {}
