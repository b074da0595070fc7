//! The function itself is not called by anyone: no dead code.
#![deny(warnings, missing_docs, unused_qualifications, unreachable_pub, clippy::all)]
#![forbid(unsafe_code)]

use backprop::prelude::*;

#[differentiable]
fn rosenbrock(x: f64, y: f64) -> f64 {
    (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2)
}

fn main() {
    let (value, d_x, d_y) = rosenbrock_grad(1.0, 1.0);
    assert_eq!((value, d_x, d_y), (0.0, 0.0, 0.0));
}
