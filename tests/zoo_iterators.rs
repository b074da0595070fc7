//! Iterators as loop headers and as values: every adaptor, alone and stacked, over slices of every small length, against finite differences.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{assert_same, check_gradient, check_slice, noise};

/// A weight that tells items and their order apart.
fn weight(k: usize) -> f64 {
    1.0 + 0.37 * (k as f64)
}

#[differentiable]
fn slice(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for v in x {
        s += v * v;
    }
    s
}

#[differentiable]
fn reference_pattern(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for &v in x.iter() {
        let mut w = v * v;
        w *= v;
        s += w;
    }
    s
}

#[differentiable]
fn enumerated(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for (i, v) in x.iter().enumerate() {
        s += v * v * weight(i);
    }
    s
}

#[differentiable]
fn enumerated_then_reversed(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for (i, v) in x.iter().enumerate().rev() {
        s = 0.5 * s + v * v * weight(i);
    }
    s
}

#[differentiable]
fn reversed_then_enumerated(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for (i, &v) in x.iter().rev().enumerate() {
        s += v * v * weight(i);
    }
    s
}

#[differentiable]
fn skipped(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for (i, v) in x.iter().skip(2).enumerate() {
        s += v * v * weight(i);
    }
    s
}

#[differentiable]
fn enumerated_then_skipped(x: &[f64]) -> f64 {
    x.iter()
        .enumerate()
        .skip(2)
        .map(|(i, v)| v * v * weight(i))
        .sum()
}

#[differentiable]
fn taken(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for v in x.iter().take(3) {
        s += v.sin();
    }
    s
}

#[differentiable]
fn skipped_and_taken(x: &[f64]) -> f64 {
    x.iter()
        .skip(1)
        .take(3)
        .rev()
        .enumerate()
        .map(|(i, v)| v * v * weight(i))
        .sum::<f64>()
}

#[differentiable]
fn stepped(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for v in x.iter().step_by(2) {
        s += v * v * v;
    }
    s
}

#[differentiable]
fn stepped_and_reversed(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for (i, v) in x.iter().step_by(2).rev().enumerate() {
        s += v * v * weight(i);
    }
    for (i, v) in x.iter().enumerate().rev().step_by(3) {
        s += v.sin() * weight(i);
    }
    for (i, v) in x.iter().enumerate().step_by(3).skip(1) {
        s += v.cos() * weight(i);
    }
    s
}

#[differentiable]
fn zipped_with_its_tail(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for (a, b) in x.iter().zip(x.iter().skip(1)) {
        s += a * b;
    }
    s
}

#[differentiable]
fn zipped_three(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for ((a, b), c) in x.iter().zip(x.iter().rev()).zip(x.iter().skip(2)) {
        s += a * b * c;
    }
    s
}

#[differentiable]
fn zipped_and_reversed(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for (k, (a, b)) in x.iter().zip(x.iter().take(4)).rev().enumerate() {
        s += a * b * weight(k);
    }
    s
}

#[differentiable]
fn zipped_with_ranges(x: &[f64]) -> f64 {
    let n = x.len();
    let mut s = 0.0;
    for (i, v) in (0..n).zip(x) {
        s += x[i] * v;
    }
    for (v, i) in x.iter().zip(3..) {
        s += v * i as f64;
    }
    for (k, v) in (1..=4u8).zip(x.iter().rev()) {
        s += v.sin() * f64::from(k);
    }
    for (k, v) in (-2i64..3).rev().zip(x) {
        s += v.cos() * k as f64;
    }
    s
}

#[differentiable]
fn chunked(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for (k, c) in x.chunks(3).enumerate() {
        let mut p = 0.0;
        for v in c {
            p += v;
        }
        s += p * p * weight(k) / c.len() as f64;
    }
    s
}

#[differentiable]
fn chunked_and_reversed(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for (k, c) in x.chunks(2).rev().enumerate() {
        s += c.iter().map(|v| v * v).sum::<f64>() * weight(k) + c[0];
    }
    s
}

#[differentiable]
fn chunked_exactly(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for c in x.chunks_exact(2) {
        s += c[0] * c[1] + c[c.len() - 1];
    }
    s
}

