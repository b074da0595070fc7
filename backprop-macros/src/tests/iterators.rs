//! Programs with iterators and closures, for the pipeline.

#![allow(
    clippy::all,
    unused,
    reason = "the programs are inputs, not code of ours"
)]

use super::programs::{A, B, Program, X, left, program};
use crate::ir::interp::Value;

pub(super) fn programs() -> Vec<Program> {
    let mut all = loops();
    all.extend(values());
    all.extend(closures());
    all
}

fn loops() -> Vec<Program> {
    vec![
        program!(
            fn f(a: &[f64], b: &[f64]) -> f64 {
                let mut s = 0.0;
                for (i, (u, &v)) in a.iter().zip(b).enumerate().rev() {
                    s = s * 0.5 + u * v * i as f64;
                }
                for u in a.iter().skip(1).take(2) {
                    s += u.sin();
                }
                for w in a[1..].windows(2) {
                    s += w[0] * w[1];
                }
                s
            },
            [A, [0.4, 0.5, -0.7]][f(&A, &[0.4, 0.5, -0.7])]
        ),
        program!(
            fn f(a: &[f64], out: &mut [f64]) {
                for (c, u) in out.chunks_mut(2).zip(a.iter().rev()) {
                    for (j, y) in c.iter_mut().enumerate() {
                        *y = u * u + j as f64;
                    }
                }
            },
            [A, [0.0; 5]]left([0.0; 5], |y| f(&A, y))
        ),
        program!(
            fn f(a: &[f64; 4]) -> f64 {
                let mut b = [0.5; 4];
                for (y, x) in b.iter_mut().zip(a) {
                    *y += x * x;
                }
                let mut s = 0.0;
                for v in b {
                    b[0] *= v;
                    s += b[0];
                }
                s
            },
            [A][f(&A)]
        ),
        program!(
            fn f(a: &[f64], n: usize) -> f64 {
                let mut s = 0.0;
                'outer: for (i, u) in a.iter().enumerate().step_by(2) {
                    for v in &a[i..] {
                        if *v < -0.3 {
                            continue 'outer;
                        }
                        if i > n {
                            return s;
                        }
                        s += u * v;
                    }
                }
                s
            },
            [A, 1][f(&A, 1)]
        ),
    ]
}

fn values() -> Vec<Program> {
    vec![
        program!(
            fn f(a: &[f64], b: &[f64]) -> f64 {
                a.iter().zip(b).map(|(u, v)| u * v).sum::<f64>().sin()
                    + a.iter().map(|v| v + 1.0).product::<f64>()
            },
            [A, B][f(&A, &B)]
        ),
        program!(
            fn f(a: &[f64]) -> f64 {
                let (s, n) = a.iter().fold((0.0, 1.0), |(s, n), x| (s + x * x, n * 2.0));
                let t: f64 = (0..a.len()).rev().map(|i| a[i] * i as f64).sum();
                s / n + t * a.iter().filter(|v| **v > 0.5).map(|v| v.ln()).sum::<f64>()
            },
            [A][f(&A)]
        ),
        program!(
            fn f(a: &[f64; 4]) -> f64 {
                let b = a.map(|v| v * v);
                let c: [f64; 6] = std::array::from_fn(|i| b[i % 4] * i as f64);
                if c.iter().any(|v| *v > 2.0) {
                    c.iter().last().unwrap() * c.iter().copied().reduce(|p, q| p + q * q).unwrap()
                } else {
                    c.iter().nth(9).copied().unwrap_or(b[1])
                }
            },
            [A][f(&A)]
        ),
    ]
}

fn closures() -> Vec<Program> {
    vec![
        program!(
            fn f(x: f64, y: f64) -> f64 {
                let a = x * y;
                let g = |u: f64, v| u * v + a;
                let a = y.sin();
                let h = |u: f64| {
                    if u > 1.0 {
                        return g(u, a);
                    }
                    let x = u * y;
                    x - a
                };
                h(x) * h(y) + g(h(0.5), x)
            },
            [X, 0.7][f(X, 0.7)]
        ),
        program!(
            fn f(x: f64, n: usize) -> f64 {
                let mut s = x;
                let mut k = 0;
                let mut step = |v: f64| {
                    s += v * x;
                    k += 1;
                };
                for i in 0..n {
                    step(i as f64);
                    if i == 1 {
                        step(x);
                    }
                }
                let mut c = x;
                let mut own = move || {
                    c *= 2.0;
                    c
                };
                s * k as f64 + own() * own() + c
            },
            [X, 3][f(X, 3)]
        ),
    ]
}
