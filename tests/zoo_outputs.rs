//! `&mut` outputs: slices, arrays, scalars, several at once, conditional writes, outputs of callees, results beside outputs.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{check_gradient, dot, noise};

#[differentiable]
fn map(x: &[f64], k: f64, out: &mut [f64]) {
    for i in 0..x.len() {
        out[i] = (x[i] * k).sin() + x[(i + 1) % x.len()];
    }
}

#[test]
fn slices() {
    let (x, seed) = (noise(1, 5), noise(2, 5));
    let (mut d_x, mut out, mut d_out) = ([0.0; 5], [9.0; 5], [0.0; 5]);
    d_out.copy_from_slice(&seed);
    let d_k = map_vjp(&x, &mut d_x, 1.3, &mut out, &mut d_out);
    let f = |x: &[f64], k: f64| {
        let mut out = [0.0; 5];
        map(x, k, &mut out);
        dot(&out, &seed)
    };
    check_gradient(|x| f(x, 1.3), &x, &d_x);
    check_gradient(|k| f(&x, k[0]), &[1.3], &[d_k]);
    // Contract: on exit, the cotangent of what was found there. It was overwritten, so that is 0.
    assert_eq!(d_out, [0.0; 5]);
    let mut again = [0.0; 5];
    map(&x, 1.3, &mut again);
    assert_eq!(out, again);
}

/// What the first loop leaves is gone when its reverse runs.
#[differentiable]
fn map_and_scale(x: &[f64], out: &mut [f64]) {
    for i in 0..x.len() {
        out[i] = x[i].exp();
    }
    for i in 0..x.len() {
        out[i] *= 0.5;
    }
}

#[test]
fn a_slice_that_is_overwritten_later() {
    let (x, seed) = (noise(3, 4), noise(4, 4));
    let (mut d_x, mut out, mut d_out) = ([0.0; 4], [9.0; 4], [0.0; 4]);
    d_out.copy_from_slice(&seed);
    map_and_scale_vjp(&x, &mut d_x, &mut out, &mut d_out);
    let f = |x: &[f64]| {
        let mut out = [0.0; 4];
        map_and_scale(x, &mut out);
        dot(&out, &seed)
    };
    check_gradient(f, &x, &d_x);
}

#[differentiable]
fn several(x: &[f64; 3], sum: &mut f64, squares: &mut [f64; 3], grid: &mut [[f64; 2]; 2]) -> f64 {
    let mut s = 0.0;
    for i in 0..3 {
        s += x[i];
        squares[i] = x[i] * x[i];
    }
    *sum = s * x[0];
    grid[0] = [x[0] * x[1], x[2]];
    grid[1][0] = x[2].exp();
    grid[1][1] = s;
    s.sin()
}

#[test]
fn scalars_arrays_and_a_result() {
    let x = [0.4, -0.7, 1.2];
    let seed = [2.0, 0.5, -1.5, 3.0, 1.0, 4.0, -2.0, 0.25, 0.75];
    let (mut d_x, mut sum, mut squares, mut grid) = ([0.0; 3], 0.0, [0.0; 3], [[0.0; 2]; 2]);
    let (mut d_sum, mut d_squares, mut d_grid) = (
        seed[1],
        [seed[2], seed[3], seed[4]],
        [[seed[5], seed[6]], [seed[7], seed[8]]],
    );
    let value = several_vjp(
        &x,
        &mut d_x,
        &mut sum,
        &mut d_sum,
        &mut squares,
        &mut d_squares,
        &mut grid,
        &mut d_grid,
        seed[0],
    );
    let f = |x: &[f64]| {
        let (mut sum, mut q, mut g) = (0.0, [0.0; 3], [[0.0; 2]; 2]);
        let value = several(&[x[0], x[1], x[2]], &mut sum, &mut q, &mut g);
        dot(
            &[
                value, sum, q[0], q[1], q[2], g[0][0], g[0][1], g[1][0], g[1][1],
            ],
            &seed,
        )
    };
    check_gradient(f, &x, &d_x);
    assert_eq!((d_sum, d_squares, d_grid), (0.0, [0.0; 3], [[0.0; 2]; 2]));
    assert_eq!(value, 0.9_f64.sin());

    // The gradient of the result alone: what the outputs' cotangents say is added to it.
    let (mut d_x, mut zero, mut zeros, mut none) = ([0.0; 3], 0.0, [0.0; 3], [[0.0; 2]; 2]);
    several_grad(
        &x,
        &mut d_x,
        &mut sum,
        &mut zero,
        &mut squares,
        &mut zeros,
        &mut grid,
        &mut none,
    );
    check_gradient(|x| (x[0] + x[1] + x[2]).sin(), &x, &d_x);
}

