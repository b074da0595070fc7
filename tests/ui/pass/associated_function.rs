//! Nothing in an associated function need say that it is one.
#![deny(warnings, missing_docs, unused_qualifications, unreachable_pub, clippy::all)]
#![forbid(unsafe_code)]

use backprop::prelude::*;

struct Normal;

impl Normal {
    #[differentiable]
    fn log_pdf(x: f64, mu: f64, sigma: f64) -> f64 {
        let z = (x - mu) / sigma;
        -0.5 * z * z - sigma.ln()
    }
}

#[differentiable]
fn loss(mu: f64) -> f64 {
    Normal::log_pdf(2.0, mu, 1.0)
}

fn main() {
    let (_, d_x, d_mu, _) = Normal::log_pdf_grad(2.0, 1.0, 1.0);
    assert_eq!((d_x, d_mu, loss_grad(1.0).1), (-1.0, 1.0, 1.0));
}
