//! Slices and `Vec`s that change in loops of run-time length, again and again: the reverse sweep turns them back.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{assert_all_near, check_gradient, check_in_place, check_slice, dot, noise};

// ------------------------------------------------------------------ linear algebra

#[differentiable(tape)]
fn cholesky(a: &[f64], n: usize) -> f64 {
    let mut l = vec![0.0; n * n];
    let mut log_det = 0.0;
    for i in 0..n {
        for j in 0..=i {
            let mut s = a[i * n + j];
            for k in 0..j {
                s -= l[i * n + k] * l[j * n + k];
            }
            if i == j {
                let d = s.sqrt();
                l[i * n + j] = d;
                log_det += 2.0 * d.ln();
            } else {
                l[i * n + j] = s / l[j * n + j];
            }
        }
    }
    log_det
}

/// The same over rows.
#[differentiable(tape)]
fn cholesky_rows(a: &[[f64; 3]], l: &mut [[f64; 3]]) {
    for i in 0..l.len() {
        for j in 0..i + 1 {
            let mut s = a[i][j];
            for k in 0..j {
                s -= l[i][k] * l[j][k];
            }
            l[i][j] = if i == j { s.sqrt() } else { s / l[j][j] };
        }
    }
}

fn positive(n: usize) -> Vec<f64> {
    let b = noise(3, n * n);
    let mut a = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..n {
            for k in 0..n {
                a[i * n + j] += b[i * n + k] * b[j * n + k];
            }
        }
        a[i * n + i] += 1.0;
    }
    a
}

#[test]
fn factorisation_of_a_matrix() {
    for n in [0, 1, 2, 5] {
        let a = positive(n);
        let grad = |a: &[f64], d: &mut [f64]| cholesky_grad(a, d, n, &mut Tape::new());
        check_slice(|a| cholesky(a, n), grad, &a);
    }
}

/// The derivative of `ln det A` is the inverse's transpose (only the lower half is read here).
#[test]
fn the_gradient_of_log_det_is_the_inverse() {
    let a = [4.0, 1.0, 1.0, 3.0];
    let mut d = [0.0; 4];
    cholesky_grad(&a, &mut d, 2, &mut Tape::new());
    let det = 11.0;
    assert_all_near(&d, &[3.0 / det, 0.0, -2.0 / det, 4.0 / det], 1e-14);
}

#[test]
fn factorisation_over_rows() {
    let a = positive(3);
    let rows = |a: &[f64]| [0, 1, 2].map(|i| [a[3 * i], a[3 * i + 1], a[3 * i + 2]]);
    let w = noise(8, 9);
    let f = |a: &[f64]| {
        let mut l = [[0.5; 3]; 3];
        cholesky_rows(&rows(a), &mut l);
        dot(l.as_flattened(), &w)
    };
    let (mut l, mut d_l, mut d_a) = ([[0.5; 3]; 3], rows(&w), [[0.0; 3]; 3]);
    let mut tape = Tape::new();
    cholesky_rows_vjp(&rows(&a), &mut d_a, &mut l, &mut d_l, &mut tape);
    check_gradient(f, &a, d_a.as_flattened());
    // What is not overwritten passes its cotangent on.
    assert_eq!(d_l, [[0.0, w[1], w[2]], [0.0, 0.0, w[5]], [0.0; 3]]);
    let mut left = [[0.5; 3]; 3];
    cholesky_rows(&rows(&a), &mut left);
    assert_eq!(l, left);
}

#[differentiable(tape)]
fn elimination(a: &mut [f64], n: usize) {
    for k in 0..n {
        for i in k + 1..n {
            a[i * n + k] /= a[k * n + k];
            for j in k + 1..n {
                a[i * n + j] -= a[i * n + k] * a[k * n + j];
            }
        }
    }
}