#[differentiable]
fn windowed(x: &[f64]) -> f64 {
    x.windows(2)
        .map(|w| 100.0 * (w[1] - w[0] * w[0]).powi(2) + (1.0 - w[0]).powi(2))
        .sum()
}

#[differentiable]
fn windowed_by_a_variable(x: &[f64], n: usize) -> f64 {
    let mut s = 0.0;
    for (k, w) in x.windows(n).enumerate() {
        let mut p = 0.0;
        for (j, v) in w.iter().enumerate() {
            p += v * weight(j);
        }
        s += p * p * weight(k);
    }
    s
}

#[differentiable]
fn sub_slices(x: &[f64]) -> f64 {
    let n = x.len();
    let m = n / 2;
    let mut s = 0.0;
    for (a, b) in x[..m].iter().zip(&x[m..]) {
        s += a * b;
    }
    for (i, w) in x[m..n].windows(2).enumerate() {
        s += w[0] * w[1] * weight(i);
    }
    for c in x[m..].chunks(2).skip(1) {
        s += c[0] * c[0];
    }
    s + x[m..].iter().rev().skip(1).sum::<f64>()
}

#[differentiable]
fn copied(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for mut v in x.iter().copied() {
        v *= v;
        s += v.sin();
    }
    s + x.iter().cloned().map(|v| v * v).sum::<f64>()
}

#[differentiable]
fn filtered(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for v in x.iter().filter(|v| **v > 0.0) {
        s += v.ln();
    }
    s + x.iter().filter(|&&v| v < 0.0).map(|v| v * v).sum::<f64>()
}

/// How many came through before is a number that the reverse sweep cannot compute backwards.
#[differentiable(tape)]
fn filtered_then_counted(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for (i, v) in x.iter().filter(|v| **v > 0.0).enumerate() {
        s += v * v * weight(i);
    }
    for v in x.iter().filter(|v| **v > -0.5).skip(1).take(2) {
        s += v.sin();
    }
    for (i, v) in x.iter().enumerate().filter(|(i, _)| i % 2 == 1).rev() {
        s += v * weight(i);
    }
    s + x.iter().filter(|v| **v > 0.0).count() as f64
}

#[differentiable]
fn taken_while(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for v in x.iter().take_while(|v| **v > -0.7) {
        if *v > 0.9 {
            break;
        }
        if *v > 0.8 {
            continue;
        }
        s += v * v;
    }
    s
}

#[differentiable]
fn left_early(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for (k, v) in x.iter().enumerate() {
        if *v > 0.6 {
            return s * v;
        }
        s += v * v * weight(k);
    }
    s
}

#[differentiable]
fn nested(x: &[f64]) -> f64 {
    let mut s = 0.0;
    'rows: for (i, a) in x.iter().enumerate() {
        for b in &x[i..] {
            if *b < -0.8 {
                continue 'rows;
            }
            s += a * b;
        }
    }
    s
}

#[differentiable]
fn mapped_by_functions(x: &[f64]) -> f64 {
    x.iter().copied().map(f64::sin).sum::<f64>() + x.iter().copied().map(cube).sum::<f64>()
}

#[differentiable]
fn cube(x: f64) -> f64 {
    x * x * x
}

#[differentiable]
fn norm(x: &[f64]) -> f64 {
    x.iter().map(|v| v * v).sum::<f64>()
}

#[differentiable]
fn mapped_by_a_function_of_slices(x: &[f64]) -> f64 {
    x.chunks(2).map(norm).map(f64::exp).sum()
}

#[differentiable]
fn folded(x: &[f64]) -> f64 {
    let total = x.iter().fold(1.0, |acc, v| acc + v * v);
    let (sum, n) = x.iter().fold((0.0, 1.0), |(s, n), v| (s + v, n + 1.0));
    total.ln() * sum / n
}

#[differentiable]
fn over_ranges(x: &[f64]) -> f64 {
    let n = x.len();
    let a: f64 = (0..n).map(|i| x[i] * weight(i)).sum();
    let b = (1..n).rev().map(|i| x[i] * x[i - 1]).sum::<f64>();
    a * b
}

