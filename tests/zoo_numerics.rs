//! Numerical methods in place, as people write them: factorisations, time steps, sorting, machines with states.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{assert_near, check_gradient, check_in_place, noise};

/// Checks a number, and its gradient.
#[track_caller]
fn check_number(
    f: impl Fn(&[f64]) -> f64,
    grad: impl Fn(&[f64], &mut [f64], &mut Tape) -> f64,
    x: &[f64],
) {
    let mut tape = Tape::new();
    for _ in 0..2 {
        let mut d = vec![0.0; x.len()];
        assert_near(grad(x, &mut d, &mut tape), f(x), 1e-14);
        check_gradient(&f, x, &d);
        assert_eq!((tape.mark(), tape.logged()), (0, 0));
    }
}

/// Inputs of moderate size.
fn inputs(seed: u64, n: usize) -> Vec<f64> {
    noise(seed, n).iter().map(|x| 0.8 * x).collect()
}

/// A loop that ends by a number it changes, within another one, beside a slice that both change.
#[differentiable(tape)]
fn while_in(y: &mut [f64], n: usize) {
    let mut s = 1.0;
    for i in 0..n {
        let mut k = 0;
        while k < y.len() && s < 3.0 {
            y[k] = y[k] * s + 0.1;
            s += y[k] * y[k] * 0.2;
            k += 1;
        }
        s = s * 0.6 + y[i % y.len()];
    }
    y[0] *= s;
}
/// Steps whose size follows from what a callee says of the last one; one of the calls is a condition.
#[differentiable(tape)]
fn step(y: &mut [f64], h: f64) -> f64 {
    let mut e = 0.0;
    for i in 0..y.len() {
        let d = h * y[i].sin();
        y[i] += d;
        e += d * d;
    }
    e
}
#[differentiable(tape)]
fn cond_calls(y: &mut [f64], n: usize) {
    let mut h = 0.3;
    for k in 0..n {
        if k % 2 == 0 {
            let e = step(y, h);
            if e > 0.05 {
                h *= 0.7;
            } else {
                h *= 1.1;
            }
        } else {
            y[k % y.len()] *= h;
        }
        while step(y, h) > 0.08 {
            h *= 0.5;
        }
    }
    y[1] += h;
}
/// The midpoint rule with steps that are tried again where they are too long.
#[differentiable(tape)]
fn adaptive(x: &[f64], tol: f64) -> f64 {
    let mut y = x.to_vec();
    let mut t = 0.0;
    let mut h = 0.1;
    let mut guard = 0;
    while t < 1.0 && guard < 100 {
        guard += 1;
        let mut trial = y.clone();
        let mut err = 0.0;
        for i in 0..y.len() {
            let k1 = (y[(i + 1) % y.len()]).sin() - y[i];
            let m = y[i] + 0.5 * h * k1;
            let k2 = m.cos() * y[(i + 1) % y.len()] - m;
            trial[i] = y[i] + h * k2;
            err += (k1 - k2) * (k1 - k2);
        }
        if err * h * h > tol {
            h *= 0.5;
            continue;
        }
        y.copy_from_slice(&trial);
        t += h;
        if err * h * h < tol * 0.1 {
            h *= 1.5;
        }
    }
    y.iter().map(|v| v * v).sum()
}
/// A tridiagonal system.
#[differentiable(tape)]
fn thomas(x: &[f64], n: usize) -> f64 {
    let (a, rest) = x.split_at(n);
    let (b, rest) = rest.split_at(n);
    let (c, d) = rest.split_at(n);
    let mut cp = vec![0.0; n];
    let mut dp = vec![0.0; n];
    cp[0] = c[0] / (b[0] + 4.0);
    dp[0] = d[0] / (b[0] + 4.0);
    for i in 1..n {
        let m = b[i] + 4.0 - a[i] * cp[i - 1];
        cp[i] = c[i] / m;
        dp[i] = (d[i] - a[i] * dp[i - 1]) / m;
    }
    let mut s = vec![0.0; n];
    s[n - 1] = dp[n - 1];
    for i in (0..n - 1).rev() {
        s[i] = dp[i] - cp[i] * s[i + 1];
    }
    s.iter().map(|v| v * v).sum::<f64>() + s[0]
}
/// Sorting by insertion.
#[differentiable(tape)]
fn insertion(y: &mut [f64]) {
    for i in 1..y.len() {
        let mut j = i;
        while j > 0 && y[j - 1] > y[j] {
            y.swap(j - 1, j);
            j -= 1;
        }
    }
    for i in 0..y.len() {
        y[i] *= 1.0 + i as f64;
    }
}
/// A heap, with changes on the way down.
#[differentiable(tape)]
fn sift(y: &mut [f64]) {
    let n = y.len();
    let mut start = n / 2;
    while start > 0 {
        start -= 1;
        let mut root = start;
        loop {
            let mut child = 2 * root + 1;
            if child >= n {
                break;
            }
            if child + 1 < n && y[child] < y[child + 1] {
                child += 1;
            }
            if y[root] >= y[child] {
                break;
            }
            y.swap(root, child);
            y[child] = y[child] * 0.9 + 0.05 * y[root];
            root = child;
        }
    }
}
/// Orthogonal columns.
#[differentiable(tape)]
fn gram_schmidt(y: &mut [f64], n: usize) {
    for j in 0..n {
        for k in 0..j {
            let mut s = 0.0;
            for i in 0..n {
                s += y[i * n + k] * y[i * n + j];
            }
            for i in 0..n {
                y[i * n + j] -= s * y[i * n + k];
            }
        }
        let mut q = 0.0;
        for i in 0..n {
            q += y[i * n + j] * y[i * n + j];
        }
        let q = q.sqrt();
        for i in 0..n {
            y[i * n + j] /= q;
        }
    }
}
/// Rotations of two rows.
#[differentiable(tape)]
fn givens(y: &mut [f64], n: usize) {
    for j in 0..n - 1 {
        for i in (j + 1..n).rev() {
            let (a, b) = (y[(i - 1) * n + j], y[i * n + j]);
            let r = a.hypot(b);
            if r == 0.0 {
                continue;
            }
            let (c, s) = (a / r, b / r);
            for k in j..n {
                let (u, v) = (y[(i - 1) * n + k], y[i * n + k]);
                y[(i - 1) * n + k] = c * u + s * v;
                y[i * n + k] = c * v - s * u;
            }
        }
    }
}
/// Reflections of columns.
#[differentiable(tape)]
fn householder(y: &mut [f64], n: usize) {
    let mut v = vec![0.0; n];
    for k in 0..n - 1 {
        let mut alpha = 0.0;
        for i in k..n {
            v[i] = y[i * n + k];
            alpha += v[i] * v[i];
        }
        let alpha = alpha.sqrt();
        v[k] += if v[k] > 0.0 { alpha } else { -alpha };
        let mut vv = 0.0;
        for i in k..n {
            vv += v[i] * v[i];
        }
        for j in k..n {
            let mut s = 0.0;
            for i in k..n {
                s += v[i] * y[i * n + j];
            }
            let f = 2.0 * s / vv;
            for i in k..n {
                y[i * n + j] -= f * v[i];
            }
        }
    }
}
/// Smoothing before and behind a recursion over both halves.
#[differentiable(tape)]
fn smooth(u: &mut [f64], times: usize) {
    for _ in 0..times {
        for i in 1..u.len() - 1 {
            u[i] = 0.5 * u[i] + 0.25 * (u[i - 1] + u[i + 1]) + 0.01 * u[i] * u[i];
        }
    }
}
#[differentiable(tape)]
fn vcycle(u: &mut [f64], depth: usize) {
    smooth(u, 2);
    if depth > 0 && u.len() > 4 {
        let m = u.len() / 2;
        vcycle(&mut u[..m], depth - 1);
        vcycle(&mut u[m..], depth - 1);
    }
    smooth(u, 1);
}
/// Particles that attract each other and bounce off a wall.
#[derive(Clone, Copy, Differentiable)]
struct P {
    x: f64,
    v: f64,
}
#[differentiable(tape)]
fn particles(p: &mut [P], steps: usize, dt: f64) {
    for _ in 0..steps {
        for i in 0..p.len() {
            let mut a = -p[i].x;
            for j in 0..p.len() {
                if i != j {
                    let d = p[j].x - p[i].x;
                    a += d / (1.0 + d * d);
                }
            }
            p[i].v += dt * a;
        }
        for q in p.iter_mut() {
            q.x += dt * q.v;
            if q.x > 1.0 {
                q.x = 2.0 - q.x;
                q.v = -q.v * 0.8;
            }
        }
    }
}
/// A `Vec` that grows and changes.
#[differentiable(tape)]
fn newton_basis(x: &[f64]) -> f64 {
    let mut c = Vec::new();
    for i in 0..x.len() {
        c.push(x[i].sin());
        for j in (0..i).rev() {
            c[j] = (c[j + 1] - c[j]) / (1.0 + (i - j) as f64) + c[j] * x[i];
        }
    }
    let mut s = 0.0;
    for v in c.iter() {
        s = s * 0.5 + v * v;
    }
    s
}
/// Neurons with a threshold.
#[differentiable(tape)]
fn leaky(w: &[f64], n: usize, steps: usize) -> f64 {
    let mut v = vec![0.1; n];
    let mut trace = vec![0.0; n];
    let mut total = 0.0;
    for t in 0..steps {
        for i in 0..n {
            let mut input = 0.0;
            for j in 0..n {
                input += w[i * n + j] * trace[j];
            }
            v[i] = 0.9 * v[i] + 0.3 + input * 0.5;
        }
        for i in 0..n {
            if v[i] > 1.0 {
                v[i] -= 1.0;
                trace[i] += 1.0;
                total += v[i];
            } else {
                trace[i] *= 0.8;
            }
        }
        if t % 4 == 3 {
            v.swap(0, n - 1);
        }
    }
    total + v.iter().map(|x| x * x).sum::<f64>()
}
/// Sweeps until little changes.
#[differentiable(tape)]
fn fixpoint(x: &[f64], max: usize) -> f64 {
    let mut y = x.to_vec();
    for _ in 0..max {
        let mut change = 0.0;
        for i in 0..y.len() {
            let new = (0.3 * y[i] + 0.4 * x[(i + 1) % x.len()]).cos();
            change += (new - y[i]).abs();
            y[i] = new;
        }
        if change < 1e-3 {
            break;
        }
    }
    y.iter().sum::<f64>() + y[0] * y[1]
}
/// Exits from two loops and from a block.
#[differentiable(tape)]
fn labelled(y: &mut [f64], n: usize) {
    let mut p = 1.0;
    'outer: for i in 0..n {
        for j in 0..y.len() {
            p = p * (0.9 + 0.1 * y[j]);
            if p > 2.5 {
                y[j] *= p;
                continue 'outer;
            }
            if p < 0.05 {
                break 'outer;
            }
            y[j] = y[j].tanh() + p * 0.1;
        }
        let q = 'b: {
            if y[0] > 0.3 {
                break 'b y[0] * y[0];
            }
            y[i % y.len()] *= 1.1;
            y[1] + 0.2
        };
        p += q;
    }
    y[0] += p;
}
/// Rows that depend on the row before.
#[differentiable(tape)]
fn rows(y: &mut [[f64; 3]], n: usize) {
    for k in 0..n {
        for i in 1..y.len() {
            let prev = y[i - 1];
            for c in 0..3 {
                y[i][c] = y[i][c] * prev[(c + 1) % 3] + 0.1;
            }
            if y[i][0] > 0.1 {
                y[i].swap(0, 2);
            }
        }
        let last = y[y.len() - 1];
        y[0] = [last[1] * 0.5, last[0] + k as f64 * 0.1, y[0][2] * last[2]];
    }
}
/// A closure that changes what it has captured.
#[differentiable(tape)]
fn closing(y: &mut [f64], n: usize) {
    let mut s = 0.5;
    for _ in 0..n {
        let mut bump = |k: usize, a: f64| {
            y[k] = y[k] * a + s;
            s = s * 0.8 + y[k] * 0.1;
        };
        bump(0, 0.7);
        bump(1, 0.9);
        for k in 2..4 {
            bump(k, 0.5);
        }
        y[0] *= y[1];
    }
}
/// A machine with states.
#[differentiable(tape)]
fn machine(y: &mut [f64], n: usize) {
    let mut state = 0usize;
    let mut acc = 1.0;
    for t in 0..n {
        let k = t % y.len();
        state = match state {
            0 if y[k] > 0.0 => {
                y[k] *= acc;
                1
            }
            0 => {
                acc = acc * 0.9 + y[k];
                2
            }
            1 => {
                let o = y[k];
                y[k] = acc.sin();
                acc = o * o + 0.3;
                2
            }
            _ => {
                y.rotate_left(1);
                acc *= y[0];
                0
            }
        };
    }
    y[2] += acc;
}
/// Two buffers that change places by references.
#[differentiable(tape)]
fn pingpong(x: &[f64], n: usize) -> f64 {
    let mut a = x.to_vec();
    let mut b = vec![0.0; x.len()];
    for t in 0..n {
        let (src, dst) = if t % 2 == 0 {
            (&a, &mut b)
        } else {
            (&b, &mut a)
        };
        for i in 1..src.len() - 1 {
            dst[i] = (src[i - 1] * src[i + 1]).sin() + src[i];
        }
        dst[0] = src[1];
        dst[src.len() - 1] = src[0] * 0.5;
    }
    let r = if n % 2 == 0 { &a } else { &b };
    r.iter()
        .enumerate()
        .map(|(i, v)| v * (i as f64 + 1.0))
        .sum()
}
/// Rows of two slices in lockstep.
#[differentiable(tape)]
fn affine(y: &mut [f64], w: &[f64], n: usize, times: usize) {
    for _ in 0..times {
        for (row, wr) in y.chunks_exact_mut(n).zip(w.chunks_exact(n)) {
            let m: f64 = row.iter().zip(wr).map(|(a, b)| a * b).sum();
            for (a, b) in row.iter_mut().zip(wr) {
                *a = *a * m + b;
            }
        }
    }
}
/// The best so far, or none.
#[differentiable(tape)]
fn best(x: &[f64], n: usize) -> f64 {
    let mut y = x.to_vec();
    let mut best: Option<f64> = None;
    for k in 0..n {
        let c = y[k % y.len()] * y[(k + 1) % y.len()];
        match best {
            Some(b) if b >= c => {
                let m = y.len();
                y[k % m] += b * 0.1;
            }
            _ => {
                best = Some(c);
                y[0] *= 0.9;
            }
        }
    }
    best.unwrap_or(0.0) + y.iter().sum::<f64>()
}
/// Two indices that move towards each other.
#[differentiable(tape)]
fn pointers(y: &mut [f64]) {
    let (mut i, mut j) = (0, y.len() - 1);
    let mut acc = 0.2;
    while i < j {
        if y[i] * y[j] > 0.0 {
            acc += y[i] * y[j];
            y[i] = acc;
            i += 1;
        } else {
            y[j] *= acc;
            j -= 1;
        }
    }
    y[i] += acc;
}