/// Rows are exchanged where the pivot is small.
#[differentiable(tape)]
fn solve(a: &mut [f64], b: &mut [f64]) {
    let n = b.len();
    for k in 0..n {
        let mut p = k;
        for i in k + 1..n {
            if a[i * n + k].abs() > a[p * n + k].abs() {
                p = i;
            }
        }
        if p != k {
            for j in 0..n {
                a.swap(k * n + j, p * n + j);
            }
            b.swap(k, p);
        }
        for i in k + 1..n {
            let m = a[i * n + k] / a[k * n + k];
            for j in k..n {
                a[i * n + j] -= m * a[k * n + j];
            }
            b[i] -= m * b[k];
        }
    }
    for i in (0..n).rev() {
        let mut s = b[i];
        for j in i + 1..n {
            s -= a[i * n + j] * b[j];
        }
        b[i] = s / a[i * n + i];
    }
}

#[test]
fn elimination_in_place() {
    for n in [0, 1, 2, 4] {
        let vjp = |a: &mut [f64], d: &mut [f64], t: &mut Tape| elimination_vjp(a, d, n, t);
        check_in_place(|a| elimination(a, n), vjp, &positive(n));
    }
}

#[test]
fn a_system_with_pivots() {
    for n in [1, 3, 4] {
        let x = noise(21, n * n + n);
        let f = |x: &mut [f64]| {
            let (a, b) = x.split_at_mut(n * n);
            solve(a, b);
        };
        let vjp = |x: &mut [f64], d: &mut [f64], tape: &mut Tape| {
            let ((a, b), (d_a, d_b)) = (x.split_at_mut(n * n), d.split_at_mut(n * n));
            solve_vjp(a, d_a, b, d_b, tape);
        };
        check_in_place(f, vjp, &x);
    }
}

// ------------------------------------------------------------------ steps in time

#[differentiable(tape)]
fn heat(u0: &[f64], steps: usize, r: f64) -> f64 {
    let mut u = u0.to_vec();
    let mut next = vec![0.0; u0.len()];
    for _ in 0..steps {
        for i in 1..u.len() - 1 {
            next[i] = u[i] + r * (u[i - 1] - 2.0 * u[i] + u[i + 1]) * u[i];
        }
        u.copy_from_slice(&next);
    }
    u.iter().map(|x| x * x).sum()
}

#[differentiable(tape)]
fn heat_by_turns(u0: &[f64], steps: usize, r: f64) -> f64 {
    let mut u = u0.to_vec();
    let mut next = vec![0.1; u0.len()];
    for _ in 0..steps {
        for i in 1..u.len() - 1 {
            next[i] = u[i] + r * (u[i - 1] - 2.0 * u[i] + u[i + 1]) * u[i];
        }
        core::mem::swap(&mut u, &mut next);
    }
    u.iter().map(|x| x * x).sum()
}

#[test]
fn steps_into_a_second_buffer() {
    type Steps = fn(&[f64], usize, f64) -> f64;
    type Gradient = fn(&[f64], &mut [f64], usize, f64, &mut Tape<'_>) -> (f64, f64);
    let both: [(Steps, Gradient); 2] = [(heat, heat_grad), (heat_by_turns, heat_by_turns_grad)];
    let u = noise(4, 7);
    for steps in [0, 1, 2, 5] {
        for (f, grad) in both {
            let mut tape = Tape::new();
            check_slice(
                |u| f(u, steps, 0.3),
                |u, d| grad(u, d, steps, 0.3, &mut tape).0,
                &u,
            );
            let d_r = grad(&u, &mut [0.0; 7], steps, 0.3, &mut tape).1;
            check_gradient(|r| f(&u, steps, r[0]), &[0.3], &[d_r]);
        }
    }
}

#[differentiable(tape)]
fn relax(x: &mut [f64], b: &[f64], w: f64, sweeps: usize) {
    let n = x.len();
    for _ in 0..sweeps {
        for i in 1..n - 1 {
            x[i] = (1.0 - w) * x[i] + w * 0.5 * (b[i] + x[i - 1] * x[i + 1]);
        }
    }
}

/// Ends when nothing much changes, or in the middle of a sweep.
#[differentiable(tape)]
fn relax_until(x: &mut [f64], #[nodiff] bound: f64) {
    let mut sweeps = 0;
    'all: loop {
        let mut change = 0.0;
        let mut i = 1;
        while i + 1 < x.len() {
            let new = (0.3 * x[i - 1] + 0.2 * x[i] * x[i + 1]).sin();
            if (new - x[i]).abs() > change {
                change = (new - x[i]).abs();
            }
            x[i] = new;
            if new > 0.9 {
                break 'all;
            }
            i += 1;
        }
        sweeps += 1;
        if change < bound || sweeps > 20 {
            break;
        }
    }
}

