use backprop::prelude::*;

struct Point {
    x: f64,
    y: f64,
}

#[differentiable]
fn by_reference(p: &Point) -> f64 {
    p.x * p.y
}

#[differentiable]
fn by_value(p: Point, q: f64) -> f64 {
    p.x * p.y * q
}

fn main() {}
