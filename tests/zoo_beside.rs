//! Inner loops that sum up and update elements at once: matrices by columns, triangles, several sums, buffers that are read where they are
//! updated, other float types, callers to whom one side is a constant.
#![allow(
    clippy::style,
    clippy::complexity,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{assert_near, check_gradient, noise};

/// The columns' multiples are added up: the reverse of a column is a sum beside additions.
#[differentiable]
fn by_columns(a: &[f64], x: &[f64], #[out] y: &mut [f64]) -> f64 {
    let n = y.len();
    for j in 0..y.len() {
        y[j] = 0.0;
    }
    for i in 0..x.len() {
        let c = x[i].sin();
        for j in 0..n {
            y[j] += a[i * n + j] * c;
        }
    }
    let mut total = 0.0;
    for j in 0..n {
        total += y[j] * y[j];
    }
    total
}

/// A triangle, packed by columns.
#[differentiable]
fn triangle(q: &[f64], x: &[f64], #[out] y: &mut [f64]) -> f64 {
    let n = x.len();
    for j in 0..y.len() {
        y[j] = x[j];
    }
    for i in 0..n {
        let column = &q[i * n - i * (i + 1) / 2..][..n - i - 1];
        let c = x[i] * x[i];
        for j in 0..column.len() {
            y[i + 1 + j] += column[j] * c;
        }
    }
    let mut total = 0.0;
    for j in 0..n {
        total += y[j].exp();
    }
    total
}

/// In the caller's float type, with its own lanes.
#[differentiable]
fn generic<T: Real>(a: &[T], x: &[T], #[out] y: &mut [T]) -> T {
    for j in 0..y.len() {
        y[j] = T::from_f64(0.25);
    }
    for i in 0..x.len() {
        for j in 0..y.len() {
            y[j] += a[i * y.len() + j] * x[i];
        }
    }
    let mut total = T::from_f64(0.0);
    for j in 0..y.len() {
        total += y[j] * y[j];
    }
    total
}

/// Its callers want one side only, or both.
#[differentiable]
fn product(a: &[f64], x: &[f64], #[out] y: &mut [f64]) {
    let n = y.len();
    for j in 0..y.len() {
        y[j] = 0.0;
    }
    for i in 0..x.len() {
        let c = x[i];
        for j in 0..n {
            y[j] += a[i * n + j] * c;
        }
    }
}

#[differentiable]
fn calls(a: &[f64], x: &[f64], #[out] y: &mut [f64]) -> f64 {
    product(a, x, y);
    let mut total = 0.0;
    for j in 0..y.len() {
        total += y[j] * y[j] * y[j];
    }
    total
}

#[differentiable(wrt(a, y))]
fn constant_vector(a: &[f64], x: &[f64], #[out] y: &mut [f64]) -> f64 {
    product(a, x, y);
    let mut total = 0.0;
    for j in 0..y.len() {
        total += y[j].sin();
    }
    total
}

#[differentiable(wrt(x, y))]
fn constant_matrix(a: &[f64], x: &[f64], #[out] y: &mut [f64]) -> f64 {
    product(a, x, y);
    let mut total = 0.0;
    for j in 0..y.len() {
        total += y[j].sin();
    }
    total
}

type Function = fn(&[f64], &[f64], &mut [f64]) -> f64;
type Gradient = fn(&[f64], &mut [f64], &[f64], &mut [f64], &mut [f64], &mut [f64]) -> f64;

#[track_caller]
fn check(f: Function, grad: Gradient, m: usize, n: usize, elements: usize) {
    let (a, x) = (noise(3, elements), noise(5, m));
    let of = |a: &[f64], x: &[f64]| f(a, x, &mut vec![0.5; n]);
    let (mut d_a, mut d_x) = (vec![0.0; elements], vec![0.0; m]);
    let (mut y, mut d_y) = (vec![0.5; n], vec![0.0; n]);
    let value = grad(&a, &mut d_a, &x, &mut d_x, &mut y, &mut d_y);
    assert_near(value, of(&a, &x), 1e-13);
    check_gradient(|a| of(a, &x), &a, &d_a);
    check_gradient(|x| of(&a, x), &x, &d_x);
}

