//! What is not differentiated: `stop_gradient`, `no_grad!`, `wrt(..)`, `#[nodiff]`, and values that no active one reaches.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{check_args, check_slice, noise};

#[differentiable]
fn stopped(x: f64, y: f64) -> f64 {
    let a = stop_gradient(x * y);
    a * x + stop_gradient(y) * y + stop_gradient(x).sin()
}

#[differentiable]
fn stopped_in_a_loop(x: &[f64], w: f64) -> f64 {
    let mut mean = 0.0;
    for i in 0..x.len() {
        mean += x[i];
    }
    let mean = stop_gradient(mean / x.len() as f64);
    let mut s = 0.0;
    for i in 0..x.len() {
        s += (x[i] - mean) * (x[i] - mean) * w;
    }
    s
}

/// The product of a run-time length needs no tape where its gradient is stopped.
#[differentiable]
fn stopped_recurrence(x: &[f64]) -> f64 {
    let mut p = 1.0;
    for i in 0..x.len() {
        p *= stop_gradient(x[i]);
    }
    p * x[0]
}

#[differentiable]
fn stopped_array(x: &[f64; 3]) -> f64 {
    let frozen = stop_gradient(*x);
    x[0] * frozen[1] + x[2] * frozen[2]
}

#[test]
fn stop_gradient_is_the_identity_with_derivative_zero() {
    let (x, y) = (1.5, 0.7);
    assert_eq!(stopped_grad(x, y), (stopped(x, y), x * y, y));
    let (data, w) = ([1.0, 2.0, 6.0], 2.0);
    let mut d = [0.0; 3];
    let (value, d_w) = stopped_in_a_loop_grad(&data, &mut d, w);
    assert_eq!((value, d_w), (28.0, 14.0));
    assert_eq!(d, [-8.0, -4.0, 12.0]);
    let mut d = [0.0; 3];
    assert_eq!(stopped_recurrence_grad(&[2.0, 3.0, 5.0], &mut d), 60.0);
    assert_eq!(d, [30.0, 0.0, 0.0]);
    let mut d = [0.0; 3];
    assert_eq!(stopped_array_grad(&[2.0, 3.0, 5.0], &mut d), 31.0);
    assert_eq!(d, [3.0, 0.0, 5.0]);
}

#[differentiable]
fn anything_goes(x: &[f64], y: f64) -> f64 {
    let largest = no_grad!(x.iter().copied().fold(f64::NEG_INFINITY, f64::max));
    let mut s = 0.0;
    for i in 0..x.len() {
        s += (x[i] - largest).exp();
    }
    let label = no_grad!(format!("{s:.3}").len());
    let table = no_grad!(vec![y, 2.0 * y]);
    largest + s.ln() + y * label as f64 * table[1]
}

#[test]
fn no_grad_evaluates_anything_as_a_constant() {
    // The log-sum-exp's gradient is the softmax, whatever the shift.
    let x = [0.5, 1.5, -1.0];
    let mut d = [0.0; 3];
    let (value, d_y) = anything_goes_grad(&x, &mut d, 3.0);
    assert_eq!(value, anything_goes(&x, 3.0));
    let sum: f64 = x.iter().map(|x| x.exp()).sum();
    for i in 0..3 {
        common::assert_near(d[i], x[i].exp() / sum, 1e-15);
    }
    assert_eq!(d_y, 5.0 * 6.0);
}

#[differentiable(wrt(w))]
fn predict(w: &[f64], x: &[f64], bias: f64) -> f64 {
    let mut s = bias;
    for i in 0..w.len() {
        s += w[i] * x[i] * w[i];
    }
    s
}

#[differentiable(wrt(y, p))]
fn some_of_many(x: f64, y: f64, n: usize, p: (f64, f64), q: [f64; 2]) -> f64 {
    x * y * p.0 + p.1 * q[0] * y + q[1] * n as f64
}

#[differentiable]
fn excluded(x: f64, #[nodiff] y: f64, #[nodiff] table: &[f64]) -> f64 {
    x * y * table[0] + y * y
}

#[differentiable]
fn call_excluded(x: f64, w: f64) -> f64 {
    let data = [1.0, 2.0];
    predict(&[x, w], &data, 0.5) * excluded(w, 3.0, &data) + excluded(x, stop_gradient(x), &data)
}

#[test]
fn wrt_and_nodiff() {
    let x = noise(1, 4);
    check_slice(
        |w| predict(w, &x, 0.3),
        |w, d| predict_grad(w, d, &x, 0.3),
        &noise(2, 4),
    );
    let (value, d_y, d_p) = some_of_many_grad(2.0, 3.0, 4, (5.0, 6.0), [7.0, 8.0]);
    assert_eq!(
        (value, d_y, d_p),
        (30.0 + 126.0 + 32.0, 10.0 + 42.0, (6.0, 21.0))
    );
    assert_eq!(excluded_grad(2.0, 3.0, &[4.0]), (33.0, 12.0));
    let f = |x: f64, w: f64, still: f64| {
        predict(&[x, w], &[1.0, 2.0], 0.5) * excluded(w, 3.0, &[1.0, 2.0])
            + excluded(x, still, &[1.0, 2.0])
    };
    let (_, d_x, d_w) = call_excluded_grad(0.7, -0.4);
    common::check_gradient(|v| f(v[0], v[1], 0.7), &[0.7, -0.4], &[d_x, d_w]);
}

