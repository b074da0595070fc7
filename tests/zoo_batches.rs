//! Batches: loops in which each iteration hands its own part of a buffer to a callee, in every spelling of "its own part", fused with
//! their reverse or not, as outputs, scratch and locals. Parts that overlap are not each iteration's own: right, or refused.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{assert_all_near, assert_near, check_gradient, dot, noise};

#[differentiable]
fn layer(w: &[f64], x: &[f64], #[out] y: &mut [f64]) {
    for j in 0..y.len() {
        y[j] = 0.1;
        for i in 0..x.len() {
            y[j] += w[j * x.len() + i] * x[i];
        }
    }
}

#[differentiable]
fn bend(x: &[f64], y: &mut [f64]) {
    for i in 0..x.len() {
        y[i] = x[i].tanh() + x[i] * x[i];
    }
}

#[differentiable]
fn both(x: &[f64], y: &mut [f64], z: &mut [f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() {
        y[i] = x[i].sin();
        z[i] = x[i] * x[(i + 1) % x.len()];
        s += x[i];
    }
    s * s
}

const SIDE: usize = 3;

/// Fused: the seed of the sum is known.
#[differentiable]
fn fused(w: &[f64], x: &[f64], #[out] h: &mut [f64], #[out] y: &mut [f64]) -> f64 {
    let n = w.len() / SIDE;
    let mut total = 0.0;
    for k in 0..x.len() / SIDE {
        layer(w, &x[k * SIDE..][..SIDE], &mut h[k * n..][..n]);
        bend(&h[k * n..][..n], &mut y[k * n..][..n]);
        for j in 0..n {
            total += y[k * n..][j] * w[j];
        }
    }
    total
}

/// Not fused: the seed waits for the sum.
#[differentiable]
fn waiting(w: &[f64], x: &[f64], #[out] h: &mut [f64], #[out] y: &mut [f64]) -> f64 {
    let n = w.len() / SIDE;
    let mut total = 0.0;
    for k in 0..x.len() / SIDE {
        layer(w, &x[k * SIDE..(k + 1) * SIDE], &mut h[k * n..(k + 1) * n]);
        bend(&h[k * n..(k + 1) * n], &mut y[k * n..(k + 1) * n]);
        for j in 0..n {
            total += y[k * n..(k + 1) * n][j] * w[j];
        }
    }
    (total * 0.1).sin() * total
}

/// Ends of ranges as sums; several outputs of one call, one of them a local array, and a result.
#[differentiable]
fn mixed(w: &[f64], x: &[f64], #[out] h: &mut [f64], #[out] y: &mut [f64]) -> f64 {
    let n = w.len() / SIDE;
    let mut total = 1.0;
    for k in 0..x.len() / SIDE {
        let mut local = [0.0; SIDE];
        let part = &x[k * SIDE..k * SIDE + SIDE];
        total += both(part, &mut h[k * SIDE..k * SIDE + SIDE], &mut local) * local[1];
        bend(&local, &mut y[n * k..n * k + n]);
        for j in 0..n {
            total += y[k * n + j] * w[j];
        }
        total += y[n * k..n * k + n][0] * h[k * SIDE..k * SIDE + SIDE][2];
    }
    total * total
}

/// Two loops: the second reads what the first left.
#[differentiable]
fn passes(w: &[f64], x: &[f64], #[out] h: &mut [f64], #[out] y: &mut [f64]) -> f64 {
    let n = w.len() / SIDE;
    for k in 0..x.len() / SIDE {
        layer(w, &x[k * SIDE..][..SIDE], &mut h[k * n..][..n]);
    }
    for k in (0..x.len() / SIDE).rev() {
        bend(&h[k * n..][..n], &mut y[k * n..][..n]);
    }
    let mut s = 0.0;
    for j in 0..x.len() / SIDE * n {
        s += y[j] * h[j];
    }
    s.sqrt()
}

/// Beside a branch and an inner loop.
#[differentiable]
fn rows(w: &[f64], x: &[f64], #[out] h: &mut [f64], #[out] y: &mut [f64]) -> f64 {
    let n = w.len() / SIDE;
    let m = x.len() / SIDE;
    let mut total = 0.0;
    for k in 0..m {
        layer(w, &x[k * SIDE..][..SIDE], &mut h[k * n..][..n]);
        bend(&h[k * n..][..n], &mut y[k * n..][..n]);
        for r in 0..2 {
            if x[k * SIDE + r] > 0.0 {
                total += y[k * n..][..n][r] * x[r];
            } else {
                total -= h[k * n..][..n][r].sin();
            }
        }
    }
    total * 0.5
}

#[differentiable]
fn bent(x: &[f64], #[out] y: &mut [f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() {
        y[i] = x[i].tanh();
        s += y[i] * y[i];
    }
    s
}

