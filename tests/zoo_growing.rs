//! `Vec`s that grow: by `push` in loops, under conditions, by `extend`, by `collect`; read while they grow and afterwards.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::perf,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use allocation_counter::measure;
use backprop::prelude::*;
use common::{check_gradient, check_slice, noise};

/// Built in a loop, then reduced.
#[differentiable]
fn built(x: &[f64]) -> f64 {
    let mut v = Vec::new();
    for i in 0..x.len() {
        v.push(x[i] * x[i] * (i as f64 + 1.0));
    }
    let mut s = v.len() as f64;
    for w in &v {
        s += w.sin();
    }
    for i in 0..v.len() {
        s += v[i] * v[v.len() - 1 - i];
    }
    s
}

/// With a capacity, a first element, and pairs of neighbours.
#[differentiable]
fn differences(x: &[f64], a: f64) -> f64 {
    let mut v: Vec<f64> = Vec::with_capacity(x.len() + 2);
    v.push(a);
    for y in x {
        v.push(*y * a);
    }
    v.push(1.0);
    let mut s = 0.0;
    for pair in v.windows(2) {
        s += (pair[1] - pair[0]).powi(2);
    }
    s + v[1..].iter().sum::<f64>() * v[0] + v.last().unwrap() * v.len() as f64
}

/// Only what is positive: how many there are is known when it has run.
#[differentiable(tape)]
fn chosen(x: &[f64]) -> f64 {
    let mut v = Vec::new();
    for y in x {
        if *y > 0.0 {
            v.push(y.ln());
        }
    }
    if v.is_empty() {
        return 0.0;
    }
    v.iter().map(|w| w * w).sum::<f64>() / v.len() as f64 + v[0]
}

/// Each element of the ones before it.
#[differentiable(tape)]
fn recurrence(x0: f64, a: f64, n: usize) -> f64 {
    let mut orbit = vec![x0];
    for k in 0..n {
        let x = orbit[k];
        orbit.push(a * x * (1.0 - x) + 0.1 * orbit[k / 2]);
    }
    orbit
        .iter()
        .enumerate()
        .map(|(k, x)| x * k as f64)
        .sum::<f64>()
        + orbit[n]
}

/// Anew in every iteration of an outer loop.
#[differentiable]
fn scratch(x: &[f64], n: usize) -> f64 {
    let mut s = 0.0;
    for row in x.chunks_exact(n) {
        let mut v = Vec::with_capacity(n);
        for y in row {
            v.push(y.exp());
        }
        let total: f64 = v.iter().sum();
        for w in &v {
            s += w / total * w;
        }
    }
    s
}

#[differentiable]
fn collected(x: &[f64], y: &[f64]) -> f64 {
    let products: Vec<f64> = x.iter().zip(y).map(|(a, b)| a * b).collect();
    let squares = products.iter().map(|p| p * p).collect::<Vec<_>>();
    let order: Vec<usize> = (0..products.len()).rev().collect();
    let mut s = 0.0;
    for (k, i) in order.iter().enumerate() {
        s += products[*i] * squares[k];
    }
    s + squares.iter().sum::<f64>()
}

#[differentiable(tape)]
fn filtered(x: &[f64]) -> f64 {
    let v = x
        .iter()
        .filter(|v| **v > 0.0)
        .map(|v| v * v)
        .collect::<Vec<f64>>();
    let mut w = v.clone();
    w.extend_from_slice(x);
    w.extend(x.iter().map(|x| 2.0 * x).take(2));
    let mut s = v.len() as f64;
    for (k, w) in w.iter().enumerate() {
        s += w * w * (k as f64 + 1.0);
    }
    s
}

/// Changed after they were pushed, and exchanged.
#[differentiable]
fn changed(x: &[f64], a: f64) -> f64 {
    let mut now = Vec::new();
    let mut next = Vec::new();
    for y in x {
        now.push(*y);
        next.push(a);
    }
    next.push(a * a);
    for v in now.iter_mut() {
        *v += 2.0 * a;
    }
    core::mem::swap(&mut now, &mut next);
    now.push(3.0 * a);
    now[0] += a;
    let old = core::mem::replace(&mut next, Vec::new());
    next.push(old.len() as f64 * a);
    now.iter().map(|v| v * v).sum::<f64>() + old.iter().sum::<f64>() * next[0] + now.len() as f64
}

/// Handed on.
#[differentiable]
fn norm(v: &[f64]) -> f64 {
    v.iter().map(|x| x * x).sum::<f64>()
}

