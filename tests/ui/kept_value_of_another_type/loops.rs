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

fn main() {}