/// A result beside the part, and a seed that waits.
#[differentiable]
fn results(w: &[f64], x: &[f64], #[out] h: &mut [f64], #[out] y: &mut [f64]) -> f64 {
    let n = w.len() / SIDE;
    let mut total = 1.0;
    for k in 0..x.len() / SIDE {
        let square = bent(&x[k * SIDE..][..SIDE], &mut h[k * SIDE..][..SIDE]);
        y[k] = w[k % n] * 0.5 - 0.5 * square;
    }
    for k in 0..x.len() / SIDE {
        total += y[k].exp();
    }
    total.ln()
}

type Plain = fn(&[f64], &[f64], &mut [f64], &mut [f64]) -> f64;
type Vjp = fn(
    &[f64],
    &mut [f64],
    &[f64],
    &mut [f64],
    &mut [f64],
    &mut [f64],
    &mut [f64],
    &mut [f64],
    f64,
) -> f64;

/// Against finite differences, with cotangents for the result and for what the buffers are left with.
#[track_caller]
fn check(f: Plain, vjp: Vjp, batch: usize) {
    let (w, x) = (noise(1, 4 * SIDE), noise(2, batch * SIDE));
    let size = batch * 4;
    let (seed_h, seed_y) = (noise(3, size), noise(4, size));
    for (seed, on) in [(1.0, 0.0), (0.7, 1.0), (0.0, 1.0)] {
        let scaled = |s: &[f64]| s.iter().map(|x| x * on).collect::<Vec<f64>>();
        let (seed_h, seed_y) = (scaled(&seed_h), scaled(&seed_y));
        let objective = |w: &[f64], x: &[f64]| {
            let (mut h, mut y) = (vec![0.0; size], vec![0.0; size]);
            let s = f(w, x, &mut h, &mut y);
            s * seed + dot(&h, &seed_h) + dot(&y, &seed_y)
        };
        let (mut d_w, mut d_x) = (vec![0.0; w.len()], vec![0.0; x.len()]);
        let (mut h, mut y) = (vec![0.0; size], vec![0.0; size]);
        let (mut d_h, mut d_y) = (seed_h.clone(), seed_y.clone());
        let value = vjp(
            &w, &mut d_w, &x, &mut d_x, &mut h, &mut d_h, &mut y, &mut d_y, seed,
        );
        let (mut h_left, mut y_left) = (vec![0.0; size], vec![0.0; size]);
        assert_near(value, f(&w, &x, &mut h_left, &mut y_left), 1e-12);
        assert_all_near(&h, &h_left, 1e-12);
        assert_all_near(&y, &y_left, 1e-12);
        check_gradient(|w| objective(w, &x), &w, &d_w);
        check_gradient(|x| objective(&w, x), &x, &d_x);
    }
}

#[test]
fn parts_of_outputs() {
    for batch in 0..4 {
        check(fused, fused_vjp, batch);
        check(waiting, waiting_vjp, batch);
        check(mixed, mixed_vjp, batch);
        check(rows, rows_vjp, batch);
        check(results, results_vjp, batch);
        if batch > 0 {
            check(passes, passes_vjp, batch);
        }
    }
}

/// A gradient through a caller: the sweep runs after the function has.
#[differentiable]
fn caller(w: &[f64], x: &[f64], #[out] h: &mut [f64], #[out] y: &mut [f64]) -> f64 {
    let a = waiting(w, x, h, y);
    let mut s = a * a;
    for j in 0..h.len() {
        s += h[j] * y[j];
    }
    s.cos()
}

#[test]
fn through_a_caller() {
    check(caller, caller_vjp, 3);
}

/// Elements of lists of arrays, handed on as a whole.
#[differentiable]
fn turn(angle: f64, p: &[f64; 2], q: &mut [f64; 2]) {
    q[0] = angle.cos() * p[0] - angle.sin() * p[1];
    q[1] = angle.sin() * p[0] + angle.cos() * p[1];
}

#[differentiable]
fn turn_all(angles: &[f64], points: &[[f64; 2]], #[out] turned: &mut [[f64; 2]]) -> f64 {
    let mut s = 0.0;
    for i in 0..points.len() {
        turn(angles[i], &points[i], &mut turned[i]);
        s += turned[i][0] * turned[i][1];
    }
    s
}

#[test]
fn elements_that_are_arrays() {
    let (angles, flat) = (noise(5, 3), noise(6, 6));
    let nested = |f: &[f64]| f.chunks(2).map(|c| [c[0], c[1]]).collect::<Vec<[f64; 2]>>();
    let f = |a: &[f64], p: &[f64]| turn_all(a, &nested(p), &mut [[0.0; 2]; 3]);
    let (mut d_a, mut d_p) = (vec![0.0; 3], vec![[0.0; 2]; 3]);
    let (mut turned, mut d_turned) = (vec![[0.0; 2]; 3], vec![[0.0; 2]; 3]);
    turn_all_grad(
        &angles,
        &mut d_a,
        &nested(&flat),
        &mut d_p,
        &mut turned,
        &mut d_turned,
    );
    check_gradient(|a| f(a, &flat), &angles, &d_a);
    check_gradient(|p| f(&angles, p), &flat, &d_p.concat());
}
