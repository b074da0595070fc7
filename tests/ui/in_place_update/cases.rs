use backprop::prelude::*;

#[differentiable]
fn scale(a: f64, y: &mut [f64]) {
    for i in 0..y.len() {
        y[i] = a * y[i];
    }
}

#[differentiable]
fn read(y: &mut [f64]) -> f64 {
    y[0] * y[0]
}

#[differentiable]
fn scalar(x: f64, y: &mut f64) {
    *y += x * x;
}

fn main() {}