#[test]
fn sweeps_over_a_line() {
    let b = noise(6, 6);
    for sweeps in [0, 1, 3] {
        let vjp = |x: &mut [f64], d: &mut [f64], tape: &mut Tape| {
            relax_vjp(x, d, &b, &mut [0.0; 6], 0.7, sweeps, tape);
        };
        check_in_place(|x| relax(x, &b, 0.7, sweeps), vjp, &noise(5, 6));
    }
    for bound in [10.0, 0.05, 0.0] {
        let f = |x: &mut [f64]| relax_until(x, bound);
        let vjp = |x: &mut [f64], d: &mut [f64], tape: &mut Tape| {
            relax_until_vjp(x, d, bound, tape);
        };
        check_in_place(f, vjp, &noise(9, 6));
        check_in_place(f, vjp, &[0.1, 0.2, 7.0, 1.2, 0.3]);
        check_in_place(f, vjp, &[0.1, 0.2]);
    }
}

// ------------------------------------------------------------------ single loops

#[differentiable(tape)]
fn products(x: &mut [f64]) {
    for i in 1..x.len() {
        x[i] *= x[i - 1];
    }
}

#[differentiable(tape)]
fn polynomials(c: &[f64], xs: &mut [f64]) {
    for x in xs.iter_mut() {
        let mut p = 0.0;
        for k in c {
            p = p * *x + k;
        }
        *x = p;
    }
}

#[differentiable(tape)]
fn sorted(xs: &mut [f64]) -> f64 {
    for i in 0..xs.len() {
        for j in 0..xs.len() - 1 - i {
            if xs[j] > xs[j + 1] {
                xs.swap(j, j + 1);
            }
        }
    }
    let mut s = 0.0;
    for (k, x) in xs.iter().enumerate() {
        s += k as f64 * x * x;
    }
    s
}

/// The same element twice in an iteration, by indices of the caller's.
#[differentiable(tape)]
fn scattered(x: &mut [f64], at: &[usize]) {
    for k in at {
        x[*k] = x[*k] * x[*k] + 0.1;
        let l = (k + 1) % x.len();
        x[l] = x[l].sin() * x[*k];
        x[*k] += x[l] * x[l];
    }
}

#[test]
fn elements_by_themselves() {
    for n in [0, 1, 2, 6] {
        check_in_place(
            |x| products(x),
            |x, d, t| products_vjp(x, d, t),
            &noise(11, n),
        );
        let f = |x: &mut [f64]| {
            sorted(x);
        };
        let vjp = |x: &mut [f64], d: &mut [f64], t: &mut Tape| {
            sorted_vjp(x, d, 0.0, t);
        };
        check_in_place(f, vjp, &noise(12, n));
        let c = noise(13, 4);
        check_in_place(
            |x| polynomials(&c, x),
            |x, d, t| polynomials_vjp(&c, &mut [0.0; 4], x, d, t),
            &noise(14, n),
        );
    }
    let at = [2, 0, 0, 3, 2, 1, 3];
    check_in_place(
        |x| scattered(x, &at),
        |x, d, t| scattered_vjp(x, d, &at, t),
        &noise(15, 4),
    );
}

#[test]
fn the_result_and_the_buffer() {
    let x = noise(16, 6);
    let (mut y, mut d) = (x.clone(), vec![0.25; 6]);
    sorted_vjp(&mut y, &mut d, 2.0, &mut Tape::new());
    let f = |x: &[f64]| {
        let mut y = x.to_vec();
        2.0 * sorted(&mut y) + 0.25 * y.iter().sum::<f64>()
    };
    check_gradient(f, &x, &d);
}

