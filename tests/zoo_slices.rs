//! Methods that hand out parts of slices: the first element and the rest, arrays at the ends, arrays one behind the other; and those that turn
//! slices round.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{check_args, check_gradient, check_slice, dot, noise};

/// The number of elements up to which everything is tried.
const LENGTHS: usize = 9;

#[differentiable]
fn first_and_rest(x: &[f64]) -> f64 {
    let (first, rest) = x.split_first().unwrap();
    let mut s = first * first;
    for (k, r) in rest.iter().enumerate() {
        s += r * first * k as f64;
    }
    s
}

#[differentiable]
fn last_and_rest(x: &[f64]) -> f64 {
    match x.split_last() {
        Some((last, [])) => last.sin(),
        Some((last, rest)) => rest.iter().map(|r| r * last).sum::<f64>() + rest[0],
        None => 3.0,
    }
}

/// Both ends, in one chain of conditions.
#[differentiable]
fn ends(x: &[f64]) -> f64 {
    if let Some((first, rest)) = x.split_first()
        && let Some((last, middle)) = rest.split_last()
        && let Some(m) = middle.first()
    {
        first * last * m * rest.len() as f64
    } else if let Some(only) = x.last() {
        only * only
    } else {
        0.0
    }
}

#[differentiable]
fn elements(x: &[f64], i: usize) -> f64 {
    let here = x.get(i).copied().unwrap_or(2.0);
    let next = x.get(i + 1);
    let next = match next {
        Some(v) => v * v,
        None => 0.5,
    };
    let Some(first) = x.first() else {
        return here * next;
    };
    let window = x.get(i..i + 2).map_or(0.0, |_| 1.0);
    let pair = if let Some([a, b]) = x.get(i..i + 2) {
        a * b
    } else {
        1.0
    };
    here * next + first * window * pair
}

#[differentiable(tape)]
fn at_the_end(x: &[f64]) -> f64 {
    let head: f64 = x.split_at(x.len() / 2).0.iter().product();
    let last = x.last().unwrap();
    head + last * x[x.len() / 2]
}

#[test]
fn parts() {
    for n in 0..LENGTHS {
        let x = noise(n as u64 + 1, n);
        check_slice(last_and_rest, last_and_rest_grad, &x);
        check_slice(ends, ends_grad, &x);
        for i in 0..n + 2 {
            check_slice(|x| elements(x, i), |x, d| elements_grad(x, d, i), &x);
        }
        if n > 0 {
            check_slice(first_and_rest, first_and_rest_grad, &x);
            check_slice(
                at_the_end,
                |x, d| at_the_end_grad(x, d, &mut Tape::new()),
                &x,
            );
        }
    }
    let caught = std::panic::catch_unwind(|| first_and_rest_grad(&[], &mut []));
    assert!(caught.is_err(), "there is no first element");
}

/// Checks the vjp of a function that changes a slice in place.
#[track_caller]
fn check_in_place(f: impl Fn(&mut [f64]), vjp: impl Fn(&mut [f64], &mut [f64]), x: &[f64]) {
    let seed = noise(77, x.len());
    let (mut y, mut d) = (x.to_vec(), seed.clone());
    vjp(&mut y, &mut d);
    let run = |x: &[f64]| {
        let mut y = x.to_vec();
        f(&mut y);
        y
    };
    assert_eq!(y, run(x), "the function's own result");
    check_gradient(|x| dot(&run(x), &seed), x, &d);
}

#[differentiable]
fn ends_written(y: &mut [f64], k: usize) {
    if let Some((first, rest)) = y.split_first_mut() {
        *first *= 2.0;
        if let Some(last) = rest.last_mut() {
            *last += *first;
        }
        for r in rest.iter_mut() {
            *r += 3.0 * *first;
        }
    }
    if let Some(v) = y.get_mut(k) {
        *v = -*v;
    }
    let Some((last, rest)) = y.split_last_mut() else {
        return;
    };
    if let Some(part) = rest.get_mut(1..3) {
        part[0] += 0.5 * *last;
    }
    *y.first_mut().unwrap() += 1.0;
    let first = y.first_mut().unwrap();
    *first += 4.0 * *first;
}

#[differentiable]
fn turned(y: &mut [f64], k: usize) {
    y.reverse();
    y.rotate_left(k);
    let (low, high) = y.split_at_mut(k);
    if let [first, ..] = low {
        *first *= 3.0;
    }
    high.reverse();
    y.rotate_right(k / 2);
}

#[differentiable]
fn moved(y: &mut [f64], a: usize, b: usize) {
    let n = y.len();
    y.copy_within(a..n - b, b);
    y.copy_within(..a, n - a);
    let (low, high) = y.split_at_mut(n / 2);
    let m = low.len();
    low.swap_with_slice(&mut high[..m]);
    let mut k = 0.0;
    high[m..].fill_with(|| {
        k += 1.0;
        k * low.len() as f64
    });
}

