//! Only `_vjp` is called.
#![deny(warnings, missing_docs, unused_qualifications, unreachable_pub, clippy::all)]
#![forbid(unsafe_code)]

use backprop::prelude::*;

#[differentiable]
fn both(x: f64) -> [f64; 2] {
    [x.sin(), x.cos()]
}

fn main() {
    let (value, d_x) = both_vjp(0.0, [1.0, 1.0]);
    assert_eq!((value, d_x), ([0.0, 1.0], 1.0));
}
