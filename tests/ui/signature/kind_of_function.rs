use backprop::prelude::*;

#[differentiable]
unsafe fn unchecked(x: f64) -> f64 {
    x * x
}

#[differentiable]
async fn later(x: f64) -> f64 {
    x * x
}

#[differentiable]
extern "C" fn foreign(x: f64) -> f64 {
    x * x
}

#[differentiable]
fn never(x: f64) -> ! {
    panic!("{x}")
}

fn main() {}