#[test]
fn in_place() {
    for n in 0..LENGTHS {
        let x = noise(n as u64 + 20, n);
        for k in 0..=n {
            check_in_place(|y| ends_written(y, k), |y, d| ends_written_vjp(y, d, k), &x);
            check_in_place(|y| turned(y, k), |y, d| turned_vjp(y, d, k), &x);
            for a in 0..=n - k {
                check_in_place(|y| moved(y, a, k), |y, d| moved_vjp(y, d, a, k), &x);
            }
        }
    }
}

/// An array at either end, and what lies between.
#[differentiable]
fn chunks_at_the_ends(x: &[f64]) -> f64 {
    let Some((&[a, b], rest)) = x.split_first_chunk::<2>() else {
        return x.first_chunk::<1>().map_or(0.0, |[x]| x * x);
    };
    let mut s = a * b;
    if let Some((middle, [c])) = rest.split_last_chunk::<1>() {
        s += c * middle.iter().sum::<f64>() + middle.len() as f64 * a;
    }
    let last = x.last_chunk::<2>().unwrap();
    let copy = *last;
    s + copy[0] * last[1] + norm(last) + norm(x.first_chunk::<2>().unwrap())
}

#[differentiable]
fn norm(v: &[f64; 2]) -> f64 {
    (v[0] * v[0] + v[1] * v[1] + 1.0).sqrt()
}

#[differentiable]
fn rows(x: &[f64]) -> f64 {
    let (rows, rest) = x.as_chunks::<3>();
    let mut s = 0.0;
    for (k, [a, b, c]) in rows.iter().enumerate() {
        s += a * b + b * c * k as f64;
    }
    for row in rows {
        s += row.iter().product::<f64>();
    }
    if !rows.is_empty() {
        s += rows[0][1] * rows[rows.len() - 1][2];
    }
    s + rest.iter().map(|r| r * r).sum::<f64>() * rest.len() as f64
}

#[differentiable]
fn rows_written<const N: usize>(y: &mut [f64]) {
    let (rows, rest) = y.as_chunks_mut::<N>();
    for row in rows.iter_mut() {
        row[0] *= 2.0;
        row[N - 1] += row[0];
    }
    for r in rest {
        *r *= 3.0;
    }
    if let Some(head) = y.first_chunk_mut::<2>() {
        head[0] += head[1];
        head.swap(0, 1);
    }
}

#[test]
fn chunks() {
    for n in 0..LENGTHS {
        let x = noise(n as u64 + 40, n);
        check_slice(chunks_at_the_ends, chunks_at_the_ends_grad, &x);
        check_slice(rows, rows_grad, &x);
        check_in_place(rows_written::<2>, rows_written_vjp::<2>, &x);
        check_in_place(rows_written::<3>, rows_written_vjp::<3>, &x);
    }
}

/// In single precision, and in any.
#[differentiable]
fn generic<T: Real>(x: &[T]) -> T {
    let Some((first, rest)) = x.split_first() else {
        return T::from_f64(0.0);
    };
    let (pairs, _) = rest.as_chunks::<2>();
    let mut s = *first;
    for pair in pairs {
        s += *first * pair[0] * pair[1];
    }
    s
}

#[test]
fn precisions() {
    for n in 0..LENGTHS {
        let x = noise(n as u64 + 60, n);
        check_slice(generic, generic_grad, &x);
        let single: Vec<f32> = x.iter().map(|v| *v as f32).collect();
        let (mut d, mut d_single) = (vec![0.0; n], vec![0.0; n]);
        generic_grad(&x, &mut d);
        generic_grad(&single, &mut d_single);
        for (a, b) in d.iter().zip(&d_single) {
            assert!((a - f64::from(*b)).abs() < 1e-5, "{a} in f64, {b} in f32");
        }
    }
}

/// Found behind another condition, and written through.
#[differentiable]
fn behind_a_condition(x: f64, y: f64, n: usize) -> f64 {
    let mut list = [Some(x), None, Some(x * y)];
    if n > 0
        && let Some(v) = &mut list[n - 1]
    {
        *v *= y;
    }
    list[0].unwrap_or(y) + list[2].map_or(0.0, |v| v * v)
}

#[test]
fn conditions() {
    for n in 0..4 {
        check_args(
            |[x, y]| behind_a_condition(x, y, n),
            |[x, y]| behind_a_condition_grad(x, y, n),
            &[[0.4, 1.3]],
        );
    }
}

/// Arrays, whose length is seen: nothing may be missing.
#[differentiable]
fn of_arrays(x: [f64; 4], i: usize) -> f64 {
    let mut y = x;
    y.rotate_left(1);
    *y.last_mut().unwrap() *= 2.0;
    if let Some(v) = y.get_mut(i) {
        *v *= *v;
    }
    let (first, rest) = y.split_first().unwrap();
    let [a, b] = rest.last_chunk::<2>().unwrap();
    y.as_slice().iter().map(|v| v * first).sum::<f64>() + a * b
}

#[test]
fn arrays() {
    for i in 0..6 {
        check_args(
            |x| of_arrays(x, i),
            |x| {
                let (value, d) = of_arrays_grad(x, i);
                (value, d[0], d[1], d[2], d[3])
            },
            &[[0.4, 1.3, -0.7, 2.0]],
        );
    }
}
