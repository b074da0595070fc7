//! A function with a mistake still has its gradient's signature: its callers get no errors of their own.

use backprop::prelude::*;

#[differentiable]
fn broken(x: f64) -> f64 {
    dbg!(x);
    x * x
}

#[differentiable]
fn caller(x: f64) -> f64 {
    broken(x) * x
}

fn user() -> f64 {
    let (value, d_x) = broken_grad(1.0);
    let (more, d_y) = broken_vjp(1.0, 2.0);
    value + d_x + more + d_y + caller_grad(2.0).1
}

#[test]
fn used() {
    assert!(user() > 0.0);
}

fn main() {}
