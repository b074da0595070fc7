use backprop::prelude::*;

#[differentiable(wrt(x))]
fn scaled(x: f64, k: f64) -> f64 {
    x * k
}

#[differentiable]
fn marked(x: f64, #[nodiff] k: &[f64]) -> f64 {
    x * k[0]
}

#[differentiable]
fn by_value(x: f64) -> f64 {
    scaled(x, x)
}

#[differentiable]
fn by_reference(x: f64, k: &[f64]) -> f64 {
    marked(x, k)
}

fn main() {}
