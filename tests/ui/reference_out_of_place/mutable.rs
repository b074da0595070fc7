use backprop::prelude::*;

#[differentiable]
fn chosen(x: f64, n: usize, y: &mut [f64], z: &mut [f64]) {
    let r = if n > 0 { y } else { z };
    r[0] = x;
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
