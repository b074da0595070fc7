use backprop::prelude::*;

#[differentiable]
fn if_let(x: f64, o: Option<usize>) -> f64 {
    if let Some(n) = o { x * n as f64 } else { x }
}

#[differentiable]
fn let_else(x: f64, o: Option<usize>) -> f64 {
    let Some(n) = o else {
        return x;
    };
    x * n as f64
}

#[differentiable]
fn while_let(x: f64, mut o: Option<usize>) -> f64 {
    let mut s = 0.0;
    while let Some(n) = o {
        s += x * n as f64;
        o = None;
    }
    s
}

#[differentiable]
fn chain(x: f64, o: Option<usize>) -> f64 {
    if x > 0.0 && let Some(n) = o { x * n as f64 } else { x }
}

#[differentiable]
fn payload(x: f64, o: Option<usize>) -> f64 {
    match o {
        Some(n) => x * n as f64,
        None => x,
    }
}

#[differentiable]
fn question(x: f64, o: Option<f64>) -> Option<f64> {
    let y = o?;
    Some(x * y)
}

fn main() {}