#[differentiable]
fn filled(x: &[f64], #[out] v: &mut [f64]) {
    for (v, x) in v.iter_mut().zip(x) {
        *v = 2.0 * x;
    }
}

#[differentiable]
fn lent(x: &[f64]) -> f64 {
    let mut v = Vec::new();
    for (k, y) in x.iter().enumerate() {
        v.push(y * k as f64);
    }
    v.push(1.0);
    filled(x, &mut v[..x.len()]);
    norm(&v) + norm(&v[1..]) * v[0]
}

#[test]
fn against_differences() {
    let mut tape = Tape::new();
    for n in 0..7 {
        let x = noise(n as u64 + 1, n);
        check_slice(built, built_grad, &x);
        check_slice(chosen, |x, d| chosen_grad(x, d, &mut tape), &x);
        check_slice(filtered, |x, d| filtered_grad(x, d, &mut tape), &x);
        check_slice(lent, lent_grad, &x);
        check_slice(|x| scratch(x, 2), |x, d| scratch_grad(x, d, 2), &x);
        let a = 0.7;
        for (f, grad) in [
            (
                differences as fn(&[f64], f64) -> f64,
                differences_grad as fn(&[f64], &mut [f64], f64) -> (f64, f64),
            ),
            (changed, changed_grad),
        ] {
            let mut d_x = vec![0.0; n];
            let (value, d_a) = grad(&x, &mut d_x, a);
            assert!((value - f(&x, a)).abs() < 1e-13);
            check_gradient(|x| f(x, a), &x, &d_x);
            check_gradient(|a| f(&x, a[0]), &[a], &[d_a]);
        }
        let y = noise(n as u64 + 30, n);
        let (mut d_x, mut d_y) = (vec![0.0; n], vec![0.0; n]);
        let value = collected_grad(&x, &mut d_x, &y, &mut d_y);
        assert!((value - collected(&x, &y)).abs() < 1e-14);
        check_gradient(|x| collected(x, &y), &x, &d_x);
        check_gradient(|y| collected(&x, y), &y, &d_y);
        let (value, d_x0, d_a) = recurrence_grad(0.3, 2.9, n, &mut tape);
        assert!((value - recurrence(0.3, 2.9, n)).abs() < 1e-12);
        check_gradient(|v| recurrence(v[0], v[1], n), &[0.3, 2.9], &[d_x0, d_a]);
    }
}

/// In any precision.
#[differentiable]
fn generic<T: Real>(x: &[T]) -> T {
    let mut v = Vec::new();
    for y in x {
        v.push(*y * *y);
    }
    let w: Vec<T> = v.iter().map(|y| y.exp()).collect();
    let mut s = T::from_f64(0.0);
    for (a, b) in v.iter().zip(&w) {
        s += *a * *b;
    }
    s
}

#[test]
fn precisions() {
    let x = noise(4, 5);
    check_slice(generic, generic_grad, &x);
    let single: Vec<f32> = x.iter().map(|v| *v as f32).collect();
    let (mut d, mut d_single) = (vec![0.0; 5], vec![0.0; 5]);
    generic_grad(&x, &mut d);
    generic_grad(&single, &mut d_single);
    for (a, b) in d.iter().zip(&d_single) {
        assert!((a - f64::from(*b)).abs() < 1e-5, "{a} in f64, {b} in f32");
    }
}

/// An adjoint for each `Vec`, and nothing else.
#[test]
fn allocations() {
    let x = noise(3, 64);
    let mut d = vec![0.0; 64];
    let with_capacity = |x: &[f64]| {
        measure(|| {
            differences(x, 0.5);
        })
        .count_total
    };
    let gradient = measure(|| {
        differences_grad(&x, &mut d, 0.5);
    })
    .count_total;
    assert_eq!((with_capacity(&x), gradient), (1, 2));
}

/// Forwards, the tangent grows beside it.
#[differentiable(jvp)]
fn forwards(x: f64, y: f64, n: usize) -> f64 {
    let mut v = vec![y];
    for k in 0..n {
        v.push(x * y * k as f64);
    }
    let w: Vec<f64> = v.iter().map(|v| v * v).collect();
    w.iter().sum::<f64>() + v[n] * w[0]
}

#[test]
fn tangents() {
    for n in 0..5 {
        let (value, d) = forwards_jvp(0.7, 1.0, 0.4, -0.5, n);
        assert!((value - forwards(0.7, 0.4, n)).abs() < 1e-13);
        common::check_derivative("the tangent", d, |h| forwards(0.7 + h, 0.4 - 0.5 * h, n));
    }
}
