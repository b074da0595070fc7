//! Runs that hand over to their pullbacks: callees below callees, branches, arguments that change after the call, recursion.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};

use backprop::prelude::*;
use common::{check_args, check_slice};

static RUNS: AtomicUsize = AtomicUsize::new(0);

#[differentiable(partials(x = x.cos()))]
fn counted(x: f64) -> f64 {
    RUNS.fetch_add(1, Ordering::Relaxed);
    x.sin()
}

#[differentiable]
fn first(x: f64) -> f64 {
    let s = counted(x);
    s * s + x
}

#[differentiable]
fn second(x: f64) -> f64 {
    let s = first(x);
    s * s * x
}

#[differentiable]
fn third(x: f64) -> f64 {
    let s = second(x);
    (s * s + 1.0).sqrt()
}

#[differentiable]
fn fourth(x: f64) -> f64 {
    let s = third(x);
    s * s * s
}

/// Without handing over, a function four calls down would run once more for each of those above it.
#[test]
fn how_deep_a_function_lies_does_not_matter() {
    let runs = |gradient: fn(f64) -> (f64, f64)| {
        RUNS.store(0, Ordering::Relaxed);
        gradient(0.7);
        RUNS.load(Ordering::Relaxed)
    };
    assert_eq!(runs(fourth_grad), runs(first_grad));
    check_args(|[x]| fourth(x), |[x]| fourth_grad(x), &[[0.7], [-1.9]]);
}

#[differentiable]
fn branchy(x: f64, y: f64) -> f64 {
    let s = x.sin() + y * y;
    if s < 0.3 {
        return s.exp() * y;
    }
    let r = s.sqrt();
    if x > 1.0 {
        let q = (r + x).ln();
        if y > 2.0 { q * r.sin() } else { q * q }
    } else {
        let t = r * x.tanh();
        t * t / r
    }
}

#[differentiable]
fn above_branches(x: f64, y: f64) -> f64 {
    let b = branchy(x, y);
    let c = branchy(b, x + y);
    b * c + c.atan()
}

#[test]
fn branches() {
    for x in [-2.0, -0.4, 0.2, 0.9, 1.3, 2.5] {
        for y in [-0.3, 0.1, 0.8, 2.7] {
            let at = [[x, y]];
            check_args(|[x, y]| branchy(x, y), |[x, y]| branchy_grad(x, y), &at);
            check_args(
                |[x, y]| above_branches(x, y),
                |[x, y]| above_branches_grad(x, y),
                &at,
            );
        }
    }
}

#[differentiable]
fn norm(x: &[f64]) -> f64 {
    let s: f64 = x.iter().map(|v| v * v).sum();
    (s + 1.0).sqrt()
}

/// The array that was lent changes behind the call: the pullback borrows nothing, and is handed the version that the call saw.
#[differentiable]
fn changes_behind(x: &[f64]) -> f64 {
    let mut a = [x[0], x[1] * x[0], 1.0];
    let n = norm(&a);
    a[0] = n * x[1];
    a[2] *= a[0];
    let m = norm(&a[1..]);
    n * m + a[0] * a[1] + norm(x)
}

/// In a loop, with a callee that is called twice on the same.
#[differentiable]
fn in_a_loop(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for w in x.windows(2) {
        let n = norm(w);
        sum += branchy(n, w[0]) * n + norm(w);
    }
    sum
}

#[test]
fn slices() {
    for x in [[0.4, -1.2, 0.3], [1.9, 0.7, -0.1], [0.0, 0.0, 0.0]] {
        check_slice(changes_behind, changes_behind_grad, &x);
        check_slice(in_a_loop, in_a_loop_grad, &x);
    }
}

/// Each calls the other where there is something left to do.
#[differentiable]
fn even(x: f64, n: usize) -> f64 {
    if n == 0 {
        return x;
    }
    let s = odd(x * 0.9, n - 1);
    s * s + x
}

#[differentiable]
fn odd(x: f64, n: usize) -> f64 {
    if n == 0 {
        return x * x;
    }
    let s = even(x.sin(), n - 1);
    s.tanh() * x
}

#[test]
fn mutual_recursion() {
    for n in 0..6 {
        check_args(|[x]| even(x, n), |[x]| even_grad(x, n), &[[0.8], [-0.3]]);
    }
}

/// The parameter is called like the function.
#[differentiable]
fn scale(scale: f64) -> f64 {
    scale * 3.0
}

#[differentiable]
fn of_a_lifetime<'a>(a: &'a [f64], b: &'a [f64]) -> f64 {
    let n = norm(a);
    n * norm(b) / (n + 1.0)
}

#[differentiable]
fn generic<T: Real, const N: usize>(x: &[T; N], y: T) -> T {
    let mut s = y;
    for v in x {
        s += *v * *v;
    }
    s.sqrt() * y
}

#[differentiable]
fn of_a_generic(x: &[f64; 3], y: f64) -> f64 {
    let g = generic::<f64, 3>(x, y);
    let h = generic(x, g);
    g * h * scale(g)
}

#[differentiable]
fn twice_the_same(x: &[f64]) -> f64 {
    let n = of_a_lifetime(x, x);
    n * n + of_a_generic(&[x[0], x[1], n], x[2] * x[2])
}

#[test]
fn signatures() {
    for x in [[0.4, -1.2, 0.3], [2.0, 0.7, -0.1]] {
        check_slice(twice_the_same, twice_the_same_grad, &x);
    }
}
