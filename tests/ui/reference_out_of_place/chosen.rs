use backprop::prelude::*;

#[differentiable]
fn behind_an_exit(a: &[f64], b: &[f64], flip: bool) -> f64 {
    let w = if flip {
        if a.is_empty() {
            return 0.0;
        }
        &a[1..]
    } else {
        &b[..]
    };
    w[0]
}

#[differentiable]
fn changing(a: &[f64], b: &[f64], flip: bool) -> f64 {
    let mut w = if flip { a } else { b };
    let s = w[0];
    w = &w[1..];
    s * w[0]
}

#[differentiable]
fn of_a_call(a: &[f64], flip: bool) -> f64 {
    let w = if flip { &a[0] } else { &sum(a, a, a, a, a) };
    *w
}

#[differentiable]
fn sum(a: &[f64], b: &[f64], c: &[f64], d: &[f64], e: &[f64]) -> f64 {
    a[0] + b[0] + c[0] + d[0] + e[0]
}

#[differentiable]
fn too_many(x: &[f64], y: &[f64], n: u32) -> f64 {
    let a = if n & 1 > 0 { x } else { y };
    let b = if n & 2 > 0 { x } else { y };
    let c = if n & 4 > 0 { x } else { y };
    let d = if n & 8 > 0 { x } else { y };
    let e = if n & 16 > 0 { x } else { y };
    sum(a, b, c, d, e)
}

#[differentiable]
fn of_different_kinds(x: &[f64; 2], y: &[f64; 2], flip: bool) -> f64 {
    let chunks = if flip { x.as_chunks::<1>().0 } else { y.as_chunks::<1>().0 };
    chunks[0][0]
}

#[differentiable]
fn norm(x: &[f64]) -> f64 {
    x[0] * x[0]
}

#[differentiable]
fn found_in_either(x: &[f64], y: &[f64], flip: bool) -> f64 {
    let w = if flip { x } else { y };
    let part = w.get(1..3);
    norm(w.split_at(1).0) + norm(part.unwrap())
}

fn main() {}
