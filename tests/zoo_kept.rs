//! Results that the reverse sweep finds where the forward sweep kept them instead of computing them again: on the stack, on the tape, in
//! loops of every kind; and where there is no place for them.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{check_slice, noise};

const MANY: usize = 5_000;
const FEW: usize = 4;

/// Two passes: the sum has to be known before its parts are weighed.
#[differentiable]
fn softmax(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..4 {
        sum += x[i].exp() * (x[i] * 0.5).sin();
    }
    (sum * sum).sqrt() + sum.cos()
}

#[differentiable]
fn by_name(x: &[f64]) -> f64 {
    let mut sum = 0.1;
    for i in (0..FEW).rev() {
        sum += (x[i] - x[0]).exp() * x[i].cosh();
    }
    sum.ln()
}

/// More than belongs on the stack: computed again.
#[differentiable]
fn too_many(x: &[f64]) -> f64 {
    let mut sum = 0.1;
    for i in 0..MANY {
        sum += x[i % 4].exp() * 1e-4;
    }
    sum.ln()
}

#[differentiable]
fn generic<const N: usize>(x: &[f64; N]) -> f64 {
    let mut sum = 0.1;
    for i in 0..N {
        sum += (x[i] * x[0]).tanh() + (i as f64 * x[i]).exp();
    }
    sum * sum * x[1]
}

#[differentiable]
fn in_a_loop(x: &[f64]) -> f64 {
    let mut total = 0.0;
    for k in 0..x.len() {
        let mut sum = 1.0;
        for i in 1..=3 {
            let e = (x[k] * i as f64).exp();
            sum += e + (e * x[i % 4]).atan();
        }
        total += sum.ln() * x[k];
    }
    total
}

#[differentiable(tape)]
fn on_the_tape(x: &[f64], n: usize) -> f64 {
    let (mut h, mut c) = (0.1, 0.2);
    for i in 0..n {
        let a = (x[i % 4] + h).tanh();
        let b = (a * c).exp();
        if b > 1.0 {
            c += a.sin() * x[1];
        }
        h = a * b * 0.5 + (c * 0.3).sin();
    }
    h * c
}

/// A map and a reduction have nothing to keep but what is dear: the reverse loop, which could run either way, runs backwards then.
#[differentiable(tape)]
fn only_results(x: &[f64], n: usize) -> f64 {
    let mut sum = 0.0;
    for i in 0..n {
        sum += (x[i % 4] * (1 + i) as f64).sin() * x[(i + 1) % 4].exp();
    }
    sum * sum
}

#[differentiable(tape)]
fn until(x: &[f64], n: usize) -> f64 {
    let mut s = x[0];
    let mut k = 0;
    while k < n {
        s = (s * x[k % 4]).sin() + x[1].exp() * 0.1;
        k += 1;
        if s > 5.0 {
            break;
        }
    }
    s
}

#[differentiable(tape)]
fn nested(x: &[f64], n: usize) -> f64 {
    let mut s = 0.3;
    for i in 0..n {
        let u = (s * x[i % 4]).exp();
        let mut t = u;
        for j in 0..i {
            t = (t * 0.5 + x[j % 4]).sin() * x[2].cosh();
        }
        s = t.atan() + u * 0.1;
    }
    s
}

#[differentiable(tape)]
fn arrays_and_results(x: &[f64], n: usize) -> f64 {
    let mut a = [x[0], x[1], 0.5];
    let mut s = 1.0;
    for i in 0..n {
        let e = (a[i % 3] * 0.3).exp();
        a[(i + 1) % 3] = a[i % 3] * e - s;
        s = (s * e).tanh();
    }
    s + a[0] * a[1] + a[2]
}

/// Indices that are no places in an array: the iterations are counted.
#[differentiable]
fn below_zero(x: &[f64]) -> f64 {
    let mut sum = 0.1;
    for i in -2..2_i32 {
        sum += (x[(i + 2) as usize] * i as f64).exp() * x[0].sin();
    }
    for i in (-1..=2_i32).rev() {
        sum += (x[(i + 1) as usize] * i as f64).cosh();
    }
    sum * sum
}

