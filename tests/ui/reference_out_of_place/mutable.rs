use backprop::prelude::*;

#[differentiable]
fn handed_on(x: f64, y: &mut [f64]) {
    let pair = (y, x);
    pair.0[0] = x;
}

#[differentiable]
fn rebound<'a>(x: f64, mut y: &'a mut [f64], z: &'a mut [f64]) {
    y = z;
    y[0] = x;
}

#[differentiable]
fn raw(x: f64) -> f64 {
    let r = &raw const x;
    no_grad!(r.is_null() as u8 as f64) * x
}

fn main() {}
