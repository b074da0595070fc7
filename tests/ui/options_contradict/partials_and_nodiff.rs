use backprop::prelude::*;

#[differentiable(partials(x = y, y = x))]
fn product(x: f64, #[nodiff] y: f64) -> f64 {
    x * y
}

fn main() {}
