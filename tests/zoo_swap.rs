//! What moves values between places: `swap`, `fill`, `copy_from_slice`, `mem::swap`, `mem::replace`, and the halves of a slice.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{check_args, check_gradient, check_slice, dot, noise};

#[differentiable]
fn swapped(a: f64, b: f64, i: usize, j: usize) -> f64 {
    let mut y = [a, b, a * b, 1.0];
    y.swap(i, j);
    y[1] *= y[0];
    y.swap(0, 1);
    y[1..].swap(0, i.min(2));
    y[0] * y[1] + y[2] * y[3] * y[3]
}

#[differentiable]
fn reversed(y: &mut [f64]) {
    let n = y.len();
    for i in 0..n / 2 {
        y.swap(i, n - 1 - i);
    }
}

#[differentiable(tape)]
fn largest_first(a: f64, b: f64, c: f64) -> f64 {
    let mut y = [a, b, c];
    for i in 0..2 {
        for j in 0..2 - i {
            if y[j] < y[j + 1] {
                y.swap(j, j + 1);
            }
        }
    }
    y[0] * y[0] + 2.0 * y[1] - y[2].sin()
}

#[test]
fn swaps() {
    for i in 0..4 {
        for j in 0..4 {
            check_args(
                |[a, b]| swapped(a, b, i, j),
                |[a, b]| swapped_grad(a, b, i, j),
                &[[0.4, 1.3]],
            );
        }
    }
    for n in 0..6 {
        let (x, seed) = (noise(3, n), noise(4, n));
        let (mut y, mut d_y) = (x.clone(), seed.clone());
        reversed_vjp(&mut y, &mut d_y);
        let turned = |v: &[f64]| v.iter().rev().copied().collect::<Vec<_>>();
        assert_eq!((y, d_y), (turned(&x), turned(&seed)));
    }
    let points = [[1.0, 2.0, 3.0], [3.0, 1.0, 2.0], [2.0, 3.0, 1.0]];
    check_args(
        |[a, b, c]| largest_first(a, b, c),
        |[a, b, c]| largest_first_grad(a, b, c, &mut Tape::new()),
        &points,
    );
}

#[differentiable]
fn filled(x: f64, k: usize, y: &mut [f64]) -> f64 {
    y[0] += x;
    let first = y[0] * y[1];
    y[..k].fill(x * x);
    y[k..].fill(0.5);
    let mut own = [x; 3];
    own[1..].fill(first);
    own[0] * own[1] * own[2]
}

#[differentiable]
fn copied(x: &[f64], y: &mut [f64]) -> f64 {
    let mut own = [0.0; 4];
    own.copy_from_slice(&x[..4]);
    own[0] *= own[1];
    y[..2].copy_from_slice(&own[1..3]);
    y[2..6].clone_from_slice(&own);
    let last = y[3] * y[5];
    let again = own;
    own.copy_from_slice(&again);
    y[5..].fill(own[0]);
    last * own[3]
}

#[test]
fn fills_and_copies() {
    for k in 0..4 {
        let f = |v: &[f64]| {
            let mut y = [v[1], v[2], v[3]];
            let value = filled(v[0], k, &mut y);
            value * 0.3 + dot(&y, &[0.5, -1.0, 2.0])
        };
        let v = [0.7, 1.2, -0.4, 0.9];
        let (mut y, mut d_y) = ([v[1], v[2], v[3]], [0.5, -1.0, 2.0]);
        let (_, d_x) = filled_vjp(v[0], k, &mut y, &mut d_y, 0.3);
        check_gradient(f, &v, &[d_x, d_y[0], d_y[1], d_y[2]]);
    }
    let (x, y) = (noise(5, 4), noise(6, 7));
    let seed = noise(7, 7);
    let f = |v: &[f64]| {
        let mut y = v[4..].to_vec();
        let value = copied(&v[..4], &mut y);
        value * 0.3 + dot(&y, &seed)
    };
    let (mut left, mut d_x, mut d_y) = (y.clone(), [0.0; 4], seed.clone());
    copied_vjp(&x, &mut d_x, &mut left, &mut d_y, 0.3);
    check_gradient(f, &[&x[..], &y].concat(), &[&d_x[..], &d_y].concat());
    let mut want = y.clone();
    copied(&x, &mut want);
    assert_eq!(left, want);
}

