use backprop::prelude::*;

#[differentiable]
fn push(x: f64) -> f64 {
    let mut v = Vec::new();
    v.push(x);
    v.pop();
    let w = Vec::from([x]);
    w[0]
}

#[differentiable]
fn boxed(x: f64) -> f64 {
    *Box::new(x)
}

#[differentiable]
fn mem_swap<'a>(mut x: &'a mut [f64], mut y: &'a mut [f64]) {
    std::mem::swap(&mut x, &mut y);
    x[0] = y[0];
}

#[differentiable]
fn taken(x: f64) -> f64 {
    let mut a = x;
    let b = std::mem::take(&mut a);
    a + b
}

fn main() {}
