//! Slices turned back: what callees change in parts of parts.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{check_in_place, noise};

/// Needs what it overwrites.
#[differentiable(tape)]
fn square_all(y: &mut [f64]) {
    for i in 0..y.len() {
        y[i] *= y[i];
    }
}

#[differentiable(tape)]
fn lent_in_turn(y: &mut [f64]) {
    for i in 0..y.len() - 3 {
        square_all(&mut y[i..][1..4]);
        y[i] *= y[i + 1];
    }
}

#[test]
fn parts_of_parts() {
    for n in [4, 6, 9] {
        check_in_place(
            |y| lent_in_turn(y),
            |y, d, tape| lent_in_turn_vjp(y, d, tape),
            &noise(11, n),
        );
    }
}
