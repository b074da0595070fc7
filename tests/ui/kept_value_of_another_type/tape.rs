use backprop::prelude::*;

#[derive(Clone, Differentiable)]
struct Chain {
    links: Vec<f64>,
    stiffness: f64,
}

#[differentiable]
fn step(c: Chain) -> Chain {
    Chain { stiffness: c.stiffness * 0.5, links: c.links }
}

#[differentiable(tape)]
fn carried(start: &Chain, steps: usize) -> f64 {
    let mut c = step(start.clone());
    for _ in 0..steps {
        c = step(c);
    }
    c.stiffness
}

fn main() {}