#[differentiable(tape)]
fn mix(a: &mut [f64], b: &mut [f64], t: f64) {
    for i in 0..a.len() {
        let x = a[i] * t + b[i];
        b[i] = b[i] * x - t;
        a[i] = x;
    }
}

/// Parts of one slice, lent at once, in turns.
#[differentiable(tape)]
fn two_lent(y: &mut [f64], n: usize) {
    let half = y.len() / 2;
    for k in 0..n {
        let (l, r) = y.split_at_mut(half);
        let t = 0.2 + l[0];
        if k % 3 == 1 {
            mix(r, l, 0.3);
        } else {
            mix(l, r, t);
        }
    }
}

#[differentiable(tape)]
fn momentum(p: &mut [f64], v: &mut [f64], lr: f64) {
    for i in 0..p.len() {
        v[i] = 0.9 * v[i] - lr * p[i] * p[i];
        p[i] += v[i];
    }
}

/// State that only a callee updates.
#[differentiable(tape)]
fn train(x: &[f64], n: usize) -> f64 {
    let mut p = x.to_vec();
    let mut v = vec![0.0; x.len()];
    let mut lr = 0.2;
    for k in 0..n {
        momentum(&mut p, &mut v, lr);
        if k % 3 == 2 {
            lr *= p[0].abs() + 0.3;
        }
    }
    p.iter().map(|a| a * a).sum()
}

