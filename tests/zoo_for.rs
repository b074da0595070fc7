//! `for` loops over every form of range, constant and of run-time length, empty and reversed-empty, with every index type, nested.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{assert_all_near, check_args, check_gradient, check_slice, noise};

/// One sum for each form of range: the weights show which elements were visited, and how often.
#[differentiable]
fn forwards(x: &[f64], lo: usize, hi: usize) -> f64 {
    let mut s = 0.0;
    for i in lo..hi {
        s += x[i] * x[i] * i as f64;
    }
    s
}

#[differentiable]
fn inclusive(x: &[f64], lo: usize, hi: usize) -> f64 {
    let mut s = 0.0;
    for i in lo..=hi {
        s += x[i] * x[i] * i as f64;
    }
    s
}

#[differentiable]
fn reversed(x: &[f64], lo: usize, hi: usize) -> f64 {
    let mut s = 0.0;
    for i in (lo..hi).rev() {
        s += x[i] * x[i] * i as f64;
    }
    s
}

#[differentiable]
fn stepped(x: &[f64], lo: usize, hi: usize) -> f64 {
    let mut s = 0.0;
    for i in (lo..hi).step_by(3) {
        s += x[i] * x[i] * i as f64;
    }
    s
}

#[differentiable]
fn reversed_then_stepped(x: &[f64], lo: usize, hi: usize) -> f64 {
    let mut s = 0.0;
    for i in (lo..hi).rev().step_by(2) {
        s += x[i] * x[i] * i as f64;
    }
    s
}

#[differentiable]
fn stepped_then_reversed(x: &[f64], lo: usize, hi: usize) -> f64 {
    let mut s = 0.0;
    for i in (lo..hi).step_by(2).rev() {
        s += x[i] * x[i] * i as f64;
    }
    s
}

#[differentiable]
fn inclusive_reversed_stepped(x: &[f64], lo: usize, hi: usize) -> f64 {
    let mut s = 0.0;
    for i in (lo..=hi).rev().step_by(3) {
        s += x[i] * x[i] * i as f64;
    }
    s
}

#[differentiable]
fn reversed_twice(x: &[f64], lo: usize, hi: usize) -> f64 {
    let mut s = 0.0;
    for i in (lo..hi).rev().rev() {
        s += x[i] * x[i] * i as f64;
    }
    s
}

type Ranged = fn(&[f64], usize, usize) -> f64;
type RangedGrad = fn(&[f64], &mut [f64], usize, usize) -> f64;

const RANGED: &[(Ranged, RangedGrad)] = &[
    (forwards, forwards_grad),
    (inclusive, inclusive_grad),
    (reversed, reversed_grad),
    (stepped, stepped_grad),
    (reversed_then_stepped, reversed_then_stepped_grad),
    (stepped_then_reversed, stepped_then_reversed_grad),
    (inclusive_reversed_stepped, inclusive_reversed_stepped_grad),
    (reversed_twice, reversed_twice_grad),
];

#[test]
fn sums_over_every_form_of_range() {
    let x = noise(1, 9);
    for (f, grad) in RANGED {
        // Ordinary, whole, of one, empty, and empty because its ends are the wrong way round.
        for (lo, hi) in [(2, 7), (0, 8), (3, 4), (5, 5), (6, 2)] {
            check_slice(|x| f(x, lo, hi), |x, d| grad(x, d, lo, hi), &x);
        }
    }
}

/// A recurrence shows the order of the iterations, forwards and backwards.
#[differentiable(tape)]
fn recurrences(x: &[f64], lo: usize, hi: usize, step: usize, form: u8) -> f64 {
    let mut s = 0.5;
    match form {
        0 => {
            for i in lo..hi {
                s = s * x[i] + x[0];
            }
        }
        1 => {
            for i in lo..=hi {
                s = s * x[i] + x[0];
            }
        }
        2 => {
            for i in (lo..hi).rev() {
                s = s * x[i] + x[0];
            }
        }
        3 => {
            for i in (lo..hi).step_by(step) {
                s = s * x[i] + x[0];
            }
        }
        4 => {
            for i in (lo..hi).rev().step_by(step) {
                s = s * x[i] + x[0];
            }
        }
        5 => {
            for i in (lo..hi).step_by(step).rev() {
                s = s * x[i] + x[0];
            }
        }
        _ => {
            for i in (lo..=hi).rev().step_by(step) {
                s = s * x[i] + x[0];
            }
        }
    }
    s
}

