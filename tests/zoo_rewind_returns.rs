//! Slices that change behind an early return, or in a branch, or several one after the other: they go back for the reverse sweep, and are left as the
//! function does.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{assert_same, check_gradient};

#[differentiable]
fn bump(y: &mut [f64], a: f64) {
    y[0] += a;
    let last = y.len() - 1;
    y[last] *= a.cos();
}

#[differentiable]
fn mix(a: &[f64], b: &mut [f64]) -> f64 {
    b[1] += a[0] * b[0];
    a[1] * b[1]
}

#[differentiable(tape)]
fn smooth(y: &mut [f64], w: f64) {
    for i in 1..y.len() {
        y[i] = (y[i] * 0.6 + w * y[i - 1] * y[i]).sin();
    }
}

#[differentiable(tape)]
fn trade(p: &mut [f64], q: &mut [f64], a: f64) {
    for i in 0..p.len().min(q.len()) {
        let t = (p[i] * a - q[i] * 0.3).sin();
        q[i] = p[i] * 0.5 + 0.1 * q[i] * q[i];
        p[i] = t;
    }
}

#[differentiable(tape)]
fn one_after_the_other(y: &mut [f64], z: &mut [f64], x: f64, n: usize) -> f64 {
    let mut p = x;
    if n > 2 {
        return y[1] * p;
    }
    bump(z, x.sin());
    p += mix(&*y, z);
    p = p.sin();
    bump(y, x - p);
    p * y[0] + z[2]
}

#[differentiable(tape)]
fn both_sides_change_all(y: &mut [f64], z: &mut [f64], x: f64, n: usize) -> f64 {
    if n > 2 {
        y[0] += x;
        smooth(z, x);
        trade(y, z, 0.4);
        return y[1] * z[0];
    }
    trade(y, z, x);
    smooth(y, z[1]);
    let p = mix(&*y, z);
    smooth(z, p);
    p * y[0] + z[2]
}

#[differentiable(tape)]
fn loops_in_the_rest(y: &mut [f64], z: &mut [f64], x: f64, n: usize) -> f64 {
    if n == 0 {
        return x * y[0];
    }
    let mut p = x;
    for k in 0..n {
        smooth(y, p);
        p = (p * y[k % 3] + z[0]).cos();
    }
    trade(y, z, p);
    for i in 1..z.len() {
        z[i] = (z[i] * z[i - 1] + p).sin();
        p += z[i] * y[0];
    }
    bump(z, p);
    p * y[2] + z[1]
}

/// In each iteration of a loop.
#[differentiable(tape)]
fn branch_in_a_loop(y: &mut [f64], z: &mut [f64], x: f64, n: usize) -> f64 {
    let mut p = x;
    for k in 0..n {
        if k != 1 {
            bump(z, p);
            p = (p + mix(&*y, z)).sin();
            smooth(y, p);
        } else {
            trade(z, y, p);
        }
        p = (p * y[k % 3]).cos();
    }
    p + y[0] * z[1]
}

/// The branch leaves what a loop fills behind what it has read.
#[differentiable(tape)]
fn filled_at_the_end(y: &mut [f64], z: &mut [f64], x: f64, n: usize) -> f64 {
    if n == 1 {
        return x;
    }
    let p = mix(&*z, y);
    smooth(y, x * p);
    let q = y[2] * p;
    for i in 0..y.len() {
        y[i] = q * i as f64 + z[i];
    }
    y[1] * q
}

#[differentiable(tape)]
fn scan(y: &mut [f64], a: f64) -> f64 {
    let mut s = a;
    for i in 0..y.len() {
        s = (s * y[i] + 0.2).cos();
        y[i] = s;
    }
    s * y[0]
}

