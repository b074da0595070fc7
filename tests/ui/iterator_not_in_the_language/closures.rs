use std::time::Duration;

use backprop::prelude::*;

#[differentiable]
fn by_value(x: &[f64], #[nodiff] f: fn(&f64) -> f64) -> f64 {
    x.iter().map(f).sum::<f64>()
}

#[differentiable]
fn result_of_a_branch(x: f64) -> f64 {
    let f = if x > 0.0 { |u: f64| u * u } else { |u: f64| u };
    f(x)
}

#[differentiable]
fn too_much(x: f64) -> f64 {
    let a = |u: f64| u.sin() * u.cos() + u * u - u.exp() / (1.0 + u * u);
    let b = |u: f64| a(a(a(a(a(a(a(a(a(a(u))))))))));
    let c = |u: f64| b(b(b(b(b(b(b(b(b(b(u))))))))));
    let d = |u: f64| c(c(c(c(c(c(c(c(c(c(u))))))))));
    let e = |u: f64| d(d(d(d(d(d(d(d(d(d(u))))))))));
    e(x)
}

#[differentiable]
fn unknown_array(x: Four) -> f64 {
    let y = x.map(|v| v * v);
    y[0]
}

type Four = [f64; 4];

#[differentiable]
fn reduced(x: &[f64]) -> f64 {
    x.iter().copied().filter(|v| *v > 0.0).reduce(f64::max).unwrap()
}

#[differentiable]
fn counted_again(x: &[f64]) -> f64 {
    x.iter().filter(|v| **v > 0.0).enumerate().max_by(|a, b| a.1.total_cmp(b.1)).unwrap().1 * 2.0
}

#[differentiable]
fn durations(x: f64, #[nodiff] steps: &[Duration]) -> f64 {
    x * steps.iter().sum::<Duration>().as_secs_f64()
}

#[differentiable]
fn in_a_tuple(x: f64) -> f64 {
    let square = |u: f64| u * u;
    let (f, k) = (square, 2.0);
    f(x) * k
}

fn main() {}
