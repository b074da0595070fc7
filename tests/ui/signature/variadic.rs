use backprop::prelude::*;

#[differentiable]
unsafe extern "C" fn many(x: f64, ...) -> f64 {
    x
}

fn main() {}
