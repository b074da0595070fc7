use backprop::prelude::*;

#[derive(Clone, Differentiable)]
struct Point {
    x: f64,
    y: f64,
}

#[differentiable]
fn struct_in_match(p: Point) -> f64 {
    match p {
        Point { x, y } => x * y,
    }
}

#[differentiable]
fn slice_in_match(x: &[f64]) -> f64 {
    match x {
        [a, b] => a * b,
        _ => 0.0,
    }
}

#[differentiable]
fn rest(x: [f64; 4]) -> f64 {
    let [first, .., last] = x;
    first * last
}

#[differentiable]
fn at(p: (f64, f64)) -> f64 {
    let q @ (a, b) = p;
    q.0 * a * b
}

#[differentiable]
fn by_ref(p: (f64, f64)) -> f64 {
    let (ref a, b) = p;
    *a * b
}

#[differentiable]
fn or_with_names(x: f64, n: usize) -> f64 {
    match n {
        k @ 1 | k @ 2 => x * k as f64,
        _ => x,
    }
}

fn main() {}
