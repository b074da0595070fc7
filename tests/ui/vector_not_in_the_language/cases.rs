use backprop::prelude::*;

#[differentiable]
fn another_length(x: &[f64], n: usize) -> f64 {
    let mut v = vec![x[0]; n];
    for i in 0..n {
        v = vec![v[0] * x[i]; n + i];
    }
    v[0]
}

#[differentiable]
fn one_of_two(x: &[f64], n: usize) -> f64 {
    let v = if x[0] > 0.0 { vec![x[0]; n] } else { vec![x[1]; 2 * n] };
    v[0]
}

#[differentiable]
fn in_a_tuple(x: &[f64], n: usize) -> f64 {
    let v = vec![x[0]; n];
    let pair = (v, n);
    pair.0[0]
}

#[differentiable]
fn rows(x: &[f64], n: usize) -> f64 {
    let mut m = vec![vec![0.0; n]; n];
    m[0][1] = x[0];
    m.swap(0, 1);
    m[1][1]
}

#[derive(Clone, Differentiable)]
struct Point {
    x: f64,
}

#[differentiable]
fn of_structs(points: &[Point]) -> f64 {
    let v = points.to_vec();
    v[0].x
}

#[differentiable]
fn overwritten(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    for i in 0..v.len() {
        v[i] *= x[0];
    }
    v[0]
}

#[differentiable]
fn still_needed(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    let mut s = 0.0;
    for i in 0..v.len() {
        s += v[i].sin();
    }
    for i in 0..v.len() {
        v[i] = x[i] * s;
    }
    v.iter().sum()
}

struct Stack(Vec<f64>);

#[differentiable]
fn of_another(x: f64, out: &mut Vec<f64>, s: &mut Stack) {
    out.push(x);
    s.0.push(x);
}

#[differentiable]
fn into_a_set(x: &[f64]) -> f64 {
    let v: std::collections::VecDeque<f64> = x.iter().copied().collect();
    v[0]
}

#[differentiable]
fn exchanged(x: &[f64]) -> f64 {
    let mut grown = Vec::new();
    let mut other = x.to_vec();
    for v in x {
        grown.push(v * v);
    }
    std::mem::swap(&mut grown, &mut other);
    grown[0]
}

#[differentiable]
fn some(x: f64) -> Vec<f64> {
    vec![x]
}

#[differentiable]
fn reset(x: f64) -> f64 {
    let mut v = Vec::new();
    v.push(x);
    v = some(x);
    v[0]
}

fn main() {}
