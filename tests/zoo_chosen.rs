//! References that a condition chooses: parts of one slice, parts of several, to be read or written, handed on or iterated over.
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

/// One half or the other, of one slice.
#[differentiable]
fn half(x: &[f64], first: bool) -> f64 {
    let n = x.len() / 2;
    let part = if first { &x[..n] } else { &x[n..] };
    let mut s = part.len() as f64;
    for (k, v) in part.iter().enumerate() {
        s += v * v * k as f64;
    }
    if !part.is_empty() { s * part[0] } else { s }
}

/// All of one slice, or a part of another.
#[differentiable]
fn either_of(a: &[f64], b: &[f64], flip: bool, n: usize) -> f64 {
    let w = if flip { a } else { &b[..n] };
    let v = if flip { &b[n..] } else { a };
    let k = w.len().min(v.len());
    let mut s = 0.0;
    for i in 0..k {
        s += w[i] * v[i] * (i as f64 + 1.0);
    }
    s + w.iter().map(|w| w.sin()).sum::<f64>() + v.iter().zip(w).map(|(v, w)| v * w).sum::<f64>()
}

#[test]
fn slices() {
    for n in 0..7 {
        let x = noise(n as u64 + 1, n);
        for first in [false, true] {
            check_slice(|x| half(x, first), |x, d| half_grad(x, d, first), &x);
        }
        for m in 0..=n {
            for flip in [false, true] {
                let (a, b) = (noise(5, m), x.clone());
                let (mut d_a, mut d_b) = (vec![0.0; m], vec![0.0; n]);
                let k = n - m;
                let value = either_of_grad(&a, &mut d_a, &b, &mut d_b, flip, k);
                assert_eq!(value, either_of(&a, &b, flip, k));
                check_gradient(|a| either_of(a, &b, flip, k), &a, &d_a);
                check_gradient(|b| either_of(&a, b, flip, k), &b, &d_b);
            }
        }
    }
}

/// Chosen by `match`, with what a pattern binds; numbers, arrays and rows of a matrix.
#[differentiable]
fn matched(x: &[f64; 3], y: &[f64], m: &[[f64; 3]; 2], k: Option<usize>, row: usize) -> f64 {
    let part: &[f64] = match k {
        Some(k) if k < 3 => {
            let end = k + 1;
            &x[..end]
        }
        Some(k) => &y[k - 3..],
        None => &m[row][..],
    };
    let number = match k {
        None => &x[0],
        Some(0) => &y[0],
        Some(_) => &m[1 - row][2],
    };
    let [a, b, _] = if row == 0 { x } else { &m[0] };
    part.iter().sum::<f64>() * *number + a * b
}

#[test]
fn matches() {
    let (x, y, m) = (
        [0.3, -0.7, 1.1],
        noise(3, 4),
        [[0.5, 0.2, -0.9], [1.3, -0.4, 0.8]],
    );
    for k in [None, Some(0), Some(1), Some(2), Some(3), Some(5), Some(7)] {
        for row in 0..2 {
            let (mut d_x, mut d_y, mut d_m) = ([0.0; 3], vec![0.0; 4], [[0.0; 3]; 2]);
            let value = matched_grad(&x, &mut d_x, &y, &mut d_y, &m, &mut d_m, k, row);
            assert_eq!(value, matched(&x, &y, &m, k, row));
            let array = |v: &[f64]| [v[0], v[1], v[2]];
            check_gradient(|x| matched(&array(x), &y, &m, k, row), &x, &d_x);
            check_gradient(|y| matched(&x, y, &m, k, row), &y, &d_y);
            let matrix = |v: &[f64]| [array(v), array(&v[3..])];
            check_gradient(
                |m| matched(&x, &y, &matrix(m), k, row),
                m.as_flattened(),
                d_m.as_flattened(),
            );
        }
    }
}

/// To be written through, in loops, with the other one read meanwhile.
#[differentiable]
fn written(a: &mut [f64], b: &mut [f64], flip: bool, s: f64) {
    let n = a.len().min(b.len());
    let (to, from) = if flip {
        (&mut a[..], &b[..])
    } else {
        (&mut b[..], &a[..])
    };
    for i in 0..n {
        to[i] += s * from[i] + to[i];
    }
}

