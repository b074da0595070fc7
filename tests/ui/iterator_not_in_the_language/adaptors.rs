use backprop::prelude::*;

#[differentiable]
fn collected(x: &[f64]) -> f64 {
    let (squares, _): (Vec<f64>, Vec<f64>) = x.iter().map(|v| (v * v, *v)).unzip();
    squares[0]
}

#[differentiable]
fn chained(x: &[f64], y: &[f64]) -> f64 {
    x.iter().chain(y).map(|v| v * v).sum()
}

#[differentiable]
fn flattened(m: &[[f64; 3]]) -> f64 {
    m.iter().flatten().map(|v| v * v).sum()
}

#[differentiable]
fn scanned(x: &[f64]) -> f64 {
    x.iter()
        .scan(1.0, |p, v| {
            *p *= v;
            Some(*p)
        })
        .sum()
}

#[differentiable]
fn filtered_and_mapped(x: &[f64]) -> f64 {
    x.iter().filter_map(|v| (*v > 0.0).then(|| v.ln())).sum()
}

#[differentiable]
fn by_key(x: &[f64], order: &[usize]) -> f64 {
    let k = order.iter().max_by_key(|k| **k % 3).unwrap();
    x[*k]
}

#[differentiable]
fn from_the_end(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for c in x.rchunks(2) {
        s += c[0] * c[0];
    }
    s
}

#[differentiable]
fn inspected(x: &[f64]) -> f64 {
    x.iter().inspect(|v| assert!(**v > 0.0)).map(|v| v.ln()).sum()
}

fn main() {}
