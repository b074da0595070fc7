//! What is generated is not called by anyone: no dead code.
#![deny(warnings, missing_docs, unused_qualifications, unreachable_pub, clippy::all)]
#![forbid(unsafe_code)]

use backprop::prelude::*;

#[differentiable]
fn cube(x: f64) -> f64 {
    x * x * x
}

#[derive(Clone, Differentiable)]
struct Line {
    slope: f64,
}

impl Line {
    #[differentiable]
    fn at(&self, x: f64) -> f64 {
        self.slope * x
    }
}

fn main() {
    assert_eq!(cube(2.0) + Line { slope: 2.0 }.at(1.0), 10.0);
}
