use backprop::prelude::*;

#[derive(Clone, Differentiable)]
struct Point {
    x: f64,
    y: f64,
}

impl Point {
    fn norm(&self) -> f64 {
        self.x.hypot(self.y)
    }
    fn scaled(k: f64) -> f64 {
        k
    }
}

#[differentiable]
fn method(p: &Point) -> f64 {
    p.norm()
}

#[differentiable]
fn associated(x: f64) -> f64 {
    Point::scaled(x)
}

fn main() {}
