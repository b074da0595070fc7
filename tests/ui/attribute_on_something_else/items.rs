use backprop::prelude::*;

#[differentiable]
struct Layer {
    w: f64,
}

#[differentiable]
enum Shape {
    Circle(f64),
    Square(f64),
}

#[differentiable]
const K: f64 = 1.0;

fn main() {}