/// Changed in ways that need no values.
#[differentiable]
fn turned(a: &mut [f64], b: &mut [f64], flip: bool) {
    let to = if flip { &mut a[..] } else { &mut b[..] };
    if let Some(first) = to.first_mut() {
        *first *= 2.0;
    }
    to.reverse();
    for v in to.iter_mut() {
        *v *= 3.0;
    }
}

#[differentiable]
fn local(x: f64, y: f64, up: bool) -> f64 {
    let mut a = [x, y, x * y];
    let mut b = [y, 1.0, x];
    {
        let w = if up { &mut a } else { &mut b };
        w[0] *= w[1];
        w[2] = w[0].sin();
    }
    let r = if up { &mut a[0] } else { &mut b[2] };
    *r += 3.0 * x;
    a[0] * a[2] + b[0] * b[2] + a[1] * b[1]
}

#[test]
fn writes() {
    for n in 0..5 {
        for m in 0..5 {
            for flip in [false, true] {
                let (a, b) = (noise(n as u64 + 8, n), noise(m as u64 + 9, m));
                let (seed_a, seed_b, s) = (noise(1, n), noise(2, m), 0.6);
                let run = |a: &[f64], b: &[f64], s: f64| {
                    let (mut a, mut b) = (a.to_vec(), b.to_vec());
                    written(&mut a, &mut b, flip, s);
                    dot(&a, &seed_a) + dot(&b, &seed_b)
                };
                let (mut y, mut z) = (a.clone(), b.clone());
                let (mut d_y, mut d_z) = (seed_a.clone(), seed_b.clone());
                let d_s = written_vjp(&mut y, &mut d_y, &mut z, &mut d_z, flip, s);
                check_gradient(|a| run(a, &b, s), &a, &d_y);
                check_gradient(|b| run(&a, b, s), &b, &d_z);
                check_gradient(|s| run(&a, &b, s[0]), &[s], &[d_s]);
                let run = |a: &[f64], b: &[f64]| {
                    let (mut a, mut b) = (a.to_vec(), b.to_vec());
                    turned(&mut a, &mut b, flip);
                    dot(&a, &seed_a) + dot(&b, &seed_b)
                };
                let (mut y, mut z) = (a.clone(), b.clone());
                let (mut d_y, mut d_z) = (seed_a.clone(), seed_b.clone());
                turned_vjp(&mut y, &mut d_y, &mut z, &mut d_z, flip);
                check_gradient(|a| run(a, &b), &a, &d_y);
                check_gradient(|b| run(&a, b), &b, &d_z);
            }
        }
    }
    for up in [false, true] {
        check_args(
            |[x, y]| local(x, y, up),
            |[x, y]| local_grad(x, y, up),
            &[[0.4, 1.3], [-0.8, 0.2]],
        );
    }
}

#[differentiable]
fn norm(v: &[f64], scale: f64) -> f64 {
    v.iter().map(|x| x * x).sum::<f64>() * scale
}

#[differentiable]
fn doubled(v: &mut [f64]) {
    for x in v.iter_mut() {
        *x *= 2.0;
    }
}

#[derive(Clone, Differentiable)]
struct Spring {
    stiffness: f64,
}

impl Spring {
    #[differentiable]
    fn energy(&self, x: &[f64]) -> f64 {
        0.5 * self.stiffness * x.iter().map(|x| x * x).sum::<f64>()
    }
}

/// One side writes and the other one reads what earlier iterations wrote: the tape keeps what is read.
#[differentiable(tape)]
fn carried(x: &[f64], y: &mut [f64]) -> f64 {
    let mut s = 0.0;
    for i in 1..x.len().min(y.len()) {
        if x[i] > 0.0 {
            y[i] = y[i - 1] * x[i];
        } else {
            s += y[i - 1] * y[i - 1] * x[i];
        }
    }
    s
}

