use backprop::prelude::*;

#[differentiable]
fn question(x: f64, o: Option<f64>) -> Option<f64> {
    let y = o?;
    Some(x * y)
}

#[differentiable]
fn result(x: f64) -> f64 {
    let r: Result<f64, ()> = Ok(x);
    match r {
        Ok(v) => v,
        Err(()) => 0.0,
    }
}

#[differentiable]
fn reference_inside(x: [f64; 2]) -> f64 {
    let o = Some(&x);
    match o {
        Some(x) => x[0],
        None => 0.0,
    }
}

#[differentiable]
fn other_method(x: f64, o: Option<f64>) -> f64 {
    let p = o.xor(None);
    p.unwrap_or(x)
}

#[differentiable]
fn iterator_in_a_variable(xs: &[f64]) -> f64 {
    let mut it = xs.iter();
    let mut s = 0.0;
    while let Some(x) = it.next() {
        s += x * x;
    }
    s
}

#[differentiable]
fn guard(x: f64, o: Option<f64>) -> f64 {
    match x > 0.0 {
        true if let Some(v) = o => v * x,
        _ => x,
    }
}

fn main() {}