/// A table of dynamic programming: one row, updated in place.
#[differentiable(tape)]
fn warped(x: &[f64], y: &[f64]) -> f64 {
    let mut row = vec![0.0; y.len() + 1];
    for j in 0..=y.len() {
        row[j] = j as f64;
    }
    for i in 0..x.len() {
        let mut diagonal = row[0];
        row[0] += 1.0;
        for j in 0..y.len() {
            let both = diagonal + (x[i] - y[j]).powi(2);
            diagonal = row[j + 1];
            row[j + 1] = both.min(row[j] + 0.4).min(row[j + 1] + 0.4);
        }
    }
    row[y.len()]
}

#[test]
fn dynamic_programming() {
    let (x, y) = (noise(17, 5), noise(18, 4));
    let grad = |x: &[f64], d: &mut [f64]| warped_grad(x, d, &y, &mut [0.0; 4], &mut Tape::new());
    check_slice(|x| warped(x, &y), grad, &x);
    let grad = |y: &[f64], d: &mut [f64]| warped_grad(&x, &mut [0.0; 5], y, d, &mut Tape::new());
    check_slice(|y| warped(&x, y), grad, &y);
    check_slice(
        |x| warped(x, &[]),
        |x, d| warped_grad(x, d, &[], &mut [], &mut Tape::new()),
        &x,
    );
}

/// Radix 2, in place, of bit-reversed input.
#[differentiable(tape)]
fn butterflies(re: &mut [f64], im: &mut [f64]) {
    let n = re.len();
    let mut len = 2;
    while len <= n {
        let angle = -2.0 * core::f64::consts::PI / len as f64;
        for s in (0..n).step_by(len) {
            for k in 0..len / 2 {
                let (c, s1) = ((angle * k as f64).cos(), (angle * k as f64).sin());
                let (a, b) = (s + k, s + k + len / 2);
                let (x, y) = (re[b] * c - im[b] * s1, re[b] * s1 + im[b] * c);
                re[b] = re[a] - x;
                im[b] = im[a] - y;
                re[a] = (re[a] + x).sin();
                im[a] += y;
            }
        }
        len *= 2;
    }
}

#[test]
fn a_transform_in_place() {
    for n in [1, 2, 8] {
        let f = |x: &mut [f64]| {
            let (re, im) = x.split_at_mut(n);
            butterflies(re, im);
        };
        let vjp = |x: &mut [f64], d: &mut [f64], tape: &mut Tape| {
            let ((re, im), (d_re, d_im)) = (x.split_at_mut(n), d.split_at_mut(n));
            butterflies_vjp(re, d_re, im, d_im, tape);
        };
        check_in_place(f, vjp, &noise(19, 2 * n));
    }
}

// ------------------------------------------------------------------ parts, fields, types

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Body {
    x: [f64; 2],
    v: [f64; 2],
    mass: f64,
}

/// Bodies that attract one another.
#[differentiable(tape)]
fn orbits(bodies: &mut [Body], dt: f64, steps: usize) {
    for _ in 0..steps {
        for i in 0..bodies.len() {
            for j in 0..bodies.len() {
                if i != j {
                    let dx = bodies[j].x[0] - bodies[i].x[0];
                    let dy = bodies[j].x[1] - bodies[i].x[1];
                    let r2 = dx * dx + dy * dy + 0.1;
                    let pull = bodies[j].mass * dt / (r2 * r2.sqrt());
                    bodies[i].v[0] += pull * dx;
                    bodies[i].v[1] += pull * dy;
                }
            }
        }
        for b in bodies.iter_mut() {
            b.x[0] += b.v[0] * dt;
            b.x[1] += b.v[1] * dt * b.v[0].cos();
        }
    }
}

