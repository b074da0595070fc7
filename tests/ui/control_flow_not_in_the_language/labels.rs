#![allow(unused_labels)]

use backprop::prelude::*;

#[differentiable]
fn outside(x: f64) -> f64 {
    if x > 0.0 {
        break;
    }
    if x < 0.0 {
        continue;
    }
    x
}

#[differentiable]
fn unknown(x: f64, n: usize) -> f64 {
    let mut s = 0.0;
    'rows: for _ in 0..n {
        s += x;
        if s > 1.0 {
            break 'row;
        }
    }
    s
}

fn main() {}
