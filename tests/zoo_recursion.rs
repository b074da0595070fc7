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

/// What one argument is made of are two of three, each time: whether it varies is a question of more and more parameters.
#[differentiable(jvp, hvp)]
fn mixed(x: f64, y: f64, z: f64, n: usize) -> f64 {
    if n == 0 {
        x * y + z
    } else {
        y.sin() * mixed(x * y, z.cos(), z * x, n - 1)
    }
}

#[differentiable(tape, jvp)]
fn halves(v: &mut [f64], a: f64, b: f64, n: usize) {
    if v.len() < 2 {
        return;
    }
    let (left, right) = v.split_at_mut(1 + n % (v.len() - 1));
    for k in 0..left.len().min(right.len()) {
        left[k] = (left[k] + right[k] * a).sin();
    }
    if left.len() < right.len() {
        halves(right, a * b, b, n);
    }
}

#[test]
fn tangents_of_several_parameters() {
    for n in 0..5 {
        check_args(
            |[x, y, z]| mixed(x, y, z, n),
            |[x, y, z]| {
                let along = |v: [f64; 3]| mixed_jvp(x, v[0], y, v[1], z, v[2], n).1;
                let d = (
                    along([1.0, 0.0, 0.0]),
                    along([0.0, 1.0, 0.0]),
                    along([0.0, 0.0, 1.0]),
                );
                let (value, ..) = mixed_grad(x, y, z, n);
                (value, d.0, d.1, d.2)
            },
            &[[0.7, -0.4, 1.2]],
        );
        // A product with the Hessian is how the gradient changes.
        let (x, v, h) = ([0.7, -0.4, 1.2], [0.3, 1.0, -0.5], 1e-6);
        let product = mixed_hvp(x[0], v[0], x[1], v[1], x[2], v[2], n);
        let gradient = |t: f64| mixed_grad(x[0] + t * v[0], x[1] + t * v[1], x[2] + t * v[2], n);
        let (up, down) = (gradient(h), gradient(-h));
        let differences = [up.1 - down.1, up.2 - down.2, up.3 - down.3].map(|d| d / (2.0 * h));
        for (product, difference) in [product.1, product.2, product.3].iter().zip(differences) {
            assert!(
                (product - difference).abs() < 1e-7,
                "{product} {difference}"
            );
        }
    }
    for n in 0..5 {
        let (x, t) = (noise(2, 6), noise(5, 6));
        let left = |s: f64| {
            let mut v: Vec<f64> = x.iter().zip(&t).map(|(x, t)| x + s * t).collect();
            halves(&mut v, 0.9 + s, 0.8 - s, n);
            v
        };
        let (mut v, mut t_v) = (x.clone(), t.clone());
        halves_jvp(&mut v, &mut t_v, 0.9, 1.0, 0.8, -1.0, n);
        let (up, down) = (left(1e-6), left(-1e-6));
        for k in 0..6 {
            let difference = (up[k] - down[k]) / 2e-6;
            assert!(
                (t_v[k] - difference).abs() < 1e-7,
                "{} {difference}",
                t_v[k]
            );
        }
    }
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
