//! Whole Jacobians: against finite differences, forward and reverse, in every form.

mod common;

use backprop::prelude::*;
use common::{assert_near, check_derivative, noise};

/// More outputs than inputs: columns.
#[differentiable(jacobian)]
fn polar(x: &[f64; 2]) -> [f64; 3] {
    [x[0] * x[1].cos(), x[0] * x[1].sin(), x[0] * x[0] * x[1]]
}

/// Fewer outputs than inputs: rows.
#[differentiable(jacobian)]
fn moments(x: &[f64; 5], #[nodiff] shift: f64) -> [f64; 2] {
    let (mut first, mut second) = (0.0, 0.0);
    for i in 0..5 {
        first += x[i] - shift;
        second += (x[i] - shift).powi(2) * x[(i + 1) % 5];
    }
    [first, second]
}

#[differentiable(jacobian)]
fn by_value(x: [f64; 3]) -> [f64; 1] {
    [x[0] * x[1] * x[2]]
}

#[differentiable(jacobian)]
fn by_value_columns(x: [f64; 1]) -> [f64; 2] {
    [x[0].exp(), x[0] * x[0]]
}

#[differentiable(jacobian)]
fn generic<T: Real, const N: usize>(x: &[T; N], k: usize) -> [T; N] {
    let mut y = [T::from_f64(1.0); N];
    for i in 0..N {
        y[i] = x[i] * x[(i + k) % N];
    }
    y
}

#[differentiable(jacobian)]
fn curve(x: &[f64; 3], #[nodiff] times: &[f64], out: &mut [f64]) {
    for i in 0..times.len() {
        out[i] = x[0] * (-x[1] * times[i]).exp() + x[2];
    }
}

#[differentiable(jacobian, tape)]
fn product_and_sum(x: &[f64]) -> [f64; 2] {
    let (mut product, mut sum) = (1.0, 0.0);
    for &v in x {
        product *= v;
        sum += v * v;
    }
    [product, sum]
}

/// Points as outputs, and an output that a callee fills.
#[differentiable(jacobian)]
fn orbit(x: &[f64; 2], #[out] out: &mut [[f64; 2]]) {
    for i in 0..out.len() {
        out[i] = [
            x[0] * (i as f64 * x[1]).cos(),
            x[0] * (i as f64 * x[1]).sin(),
        ];
    }
}

struct Camera {
    focal: f64,
}

impl Camera {
    #[differentiable(jacobian)]
    fn project(#[nodiff] &self, p: &[f64; 3]) -> [f64; 2] {
        [self.focal * p[0] / p[2], self.focal * p[1] / p[2]]
    }
}

fn check<const N: usize, const M: usize>(
    f: impl Fn(&[f64; N]) -> [f64; M],
    x: &[f64; N],
    (value, j): ([f64; M], [[f64; N]; M]),
) {
    assert_eq!(value, f(x));
    for (i, row) in j.iter().enumerate() {
        for (k, entry) in row.iter().enumerate() {
            check_derivative("entry", *entry, |h| {
                let mut x = *x;
                x[k] += h;
                f(&x)[i]
            });
        }
    }
}

#[test]
fn arrays_to_arrays() {
    check(polar, &[1.5, 0.3], polar_jacobian(&[1.5, 0.3]));
    let x = [0.3, -1.2, 0.7, 2.0, -0.4];
    check(|x| moments(x, 0.25), &x, moments_jacobian(&x, 0.25));
    let x = [0.3, -1.2, 0.7];
    check(|x| by_value(*x), &x, by_value_jacobian(x));
    check(
        |x| by_value_columns(*x),
        &[0.4],
        by_value_columns_jacobian([0.4]),
    );
    check(|x| generic(x, 1), &x, generic_jacobian(&x, 1));
    let (_, single) = generic_jacobian(&[0.5_f32, 3.0], 1);
    assert_eq!(single, [[3.0, 0.5], [3.0, 0.5]]);
    assert_eq!(generic_jacobian::<f64, 0>(&[], 1), ([], []));
    let camera = Camera { focal: 1.5 };
    check(|p| camera.project(p), &x, camera.project_jacobian(&x));
}

#[test]
fn into_columns() {
    let (x, times) = ([2.0, 0.5, 0.1], [0.0, 1.0, 2.0, 5.0]);
    // What was there before does not matter.
    let (mut out, mut j) = ([7.0; 4], [9.0; 12]);
    curve_jacobian_into(&x, &times, &mut out, &mut j);
    for k in 0..3 {
        for i in 0..4 {
            check_derivative("entry", j[k * 4 + i], |h| {
                let (mut x, mut out) = (x, [0.0; 4]);
                x[k] += h;
                curve(&x, &times, &mut out);
                out[i]
            });
        }
    }
    curve_jacobian_into(&x, &[], &mut [], &mut []);
    let (mut out, mut j) = ([[0.0; 2]; 3], [[9.0; 2]; 6]);
    orbit_jacobian_into(&[2.0, 0.5], &mut out, &mut j);
    for i in 0..3 {
        let (sin, cos) = (i as f64 * 0.5).sin_cos();
        assert_eq!(j[i], [cos, sin]);
        assert_near(j[3 + i][0], -2.0 * i as f64 * sin, 1e-14);
        assert_near(j[3 + i][1], 2.0 * i as f64 * cos, 1e-14);
    }
}

#[test]
fn into_rows() {
    let (x, mut tape) = (noise(5, 4), Tape::new());
    let mut j = [9.0; 8];
    let value = product_and_sum_jacobian_into(&x, &mut j, &mut tape);
    assert_near(value[0], x.iter().product(), 1e-14);
    for k in 0..4 {
        let others: f64 = x
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != k)
            .map(|(_, v)| v)
            .product();
        assert_near(j[k], others, 1e-14);
        assert_near(j[4 + k], 2.0 * x[k], 1e-14);
    }
}

#[test]
#[should_panic(expected = "the Jacobian has 12 numbers, and the place for it 11")]
fn a_place_of_another_length() {
    curve_jacobian_into(&[0.0; 3], &[0.0; 4], &mut [0.0; 4], &mut [0.0; 11]);
}
