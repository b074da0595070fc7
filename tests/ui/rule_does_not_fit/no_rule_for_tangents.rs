use backprop::prelude::*;

#[differentiable(vjp = rule, jvp)]
fn total(x: &[f64]) -> f64 {
    x.iter().sum()
}

fn rule(x: &[f64], d_x: &mut [f64], d_ret: f64) -> f64 {
    d_x.iter_mut().for_each(|d| *d += d_ret);
    x.iter().sum()
}

fn main() {}