#[differentiable(tape)]
fn eliminate(row: &mut [f64], pivot: &[f64], k: usize) {
    let f = row[k] / pivot[k];
    for j in k..row.len() {
        row[j] -= f * pivot[j];
    }
    row[k] = f;
}

/// Elimination, a row lent beside the pivot's.
#[differentiable(tape)]
fn lu(a: &mut [f64], n: usize) {
    for k in 0..n {
        a[k * n + k] += 3.0;
        for i in k + 1..n {
            let (top, bottom) = a.split_at_mut(i * n);
            eliminate(&mut bottom[..n], &top[k * n..][..n], k);
        }
    }
}

// ------------------------------------------------------------------ tests

#[test]
fn a_loop_that_ends_by_a_number() {
    for seed in 0..4 {
        check_in_place(
            |y| while_in(y, 5),
            |y, d, t| while_in_vjp(y, d, 5, t),
            &inputs(seed, 4),
        );
    }
}

#[test]
fn a_call_as_a_condition() {
    for seed in 0..4 {
        check_in_place(
            |y| cond_calls(y, 5),
            |y, d, t| cond_calls_vjp(y, d, 5, t),
            &inputs(seed, 4),
        );
    }
}

#[test]
fn steps_tried_again() {
    for seed in 0..4 {
        check_number(
            |x| adaptive(x, 1e-3),
            |x, d, t| adaptive_grad(x, d, 1e-3, t).0,
            &inputs(seed, 4),
        );
    }
}

