use backprop::prelude::*;

#[differentiable]
fn held(x: &[f64], y: &[f64]) -> f64 {
    let pairs = x.iter().zip(y);
    pairs.map(|(a, b)| a * b).sum()
}

#[differentiable]
fn stepped_by_hand(x: &[f64]) -> f64 {
    let mut it = x.iter();
    let first = it.next().unwrap();
    first * first
}

#[differentiable]
fn option(x: &[f64]) -> f64 {
    let largest = x.iter().copied().max_by(f64::total_cmp);
    largest.unwrap_or(0.0)
}

#[differentiable]
fn passed_on(x: &[f64]) -> f64 {
    total(x.iter())
}

fn total<'a>(it: impl Iterator<Item = &'a f64>) -> f64 {
    it.sum()
}

#[differentiable]
fn type_not_seen(x: &[Point]) -> f64 {
    twice(x.iter().map(|p| p.weight).sum())
}

#[differentiable]
fn twice(x: f64) -> f64 {
    2.0 * x
}

#[derive(Clone, Differentiable)]
struct Point {
    weight: f64,
}

fn main() {}