#[differentiable]
fn partly(x: &[f64], out: &mut [f64]) {
    for i in 0..x.len() {
        if x[i] > 0.0 {
            out[2 * i] = x[i].sqrt();
        } else if x[i] < -0.5 {
            continue;
        } else {
            out[2 * i + 1] = x[i] * x[i];
        }
    }
}

#[test]
fn conditional_writes_leave_the_rest_alone() {
    let x = [0.25, -0.25, -0.75];
    let (mut d_x, mut out) = ([0.0; 3], [7.0; 6]);
    let mut d_out = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    partly_vjp(&x, &mut d_x, &mut out, &mut d_out);
    assert_eq!(out, [0.5, 7.0, 7.0, 0.0625, 7.0, 7.0]);
    assert_eq!(d_x, [1.0, 4.0 * -0.5, 0.0]);
    // What `f` left as it found it, it passes its cotangent on to.
    assert_eq!(d_out, [0.0, 2.0, 3.0, 0.0, 5.0, 6.0]);
}

#[differentiable]
fn written_twice(x: f64, y: f64, out: &mut [f64; 2]) {
    out[0] = x * x;
    out[1] = y;
    out[0] = x * y;
    if y > 1.0 {
        out[1] = x.sin();
    }
}

#[test]
fn the_last_write_counts() {
    let (mut out, mut d_out) = ([0.0; 2], [10.0, 1.0]);
    assert_eq!(
        written_twice_vjp(2.0, 0.5, &mut out, &mut d_out),
        (5.0, 21.0)
    );
    let (mut out, mut d_out) = ([0.0; 2], [10.0, 1.0]);
    assert_eq!(
        written_twice_vjp(2.0, 1.5, &mut out, &mut d_out),
        (15.0 + 2.0_f64.cos(), 20.0)
    );
    assert_eq!(out, [3.0, 2.0_f64.sin()]);
}

/// Every element is written before any is read.
#[differentiable]
fn scratch(x: &[f64], #[out] tmp: &mut [f64], n: usize) -> f64 {
    for i in 0..n {
        tmp[i] = x[i] * x[i];
    }
    let mut s = 0.0;
    for i in 0..n {
        s += tmp[i] * tmp[n - 1 - i];
    }
    s
}

#[test]
fn out_parameters_may_be_read_back() {
    let x = noise(3, 4);
    let (mut d_x, mut tmp, mut d_tmp) = ([0.0; 4], [f64::NAN; 4], [0.0; 4]);
    let value = scratch_grad(&x, &mut d_x, &mut tmp, &mut d_tmp, 4);
    let f = |x: &[f64]| scratch(x, &mut [0.0; 4], 4);
    assert_eq!(value, f(&x));
    check_gradient(f, &x, &d_x);
    assert_eq!(d_tmp, [0.0; 4]);
}

#[differentiable]
fn halves(x: &[f64], out: &mut [f64]) {
    let n = x.len() / 2;
    map(&x[..n], 0.5, &mut out[..n]);
    let rest = &mut out[n..];
    map(&x[n..], 2.0, rest);
}

#[differentiable]
fn set(x: f64, out: &mut f64) {
    *out = x * x;
}

#[differentiable]
fn through_callees(x: &[f64], w: f64) -> f64 {
    let mut h = [0.0; 4];
    halves(x, &mut h);
    let mut t = w;
    set(h[0], &mut t);
    let mut u = [0.0; 2];
    set(t * w, &mut u[1]);
    set(h[3], &mut h[1]);
    h[1] * u[1] + h[2] * t + u[0]
}

#[test]
fn outputs_of_callees() {
    let x = noise(4, 4);
    let mut d_x = [0.0; 4];
    let (_, d_w) = through_callees_grad(&x, &mut d_x, 0.7);
    check_gradient(|x| through_callees(x, 0.7), &x, &d_x);
    check_gradient(|w| through_callees(&x, w[0]), &[0.7], &[d_w]);
}

#[differentiable(wrt(x))]
fn output_not_wanted(x: f64, log: &mut [f64]) -> f64 {
    log[0] = stop_gradient(x) * 2.0;
    x * x
}

#[differentiable]
fn integers_out(x: &[f64], count: &mut usize, at: &mut [usize]) -> f64 {
    let mut n = 0;
    let mut s = 0.0;
    for i in 0..x.len() {
        if x[i] > 0.0 {
            at[n] = i;
            n += 1;
            s += x[i] * x[i];
        }
    }
    *count = n;
    s
}

