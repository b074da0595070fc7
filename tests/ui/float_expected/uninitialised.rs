use backprop::prelude::*;

#[derive(Clone, Differentiable)]
struct Point {
    x: f64,
}

#[differentiable]
fn late(x: f64, n: usize) -> f64 {
    let p;
    if n > 2 {
        p = Point { x };
    } else {
        p = Point { x: 2.0 * x };
    }
    p.x * p.x
}

fn main() {}