#[differentiable]
fn matrix(x: &[f64]) -> f64 {
    let n = x.len();
    (0..n)
        .map(|i| {
            (0..=i)
                .map(|j| x[i] * x[j] * weight(j))
                .sum::<f64>()
                .powi(2)
        })
        .sum::<f64>()
}

#[differentiable]
fn questions(x: &[f64]) -> f64 {
    let mut s = 0.0;
    if x.iter().any(|v| *v > 0.5) {
        s += norm(x);
    }
    if x.iter().all(|&v| v > -0.9) {
        s += x.iter().sum::<f64>();
    }
    s * (x.iter().rev().len() + x.chunks(2).count()) as f64
}

#[differentiable]
fn for_each(x: &[f64]) -> f64 {
    let mut s = 0.0;
    x.iter().zip(x.iter().skip(1)).for_each(|(a, b)| s += a * b);
    s
}

type Function = fn(&[f64]) -> f64;
type Gradient = fn(&[f64], &mut [f64]) -> f64;

const FUNCTIONS: &[(Function, Gradient)] = &[
    (slice, slice_grad),
    (reference_pattern, reference_pattern_grad),
    (enumerated, enumerated_grad),
    (enumerated_then_reversed, enumerated_then_reversed_grad),
    (reversed_then_enumerated, reversed_then_enumerated_grad),
    (skipped, skipped_grad),
    (enumerated_then_skipped, enumerated_then_skipped_grad),
    (taken, taken_grad),
    (skipped_and_taken, skipped_and_taken_grad),
    (stepped, stepped_grad),
    (stepped_and_reversed, stepped_and_reversed_grad),
    (zipped_with_its_tail, zipped_with_its_tail_grad),
    (zipped_three, zipped_three_grad),
    (zipped_and_reversed, zipped_and_reversed_grad),
    (zipped_with_ranges, zipped_with_ranges_grad),
    (chunked, chunked_grad),
    (chunked_and_reversed, chunked_and_reversed_grad),
    (chunked_exactly, chunked_exactly_grad),
    (windowed, windowed_grad),
    (sub_slices, sub_slices_grad),
    (copied, copied_grad),
    (filtered, filtered_grad),
    (taken_while, taken_while_grad),
    (left_early, left_early_grad),
    (nested, nested_grad),
    (mapped_by_functions, mapped_by_functions_grad),
    (
        mapped_by_a_function_of_slices,
        mapped_by_a_function_of_slices_grad,
    ),
    (folded, folded_grad),
    (over_ranges, over_ranges_grad),
    (matrix, matrix_grad),
    (questions, questions_grad),
    (for_each, for_each_grad),
];

#[test]
fn every_adaptor_over_every_small_length() {
    for (k, (f, grad)) in FUNCTIONS.iter().enumerate() {
        for n in 0..9 {
            check_slice(f, grad, &noise((10 * k + n) as u64, n));
        }
    }
}

#[test]
fn windows_of_every_width() {
    let x = noise(3, 6);
    for n in 1..9 {
        check_slice(
            |x| windowed_by_a_variable(x, n),
            |x, d| windowed_by_a_variable_grad(x, d, n),
            &x,
        );
    }
}

#[differentiable]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>()
}

#[test]
fn zip_stops_at_the_shorter() {
    for (m, n) in [(3, 5), (5, 3), (0, 2), (2, 0), (4, 4)] {
        let (a, b) = (noise(1, m), noise(2, n));
        let (mut d_a, mut d_b) = (vec![0.0; m], vec![0.0; n]);
        assert_same(dot_grad(&a, &mut d_a, &b, &mut d_b), dot(&a, &b));
        check_gradient(|a| dot(a, &b), &a, &d_a);
        check_gradient(|b| dot(&a, b), &b, &d_b);
    }
}

#[differentiable(tape)]
fn products(x: &[f64]) -> f64 {
    let largest = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    x.iter().map(|v| v + 2.0).product::<f64>() + largest
}

#[test]
fn products_and_counts_need_a_tape() {
    let mut tape = Tape::new();
    for n in 1..9 {
        check_slice(
            filtered_then_counted,
            |x, d| filtered_then_counted_grad(x, d, &mut tape),
            &noise(n as u64, n),
        );
        check_slice(
            products,
            |x, d| products_grad(x, d, &mut tape),
            &noise(n as u64, n),
        );
    }
}
