//! Small functions over small arrays, called from larger ones: their sweeps are inlined, their loops written out, first additions to a
//! zero are assignments, and quotients by a square root share its reciprocal.

#![allow(
    clippy::needless_range_loop,
    clippy::reversed_empty_ranges,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{check_derivative, check_gradient, noise};

type Matrix = [[f64; 3]; 3];

#[differentiable]
fn product(a: &Matrix, b: &Matrix) -> Matrix {
    let mut c = [[0.0; 3]; 3];
    for i in 0..3 {
        for j in 0..3 {
            for k in 0..3 {
                c[i][j] += a[i][k] * b[k][j];
            }
        }
        c[i][2] += a[i][0];
    }
    c
}

#[differentiable]
fn unit(x: &[f64; 3]) -> [f64; 3] {
    let length = (x[0] * x[0] + x[1] * x[1] + x[2] * x[2]).sqrt();
    [x[0] / length, x[1] / length, x[2] / length]
}

#[differentiable]
fn matrix(x: &[f64; 3]) -> Matrix {
    let u = unit(x);
    [[u[0], x[1], 0.5], [x[2], u[1], x[0]], [1.0, x[0], u[2]]]
}

/// Matrices in a chain, each kept in an array of the loop.
#[differentiable]
fn chain(x: &[f64; 12], parent: &[usize; 4]) -> f64 {
    let mut all = [[[0.0; 3]; 3]; 4];
    for i in 0..4 {
        let own = matrix(&[x[3 * i], x[3 * i + 1], x[3 * i + 2]]);
        all[i] = if i == 0 {
            own
        } else {
            product(&all[parent[i]], &own)
        };
    }
    all[3][0][1] * all[2][1][2] + all[1][2][2]
}

/// The same element by a constant and by a computed index.
#[differentiable]
fn picked(x: &[f64; 3], k: usize) -> f64 {
    let t = unit(x);
    t[0] * t[1] + t[k] * t[k] + t[k] * t[2]
}

#[test]
fn small_functions_in_a_chain() {
    let x: [f64; 12] = noise(1, 12).try_into().expect("twelve");
    for parent in [[0, 0, 1, 1], [0, 2, 0, 1]] {
        let mut d_x = [0.0; 12];
        let value = chain_grad(&x, &mut d_x, &parent);
        assert!((value - chain(&x, &parent)).abs() <= 1e-14 * value.abs());
        let f = |x: &[f64]| chain(x.try_into().expect("twelve"), &parent);
        check_gradient(f, &x, &d_x);
    }
}

/// Each iteration fills an element of its own, in two steps, and reads one that is filled already or not yet.
#[differentiable]
fn by_turns(x: &[f64], from: &[usize], start: f64) -> f64 {
    let mut all = [[start; 2]; 5];
    for i in 0..x.len() {
        let other = all[from[i]];
        all[i][0] = other[0] * x[i] + other[1];
        all[i][1] += x[i].sin() * other[0];
    }
    all[4][0] * all[1][1] + all[3][0] * all[0][1]
}

/// The same row by row, in a loop inside and in branches.
#[differentiable]
fn by_rows(x: &[f64], from: &[usize], start: f64) -> f64 {
    let mut all = [[start; 2]; 5];
    for i in 0..x.len() {
        if x[i] > 0.5 {
            for j in 0..2 {
                all[i][j] += all[from[i]][1 - j] * x[i];
            }
        } else {
            all[i][1] = x[i] * all[from[i]][0];
        }
    }
    all[4][0] * all[1][1] + all[3][0] * all[0][1]
}

/// The array begins with one value all over, so that is what the reverse sweep puts back, without a tape and though the length is not known.
#[test]
fn elements_that_are_filled_in_turn() {
    let x = [0.7, -1.3, 0.4, 1.1, -0.6];
    for from in [[0, 0, 1, 1, 3], [4, 2, 3, 4, 1], [0, 1, 2, 3, 4]] {
        for n in [5, 3, 0] {
            let mut d_x = [0.0; 5];
            let (value, d_start) = by_turns_grad(&x[..n], &mut d_x[..n], &from[..n], 0.8);
            let wanted = by_turns(&x[..n], &from[..n], 0.8);
            assert!((value - wanted).abs() <= 1e-14, "{from:?}: {value}");
            check_gradient(|x| by_turns(x, &from[..n], 0.8), &x[..n], &d_x[..n]);
            check_derivative("start", d_start, |h| by_turns(&x[..n], &from[..n], 0.8 + h));
        }
    }
}

#[test]
fn an_element_by_a_constant_and_by_a_computed_index() {
    let x = [0.7, -0.4, 1.2];
    for k in 0..3 {
        let mut d_x = [0.0; 3];
        picked_grad(&x, &mut d_x, k);
        check_gradient(|x| picked(x.try_into().expect("three"), k), &x, &d_x);
    }
}

/// An element that is not there is not touched by a loop without iterations.
#[differentiable]
fn maybe_nothing(x: &[f64], y: &[f64; 4], k: usize, n: usize) -> f64 {
    let mut sum = 0.0;
    for j in 0..n {
        sum += x[k] * y[j];
    }
    for j in 2..2 {
        sum += x[k] * y[j];
    }
    sum
}

