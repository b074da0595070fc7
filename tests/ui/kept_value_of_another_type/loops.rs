use backprop::prelude::*;

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

#[derive(Clone, Copy, Differentiable)]
struct Body {
    position: f64,
    velocity: f64,
}

#[differentiable]
fn step(b: Body) -> Body {
    Body { position: b.position * b.velocity, velocity: b.position }
}

/// With a tape it would be kept.
#[differentiable]
fn carried(start: Body, steps: usize) -> f64 {
    let mut b = start;
    for _ in 0..steps {
        b = step(b);
    }
    b.position
}

/// Which of the two changes is not known before.
#[differentiable]
fn exchanged(x: &[f64], n: usize) -> f64 {
    let mut a = x.to_vec();
    let mut b = x.to_vec();
    for i in 0..n {
        if a[i] > b[0] {
            std::mem::swap(&mut a, &mut b);
        }
        a[0] *= b[i];
    }
    a[0]
}

fn main() {}
