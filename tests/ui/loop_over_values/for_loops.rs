use backprop::prelude::*;

#[differentiable]
fn slice(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for v in x {
        s += v * v;
    }
    s
}

#[differentiable]
fn iter(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for (i, v) in x.iter().enumerate() {
        s += v * i as f64;
    }
    s
}

#[differentiable]
fn iter_mut(x: f64, y: &mut [f64]) {
    for v in y.iter_mut() {
        *v = x;
    }
}

#[differentiable]
fn windows(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for w in x.windows(2) {
        s += w[0] * w[1];
    }
    s
}

#[differentiable]
fn chunks(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for c in x.chunks_exact(3) {
        s += c[0] * c[2];
    }
    s
}

fn main() {}
