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
use common::{assert_all_near, assert_same, check_gradient, check_slice, noise};

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

#[differentiable]
fn single(a: &[f32], b: &[f32; 3]) -> f32 {
    let mut s = 0.0;
    for (a, b) in a.iter().zip(b) {
        s += a * b;
    }
    s + a.iter().map(|v| v * v).sum::<f32>() + b.iter().copied().fold(1.0, |p, v| p * v)
}

#[differentiable]
fn generic<T: Real + core::iter::Sum>(a: &[T], b: &[T]) -> T {
    let c: T = a.iter().zip(b).map(|(&a, &b)| a * b).sum();
    let mut d = T::from_f64(0.5);
    for &a in a {
        d += a * a;
    }
    c / d
}

#[test]
fn in_single_precision_and_generic() {
    let (a, b) = ([0.5, -1.5, 2.0, 3.0], [2.0, -1.0, 0.5]);
    let (mut d_a, mut d_b) = ([0.0; 4], [0.0; 3]);
    assert_eq!(single_grad(&a, &mut d_a, &b, &mut d_b), single(&a, &b));
    assert_eq!(d_a, [3.0, -4.0, 4.5, 6.0]);
    assert_eq!(d_b, [0.5 - 0.5, -1.5 + 1.0, 2.0 - 2.0]);
    let (a, b) = ([0.5, -1.5], [2.0, 1.25]);
    let (mut d_a, mut d_b) = ([0.0; 2], [0.0; 2]);
    generic_grad(&a, &mut d_a, &b, &mut d_b);
    check_gradient(|a| generic(a, &b), &a, &d_a);
    check_gradient(|b| generic(&a, b), &b, &d_b);
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

#[differentiable]
fn largest(x: &[f64]) -> f64 {
    let m = x.iter().copied().max_by(f64::total_cmp).unwrap();
    let l = x.iter().min_by(|a, b| a.total_cmp(b)).unwrap();
    let (i, v) = x
        .iter()
        .enumerate()
        .max_by(|(_, a), (_, b)| (*a * *a).partial_cmp(&(*b * *b)).unwrap())
        .map(|(i, v)| (weight(i), v * v))
        .unwrap();
    let positive = x
        .iter()
        .filter(|v| **v > 0.0)
        .copied()
        .min_by(f64::total_cmp)
        .unwrap_or(3.0);
    m * l + i * v + positive
}

#[differentiable]
fn found(x: &[f64]) -> f64 {
    let first = x.iter().find(|v| **v > 0.0).copied().unwrap_or(1.5);
    let k = x.iter().position(|v| *v < 0.0).unwrap_or(0);
    let last = x.iter().last().map_or(0.25, |v| v * v);
    let third = x.iter().nth(2).unwrap_or(&0.5);
    let next = x
        .iter()
        .rev()
        .next()
        .copied()
        .unwrap_or_else(|| first * 2.0);
    let product = x
        .iter()
        .skip(1)
        .copied()
        .reduce(|a, b| a + b * b)
        .unwrap_or(-1.0);
    let ints = (0..x.len()).max().unwrap_or(7);
    let mut s = first * last * third + next + product + ints as f64;
    if k < x.len() {
        s += x[k] * x[k];
    }
    if x.iter().find(|v| **v > 0.9).is_some() {
        s * 2.0
    } else {
        s
    }
}

#[test]
fn items_that_are_searched_for() {
    for n in 0..8 {
        let x = noise(40 + n as u64, n);
        check_slice(found, found_grad, &x);
        if n > 0 {
            check_slice(largest, largest_grad, &x);
        }
    }
}

#[test]
fn of_equal_items_max_by_takes_the_last_and_min_by_the_first() {
    let mut d = [0.0; 3];
    assert_eq!(ties_grad(&[2.0, 2.0, 2.0], &mut d), 2.0 * 10.0 + 2.0);
    assert_eq!(d, [1.0, 0.0, 10.0]);
}

#[differentiable]
fn ties(x: &[f64]) -> f64 {
    10.0 * x.iter().copied().max_by(f64::total_cmp).unwrap()
        + x.iter().copied().min_by(f64::total_cmp).unwrap()
}

#[test]
#[should_panic(expected = "nothing was found")]
fn the_largest_of_none() {
    ties_grad(&[], &mut []);
}

#[differentiable]
fn written(x: &[f64], out: &mut [f64]) {
    for (y, v) in out.iter_mut().zip(x) {
        *y = v * v;
    }
}

#[differentiable]
fn written_by_chunks(x: &[f64], out: &mut [f64]) {
    for v in out.iter_mut() {
        *v = 0.0;
    }
    for (k, (rows, a)) in out.chunks_exact_mut(2).zip(x).enumerate() {
        rows[0] = a * weight(k);
        rows[1] = a.sin();
    }
}

#[differentiable]
fn written_with_a_shorter_last(x: &[f64], out: &mut [f64]) {
    for (c, a) in out.chunks_mut(2).zip(x).rev() {
        for (j, y) in c.iter_mut().enumerate() {
            *y = a * a * weight(j);
        }
    }
}

type Writer = fn(&[f64], &mut [f64]);
type WriterVjp = fn(&[f64], &mut [f64], &mut [f64], &mut [f64]);

#[test]
fn elements_written_through_iterators() {
    let all: [(Writer, WriterVjp); 3] = [
        (written, written_vjp),
        (written_by_chunks, written_by_chunks_vjp),
        (written_with_a_shorter_last, written_with_a_shorter_last_vjp),
    ];
    for (f, vjp) in all {
        for (n, m) in [(3, 3), (2, 5), (5, 2), (0, 3), (3, 0)] {
            let (x, seed) = (noise(1, n), noise(2, m));
            let before = noise(3, m);
            let run = |x: &[f64]| {
                let mut out = before.clone();
                f(x, &mut out);
                out
            };
            let (mut d_x, mut out, mut d_out) = (vec![0.0; n], before.clone(), seed.clone());
            vjp(&x, &mut d_x, &mut out, &mut d_out);
            assert_all_near(&out, &run(&x), 1e-14);
            check_gradient(|x| common::dot(&run(x), &seed), &x, &d_x);
            // What is overwritten has no influence; what is not passes its cotangent on.
            for k in 0..m {
                let same = |b: f64| {
                    let mut out = before.clone();
                    out[k] = b;
                    f(&x, &mut out);
                    out[k]
                };
                let kept = same(1.0) != same(2.0);
                assert_eq!(d_out[k], if kept { seed[k] } else { 0.0 });
            }
        }
    }
}

#[differentiable]
fn local_arrays(x: &[f64; 4]) -> f64 {
    let mut a = [0.0; 4];
    for (y, v) in a.iter_mut().zip(x) {
        *y += v * v;
    }
    for (i, y) in a.iter_mut().enumerate() {
        *y *= weight(i);
    }
    for y in &mut a {
        *y = y.sin() + *y;
    }
    let mut s = 0.0;
    for v in a {
        a[0] += v;
        s += v * a[0];
    }
    for [p, q] in [[x[0], x[1]], [x[2], x[3]]] {
        s += p * q;
    }
    for (p, w) in [(x[0], 2.0), (x[3], 3.0)] {
        s += p * p * w;
    }
    s
}

#[differentiable]
fn rows(m: &[[f64; 3]; 2], v: &[f64; 3]) -> f64 {
    let mut s = 0.0;
    for row in m {
        let mut t = 0.0;
        for (a, b) in row.iter().zip(v) {
            t += a * b;
        }
        s += t * t;
    }
    s + m.iter().map(|[a, b, c]| a * b * c).sum::<f64>()
}

#[test]
fn arrays_by_value_and_by_reference() {
    let x = [0.5, -0.25, 1.5, 0.75];
    let mut d = [0.0; 4];
    assert_same(local_arrays_grad(&x, &mut d), local_arrays(&x));
    check_gradient(|x| local_arrays(&[x[0], x[1], x[2], x[3]]), &x, &d);
    let (m, v) = ([[0.5, 1.0, -2.0], [0.25, 3.0, 1.0]], [1.0, -0.5, 2.0]);
    let (mut d_m, mut d_v) = ([[0.0; 3]; 2], [0.0; 3]);
    assert_same(rows_grad(&m, &mut d_m, &v, &mut d_v), rows(&m, &v));
    check_gradient(
        |x| rows(&[[x[0], x[1], x[2]], [x[3], x[4], x[5]]], &v),
        m.as_flattened(),
        d_m.as_flattened(),
    );
    check_gradient(|v| rows(&m, &[v[0], v[1], v[2]]), &v, &d_v);
}

#[differentiable]
fn made_by_closures(x: [f64; 6], y: [f64; 3]) -> f64 {
    let a = x.map(|v| v * v);
    let b = y.map(f64::sin);
    let c: [f64; 6] = core::array::from_fn(|i| a[i] * b[i % 3]);
    let d = std::array::from_fn::<f64, 2, _>(|i| c[i] * c[i + 1]);
    let e: [[f64; 2]; 3] = std::array::from_fn(|i| [y[i], x[2 * i]]);
    let f = x.map(cube);
    let g: [f64; 5] = core::array::from_fn(|i| y[0] * i.pow(2) as f64 + y[i.min(2)]);
    let h: [f64; 2] = core::array::from_fn(|i| x[i.saturating_sub(1)]);
    let mut g2 = 0.0;
    for (i, v) in g.iter().enumerate() {
        g2 += v * i.pow(2) as f64 + v * v * h[i.min(1)];
    }
    c.iter().sum::<f64>() + d[0] * d[1] + e[1][0] * e[2][1] + g2 + f.iter().sum::<f64>()
}

#[test]
fn arrays_made_by_closures() {
    let (x, y) = ([0.5, 1.5, -1.0, 0.25, 2.0, -0.5], [1.0, -2.0, 0.5]);
    let (value, d_x, d_y) = made_by_closures_grad(x, y);
    assert_same(value, made_by_closures(x, y));
    check_gradient(
        |x| made_by_closures(core::array::from_fn(|k| x[k]), y),
        &x,
        &d_x,
    );
    check_gradient(
        |y| made_by_closures(x, core::array::from_fn(|k| y[k])),
        &y,
        &d_y,
    );
}

#[derive(Clone, Copy, Differentiable)]
struct Particle {
    mass: f64,
    at: [f64; 2],
}

#[derive(Clone, Differentiable)]
struct Layer {
    w: [f64; 6],
    b: [f64; 2],
}

impl Layer {
    #[differentiable]
    fn forward(&self, x: &[f64], out: &mut [f64]) {
        for ((y, row), b) in out.iter_mut().zip(self.w.chunks_exact(3)).zip(&self.b) {
            *y = (b + row.iter().zip(x).map(|(w, x)| w * x).sum::<f64>()).tanh();
        }
    }

    #[differentiable]
    fn size(&self) -> f64 {
        self.w.iter().skip(1).sum::<f64>() * self.b.iter().map(|v| v * v).sum::<f64>()
    }
}

#[differentiable]
fn energy(ps: &[Particle]) -> f64 {
    let mut e = 0.0;
    for p in ps {
        e += p.mass * p.at.iter().map(|v| v * v).sum::<f64>();
    }
    for (i, p) in ps.iter().enumerate() {
        for q in &ps[i + 1..] {
            let r: f64 = p.at.iter().zip(&q.at).map(|(a, b)| (a - b) * (a - b)).sum();
            e += p.mass * q.mass / r;
        }
    }
    e + ps.iter().map(|p| p.mass).sum::<f64>()
}

#[test]
fn fields_and_structs() {
    let ps = [
        Particle {
            mass: 1.0,
            at: [0.5, 1.0],
        },
        Particle {
            mass: 2.0,
            at: [-0.5, 0.25],
        },
        Particle {
            mass: 0.5,
            at: [1.5, -1.0],
        },
    ];
    let mut d = [Particle {
        mass: 0.0,
        at: [0.0; 2],
    }; 3];
    assert_same(energy_grad(&ps, &mut d), energy(&ps));
    let flat = |ps: &[Particle]| {
        ps.iter()
            .flat_map(|p| [p.mass, p.at[0], p.at[1]])
            .collect::<Vec<_>>()
    };
    check_gradient(
        |x| {
            let ps: Vec<Particle> = x
                .chunks(3)
                .map(|c| Particle {
                    mass: c[0],
                    at: [c[1], c[2]],
                })
                .collect();
            energy(&ps)
        },
        &flat(&ps),
        &flat(&d),
    );

    let layer = Layer {
        w: [0.1, -0.4, 0.3, 0.7, 0.2, -0.6],
        b: [0.05, -0.2],
    };
    let (x, seed) = ([0.3, -1.0, 0.8], [1.0, -0.5]);
    let (mut d_layer, mut d_x, mut out, mut d_out) = (layer.zeros_like(), [0.0; 3], [0.0; 2], seed);
    layer.forward_vjp(&mut d_layer, &x, &mut d_x, &mut out, &mut d_out);
    let run = |layer: &Layer, x: &[f64]| {
        let mut out = [0.0; 2];
        layer.forward(x, &mut out);
        out[0] * seed[0] + out[1] * seed[1]
    };
    check_gradient(|x| run(&layer, x), &x, &d_x);
    let with = |w: &[f64]| Layer {
        w: core::array::from_fn(|k| w[k]),
        ..layer.clone()
    };
    check_gradient(|w| run(&with(w), &x), &layer.w, &d_layer.w);
    let mut d = layer.zeros_like();
    layer.size_grad(&mut d);
    check_gradient(|w| with(w).size(), &layer.w, &d.w);
}

#[differentiable]
fn gathered(table: &[f64], at: &[usize], flags: &[bool]) -> f64 {
    let mut s = 0.0;
    for (&k, &on) in at.iter().zip(flags) {
        if on {
            s += table[k] * table[k];
        }
    }
    s + at.iter().map(|&k| table[k]).sum::<f64>() * at.iter().sum::<usize>() as f64
}

#[test]
fn integers_beside_floats() {
    let (table, at, flags) = ([0.5, -1.0, 2.0], [2, 0, 2, 1], [true, false, true]);
    let mut d = [0.0; 3];
    gathered_grad(&table, &mut d, &at, &flags);
    check_gradient(|t| gathered(t, &at, &flags), &table, &d);
}

/// What an iterator is made from is evaluated once, in order, and before the first item.
#[differentiable]
fn evaluated_once(x: &[f64]) -> f64 {
    let mut n = 0;
    let mut s = 0.0;
    for v in x.iter().skip({
        n += 1;
        n
    }) {
        s += v * v;
        n += 1;
    }
    s * n as f64
}

#[test]
fn arguments_of_adaptors_are_evaluated_once() {
    check_slice(evaluated_once, evaluated_once_grad, &noise(5, 6));
}
