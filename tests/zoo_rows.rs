//! Matrices that a loop reaches row by row: one inner loop or several over a row, products of two matrices, rows of structs' fields, early
//! exits, no rows at all, rows without elements.
#![allow(
    clippy::style,
    clippy::complexity,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{check_gradient, noise};

/// Each row serves two inner loops.
#[differentiable]
fn twice(w: &[f64], x: &[f64], y: &[f64]) -> f64 {
    let n = x.len();
    let mut total = 0.0;
    for i in 0..w.len() / n {
        let mut s = 0.0;
        for j in 0..n {
            s += w[i * n + j] * x[j];
        }
        let mut t = 0.0;
        for j in 0..n {
            t += w[i * n + j] * w[i * n + j] * y[j];
        }
        total += s * t;
    }
    total
}

/// Two matrices, one of them with its factors the other way round, and one row that does not move.
#[differentiable]
fn two_matrices(w: &[f64], x: &[f64], y: &[f64]) -> f64 {
    let n = y.len();
    let mut total = 0.0;
    for i in 0..w.len() / n {
        for j in 0..n {
            total += w[i * n + j] * x[n * i + j] * y[j] + (w[j] * x[i * n + j]).sin();
        }
    }
    total
}

/// A row is left out, one is read beside the inner loop, and the last ones are not reached.
#[differentiable]
fn some_rows(w: &[f64], x: &[f64], y: &[f64]) -> f64 {
    let n = y.len();
    let mut total = 0.0;
    for i in 0..w.len() / n {
        if i == 1 {
            continue;
        }
        total += w[i * n].exp();
        for j in 0..n {
            total += w[i * n + j] * y[j];
        }
        if total * 0.0 + x[i * n] > 0.3 {
            break;
        }
    }
    total
}

#[derive(Clone, Debug, Differentiable)]
struct Layer {
    weights: Vec<f64>,
    bias: Vec<f64>,
}

#[differentiable]
fn of_a_struct(layer: &Layer, x: &[f64], from: usize) -> f64 {
    let n = x.len();
    let mut total = 0.0;
    for i in from..layer.bias.len() {
        let row = &layer.weights[i * n..][..n];
        let mut s = layer.bias[i];
        for (w, x) in row.iter().zip(x) {
            s += w * x;
        }
        total += s.tanh();
    }
    total
}

/// Rows are the inner loops of a third loop, which starts again each time.
#[differentiable]
fn again(w: &[f64], x: &[f64], y: &[f64]) -> f64 {
    let n = y.len();
    let mut total = 0.0;
    for k in 0..3 {
        for i in 0..w.len() / n {
            let mut s = 0.0;
            for j in 0..n {
                s += w[i * n + j] * y[j] + x[i * n + j] * k as f64;
            }
            total += s * s;
        }
    }
    total
}

/// Shorter rows than the matrix has, and a number of columns that is a constant.
#[differentiable]
fn constant_width(w: &[f64], x: &[f64], y: &[f64]) -> f64 {
    let mut total = 0.0;
    for i in 0..w.len() / 3 {
        for j in 0..3 {
            total += w[i * 3 + j] * w[i * 3 + j];
        }
        for j in 0..2 {
            total += x[i * 3 + j] * y[0] * w[i * 3 + j];
        }
    }
    total
}

#[test]
fn row_by_row() {
    type F = fn(&[f64], &[f64], &[f64]) -> f64;
    type Grad = fn(&[f64], &mut [f64], &[f64], &mut [f64], &[f64], &mut [f64]) -> f64;
    let cases: [(F, Grad); 4] = [
        (two_matrices, two_matrices_grad),
        (some_rows, some_rows_grad),
        (again, again_grad),
        (constant_width, constant_width_grad),
    ];
    for rows in [0, 1, 4] {
        let (w, x, y) = (noise(1, rows * 3), noise(2, rows * 3), noise(3, 3));
        for (f, grad) in cases {
            let (mut d_w, mut d_x, mut d_y) = (vec![0.0; w.len()], vec![0.0; x.len()], [0.0; 3]);
            grad(&w, &mut d_w, &x, &mut d_x, &y, &mut d_y);
            check_gradient(|w| f(w, &x, &y), &w, &d_w);
            check_gradient(|x| f(&w, x, &y), &x, &d_x);
            check_gradient(|y| f(&w, &x, y), &y, &d_y);
        }
        let z = noise(4, 3);
        let (mut d_w, mut d_y, mut d_z) = (vec![0.0; w.len()], [0.0; 3], [0.0; 3]);
        twice_grad(&w, &mut d_w, &y, &mut d_y, &z, &mut d_z);
        check_gradient(|w| twice(w, &y, &z), &w, &d_w);
        check_gradient(|y| twice(&w, y, &z), &y, &d_y);
        check_gradient(|z| twice(&w, &y, z), &z, &d_z);
    }
}

#[test]
fn rows_of_a_field() {
    for (rows, n, from) in [(0, 3, 0), (4, 3, 0), (4, 3, 2), (4, 0, 0)] {
        let layer = Layer {
            weights: noise(5, rows * n),
            bias: noise(6, rows),
        };
        let x = noise(7, n);
        let (mut d_layer, mut d_x) = (
            Layer {
                weights: vec![0.0; rows * n],
                bias: vec![0.0; rows],
            },
            vec![0.0; n],
        );
        of_a_struct_grad(&layer, &mut d_layer, &x, &mut d_x, from);
        let with = |weights: &[f64]| Layer {
            weights: weights.to_vec(),
            bias: layer.bias.clone(),
        };
        check_gradient(
            |w| of_a_struct(&with(w), &x, from),
            &layer.weights,
            &d_layer.weights,
        );
        check_gradient(|x| of_a_struct(&layer, x, from), &x, &d_x);
    }
}