#[test]
fn recurrences_over_every_form_of_range() {
    let (x, mut tape) = (noise(2, 9), Tape::new());
    for form in 0..7 {
        for (lo, hi) in [(2, 7), (0, 8), (3, 4), (5, 5), (6, 2)] {
            for step in 1..4 {
                check_slice(
                    |x| recurrences(x, lo, hi, step, form),
                    |x, d| recurrences_grad(x, d, lo, hi, step, form, &mut tape),
                    &x,
                );
            }
        }
    }
}

const N: usize = 4;

#[differentiable]
fn constant_recurrence(x: &[f64; 9]) -> f64 {
    let mut s = 1.0;
    for i in 0..N {
        s = s * x[i] + 0.3;
    }
    for i in 2..=5 {
        s = s * x[i] + 0.3;
    }
    for i in (1..7).rev() {
        s = s * x[i] - 0.3;
    }
    for i in (1..9).step_by(3) {
        s = s * x[i] + 0.7;
    }
    for i in (0..9).rev().step_by(4) {
        s = (s * x[i]).sin();
    }
    for i in (0..=N).rev().step_by(2) {
        s = s * x[i] + 1.0;
    }
    for i in (3..3).rev() {
        s = s * x[i];
    }
    for _ in 0..2 {
        s = s * s;
    }
    s
}

#[test]
fn constant_ranges_keep_on_the_stack() {
    for seed in 0..3 {
        let x = noise(seed, 9);
        check_slice(
            |x| constant_recurrence(x.try_into().unwrap()),
            |x, d| constant_recurrence_grad(x.try_into().unwrap(), d.try_into().unwrap()),
            &x,
        );
    }
}

#[differentiable]
fn index_types(x: f64, n: i32, m: u8, k: u64) -> f64 {
    let mut s = 0.0;
    for i in -n..n {
        s += x * i as f64 * x;
    }
    for i in (0..=m).rev() {
        s += f64::from(i) * x.sin();
    }
    for i in k - 1..k + 2 {
        s += (x * i as f64).cos();
    }
    for i in (-3..n as i64).step_by(2) {
        s += (x * i as f64).exp();
    }
    for c in 0_u16..3 {
        s += x * f64::from(c);
    }
    s
}

#[differentiable]
fn signed_recurrence(x: f64) -> f64 {
    let mut s = x;
    for i in -2..3_i32 {
        s = s * x + 0.1 * f64::from(i);
    }
    for i in (-1..=2_i64).rev() {
        s = s.sin() * x + i as f64;
    }
    for i in (0..5_u8).step_by(2) {
        s = s * s * 0.1 + x * f64::from(i);
    }
    s
}

#[test]
fn indices_of_other_types() {
    check_args(
        |[x]| index_types(x, 3, 5, 7),
        |[x]| index_types_grad(x, 3, 5, 7),
        &[[0.7], [-1.2]],
    );
    check_args(
        |[x]| index_types(x, -1, 255, 1),
        |[x]| index_types_grad(x, -1, 255, 1),
        &[[0.3]],
    );
    check_args(
        |[x]| signed_recurrence(x),
        |[x]| signed_recurrence_grad(x),
        &[[0.7], [-1.2]],
    );
}

#[differentiable]
fn nested_sums(a: &[f64], n: usize, m: usize) -> f64 {
    let mut total = 0.0;
    for i in 0..n {
        let mut row = 1.0;
        for j in 0..m {
            let mut cell = 0.0;
            for k in i..=j {
                cell += a[i * m + j] * a[k];
            }
            row += cell * cell;
        }
        total += row.sqrt() * a[i];
    }
    total
}

