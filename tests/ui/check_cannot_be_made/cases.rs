use backprop::prelude::*;

#[differentiable(check(x))]
fn malformed(x: f64) -> f64 {
    x
}

#[differentiable(check)]
fn generic<T: Real>(x: T) -> T {
    x * x
}

#[differentiable(check)]
fn without_a_gradient(x: &[f64], out: &mut [f64]) {
    out[0] = x[0];
}

#[differentiable(check(y = 1.0..2.0))]
fn unknown(x: f64) -> f64 {
    x
}

#[differentiable(check)]
fn unsaid(x: f64, n: usize) -> f64 {
    x * n as f64
}

#[differentiable(check)]
fn many(a: f64, b: f64, c: f64, d: f64, e: f64, f: f64, g: f64, h: f64, i: f64) -> f64 {
    a + b + c + d + e + f + g + h + i
}

struct Scale;

impl Scale {
    #[differentiable(check)]
    fn method(x: f64) -> f64 {
        x * x
    }
}

fn main() {}
