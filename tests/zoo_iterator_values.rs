//! What iterators end in: sums of every type, what is searched for, and when all of it is evaluated.
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{check_gradient, check_slice, noise};

/// A weight that tells items and their order apart.
fn weight(k: usize) -> f64 {
    1.0 + 0.37 * (k as f64)
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
