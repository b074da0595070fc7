//! The attributes of the user are not repeated on what is generated, but `cfg` is.
#![deny(warnings, missing_docs, unused_qualifications, unreachable_pub, clippy::all)]
#![forbid(unsafe_code)]

use backprop::prelude::*;

#[cfg(any())]
#[differentiable]
fn absent(x: f64) -> f64 {
    does_not_exist(x)
}

#[cfg(all())]
#[differentiable]
fn present(x: f64) -> f64 {
    x * x
}

fn main() {
    assert_eq!(present_grad(3.0), (9.0, 6.0));
}