#[test]
fn tridiagonal_system() {
    for seed in 0..4 {
        check_number(
            |x| thomas(x, 4),
            |x, d, t| thomas_grad(x, d, 4, t),
            &inputs(seed, 16),
        );
    }
}

#[test]
fn insertion_sort() {
    for seed in 0..4 {
        check_in_place(
            |y| insertion(y),
            |y, d, t| insertion_vjp(y, d, t),
            &inputs(seed, 7),
        );
    }
}

#[test]
fn heap() {
    for seed in 0..4 {
        check_in_place(|y| sift(y), |y, d, t| sift_vjp(y, d, t), &inputs(seed, 9));
    }
}

#[test]
fn orthogonal_columns() {
    for seed in 0..4 {
        check_in_place(
            |y| gram_schmidt(y, 3),
            |y, d, t| gram_schmidt_vjp(y, d, 3, t),
            &inputs(seed, 9),
        );
    }
}

#[test]
fn rotations() {
    for seed in 0..4 {
        check_in_place(
            |y| givens(y, 3),
            |y, d, t| givens_vjp(y, d, 3, t),
            &inputs(seed, 9),
        );
    }
}

#[test]
fn reflections() {
    for seed in 0..4 {
        check_in_place(
            |y| householder(y, 3),
            |y, d, t| householder_vjp(y, d, 3, t),
            &inputs(seed, 9),
        );
    }
}

