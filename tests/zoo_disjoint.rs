//! Parts of one slice that are lent to one call, one of them to be changed: `split_at_mut` and its like.
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

/// Checks a function in place by differences; its forward mode by its reverse mode.
#[track_caller]
fn check(
    f: impl Fn(&mut [f64]),
    vjp: impl Fn(&mut [f64], &mut [f64], &mut Tape),
    jvp: impl Fn(&mut [f64], &mut [f64]),
    n: usize,
) {
    let mut tape = Tape::new();
    for seed in 0..4 {
        let (x, w, t) = (noise(seed, n), noise(seed + 5, n), noise(seed + 6, n));
        let (mut y, mut d) = (x.clone(), w.clone());
        vjp(&mut y, &mut d, &mut tape);
        let mut left = x.clone();
        f(&mut left);
        assert_all_near(&y, &left, 1e-14);
        let total = |x: &[f64]| {
            let mut y = x.to_vec();
            f(&mut y);
            dot(&y, &w)
        };
        check_gradient(total, &x, &d);
        assert_eq!((tape.mark(), tape.logged()), (0, 0));
        let (mut y, mut along) = (x.clone(), t.clone());
        jvp(&mut y, &mut along);
        assert_all_near(&y, &left, 1e-14);
        assert_near(dot(&along, &w), dot(&d, &t), 1e-12);
    }
}

// ------------------------------------------------------------------ layers over one workspace

#[differentiable(jvp)]
fn layer(w: &[f64], x: &[f64], #[out] y: &mut [f64]) {
    for i in 0..y.len() {
        let mut s = 0.0;
        for j in 0..x.len() {
            s += w[i * x.len() + j] * x[j];
        }
        y[i] = s.tanh();
    }
}

#[differentiable(jvp)]
fn net(w: &[f64], x: &[f64], #[out] work: &mut [f64], n: usize) -> f64 {
    let (h0, rest) = work.split_at_mut(n);
    let (h1, rest) = rest.split_at_mut(n);
    layer(&w[..n * n], x, h0);
    layer(&w[n * n..2 * n * n], &*h0, h1);
    layer(&w[2 * n * n..], &*h1, &mut rest[..n]);
    let mut s = 0.0;
    for i in 0..n {
        s += rest[i] * rest[i] + h0[i] * h1[i];
    }
    s
}

/// What each layer found lies in the workspace, and nothing has been written over it.
#[test]
fn workspace_without_tape() {
    let n = 3;
    for seed in 0..4 {
        let (w, x) = (noise(seed, 27), noise(seed + 50, n));
        let (mut d_w, mut d_x) = (vec![0.0; 27], vec![0.0; n]);
        let (mut work, mut d_work) = (vec![9.0; 9], vec![7.0; 9]);
        d_work.fill(0.0);
        net_grad(&w, &mut d_w, &x, &mut d_x, &mut work, &mut d_work, n);
        check_gradient(|w| net(w, &x, &mut [5.0; 9], n), &w, &d_w);
        check_gradient(|x| net(&w, x, &mut [5.0; 9], n), &x, &d_x);
        let (t_w, t_x) = (noise(seed + 60, 27), noise(seed + 70, n));
        let (value, along) = net_jvp(&w, &t_w, &x, &t_x, &mut work, &mut [3.0; 9], n);
        assert_near(value, net(&w, &x, &mut [5.0; 9], n), 1e-14);
        assert_near(along, dot(&d_w, &t_w) + dot(&d_x, &t_x), 1e-12);
    }
}

#[differentiable(jvp, tape)]
fn deep(w: &[f64], x: &[f64], #[out] work: &mut [f64], n: usize, layers: usize) -> f64 {
    work[..n].copy_from_slice(x);
    for l in 0..layers {
        let (before, after) = work.split_at_mut((l + 1) * n);
        layer(&w[l * n * n..][..n * n], &before[l * n..], &mut after[..n]);
    }
    work[layers * n..][..n].iter().map(|v| v * v).sum()
}

#[test]
fn layers_in_a_loop() {
    let n = 3;
    for seed in 0..4 {
        let (w, x) = (noise(seed, 27), noise(seed + 50, n));
        let (mut d_w, mut d_x) = (vec![0.0; 27], vec![0.0; n]);
        let mut work = vec![9.0; 12];
        let mut tape = Tape::new();
        deep_grad(
            &w,
            &mut d_w,
            &x,
            &mut d_x,
            &mut work,
            &mut [0.0; 12],
            n,
            3,
            &mut tape,
        );
        check_gradient(|w| deep(w, &x, &mut [5.0; 12], n, 3), &w, &d_w);
        check_gradient(|x| deep(&w, x, &mut [5.0; 12], n, 3), &x, &d_x);
        let (t_w, t_x) = (noise(seed + 60, 27), noise(seed + 70, n));
        let (_, along) = deep_jvp(&w, &t_w, &x, &t_x, &mut work, &mut [3.0; 12], n, 3);
        assert_near(along, dot(&d_w, &t_w) + dot(&d_x, &t_x), 1e-12);
    }
}