#[test]
fn inactive_outputs() {
    let mut log = [0.0];
    assert_eq!(output_not_wanted_grad(3.0, &mut log), (9.0, 6.0));
    assert_eq!(log, [6.0]);
    let (mut d, mut count, mut at) = ([0.0; 3], 0, [9; 3]);
    assert_eq!(
        integers_out_grad(&[1.0, -1.0, 2.0], &mut d, &mut count, &mut at),
        5.0
    );
    assert_eq!((d, count, at), ([2.0, 0.0, 4.0], 2, [0, 2, 9]));
}

#[derive(Differentiable, Clone, Debug, PartialEq)]
struct State {
    position: [f64; 2],
    speed: f64,
    steps: usize,
}

#[differentiable]
fn fill_struct(x: f64, y: f64, out: &mut State) {
    out.position[0] = x * y;
    out.position[1] = x;
    out.speed = y * y;
    out.steps = 3;
}

#[test]
fn a_struct_as_output() {
    let mut out = State {
        position: [0.0; 2],
        speed: 0.0,
        steps: 0,
    };
    let mut d_out = State {
        position: [1.0, 10.0],
        speed: 100.0,
        steps: 0,
    };
    assert_eq!(
        fill_struct_vjp(2.0, 3.0, &mut out, &mut d_out),
        (3.0 + 10.0, 2.0 + 600.0)
    );
    assert_eq!(
        out,
        State {
            position: [6.0, 2.0],
            speed: 9.0,
            steps: 3
        }
    );
    assert_eq!(
        d_out,
        State {
            position: [0.0; 2],
            speed: 0.0,
            steps: 0
        }
    );
}

#[differentiable]
fn whole_array(x: f64, y: f64, out: &mut [f64; 2]) -> f64 {
    *out = [y, x];
    x * y
}

#[differentiable]
fn parameter_to_output(a: [f64; 2], out: &mut [f64; 2]) -> f64 {
    *out = a;
    a[0] * a[1]
}

#[differentiable]
fn one_output_to_another(x: f64, y: f64, #[out] w: &mut [f64; 2], out: &mut [f64; 2]) -> f64 {
    w[0] = x;
    w[1] = x * y;
    *out = *w;
    *w = [y, y * y];
    x * y
}

#[differentiable]
fn result_from_an_output(x: f64, y: f64, #[out] w: &mut [f64; 2]) -> [f64; 2] {
    w[0] = x;
    w[1] = x * y;
    let found = *w;
    *w = [y, x];
    found
}

#[differentiable]
fn copied(x: f64, a: [f64; 2], y: &mut f64, out: &mut [f64; 2]) {
    *y = x;
    *out = a;
}

#[test]
fn parameters_copied_to_outputs() {
    let (mut y, mut d_y, mut out, mut d_out) = (0.0, 3.0, [0.0; 2], [4.0, 5.0]);
    let d = copied_vjp(1.0, [2.0, 3.0], &mut y, &mut d_y, &mut out, &mut d_out);
    assert_eq!(d, (3.0, [4.0, 5.0]));
    assert_eq!((y, d_y, out, d_out), (1.0, 0.0, [2.0, 3.0], [0.0; 2]));
}

/// The whole of an output is assigned: its cotangents are read before they are cleared, and what lay in it before it is overwritten.
#[test]
fn assigned_as_a_whole() {
    let (x, y) = (2.0, 3.0);
    let (mut out, mut d_out) = ([0.0; 2], [10.0, 100.0]);
    assert_eq!(
        whole_array_vjp(x, y, &mut out, &mut d_out, 1.0),
        (6.0, 103.0, 12.0)
    );
    assert_eq!((out, d_out), ([3.0, 2.0], [0.0; 2]));

    let mut d_out = [10.0, 100.0];
    assert_eq!(
        parameter_to_output_vjp([x, y], &mut out, &mut d_out, 1.0),
        (6.0, [13.0, 102.0])
    );
    assert_eq!((out, d_out), ([2.0, 3.0], [0.0; 2]));

    let (mut w, mut d_w, mut d_out) = ([0.0; 2], [10.0, 100.0], [1e3, 1e4]);
    assert_eq!(
        one_output_to_another_vjp(x, y, &mut w, &mut d_w, &mut out, &mut d_out, 1.0),
        (6.0, 3.0 + 1e3 + 3e4, 2.0 + 2e4 + 10.0 + 600.0)
    );
    assert_eq!(
        (w, out, d_w, d_out),
        ([3.0, 9.0], [2.0, 6.0], [0.0; 2], [0.0; 2])
    );

    let mut d_w = [10.0, 100.0];
    assert_eq!(
        result_from_an_output_vjp(x, y, &mut w, &mut d_w, [1e3, 1e4]),
        ([2.0, 6.0], 1e3 + 3e4 + 100.0, 2e4 + 10.0)
    );
    assert_eq!((w, d_w), ([3.0, 2.0], [0.0; 2]));
}