#[test]
fn smoothing_around_a_recursion() {
    for seed in 0..4 {
        check_in_place(
            |y| vcycle(y, 2),
            |y, d, t| vcycle_vjp(y, d, 2, t),
            &inputs(seed, 11),
        );
    }
}

#[test]
fn a_vec_that_grows_and_changes() {
    for seed in 0..4 {
        check_number(
            |x| newton_basis(x),
            |x, d, t| newton_basis_grad(x, d, t),
            &inputs(seed, 5),
        );
    }
}

#[test]
fn neurons() {
    for seed in 0..4 {
        check_number(
            |x| leaky(x, 3, 9),
            |x, d, t| leaky_grad(x, d, 3, 9, t),
            &inputs(seed, 9),
        );
    }
}

#[test]
fn until_little_changes() {
    for seed in 0..4 {
        check_number(
            |x| fixpoint(x, 20),
            |x, d, t| fixpoint_grad(x, d, 20, t),
            &inputs(seed, 4),
        );
    }
}

#[test]
fn exits() {
    for seed in 0..4 {
        check_in_place(
            |y| labelled(y, 6),
            |y, d, t| labelled_vjp(y, d, 6, t),
            &inputs(seed, 4),
        );
    }
}

#[test]
fn a_closure() {
    for seed in 0..4 {
        check_in_place(
            |y| closing(y, 4),
            |y, d, t| closing_vjp(y, d, 4, t),
            &inputs(seed, 4),
        );
    }
}