#[differentiable]
fn triangular(a: &[f64], n: usize) -> f64 {
    let mut s = 0.0;
    for i in 0..n {
        for j in 0..i {
            for k in (j..i).rev() {
                s += a[i] * a[j] * a[k];
            }
        }
        for j in (i + 1..n).rev() {
            s -= a[i] / (2.0 + a[j]);
        }
    }
    s
}

#[differentiable]
fn nested_constant_recurrences(x: f64) -> f64 {
    let mut s = x;
    for i in 0..3 {
        let mut t = s * x;
        for j in (0..2).rev() {
            t = t * s + j as f64;
            for k in 1..=2 {
                t = t.sin() + s / (i + j + k) as f64;
            }
            s += t * t;
        }
        s = s * 0.1 + t;
    }
    s
}

#[test]
fn nested_loops() {
    for (n, m) in [(3, 4), (4, 3), (1, 1), (0, 3), (3, 0)] {
        check_slice(
            |a| nested_sums(a, n, m),
            |a, d| nested_sums_grad(a, d, n, m),
            &noise(3, 12),
        );
    }
    for n in 0..6 {
        check_slice(
            |a| triangular(a, n),
            |a, d| triangular_grad(a, d, n),
            &noise(4, 5 + n),
        );
    }
    check_args(
        |[x]| nested_constant_recurrences(x),
        |[x]| nested_constant_recurrences_grad(x),
        &[[0.4], [-0.9], [1.3]],
    );
}

#[differentiable]
fn index_shadowed(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() {
        let k = i;
        let i = x.len() - 1 - i;
        s += x[i] * x[k] * k as f64;
        for i in 0..2 {
            s += x[k] * i as f64;
        }
        s += x[i];
    }
    s
}

#[differentiable]
fn bounds_that_change(x: &[f64]) -> f64 {
    let mut n = x.len();
    let mut s = 0.0;
    for i in 0..n {
        n = 2;
        s += x[i] * x[i] * n as f64;
    }
    for i in 0..n {
        s += x[i].exp();
    }
    s
}

#[test]
fn names_and_bounds_that_change_meaning() {
    check_slice(index_shadowed, index_shadowed_grad, &noise(5, 5));
    check_slice(bounds_that_change, bounds_that_change_grad, &noise(6, 4));
}

#[differentiable]
fn value_after_the_loop(x: f64, n: usize) -> f64 {
    let mut last = x;
    let mut sum = 0.0;
    for i in 0..n {
        last = x * i as f64;
        sum += last;
    }
    last * last + sum
}

#[differentiable]
fn lets_in_the_body(x: &[f64], w: f64) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() {
        let a = x[i] * w;
        let b = if a > 0.0 { a.sqrt() } else { a * a };
        let (c, d) = (a * b, a + b);
        s += c / (1.0 + d * d);
    }
    s * w
}

#[test]
fn values_carried_out_and_locals_inside() {
    for n in [0, 1, 3] {
        check_args(
            |[x]| value_after_the_loop(x, n),
            |[x]| value_after_the_loop_grad(x, n),
            &[[0.7]],
        );
    }
    let x = noise(7, 6);
    check_slice(
        |x| lets_in_the_body(x, 1.3),
        |x, d| lets_in_the_body_grad(x, d, 1.3).0,
        &x,
    );
    check_gradient(
        |w| lets_in_the_body(&x, w[0]),
        &[1.3],
        &[lets_in_the_body_grad(&x, &mut [0.0; 6], 1.3).1],
    );
    let mut d = [0.0; 0];
    assert_eq!(lets_in_the_body_grad(&[], &mut d, 1.3), (0.0, 0.0));
    assert_all_near(&d, &[], 0.0);
}

/// What goes in comes out three iterations later.
#[differentiable]
fn delayed(x: f64, n: usize) -> f64 {
    let (mut first, mut second, mut third) = (0.1, 0.2, 0.3);
    let mut sum = 0.0;
    for i in 0..n {
        sum += first;
        first = second;
        second = third;
        third = x * (i + 1) as f64;
    }
    sum
}

#[test]
fn delays() {
    for n in 0..7 {
        check_args(|[x]| delayed(x, n), |[x]| delayed_grad(x, n), &[[0.7]]);
    }
}
