use backprop::prelude::*;

#[derive(Clone, Differentiable)]
struct Grid {
    #[nodiff]
    n: usize,
    h: f64,
}

#[differentiable]
fn field(g: &Grid, x: f64) -> f64 {
    let m = g.n * 2 + 1;
    x * m as f64 * g.h
}

fn count(x: usize) -> usize {
    x
}

#[differentiable]
fn result(x: f64, n: usize) -> f64 {
    let m = count(n) * 2;
    x * m as f64
}

fn main() {}
