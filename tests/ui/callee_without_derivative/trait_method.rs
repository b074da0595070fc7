use backprop::prelude::*;

trait Energy {
    fn energy(&self, x: f64) -> f64;
}

#[differentiable]
fn generic<E: Energy>(#[nodiff] e: &E, x: f64) -> f64 {
    e.energy(x)
}

#[differentiable]
fn qualified<E: Energy>(#[nodiff] e: &E, x: f64) -> f64 {
    <E as Energy>::energy(e, x)
}

fn main() {}
