use backprop::prelude::*;

struct Stack {
    values: [f64; 3],
}

impl Stack {
    fn swap(&mut self, _: usize, _: usize) {}
}

#[differentiable]
fn swap(x: f64, s: &mut Stack) -> f64 {
    s.swap(0, 1);
    s.values.swap(0, 1);
    x
}

#[differentiable]
fn swap_all(x: &mut [f64], y: &mut [f64]) {
    x.swap_with_slice(y);
}

#[differentiable]
fn fill(x: f64, y: &mut [f64]) {
    y.fill_with(|| x);
}

#[differentiable]
fn copy(y: &mut [f64]) {
    y.copy_within(1.., 0);
}

#[differentiable]
fn split(x: &[f64]) -> f64 {
    let a = x.split_at(1).0;
    let (b, _) = x.split_first().unwrap();
    a[0] * b
}

#[differentiable]
fn both(a: &mut [f64], b: &mut [f64]) {
    a[0] = b[0];
}

#[differentiable]
fn lent_at_once(y: &mut [f64]) {
    let (a, b) = y.split_at_mut(1);
    both(a, b);
}

#[differentiable]
fn sort(x: [f64; 3]) -> f64 {
    let mut y = x;
    y.sort_by(|a, b| a.total_cmp(b));
    y[0]
}

#[differentiable]
fn boxed(x: &[f64]) -> f64 {
    x.to_vec().into_boxed_slice()[0]
}

#[differentiable]
fn last_mut(x: f64, y: &mut [f64]) {
    *y.last_mut().unwrap() = x;
}

fn main() {}