/// That a call with two parts of one buffer does what another one does was not seen, and the buffer changed twice.
#[differentiable(tape)]
fn two_parts_of_a_copy(y: &mut [f64], z: &mut [f64], x: f64, n: usize) -> f64 {
    let mut p = x;
    let mut u = z.to_vec();
    let mut v = vec![0.4; 3];
    if n > 2 {
        return y[1] * p;
    }
    let (first, rest) = u.split_at_mut(1);
    trade(first, rest, p);
    p = (p + scan(&mut v, z[1])).sin();
    y[1] * p + u[0]
}

#[differentiable(tape)]
fn two_parts_of_a_slice(y: &mut [f64], z: &mut [f64], x: f64, n: usize) -> f64 {
    let mut p = x;
    if n > 2 {
        p *= y[1];
        return p * z[0];
    }
    let (first, rest) = y.split_at_mut(1);
    trade(first, rest, p);
    p += scan(z, y[1]);
    let (first, rest) = y.split_at_mut(2);
    trade(rest, first, p);
    y[1] * p + z[0]
}

/// What the second call of `scan` changes goes back before the copy does: that lies below it on the log.
#[differentiable(tape)]
fn one_in_the_middle_of_another(y: &mut [f64], z: &mut [f64], x: f64, n: usize) -> f64 {
    let mut u = z.to_vec();
    let mut v = vec![0.4; 3];
    bump(&mut u, x);
    let mut p = (x + scan(&mut v, x)).sin();
    u.copy_from_slice(&*y);
    p = (p + scan(&mut v, z[1])).sin();
    p + u[0] + n as f64 * v[1]
}

type Primal = fn(&mut [f64], &mut [f64], f64, usize) -> f64;
type Vjp =
    fn(&mut [f64], &mut [f64], &mut [f64], &mut [f64], f64, usize, f64, &mut Tape) -> (f64, f64);

fn check(f: Primal, vjp: Vjp) {
    let weights = [0.9, 0.3, -0.2, 1.1, -1.3, 0.4];
    let sum = |y: &[f64], z: &[f64]| {
        let left = y.iter().chain(z).zip(&weights);
        left.map(|(a, w)| a * w).sum::<f64>()
    };
    for n in 0..5 {
        for at in [
            [0.3, -0.2, 0.9, 0.4, -0.6, 0.8, 0.2],
            [-0.7, 0.6, 0.45, -0.3, 0.7, -0.4, 1.1],
        ] {
            let all = |p: &[f64]| {
                let (mut y, mut z) = ([p[0], p[1], p[2]], [p[3], p[4], p[5]]);
                f(&mut y, &mut z, p[6], n) + sum(&y, &z)
            };
            let (mut y, mut z) = ([at[0], at[1], at[2]], [at[3], at[4], at[5]]);
            let (mut d_y, mut d_z) = ([0.9, 0.3, -0.2], [1.1, -1.3, 0.4]);
            let mut tape = Tape::new();
            let (value, d_x) = vjp(&mut y, &mut d_y, &mut z, &mut d_z, at[6], n, 1.0, &mut tape);
            assert_same(value + sum(&y, &z), all(&at));
            let d = [d_y[0], d_y[1], d_y[2], d_z[0], d_z[1], d_z[2], d_x];
            check_gradient(all, &at, &d);
        }
    }
}

macro_rules! tests {
    ($($f:ident $vjp:ident),*) => {
        mod rewinds {
            use super::*;

            $(
                #[test]
                fn $f() {
                    check(super::$f, super::$vjp);
                }
            )*
        }
    };
}
tests!(
    one_after_the_other one_after_the_other_vjp,
    both_sides_change_all both_sides_change_all_vjp,
    loops_in_the_rest loops_in_the_rest_vjp,
    branch_in_a_loop branch_in_a_loop_vjp,
    filled_at_the_end filled_at_the_end_vjp,
    two_parts_of_a_copy two_parts_of_a_copy_vjp,
    two_parts_of_a_slice two_parts_of_a_slice_vjp,
    one_in_the_middle_of_another one_in_the_middle_of_another_vjp
);
