use backprop::prelude::*;

#[differentiable]
fn misspelt(x: f64, #[nodif] y: f64) -> f64 {
    x * y
}

#[differentiable]
fn conditional(#[cfg(test)] x: f64, y: f64) -> f64 {
    y * y
}

fn main() {}
