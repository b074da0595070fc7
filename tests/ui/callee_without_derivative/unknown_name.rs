//! The function does not exist at all: rustc says so.

use backprop::prelude::*;

#[differentiable]
fn caller(x: f64) -> f64 {
    helpr(x) + 1.0
}

fn main() {}
