use backprop::prelude::*;

#[differentiable]
fn misspelt(x: f64, #[nodif] y: f64) -> f64 {
    x * y
}

#[differentiable]
fn conditional(#[cfg(all())] x: f64, y: f64) -> f64 {
    x * y
}

fn main() {}