#[test]
fn a_machine() {
    for seed in 0..4 {
        check_in_place(
            |y| machine(y, 17),
            |y, d, t| machine_vjp(y, d, 17, t),
            &inputs(seed, 5),
        );
    }
}

#[test]
fn two_buffers() {
    for seed in 0..4 {
        check_number(
            |x| pingpong(x, 5),
            |x, d, t| pingpong_grad(x, d, 5, t),
            &inputs(seed, 5),
        );
    }
}

#[test]
fn the_best_so_far() {
    for seed in 0..4 {
        check_number(
            |x| best(x, 7),
            |x, d, t| best_grad(x, d, 7, t),
            &inputs(seed, 4),
        );
    }
}

#[test]
fn two_indices() {
    for seed in 0..4 {
        check_in_place(
            |y| pointers(y),
            |y, d, t| pointers_vjp(y, d, t),
            &inputs(seed, 8),
        );
    }
}

#[test]
fn rows_by_rows() {
    for seed in 0..4 {
        check_in_place(
            |y| rows(y.as_chunks_mut().0, 3),
            |y, d, t| rows_vjp(y.as_chunks_mut().0, d.as_chunks_mut().0, 3, t),
            &inputs(seed, 12),
        );
    }
}

#[test]
fn rows_in_lockstep() {
    for seed in 0..4 {
        let w = inputs(seed + 9, 6);
        check_in_place(
            |y| affine(y, &w, 3, 4),
            |y, d, t| affine_vjp(y, d, &w, &mut [0.0; 6], 3, 4, t),
            &inputs(seed, 6),
        );
        let y = inputs(seed, 6);
        let total = |w: &[f64]| {
            let mut y = y.clone();
            affine(&mut y, w, 3, 4);
            y.iter().sum()
        };
        let (mut y, mut d_w) = (y.clone(), vec![0.0; 6]);
        affine_vjp(&mut y, &mut [1.0; 6], &w, &mut d_w, 3, 4, &mut Tape::new());
        check_gradient(total, &w, &d_w);
    }
}

#[test]
fn particles_in_a_box() {
    let of = |y: &[f64]| -> Vec<P> {
        let pairs = y.chunks(2);
        pairs.map(|c| P { x: c[0], v: c[1] }).collect()
    };
    let back = |p: &[P], y: &mut [f64]| {
        for (c, p) in y.chunks_mut(2).zip(p) {
            c.copy_from_slice(&[p.x, p.v]);
        }
    };
    for seed in 0..4 {
        check_in_place(
            |y| {
                let mut p = of(y);
                particles(&mut p, 6, 0.2);
                back(&p, y);
            },
            |y, d, t| {
                let (mut p, mut q) = (of(y), of(d));
                particles_vjp(&mut p, &mut q, 6, 0.2, t);
                back(&p, y);
                back(&q, d);
            },
            &inputs(seed, 8),
        );
    }
}

#[test]
fn two_halves() {
    for seed in 0..4 {
        check_in_place(
            |y| two_lent(y, 5),
            |y, d, t| two_lent_vjp(y, d, 5, t),
            &inputs(seed, 6),
        );
    }
}

#[test]
fn state_of_a_callee() {
    for seed in 0..4 {
        check_number(
            |x| train(x, 7),
            |x, d, t| train_grad(x, d, 7, t),
            &inputs(seed, 4),
        );
    }
}

#[test]
fn elimination_by_rows() {
    for seed in 0..4 {
        check_in_place(|y| lu(y, 3), |y, d, t| lu_vjp(y, d, 3, t), &inputs(seed, 9));
    }
}
