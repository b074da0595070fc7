//! What `no_grad!` copies must not leave the function or change its variables.

use backprop::prelude::*;

#[differentiable]
fn exit(x: f64) -> f64 {
    let y = no_grad!({
        if x > 3.0 {
            return x;
        }
        2.0
    });
    x * y
}

#[differentiable]
fn change(x: f64) -> f64 {
    let mut n = 1.0;
    no_grad!(n += x);
    x * n
}

fn main() {}