#[test]
fn fields_of_structs_in_a_slice() {
    let x = noise(23, 15);
    let body = |x: &[f64]| Body {
        x: [x[0], x[1]],
        v: [x[2], x[3]],
        mass: x[4],
    };
    let bodies = |x: &[f64]| -> Vec<Body> { x.chunks(5).map(body).collect() };
    let flat = |b: &[Body]| -> Vec<f64> {
        b.iter()
            .flat_map(|b| [b.x[0], b.x[1], b.v[0], b.v[1], b.mass])
            .collect()
    };
    let w = noise(24, 15);
    for steps in [0, 1, 3] {
        let (mut b, mut d) = (bodies(&x), bodies(&w));
        let d_dt = orbits_vjp(&mut b, &mut d, 0.2, steps, &mut Tape::new());
        let f = |x: &[f64], dt: f64| {
            let mut b = bodies(x);
            orbits(&mut b, dt, steps);
            dot(&flat(&b), &w)
        };
        check_gradient(|x| f(x, 0.2), &x, &flat(&d));
        check_gradient(|dt| f(&x, dt[0]), &[0.2], &[d_dt]);
    }
}

/// Parts of a slice under names of their own.
#[differentiable(tape)]
fn halves(x: &mut [f64], n: usize, times: usize) {
    for t in 0..times {
        let (a, b) = x.split_at_mut(n);
        for i in 0..a.len() {
            a[i] = a[i] * b[i % b.len()] + 0.1 * t as f64;
        }
        let tail = &mut b[1..];
        for y in tail.iter_mut() {
            *y = y.sin() + a[0] * *y;
        }
    }
}

#[test]
fn parts_of_a_slice() {
    for times in [0, 1, 3] {
        let vjp = |x: &mut [f64], d: &mut [f64], tape: &mut Tape| halves_vjp(x, d, 2, times, tape);
        check_in_place(|x| halves(x, 2, times), vjp, &noise(25, 5));
    }
}

#[differentiable(tape)]
fn generic<T: Real>(x: &mut [T], times: usize) -> T {
    let mut s = T::from_f64(0.0);
    for _ in 0..times {
        for i in 1..x.len() {
            x[i] = x[i] * x[i - 1].sin() + x[i];
        }
        s = s * x[0] + x[x.len() - 1];
    }
    s
}

#[test]
fn single_and_double_precision() {
    let x = noise(26, 4);
    let f = |x: &[f64]| generic(&mut x.to_vec(), 3);
    let mut d = vec![0.0; 4];
    generic_grad(&mut x.clone(), &mut d, 3, &mut Tape::new());
    check_gradient(f, &x, &d);
    let mut d32 = vec![0.0_f32; 4];
    let mut x32: Vec<f32> = x.iter().map(|x| *x as f32).collect();
    generic_grad(&mut x32, &mut d32, 3, &mut Tape::new());
    let d32: Vec<f64> = d32.iter().map(|d| f64::from(*d)).collect();
    assert_all_near(&d32, &d, 1e-5);
}

/// Straight code needs no tape.
#[differentiable]
fn three(x: &mut [f64]) -> f64 {
    x[0] = x[0] * x[1];
    let a = x[0].sin();
    x[1] = a * x[1] + x[2];
    x[0] = x[1] * x[0];
    x[0] * a
}

#[test]
fn changes_one_after_the_other() {
    let x = noise(27, 3);
    let w = [0.3, -0.4, 0.5];
    let f = |x: &[f64]| {
        let mut y = x.to_vec();
        1.5 * three(&mut y) + dot(&y, &w)
    };
    let (mut y, mut d) = (x.clone(), w.to_vec());
    three_vjp(&mut y, &mut d, 1.5);
    check_gradient(f, &x, &d);
    let mut left = x.clone();
    three(&mut left);
    assert_eq!(y, left);
}

/// Changes before a loop, in it, between two and behind them, some of them under conditions.
#[differentiable(tape)]
fn mixed(x: &mut [f64], flag: bool) -> f64 {
    let n = x.len();
    x[0] = x[0] * x[n - 1];
    if flag {
        x[1] = x[1] * x[1];
    } else {
        for i in 0..n {
            x[i] = x[i].cos();
        }
    }
    let mut s = 0.0;
    for i in 0..n {
        if x[i] > 0.0 {
            x[i] = x[i] * x[(i + 1) % n];
            continue;
        }
        s += x[i] * x[0];
        x[0] = s.sin();
        if s < -2.0 {
            break;
        }
    }
    x[1] = s * x[1];
    for i in (1..n).rev() {
        x[i - 1] = x[i] * x[i - 1] + s;
    }
    x[0] * x[1]
}

