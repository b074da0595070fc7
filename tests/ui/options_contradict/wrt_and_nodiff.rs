use backprop::prelude::*;

#[differentiable(wrt(x, y))]
fn both(x: f64, #[nodiff] y: f64) -> f64 {
    x * y
}

fn main() {}
