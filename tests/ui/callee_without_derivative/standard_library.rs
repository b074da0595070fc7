use backprop::prelude::*;

#[differentiable]
fn function(x: f64, y: f64) -> f64 {
    std::hint::black_box(x) * y
}

#[differentiable]
fn method(x: f64) -> f64 {
    x.next_up()
}

#[differentiable]
fn bits(x: f64) -> f64 {
    f64::from_bits(x.to_bits())
}

fn main() {}
