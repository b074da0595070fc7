use backprop::prelude::*;

#[differentiable]
fn in_an_array(x: &[f64], n: usize) -> f64 {
    let (a, b) = (&x[..n], &x[n..]);
    let parts = [a, b];
    parts[0][0] * parts[1][0]
}
#[differentiable]
fn in_an_option(x: &[f64], n: usize) -> f64 {
    let a = &x[..n];
    let part = if n > 1 { Some(a) } else { None };
    part.map_or(0.0, |p| p[0] * p[1])
}

fn main() {}