#[derive(Clone, Copy)]
struct Options {
    gain: f64,
    steps: usize,
    square: bool,
}

const SETTINGS: [f64; 2] = [0.5, 2.0];

#[differentiable]
fn inactive_parameters(
    x: f64,
    #[nodiff] o: &Options,
    name: &str,
    flags: &[bool],
    #[nodiff] by_value: Options,
    unit: (),
) -> f64 {
    let mut s = x;
    for i in 0..o.steps {
        if flags[i % flags.len()] {
            s += x * SETTINGS[i % 2];
        }
    }
    if by_value.square && name.len() > 2 {
        s *= x;
    }
    let () = unit;
    s * o.gain + by_value.gain
}

#[test]
fn inactive_kinds_of_parameters() {
    let o = Options {
        gain: 2.0,
        steps: 3,
        square: true,
    };
    for name in ["a", "long"] {
        check_args(
            |[x]| inactive_parameters(x, &o, name, &[true, false], o, ()),
            |[x]| inactive_parameters_grad(x, &o, name, &[true, false], o, ()),
            &[[1.3]],
        );
    }
}

#[differentiable]
fn constant_paths(x: f64, n: usize) -> f64 {
    let mut c = 1.0;
    for i in 0..n {
        c *= 1.0 + i as f64;
    }
    let mut table = [0.0; 4];
    for i in 0..4 {
        table[i] = c / (1 + i) as f64;
    }
    let unused = x * c;
    let _ = unused;
    x * table[n % 4] * c
}

#[test]
fn recurrences_of_constants_need_no_tape() {
    check_args(
        |[x]| constant_paths(x, 4),
        |[x]| constant_paths_grad(x, 4),
        &[[1.3]],
    );
}

#[differentiable(jvp)]
fn scaled_by(x: f64, #[nodiff] y: &f64) -> f64 {
    x * *y
}

#[differentiable(jvp)]
fn weighted(x: f64, #[nodiff] w: &[f64]) -> f64 {
    let mut s = 0.0;
    for w in w {
        s += x * w * x;
    }
    s
}

#[differentiable(jvp)]
fn squared(x: f64, w: &[f64]) -> f64 {
    let mut s = 0.0;
    for w in w {
        s += x * w * w;
    }
    s
}

fn first(a: &[f64]) -> f64 {
    a[0]
}

/// `stop_gradient` around what is lent: random programs met rustc errors there.
#[differentiable(jvp)]
fn lent_as_constants(a: &[f64], x: f64) -> f64 {
    let b = [x, 2.0 * x, a[0]];
    let r = if x > 0.0 { &a[1..] } else { a };
    scaled_by(x, stop_gradient(&x))
        + weighted(x, stop_gradient(a))
        + weighted(a[0], stop_gradient(&a[1..]))
        + squared(x, stop_gradient(a)) * squared(x, a)
        + weighted(x, stop_gradient(&b))
        + squared(x, stop_gradient(&b[1..]))
        + x * first(stop_gradient(a))
        + weighted(x, stop_gradient(r))
}

#[test]
fn places_are_lent_as_constants() {
    for (a, at) in [([0.5, 2.0, 3.0], 1.5), ([-0.4, 0.3, 0.8], -0.7)] {
        // What is stopped stays where it is.
        let moved = |v: &[f64]| {
            let (x, e) = (v[3], &v[..3]);
            let b = [at, 2.0 * at, a[0]];
            let r = if at > 0.0 { &a[1..] } else { &a[..] };
            let sum = |w: &[f64]| w.iter().sum::<f64>();
            let squares = |w: &[f64]| w.iter().map(|w| w * w).sum::<f64>();
            x * at
                + x * x * (sum(&a) + sum(&b) + sum(r))
                + e[0] * e[0] * sum(&a[1..])
                + x * squares(&a) * x * squares(e)
                + x * squares(&b[1..])
                + x * a[0]
        };
        let mut d_a = [0.0; 3];
        let (value, d_x) = lent_as_constants_grad(&a, &mut d_a, at);
        let v = [a[0], a[1], a[2], at];
        let d = [d_a[0], d_a[1], d_a[2], d_x];
        common::assert_near(value, lent_as_constants(&a, at), 1e-14);
        common::assert_near(value, moved(&v), 1e-14);
        common::check_gradient(moved, &v, &d);
        let along = [0.3, -1.1, 0.7];
        let (_, tangent) = lent_as_constants_jvp(&a, &along, at, 0.25);
        common::assert_near(tangent, common::dot(&d_a, &along) + 0.25 * d_x, 1e-13);
    }
}