#[test]
fn changes_everywhere() {
    for (seed, flag) in [(28, true), (29, false), (30, true), (31, false)] {
        let x = noise(seed, 5);
        let f = |x: &[f64]| {
            let mut y = x.to_vec();
            mixed(&mut y, flag) + 0.5 * y.iter().sum::<f64>()
        };
        let (mut y, mut d) = (x.clone(), vec![0.5; 5]);
        let mut tape = Tape::new();
        mixed_vjp(&mut y, &mut d, flag, 1.0, &mut tape);
        check_gradient(f, &x, &d);
        let mut left = x.clone();
        mixed(&mut left, flag);
        assert_all_near(&y, &left, 1e-14);
        assert_eq!((tape.mark(), tape.logged()), (0, 0));
    }
}

/// A callee reads the buffer that the loop changes.
#[differentiable]
fn energy(x: &[f64]) -> f64 {
    x.windows(2).map(|w| w[0] * w[1].sin()).sum()
}

#[differentiable(tape)]
fn descent(x: &mut [f64], steps: usize) -> f64 {
    let mut total = 0.0;
    for t in 0..steps {
        let e = energy(&*x);
        for y in x.iter_mut() {
            *y -= 0.1 * e * *y;
        }
        x[t % 3] = e * x[0];
        total += energy(&x[1..]) * e;
    }
    total
}

#[test]
fn a_callee_reads_what_changes() {
    let x = noise(32, 4);
    for steps in [0, 1, 4] {
        let f = |x: &[f64]| {
            let mut y = x.to_vec();
            descent(&mut y, steps) + 0.5 * y.iter().sum::<f64>()
        };
        let (mut y, mut d) = (x.clone(), vec![0.5; 4]);
        descent_vjp(&mut y, &mut d, steps, 1.0, &mut Tape::new());
        check_gradient(f, &x, &d);
    }
}

/// A function that turns a buffer back is called from others.
#[differentiable(tape)]
fn calls(x: &[f64], times: usize) -> f64 {
    let mut y = [x[0], x[1], x[2]];
    products(&mut y);
    let a = cholesky(&[y[0] * y[0] + 2.0, 0.0, y[1], y[2] * y[2] + 3.0], 2);
    let mut s = a;
    for t in 0..times {
        let mut z = [x[0] * s, x[1], s];
        products(&mut z);
        s = (z[2] + t as f64).sin();
    }
    s
}

#[test]
fn called_from_others() {
    let x = noise(33, 3);
    for times in [0, 1, 3] {
        let mut tape = Tape::new();
        check_slice(
            |x| calls(x, times),
            |x, d| calls_grad(x, d, times, &mut tape),
            &x,
        );
        assert_eq!((tape.mark(), tape.logged()), (0, 0));
    }
}

/// Fixed memory holds both stacks, and its size is told.
#[test]
fn fixed_memory() {
    let a = positive(3);
    let mut grown = Tape::new();
    let mut d = [0.0; 9];
    cholesky_grad(&a, &mut d, 3, &mut grown);
    let mut words = vec![0; grown.high_water() / 8];
    let mut fixed = Tape::from_slice(&mut words);
    let mut again = [0.0; 9];
    cholesky_grad(&a, &mut again, 3, &mut fixed);
    assert_eq!(d, again);
}

// ------------------------------------------------------------------ callees that change what they are lent

#[differentiable]
fn advance(x: &mut [f64], dt: f64) -> f64 {
    let (a, b) = (x[0], x[1]);
    x[0] = a + dt * b.sin();
    x[1] = b - dt * a * b;
    a * b
}

/// Writes before it reads.
#[differentiable]
fn squares(x: &[f64], #[out] y: &mut [f64]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y = x * x;
    }
}

#[differentiable(tape)]
fn simulate(x: &mut [f64], dt: f64, steps: usize) -> f64 {
    for _ in 0..steps {
        advance(x, dt);
    }
    x[0] * x[1]
}

