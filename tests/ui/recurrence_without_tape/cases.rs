use backprop::prelude::*;

#[differentiable]
fn product(x: &[f64]) -> f64 {
    let mut p = 1.0;
    for i in 0..x.len() {
        p *= x[i];
    }
    p
}

#[differentiable]
fn newton(a: f64) -> f64 {
    let mut x = a;
    while (x * x - a).abs() > 1e-12 {
        x = 0.5 * (x + a / x);
    }
    x
}

#[differentiable]
fn two_variables(x: f64, n: usize) -> f64 {
    let (mut position, mut velocity) = (x, 0.0);
    for _ in 0..n {
        velocity -= 0.01 * position.sin();
        position += 0.01 * velocity * velocity;
    }
    position
}

#[differentiable]
fn array(x: &[f64; 4], n: usize) -> f64 {
    let mut state = *x;
    for _ in 0..n {
        for i in 1..4 {
            state[i] = state[i] * state[i - 1];
        }
    }
    state[3]
}

#[differentiable]
fn largest(x: &[f64]) -> f64 {
    x.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

fn main() {}