#[test]
fn sides_in_loops() {
    for n in 1..7 {
        let (x, y, seed) = (noise(31, n), noise(32, n), noise(33, n));
        let run = |x: &[f64], y: &[f64]| {
            let mut y = y.to_vec();
            let s = carried(x, &mut y);
            s * 1.5 + dot(&y, &seed)
        };
        let (mut d_x, mut z, mut d_y) = (vec![0.0; n], y.clone(), seed.clone());
        carried_vjp(&x, &mut d_x, &mut z, &mut d_y, 1.5, &mut Tape::new());
        check_gradient(|x| run(x, &y), &x, &d_x);
        check_gradient(|y| run(&x, y), &y, &d_y);
    }
}

/// Lent to functions and methods, and looked at by macros.
#[differentiable]
fn lent(a: &[f64], b: &[f64], springs: &[Spring; 2], n: usize, flip: bool) -> f64 {
    let w = if flip { &a[..n] } else { b };
    let spring = if flip { &springs[0] } else { &springs[1] };
    assert!(w.len() <= a.len() + b.len(), "{w:?}");
    let mut own = [0.5, a.len() as f64];
    let mut other = [w.len() as f64, 0.25];
    let m = if flip { &mut own } else { &mut other };
    doubled(m);
    let count = no_grad!(w.iter().filter(|x| **x > 0.0).count()) as f64;
    norm(w, own[0]) + spring.energy(w) * count + spring.stiffness * norm(&w[..n / 2], other[1])
}

#[test]
fn calls() {
    let springs = [Spring { stiffness: 1.5 }, Spring { stiffness: -0.5 }];
    for n in 0..4 {
        for flip in [false, true] {
            let (a, b) = (noise(11, n + 1), noise(12, n + 2));
            let (mut d_a, mut d_b) = (vec![0.0; n + 1], vec![0.0; n + 2]);
            let mut d_springs = [Spring { stiffness: 0.0 }, Spring { stiffness: 0.0 }];
            let value = lent_grad(
                &a,
                &mut d_a,
                &b,
                &mut d_b,
                &springs,
                &mut d_springs,
                n,
                flip,
            );
            assert!((value - lent(&a, &b, &springs, n, flip)).abs() < 1e-14);
            check_gradient(|a| lent(a, &b, &springs, n, flip), &a, &d_a);
            check_gradient(|b| lent(&a, b, &springs, n, flip), &b, &d_b);
            let of = |v: &[f64]| [0, 1].map(|k| Spring { stiffness: v[k] });
            let flat = |s: &[Spring; 2]| [s[0].stiffness, s[1].stiffness];
            check_gradient(
                |v| lent(&a, &b, &of(v), n, flip),
                &flat(&springs),
                &flat(&d_springs),
            );
        }
    }
}

/// Chosen anew in every iteration, by the data; in any precision.
#[differentiable]
fn by_data<T: Real>(x: &[T], low: &[T], high: &[T]) -> T {
    let mut s = T::from_f64(0.0);
    for v in x {
        let table = if *v < T::from_f64(0.0) { low } else { high };
        for (k, t) in table.iter().enumerate() {
            s += *t * *v * T::from_f64(k as f64 + 1.0);
        }
        let Some(first) = table.first() else { continue };
        s += *first * *first;
    }
    s
}

#[test]
fn tables() {
    for n in 0..4 {
        let (x, low, high) = (noise(21, 5), noise(22, n), noise(23, 4 - n));
        let (mut d_x, mut d_low, mut d_high) = (vec![0.0; 5], vec![0.0; n], vec![0.0; 4 - n]);
        let value = by_data_grad(&x, &mut d_x, &low, &mut d_low, &high, &mut d_high);
        assert!((value - by_data(&x, &low, &high)).abs() < 1e-14);
        check_gradient(|x| by_data(x, &low, &high), &x, &d_x);
        check_gradient(|low| by_data(&x, low, &high), &low, &d_low);
        check_gradient(|high| by_data(&x, &low, high), &high, &d_high);
        let single = |v: &[f64]| v.iter().map(|x| *x as f32).collect::<Vec<f32>>();
        let mut d_single = vec![0.0_f32; 5];
        by_data_grad(
            &single(&x),
            &mut d_single,
            &single(&low),
            &mut vec![0.0; n],
            &single(&high),
            &mut vec![0.0; 4 - n],
        );
        for (a, b) in d_x.iter().zip(&d_single) {
            assert!((a - f64::from(*b)).abs() < 1e-5, "{a} in f64, {b} in f32");
        }
    }
}
