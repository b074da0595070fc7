use backprop::prelude::*;

#[derive(Clone, Copy, Differentiable)]
struct Body {
    position: f64,
    velocity: f64,
}

#[differentiable]
fn energy(b: Body) -> f64 {
    b.position * b.velocity
}

#[differentiable(tape)]
fn carried(start: Body, steps: usize) -> f64 {
    let mut b = start;
    for _ in 0..steps {
        b.position *= energy(b);
    }
    b.position
}

#[derive(Clone, Differentiable)]
struct Large {
    x: Vec<f64>,
    k: f64,
}

#[differentiable]
fn changed(start: Large, up: bool) -> f64 {
    let mut l = start;
    if up {
        l.k = l.k * l.k;
    }
    l.k = l.k * l.x[0];
    l.k
}

#[derive(Clone, Copy, Differentiable)]
enum Shape {
    Circle(f64),
    Nothing,
}

#[differentiable]
fn returned_from_within(xs: &[f64]) -> Shape {
    for &x in xs {
        if x > 1.0 {
            return Shape::Circle(x * x);
        }
    }
    Shape::Nothing
}

#[differentiable(tape)]
fn states(x: f64, n: usize) -> f64 {
    let mut s = Shape::Circle(x);
    for _ in 0..n {
        s = match s {
            Shape::Circle(r) => Shape::Circle(r * x),
            Shape::Nothing => s,
        };
    }
    match s {
        Shape::Circle(r) => r,
        Shape::Nothing => 0.0,
    }
}

fn main() {}
