//! Functions that call themselves, and each other.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use core::sync::atomic::{AtomicUsize, Ordering};

use backprop::prelude::*;
use common::{check_args, check_gradient, check_slice, dot, noise};

#[differentiable]
fn g(x: f64) -> f64 {
    x.sin()
}

#[differentiable]
fn plain(x: f64, n: usize) -> f64 {
    if n == 0 { x } else { g(x) * plain(x, n - 1) }
}

#[differentiable]
fn deep(x: f64, n: usize) -> f64 {
    if n == 0 {
        x
    } else {
        plain2(x.sin(), n - 1).sin() * x
    }
}
#[differentiable]
fn plain2(x: f64, n: usize) -> f64 {
    if n == 0 {
        x
    } else {
        deep(x * 1.1, n - 1).cos() + x
    }
}

#[differentiable]
fn tree_sum(x: &[f64]) -> f64 {
    if x.len() == 1 {
        return x[0].sin();
    }
    let m = x.len() / 2;
    let a = tree_sum(&x[..m]);
    let b = tree_sum(&x[m..]);
    a * b + a.sin()
}

#[differentiable]
fn tail(x: &[f64], acc: f64) -> f64 {
    if x.is_empty() {
        acc
    } else {
        tail(&x[1..], acc * x[0] + x[0].sin())
    }
}

#[differentiable]
fn list(x: &[f64]) -> f64 {
    if x.is_empty() {
        1.0
    } else {
        x[0] + x[0] * list(&x[1..])
    }
}

struct P {
    k: f64,
}
impl P {
    #[differentiable(wrt(x))]
    fn pow(&self, x: f64, n: u32) -> f64 {
        if n == 0 {
            return self.k;
        }
        let h = self.pow(x, n / 2);
        if n % 2 == 0 { h * h } else { h * h * x }
    }
}

#[differentiable]
fn fib(x: f64, n: u32) -> f64 {
    if n < 2 {
        x.powi(n as i32 + 1)
    } else {
        fib(x, n - 1) + fib(x, n - 2) * x
    }
}

/// In place, on what is left of the slice.
#[differentiable]
fn scaled(x: &mut [f64], k: f64) {
    if x.len() > 0 {
        x[0] = x[0] * k;
        scaled(&mut x[1..], k * k);
    }
}

static RUNS: AtomicUsize = AtomicUsize::new(0);

fn count() -> bool {
    RUNS.fetch_add(1, Ordering::Relaxed) < usize::MAX
}

/// Counts how often it runs.
#[differentiable]
fn counted(x: f64, n: usize) -> f64 {
    assert!(count());
    if n == 0 {
        x
    } else {
        x + x.sin() * counted(x, n - 1)
    }
}

#[test]
fn values() {
    for n in 1..9 {
        let x = noise(4, n);
        check_args(|[a]| plain(a, n), |[a]| plain_grad(a, n), &[[0.7]]);
        check_args(|[a]| deep(a, n), |[a]| deep_grad(a, n), &[[0.7]]);
        check_slice(tree_sum, tree_sum_grad, &x);
        check_slice(list, list_grad, &x);
        check_slice(|x| tail(x, 0.3), |x, d| tail_grad(x, d, 0.3).0, &x);
        let p = P { k: 0.4 };
        check_args(
            |[a]| p.pow(a, n as u32),
            |[a]| p.pow_grad(a, n as u32),
            &[[0.7]],
        );
        check_args(
            |[a]| fib(a, n as u32),
            |[a]| fib_grad(a, n as u32),
            &[[0.7]],
        );
    }
}

#[test]
fn in_place() {
    for n in 0..7 {
        let (x, seed) = (noise(2, n), noise(9, n));
        let left = |x: &[f64], k: f64| {
            let mut y = x.to_vec();
            scaled(&mut y, k);
            dot(&y, &seed)
        };
        let (mut y, mut d) = (x.clone(), seed.clone());
        let d_k = scaled_vjp(&mut y, &mut d, 0.8);
        check_gradient(|x| left(x, 0.8), &x, &d);
        check_gradient(|k| left(&x, k[0]), &[0.8], &[d_k]);
    }
}

/// Each depth runs once, not once more for each above it.
#[test]
fn cost() {
    counted(0.3, 100);
    let once = RUNS.swap(0, Ordering::Relaxed);
    counted_grad(0.3, 100);
    let swept = RUNS.swap(0, Ordering::Relaxed);
    assert!(once == 101 && swept <= 3 * once, "{swept} runs for {once}");
}