#[differentiable]
fn fibonacci(x: f64, y: f64) -> f64 {
    let (mut a, mut b) = (x, y);
    for _ in 0..5 {
        a += b * 0.1 * a;
        std::mem::swap(&mut a, &mut b);
    }
    a * b
}

#[differentiable]
fn two_buffers(x: f64, y: f64, k: f64) -> f64 {
    let mut now = [x, y, x * y];
    let mut next = [0.0; 3];
    for _ in 0..4 {
        for i in 0..3 {
            next[i] = now[i] + k * now[(i + 1) % 3] * now[i];
        }
        core::mem::swap(&mut now, &mut next);
    }
    let old = std::mem::replace(&mut now[1], k);
    now[0] * now[1] + now[2] * old
}

#[differentiable]
fn exchanged(a: &mut f64, b: &mut f64) {
    *a *= *b;
    std::mem::swap(a, b);
    *a += 1.0;
}

#[test]
fn values_exchanged() {
    check_args(
        |[x, y]| fibonacci(x, y),
        |[x, y]| fibonacci_grad(x, y),
        &[[0.4, 1.3], [1.1, -0.7]],
    );
    check_args(
        |[x, y, k]| two_buffers(x, y, k),
        |[x, y, k]| two_buffers_grad(x, y, k),
        &[[0.4, 1.3, 0.2], [1.1, -0.7, 0.5]],
    );
    let (mut a, mut b, mut d_a, mut d_b) = (2.0, 3.0, 10.0, 100.0);
    exchanged_vjp(&mut a, &mut d_a, &mut b, &mut d_b);
    assert_eq!((a, b), (4.0, 6.0));
    assert_eq!((d_a, d_b), (300.0, 210.0));
}

#[differentiable]
fn halves(x: &[f64]) -> f64 {
    let (a, b) = x.split_at(x.len() / 2);
    let mut s = 0.0;
    for i in 0..a.len() {
        s += a[i] * b[i] + b[b.len() - 1];
    }
    let (_, c) = b.split_at(1);
    s * c.iter().map(|c| c * c).sum::<f64>()
}

#[differentiable(tape)]
fn halves_written(x: f64, n: usize, y: &mut [f64]) {
    let (low, high) = y.split_at_mut(n);
    for (l, h) in low.iter_mut().zip(high.iter_mut()) {
        *l += x * *h;
    }
    low[0] *= x;
    high[0] = low[0] * 2.0;
    let (one, rest) = high.split_at_mut(1);
    for r in rest {
        *r *= one[0];
    }
}

#[differentiable]
fn rows(y: &mut [f64], n: usize, k: f64) {
    for i in 0..y.len() / n {
        let row = &mut y[i * n..][..n];
        row[0] *= k;
        for j in 1..n {
            row[j] += k;
        }
    }
}

#[test]
fn parts_of_slices() {
    check_slice(halves, |x, d| halves_grad(x, d), &noise(8, 6));
    check_slice(halves, |x, d| halves_grad(x, d), &noise(9, 7));
    for (len, n) in [(4, 2), (5, 1), (5, 3), (6, 3)] {
        let (y, seed) = (noise(10, len), noise(11, len));
        let f = |v: &[f64]| {
            let mut y = v[1..].to_vec();
            halves_written(v[0], n, &mut y);
            dot(&y, &seed)
        };
        let (mut left, mut d_y) = (y.clone(), seed.clone());
        let d_x = halves_written_vjp(0.8, n, &mut left, &mut d_y, &mut Tape::new());
        check_gradient(f, &[&[0.8], &y[..]].concat(), &[&[d_x], &d_y[..]].concat());
        let f = |v: &[f64]| {
            let mut y = v[1..].to_vec();
            rows(&mut y, n, v[0]);
            dot(&y, &seed)
        };
        let (mut left, mut d_y) = (y.clone(), seed.clone());
        let d_k = rows_vjp(&mut left, &mut d_y, n, 0.8);
        check_gradient(f, &[&[0.8], &y[..]].concat(), &[&[d_k], &d_y[..]].concat());
    }
}
