//! Thirty elementary operations one after the other, on one number.

use backprop::gradcheck::{Failure, Gradcheck, Report};
use backprop::prelude::*;

use super::Case;

#[differentiable]
pub(crate) fn chain(x: f64) -> f64 {
    let a = (x * x + 1.0).sqrt();
    let b = (0.5 * a - x).sin();
    let c = (b * a + 2.0).ln();
    let d = (c - b) * (c + b);
    let e = (-d * d).exp();
    let f = e / (1.0 + a * a);
    let g = (f * c - 0.25 * d).tanh();
    let h = (g + 3.0).sqrt() * e;
    let i = h * h - g * a;
    i / (2.0 + h)
}

/// The same backwards, every subterm once.
fn chain_by_hand(x: f64) -> (f64, f64) {
    let a = (x * x + 1.0).sqrt();
    let p = 0.5 * a - x;
    let (b, cos) = p.sin_cos();
    let q = b * a + 2.0;
    let c = q.ln();
    let d = (c - b) * (c + b);
    let e = (-d * d).exp();
    let r = 1.0 / (1.0 + a * a);
    let f = e * r;
    let g = (f * c - 0.25 * d).tanh();
    let root = (g + 3.0).sqrt();
    let h = root * e;
    let i = h * h - g * a;
    let s = 1.0 / (2.0 + h);
    let value = i * s;

    let d_h = s * (2.0 * h - value);
    let d_g = d_h * 0.5 * e / root - s * a;
    let d_arg = d_g * (1.0 - g * g);
    let d_f = d_arg * c;
    let d_e = d_h * root + d_f * r;
    let d_d = -0.25 * d_arg - 2.0 * d * e * d_e;
    let d_c = d_arg * f + 2.0 * c * d_d;
    let d_q = d_c / q;
    let d_p = (d_q * a - 2.0 * b * d_d) * cos;
    let d_a = d_q * b + 0.5 * d_p - s * g - 2.0 * a * f * r * d_f;
    (value, d_a * x / a - d_p)
}

/// Where the chain is measured.
pub(crate) const POINT: f64 = 0.8;

/// The chain at its point.
pub(crate) struct Chain {
    at: f64,
    result: (f64, f64),
}

impl Case for Chain {
    const NAME: &'static str = "chain_30";

    fn new() -> Self {
        Chain {
            at: POINT,
            result: (0.0, 0.0),
        }
    }

    #[inline(always)]
    fn generated(&mut self) {
        self.result = chain_grad(self.at);
    }

    #[inline(always)]
    fn by_hand(&mut self) {
        self.result = chain_by_hand(self.at);
    }

    fn take(&mut self) -> (f64, Vec<f64>) {
        let (value, d_x) = std::mem::take(&mut self.result);
        (value, vec![d_x])
    }

    fn check(&self) -> Result<Report, Failure> {
        Gradcheck::new().check(|&x| chain(x), &self.at, &self.result.1)
    }
}