#[differentiable]
fn scratch_written_again(x: f64, #[out] w: &mut [f64]) {
    for k in 0..w.len() {
        w[k] = 1.0 + k as f64 * x;
    }
    w[0] = (x + w[0]).tanh();
}

#[differentiable]
fn calls_scratch_written_again(x: f64, y: f64, w: &mut [f64]) -> f64 {
    scratch_written_again(x, &mut w[1..3]);
    x * y
}

/// The callee's reverse sweep computes an older state of the buffer again: it has to leave the last one.
#[test]
fn a_callee_leaves_its_outputs_as_they_were() {
    let (mut want, mut w, mut d_w) = ([7.0; 3], [7.0; 3], [0.5, 1.0, 10.0]);
    calls_scratch_written_again(2.0, 3.0, &mut want);
    let (_, d_x, d_y) = calls_scratch_written_again_grad(2.0, 3.0, &mut w, &mut d_w);
    assert_eq!(w, want);
    assert!((d_x - (3.0 + 1.0 - 3.0_f64.tanh().powi(2) + 10.0)).abs() < 1e-14);
    assert_eq!((d_y, d_w), (2.0, [0.5, 0.0, 0.0]));
}

#[differentiable]
fn soften(y: &mut f64, k: f64) {
    *y = (*y * k).sin();
}

/// Random program 28009264: the cotangent of what a loop leaves in `y` is part of the result, and was cleared before it was read.
#[differentiable(tape)]
fn assigned_and_changed(x: f64, y: &mut f64, n: usize) -> f64 {
    *y = x;
    for _ in 0..n {
        soften(y, 0.5);
    }
    x
}

#[differentiable(tape)]
fn assigned_and_changed_twice(x: f64, y: &mut f64, #[out] z: &mut f64, n: usize) -> f64 {
    *y = x;
    *z = x;
    let mut k = 0;
    while k < n {
        soften(y, 0.5);
        soften(z, 1.5);
        k += 1;
    }
    x * x
}

#[differentiable(tape)]
fn calls_what_assigns(x: f64, y: &mut f64, z: &mut f64, n: usize) -> f64 {
    let a = assigned_and_changed(x, z, n);
    let b = assigned_and_changed_twice(a * x, y, z, n);
    *z *= b;
    *y + b
}

#[test]
fn scalars_assigned_and_changed_by_calls() {
    for n in 0..3 {
        let f = |p: &[f64]| {
            let mut y = p[1];
            assigned_and_changed(p[0], &mut y, n) + 0.25 * y
        };
        let (mut y, mut d_y) = (0.3, 0.25);
        let (value, d_x) = assigned_and_changed_grad(0.7, &mut y, &mut d_y, n, &mut Tape::new());
        assert_eq!(value + 0.25 * y, f(&[0.7, 0.3]));
        check_gradient(f, &[0.7, 0.3], &[d_x, d_y]);

        type Two = fn(f64, &mut f64, &mut f64, usize) -> f64;
        type Pull =
            fn(f64, &mut f64, &mut f64, &mut f64, &mut f64, usize, f64, &mut Tape) -> (f64, f64);
        let pairs: [(Two, Pull); 2] = [
            (assigned_and_changed_twice, assigned_and_changed_twice_vjp),
            (calls_what_assigns, calls_what_assigns_vjp),
        ];
        for (f, vjp) in pairs {
            let all = |p: &[f64]| {
                let (mut y, mut z) = (p[1], p[2]);
                1.5 * f(p[0], &mut y, &mut z, n) + 0.25 * y - 0.75 * z
            };
            let (mut y, mut d_y, mut z, mut d_z) = (0.3, 0.25, -0.4, -0.75);
            let mut tape = Tape::new();
            let (_, d_x) = vjp(0.7, &mut y, &mut d_y, &mut z, &mut d_z, n, 1.5, &mut tape);
            check_gradient(all, &[0.7, 0.3, -0.4], &[d_x, d_y, d_z]);
        }
    }
}