// ------------------------------------------------------------------ in place

#[differentiable(jvp)]
fn axpy(y: &mut [f64], a: f64, x: &[f64]) {
    for i in 0..x.len() {
        y[i] += a * x[i];
    }
}

#[differentiable(jvp, tape)]
fn fold_halves(y: &mut [f64], a: f64) {
    let m = y.len() / 2;
    let (l, r) = y.split_at_mut(m);
    axpy(l, a, &*r);
    axpy(r, 0.5, &*l);
}

#[test]
fn halves_are_added_to_each_other() {
    check(
        |y| fold_halves(y, 0.7),
        |y, d, t| {
            fold_halves_vjp(y, d, 0.7, t);
        },
        |y, d| fold_halves_jvp(y, d, 0.7, 0.0),
        8,
    );
}

#[differentiable(jvp)]
fn pair(a: &mut f64, b: &mut f64, t: f64) {
    let x = *a * t + *b;
    *b = *b + t * x;
    *a = x;
}

/// Two elements, one from either side.
#[differentiable(jvp, tape)]
fn neighbours(y: &mut [f64], n: usize, t: f64) {
    for k in 0..n {
        let i = k % y.len();
        let (l, r) = y.split_at_mut(i + 1);
        if r.is_empty() {
            continue;
        }
        pair(&mut l[i], &mut r[0], t);
    }
}

#[test]
fn elements_of_two_parts() {
    check(
        |y| neighbours(y, 11, 0.7),
        |y, d, t| {
            neighbours_vjp(y, d, 11, 0.7, t);
        },
        |y, d| neighbours_jvp(y, d, 11, 0.7, 0.0),
        5,
    );
}

#[differentiable(jvp)]
fn blur(x: &[f64], y: &mut [f64]) {
    for i in 1..x.len() {
        y[i] = 0.5 * y[i] + x[i] * x[i - 1];
    }
}

#[differentiable(jvp, tape)]
fn back_and_forth(y: &mut [f64], n: usize, steps: usize) {
    for _ in 0..steps {
        let (a, b) = y.split_at_mut(n);
        blur(&*a, b);
        blur(&*b, a);
    }
}

#[test]
fn each_half_is_read_and_changed() {
    check(
        |y| back_and_forth(y, 4, 3),
        |y, d, t| back_and_forth_vjp(y, d, 4, 3, t),
        |y, d| back_and_forth_jvp(y, d, 4, 3),
        8,
    );
}

/// Three parts at once, of a `Vec`.
#[differentiable(jvp)]
fn three(a: &mut [f64], b: &[f64], c: &mut [f64]) {
    for i in 0..b.len() {
        a[i] = a[i] * b[i];
        c[i] += a[i] * b[i];
    }
}

#[differentiable(jvp, tape)]
fn thirds(y: &mut [f64], n: usize) {
    let mut v = y.to_vec();
    for _ in 0..3 {
        let (a, rest) = v.split_at_mut(n);
        let (b, c) = rest.split_at_mut(n);
        three(c, &*b, a);
        three(b, &*a, c);
    }
    y.copy_from_slice(&v);
}

#[test]
fn three_parts_of_a_vec() {
    check(
        |y| thirds(y, 2),
        |y, d, t| thirds_vjp(y, d, 2, t),
        |y, d| thirds_jvp(y, d, 2),
        6,
    );
}

// ------------------------------------------------------------------ fields

#[derive(Clone, Copy, Differentiable)]
struct Two {
    a: f64,
    b: f64,
}

#[differentiable(jvp)]
fn both(a: &mut f64, b: &mut f64) {
    let x = a.exp();
    *a = x;
    *b = (*b * 0.5 + x).tanh();
}

#[differentiable(jvp)]
fn one(b: &mut f64) {
    *b = b.sin();
}

/// Fields that are lent together are one change. What lies between the two was taken for a version that others may see: the function
/// left something else.
#[differentiable(jvp)]
fn fields(s: &mut Two) {
    both(&mut s.a, &mut s.b);
    one(&mut s.b);
    one(&mut s.a);
    both(&mut s.b, &mut s.a);
}

#[test]
fn fields_lent_together_are_one_change() {
    let of = |y: &[f64]| Two { a: y[0], b: y[1] };
    let back = |s: &Two, y: &mut [f64]| y.copy_from_slice(&[s.a, s.b]);
    check(
        |y| {
            let mut s = of(y);
            fields(&mut s);
            back(&s, y);
        },
        |y, d, _| {
            let (mut s, mut e) = (of(y), of(d));
            fields_vjp(&mut s, &mut e);
            back(&s, y);
            back(&e, d);
        },
        |y, d| {
            let (mut s, mut e) = (of(y), of(d));
            fields_jvp(&mut s, &mut e);
            back(&s, y);
            back(&e, d);
        },
        2,
    );
}