/// A range that cannot be reversed by asking for it.
#[differentiable(tape)]
fn stepped(x: &[f64], n: usize) -> f64 {
    let mut a = [0.5; 2];
    for k in (0..n).rev().step_by(2) {
        a[k % 2] += x[k % 4].sin().cos() * x[0];
    }
    for k in (1..=n).step_by(3) {
        a[k % 2] += x[k % 4].exp() * x[1];
    }
    a[0] * a[1]
}

#[test]
fn kept_results_are_those_of_their_iteration() {
    for seed in 0..3 {
        let x = noise(seed, 4);
        check_slice(softmax, softmax_grad, &x);
        check_slice(by_name, by_name_grad, &x);
        check_slice(in_a_loop, in_a_loop_grad, &x);
        check_slice(below_zero, below_zero_grad, &x);
        let array = |x: &[f64]| [x[0], x[1], x[2], x[3]];
        check_slice(
            |x| generic(&array(x)),
            |x, d| {
                let mut own = [0.0; 4];
                let value = generic_grad(&array(x), &mut own);
                d.iter_mut().zip(own).for_each(|(d, own)| *d += own);
                value
            },
            &x,
        );
        for n in 0..5 {
            let mut tape = Tape::new();
            check_slice(
                |x| on_the_tape(x, n),
                |x, d| on_the_tape_grad(x, d, n, &mut tape),
                &x,
            );
            check_slice(
                |x| only_results(x, n),
                |x, d| only_results_grad(x, d, n, &mut tape),
                &x,
            );
            check_slice(
                |x| stepped(x, n),
                |x, d| stepped_grad(x, d, n, &mut tape),
                &x,
            );
            check_slice(|x| until(x, n), |x, d| until_grad(x, d, n, &mut tape), &x);
            check_slice(|x| nested(x, n), |x, d| nested_grad(x, d, n, &mut tape), &x);
            check_slice(
                |x| arrays_and_results(x, n),
                |x, d| arrays_and_results_grad(x, d, n, &mut tape),
                &x,
            );
        }
    }
    check_slice(too_many, too_many_grad, &noise(7, 4));
}

/// Random program 13000099: where the remainder is kept, nobody asks for the counter that it was computed of; it lay on the tape all the same.
#[differentiable(tape)]
fn result_of_a_counter(x: f64, a: &[f64; 3], n: usize) -> f64 {
    let (mut y, mut t, mut k) = (a[0], a[1], 0);
    while k < n {
        if -x < x.rem_euclid(a[k % 2] * a[k % 2] + 0.7) {
            t = a[1].atan2(a[2] * a[2] + 0.7);
        }
        if y > 0.3 {
            break;
        }
        y = t.sin() + y;
        k += 1;
    }
    match k % 4 {
        1 if t > 0.05 => y * a[2],
        1..3 => y + t,
        _ => y * t,
    }
}

#[test]
fn what_a_kept_result_was_computed_of() {
    for n in 0..4 {
        for x in [-1.0, -0.04, 0.6, 1.9] {
            for a in [[-0.1, 0.7, -1.0], [0.2, -0.5, 0.3], [-0.9, 1.2, 0.8]] {
                check_slice(
                    |v| result_of_a_counter(v[0], &[v[1], v[2], v[3]], n),
                    |v, d| {
                        let (mut d_a, mut tape) = ([0.0; 3], Tape::new());
                        let a = [v[1], v[2], v[3]];
                        let (value, d_x) =
                            result_of_a_counter_grad(v[0], &a, &mut d_a, n, &mut tape);
                        for (d, new) in d.iter_mut().zip([d_x, d_a[0], d_a[1], d_a[2]]) {
                            *d += new;
                        }
                        value
                    },
                    &[x, a[0], a[1], a[2]],
                );
            }
        }
    }
}
