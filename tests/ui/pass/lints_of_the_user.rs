//! Code that lints would find fault with if the macro had written it.
#![deny(warnings, missing_docs, unused_qualifications, unreachable_pub, clippy::all)]
#![forbid(unsafe_code)]

use backprop::prelude::*;

#[allow(dead_code)]
#[differentiable]
fn never_used(x: f64, _unused: f64) -> f64 {
    x * x
}

#[differentiable]
fn shadows(x: f64, n: usize) -> f64 {
    let x = x * x;
    let mut y = if x > 1.0 { x } else { return x };
    for k in 0..n {
        y += x * k as f64;
    }
    match n {
        0 => y,
        1..=3 => y * 2.0,
        _ => y + 1.0,
    }
}

#[must_use]
#[inline]
#[differentiable]
fn with_attributes(x: f64) -> f64 {
    x.sin().exp()
}

#[differentiable]
fn nothing_active(n: usize) -> f64 {
    n as f64
}

#[differentiable]
fn constant(_x: f64) -> f64 {
    1.0
}

mod inner {
    use backprop::prelude::*;

    #[differentiable]
    pub(crate) fn visible(x: f64) -> f64 {
        super::shadows(x, 2)
    }

    #[differentiable]
    pub(super) fn above(x: f64) -> f64 {
        visible(x) * x
    }
}

fn main() {
    assert_eq!(shadows_grad(0.5, 3).1, 1.0);
    assert_eq!(with_attributes(0.0), 1.0);
    assert_eq!(nothing_active_grad(3), 3.0);
    assert_eq!(constant_grad(3.0), (1.0, 0.0));
    assert!(inner::visible_grad(1.0).1.is_finite() && inner::above_grad(1.0).1.is_finite());
}