#[differentiable(tape)]
fn simulate_own(x: &[f64], dt: f64, steps: usize) -> f64 {
    let mut y = x.to_vec();
    let mut s = 0.0;
    for i in 0..steps {
        let e = advance(&mut y, dt);
        s += e * y[i % 2];
        y[1] *= e.cos();
    }
    s
}

#[differentiable(tape)]
fn one_after_the_other(x: &mut [f64], dt: f64) -> f64 {
    let e = advance(x, dt);
    let a = x[0];
    let f = advance(x, dt * a * e);
    products(x);
    x[1] * a + f
}

/// Parts of the buffer, by turns.
#[differentiable(tape)]
fn pairs(x: &mut [f64], dt: f64, steps: usize) -> f64 {
    let mut s = 0.0;
    for t in 0..steps {
        let k = t % (x.len() - 1);
        s += advance(&mut x[k..k + 2], dt) * x[0];
        if t % 2 == 0 {
            advance(&mut x[1..], s);
        }
    }
    s
}

#[differentiable(tape)]
fn into_scratch(x: &[f64], steps: usize) -> f64 {
    let mut a = x.to_vec();
    let mut b = vec![0.0; x.len()];
    let mut s = 0.0;
    for _ in 0..steps {
        squares(&a, &mut b);
        for i in 0..a.len() {
            a[i] = (b[i] + a[i]).sin();
        }
        s += b[0] * a[1];
    }
    s
}

#[differentiable(tape)]
fn fourier(x: &mut [f64], y: &mut [f64]) {
    if x.len() > 1 {
        let n = x.len() / 2;
        fourier(&mut x[..n], &mut y[..n]);
        fourier(&mut x[n..], &mut y[n..]);
        for k in 0..n {
            let (c, s) = ((k as f64).cos(), (k as f64).sin());
            let (u, v) = (x[n + k] * c - y[n + k] * s, x[n + k] * s + y[n + k] * c);
            x[n + k] = x[k] - u;
            y[n + k] = y[k] - v;
            x[k] += u;
            y[k] = (y[k] + v).sin();
        }
    }
}

#[test]
fn callees_that_update_in_place() {
    let x = noise(41, 4);
    for steps in [0, 1, 4] {
        let mut tape = Tape::new();
        let f = |x: &[f64], dt: f64| simulate(&mut x.to_vec(), dt, steps);
        let mut d = vec![0.0; 4];
        let (_, d_dt) = simulate_grad(&mut x.clone(), &mut d, 0.3, steps, &mut tape);
        check_gradient(|x| f(x, 0.3), &x, &d);
        check_gradient(|dt| f(&x, dt[0]), &[0.3], &[d_dt]);
        check_slice(
            |x| simulate_own(x, 0.3, steps),
            |x, d| simulate_own_grad(x, d, 0.3, steps, &mut tape).0,
            &x,
        );
        check_slice(
            |x| into_scratch(x, steps),
            |x, d| into_scratch_grad(x, d, steps, &mut tape),
            &x,
        );
        let f = |x: &[f64], dt: f64| pairs(&mut x.to_vec(), dt, steps);
        let mut d = vec![0.0; 4];
        let (_, d_dt) = pairs_grad(&mut x.clone(), &mut d, 0.3, steps, &mut tape);
        check_gradient(|x| f(x, 0.3), &x, &d);
        check_gradient(|dt| f(&x, dt[0]), &[0.3], &[d_dt]);
        assert_eq!((tape.mark(), tape.logged()), (0, 0));
    }
}

#[test]
fn several_calls_in_a_row() {
    let (x, w) = (noise(42, 3), [0.3, -0.4, 0.7]);
    let f = |x: &[f64], dt: f64| {
        let mut y = x.to_vec();
        1.5 * one_after_the_other(&mut y, dt) + dot(&y, &w)
    };
    let (mut y, mut d, mut tape) = (x.clone(), w.to_vec(), Tape::new());
    let (_, d_dt) = one_after_the_other_vjp(&mut y, &mut d, 0.3, 1.5, &mut tape);
    check_gradient(|x| f(x, 0.3), &x, &d);
    check_gradient(|dt| f(&x, dt[0]), &[0.3], &[d_dt]);
    let mut left = x.clone();
    one_after_the_other(&mut left, 0.3);
    assert_all_near(&y, &left, 1e-14);
    assert_eq!((tape.mark(), tape.logged()), (0, 0));
}

