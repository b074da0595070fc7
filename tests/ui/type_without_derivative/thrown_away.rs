use backprop::prelude::*;

#[derive(Clone, Differentiable)]
struct Point {
    x: f64,
}

#[differentiable]
fn step(y: &mut [f64; 2], k: f64) -> Point {
    y[0] = k * y[1];
    Point { x: k }
}

#[differentiable]
fn ignored(k: f64) -> f64 {
    let mut y = [1.0, k];
    step(&mut y, k);
    y[0]
}

fn main() {}
