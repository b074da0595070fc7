use backprop::prelude::*;

struct Point {
    x: f64,
    y: f64,
}

#[differentiable]
fn point(x: f64) -> Point {
    Point { x, y: x * x }
}

fn main() {}