#[test]
fn a_loop_without_iterations_touches_nothing() {
    let (mut d_x, mut d_y) = ([0.0; 2], [0.0; 4]);
    let value = maybe_nothing_grad(&[1.0, 2.0], &mut d_x, &[1.0; 4], &mut d_y, 7, 0);
    assert_eq!((value, d_x, d_y), (0.0, [0.0; 2], [0.0; 4]));
    let value = maybe_nothing_grad(&[1.0, 2.0], &mut d_x, &[1.0; 4], &mut d_y, 1, 3);
    assert_eq!((value, d_x, d_y), (6.0, [0.0, 3.0], [2.0, 2.0, 2.0, 0.0]));
}

#[differentiable]
fn by_a_root(a: f64, s: f64) -> f64 {
    let r = s.sqrt();
    a / r + 2.0 / r
}

/// A square root lies far inside the range of its type, so its reciprocal neither overflows nor loses digits.
#[test]
fn quotients_by_a_root_at_the_edges() {
    for s in [1e-200, 1e-100, 0.3, 7.0, 1e100, 1e200] {
        let (value, d_a, d_s) = by_a_root_grad(3.0, s);
        let root = f64::sqrt(s);
        let near = |got: f64, want: f64| (got - want).abs() <= 4.0 * f64::EPSILON * want.abs();
        assert!(near(value, 5.0 / root), "{s}: {value}");
        assert!(near(d_a, 1.0 / root), "{s}: {d_a}");
        assert!(near(d_s, -2.5 / root / s), "{s}: {d_s}");
    }
    let (value, d_a, _) = by_a_root_grad(3.0, f64::from_bits(1));
    assert!(value.is_finite() && (d_a * f64::from_bits(1).sqrt() - 1.0).abs() < 1e-15);
    let (value, d_a, d_s) = by_a_root_grad(3.0, 0.0);
    assert_eq!(
        (value, d_a, d_s),
        (f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY)
    );
    assert_eq!(by_a_root_grad(3.0, f64::INFINITY).0, 0.0);
    let (_, d_a, d_s) = by_a_root_grad(-1.5, 2.5);
    check_derivative("a", d_a, |h| by_a_root(-1.5 + h, 2.5));
    check_derivative("s", d_s, |h| by_a_root(-1.5, 2.5 + h));
}

/// Divides by a root in one branch; the reverse sweep, which waits for what its caller makes of the result, takes the same branch.
#[differentiable]
fn turned(axis: &[f64; 3], x: &[f64; 3]) -> [f64; 3] {
    let square = axis[0] * axis[0] + axis[1] * axis[1] + axis[2] * axis[2];
    if square == 0.0 {
        return [x[0] + axis[1] * x[2], x[1], x[2] - axis[1] * x[0]];
    }
    let angle = square.sqrt();
    let (sin, cos) = angle.sin_cos();
    let [a, b, c] = axis.map(|r| r / angle);
    [
        x[0] * cos + b * sin,
        x[1] * cos + c * sin + 2.0 / angle,
        x[2] * cos + a * sin,
    ]
}

#[differentiable]
fn seen(axis: &[f64; 3], x: &[f64; 3]) -> f64 {
    let y = turned(axis, x);
    y[0] / y[1] + y[2] * y[0]
}

#[test]
fn halves_that_divide_by_one_root() {
    let x = [0.4, 1.7, -0.6];
    for axis in [[0.3, -0.2, 0.9], [1e-3, 0.0, 2e-3], [0.0; 3]] {
        let (mut d_axis, mut d_x) = ([0.0; 3], [0.0; 3]);
        let value = seen_grad(&axis, &mut d_axis, &x, &mut d_x);
        let near = (value - seen(&axis, &x)).abs() <= 1e-13 * value.abs();
        assert!(near, "{axis:?}: {value}");
        check_gradient(|x| seen(&axis, x.try_into().expect("three")), &x, &d_x);
        if axis != [0.0; 3] {
            check_gradient(
                |axis| seen(axis.try_into().expect("three"), &x),
                &axis,
                &d_axis,
            );
        }
    }
}

#[differentiable]
fn first_of(x: [f64; 3], y: f64) -> f64 {
    x[0] * y
}

/// Neither the second element nor the callee's unused argument gets anything.
#[differentiable]
fn passes(x: [f64; 3], y: f64, unused: f64) -> f64 {
    first_of(x, y) + second_of(unused, y)
}

#[differentiable]
fn second_of(_unused: f64, y: f64) -> f64 {
    3.0 * y
}

/// Adjoints begin with a zero of whatever sign; what is returned of those to which nothing is added is 0.0.
#[test]
fn zeros_that_are_returned_are_positive() {
    let (value, d_x, d_y, d_unused) = passes_grad([2.0, 5.0, 7.0], 4.0, 1.0);
    assert_eq!((value, d_x, d_y), (20.0, [4.0, 0.0, 0.0], 5.0));
    for zero in [d_x[1], d_x[2], d_unused] {
        assert!(zero.is_sign_positive(), "{d_x:?}, {d_unused}");
    }
}