#[test]
fn a_recursion_over_two_halves_in_place() {
    for n in [1, 2, 4, 8] {
        let f = |x: &mut [f64]| {
            let (re, im) = x.split_at_mut(n);
            fourier(re, im);
        };
        let vjp = |x: &mut [f64], d: &mut [f64], tape: &mut Tape| {
            let ((re, im), (d_re, d_im)) = (x.split_at_mut(n), d.split_at_mut(n));
            fourier_vjp(re, d_re, im, d_im, tape);
        };
        check_in_place(f, vjp, &noise(43, 2 * n));
    }
}

/// What the tape keeps for an iteration lies below nothing that the iteration reserves.
#[differentiable(tape)]
fn numbers_beside(y: &mut [f64], n: usize) -> f64 {
    let mut k = 0;
    let mut s = 1.0;
    while k < n {
        let mut j = 0;
        while y[j] < 0.5 && j + 1 < y.len() {
            y[j] = y[j] * y[j + 1] + 0.2;
            s *= 1.0 + 0.1 * y[j];
            j += 1;
        }
        y[j] = y[j].cos() * s;
        k += 1;
    }
    s + y[0]
}

#[test]
fn numbers_and_buffers_in_nested_loops() {
    for n in [0, 1, 2, 3] {
        for x in [[0.7, 0.3, 0.2], [0.1, 0.3, 0.8]] {
            let mut d = [0.0; 3];
            numbers_beside_grad(&mut x.clone(), &mut d, n, &mut Tape::new());
            check_gradient(|x| numbers_beside(&mut x.to_vec(), n), &x, &d);
        }
    }
}

/// What a loop keeps at its beginning, and a costly result, lay on the tape in the order in which they were asked for.
#[differentiable(tape)]
fn a_number_and_a_result(x: &[f64], n: usize) -> f64 {
    let mut y = x.to_vec();
    let m = y.len();
    let mut s = 0.3;
    for i in 0..n {
        let mut k = 0;
        while k < n {
            k += 1;
            y[(i * 2) % m] = x[i].sin() * s;
            s += y[i].sin();
        }
    }
    s + y[1]
}

#[test]
fn numbers_and_results_come_back_in_order() {
    let x = noise(8, 4);
    let mut tape = Tape::new();
    for n in 0..5 {
        let mut d = vec![0.0; 4];
        a_number_and_a_result_grad(&x, &mut d, n, &mut tape);
        check_gradient(|x| a_number_and_a_result(x, n), &x, &d);
    }
}

/// Two copies of one slice are two buffers, and go their own ways.
#[differentiable(tape)]
fn two_copies(x: &[f64]) -> f64 {
    let mut y = x.to_vec();
    let mut z = x.to_vec();
    for i in 0..y.len() {
        y[i] *= z[0];
        z[i] = z[i].sin() * y[0];
    }
    y[1] * z[1]
}

/// One side of a branch reads what the other one changes.
#[differentiable(tape)]
fn read_or_changed(y: &mut [f64], c: f64) -> f64 {
    let mut s = c;
    for i in 0..3 {
        if y[i] > y[2] {
            s += (y[3] - y[1] * s).sin();
        } else {
            y[1] *= 0.7 + 0.2 * s.sin();
        }
    }
    s * c
}

#[test]
fn copies_and_branches() {
    for seed in 0..6 {
        let x = noise(seed, 4);
        let mut d = vec![0.0; 4];
        let mut tape = Tape::new();
        two_copies_grad(&x, &mut d, &mut tape);
        check_gradient(two_copies, &x, &d);
        check_in_place(
            |y| {
                y[3] += read_or_changed(y, 0.6);
            },
            |y, d, t| {
                let seed = d[3];
                let (s, _) = read_or_changed_vjp(y, d, 0.6, seed, t);
                y[3] += s;
            },
            &x,
        );
    }
}
