use backprop::prelude::*;

#[differentiable]
fn open(x: f64, n: usize) -> f64 {
    let mut s = 0.0;
    for i in 0.. {
        if i > n {
            break;
        }
        s += x;
    }
    s
}

#[differentiable]
fn open_behind_an_adaptor(x: f64, n: usize) -> f64 {
    let mut s = 0.0;
    for i in (0..).skip(1) {
        if i > n {
            break;
        }
        s += x * i as f64;
    }
    s
}

#[differentiable]
fn held(x: f64, n: usize) -> f64 {
    let range = 0..n;
    x * range.len() as f64
}

fn main() {}