/// Lengths around the numbers of lanes.
const LENGTHS: [usize; 8] = [0, 1, 3, 4, 5, 8, 11, 17];

#[test]
fn matrices_by_columns() {
    for n in LENGTHS {
        check(by_columns, by_columns_grad, 2, n, 2 * n);
        check(generic::<f64>, generic_grad::<f64>, 3, n, 3 * n);
        check(calls, calls_grad, 2, n, 2 * n);
    }
}

#[test]
fn triangles() {
    for n in LENGTHS {
        check(triangle, triangle_grad, n, n, n * n.saturating_sub(1) / 2);
    }
}

#[test]
fn single_precision() {
    for n in LENGTHS {
        let single = |x: Vec<f64>| x.iter().map(|x| *x as f32).collect::<Vec<f32>>();
        let (a, x) = (noise(3, 3 * n), noise(5, 3));
        let (mut d_a, mut d_x) = (vec![0.0; 3 * n], vec![0.0; 3]);
        let (mut y, mut d_y) = (vec![0.0; n], vec![0.0; n]);
        generic_grad(&a, &mut d_a, &x, &mut d_x, &mut y, &mut d_y);
        let (a, x) = (single(a), single(x));
        let (mut s_a, mut s_x) = (vec![0.0_f32; 3 * n], vec![0.0_f32; 3]);
        let (mut y, mut d_y) = (vec![0.0_f32; n], vec![0.0_f32; n]);
        generic_grad(&a, &mut s_a, &x, &mut s_x, &mut y, &mut d_y);
        for (got, want) in s_a.iter().chain(&s_x).zip(d_a.iter().chain(&d_x)) {
            assert_near(f64::from(*got), *want, 1e-4);
        }
    }
}

#[test]
fn callers_to_whom_one_side_is_a_constant() {
    for n in LENGTHS {
        let (a, x) = (noise(3, 2 * n), noise(5, 2));
        let (mut y, mut d_y) = (vec![0.0; n], vec![0.0; n]);
        let mut d_a = vec![0.0; 2 * n];
        constant_vector_grad(&a, &mut d_a, &x, &mut y, &mut d_y);
        check_gradient(|a| constant_vector(a, &x, &mut vec![0.0; n]), &a, &d_a);
        let mut d_x = vec![0.0; 2];
        constant_matrix_grad(&a, &x, &mut d_x, &mut y, &mut d_y);
        check_gradient(|x| constant_matrix(&a, x, &mut vec![0.0; n]), &x, &d_x);
    }
}

/// Two sums beside the additions, and a buffer that is read and cleared where it is updated.
#[differentiable]
fn several(a: &[f64], x: &[f64], y: &[f64]) -> f64 {
    let n = y.len();
    let mut total = 0.0;
    for i in 0..x.len() {
        let (p, q) = (x[i].sin(), x[i].cos());
        for j in 0..n {
            total += (a[i * n + j] * p + y[j] * q).exp();
        }
    }
    total
}

#[test]
fn several_sums() {
    for n in LENGTHS {
        let (a, x, y) = (noise(3, 3 * n), noise(5, 3), noise(7, n));
        let (mut d_a, mut d_x, mut d_y) = (vec![0.0; 3 * n], vec![0.0; 3], vec![0.0; n]);
        several_grad(&a, &mut d_a, &x, &mut d_x, &y, &mut d_y);
        check_gradient(|a| several(a, &x, &y), &a, &d_a);
        check_gradient(|x| several(&a, x, &y), &x, &d_x);
        check_gradient(|y| several(&a, &x, y), &y, &d_y);
    }
}
