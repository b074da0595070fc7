use backprop::prelude::*;

#[derive(Clone, Copy, Differentiable)]
struct Body {
    position: f64,
    velocity: f64,
}

#[differentiable]
fn step(b: Body) -> Body {
    Body { position: b.position * b.velocity, velocity: b.position }
}

#[differentiable(tape)]
fn carried(start: Body, steps: usize) -> f64 {
    let mut b = start;
    for _ in 0..steps {
        b = step(b);
    }
    b.position
}

fn main() {}
