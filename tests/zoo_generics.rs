//! Generics: `T: Real` at `f32` and `f64`, const generics, lifetimes, where-clauses, references, calls between generic functions.
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

#[differentiable]
fn gaussian<T: Real>(x: T, mean: T, sd: T) -> T {
    let z = (x - mean) / sd;
    T::from_f64(-0.5) * z * z - sd.ln()
}

#[differentiable(tape)]
fn branches<T>(x: T, y: T, n: usize) -> T
where
    T: Real,
{
    let zero = T::from_f64(0.0);
    let mut s = if x > zero { x.sqrt() * y } else { y.powi(3) };
    for i in 0..n {
        if s > T::from_f64(9.0) {
            return s;
        }
        s += x * T::from_f64(i as f64);
    }
    s.max(y) + T::EPSILON
}

#[differentiable]
fn sum_of_squares<T: Real>(x: &[T]) -> T {
    let mut s = T::from_f64(0.0);
    for i in 0..x.len() {
        s += x[i] * x[i];
    }
    s
}

#[differentiable]
fn norm<T: Real>(x: &[T]) -> T {
    sum_of_squares(x).sqrt()
}

#[differentiable]
fn explicit<T: Real>(x: &[T], y: T) -> T {
    norm::<T>(x) * gaussian::<T>(y, x[0], T::from_f64(1.5))
}

#[test]
fn at_both_precisions() {
    check_args(
        |[x, y, z]| gaussian(x, y, z),
        |[x, y, z]| gaussian_grad(x, y, z),
        &[[0.3, -0.8, 1.7]],
    );
    check_args(
        |[x, y]| branches(x, y, 3),
        |[x, y]| branches_grad(x, y, 3, &mut Tape::new()),
        &[[0.3, 0.8], [-0.3, 0.8], [8.0, 7.0]],
    );
    check_slice(norm, norm_grad, &noise(1, 5));
    check_slice(
        |x| explicit(x, 0.7),
        |x, d| explicit_grad(x, d, 0.7).0,
        &noise(2, 5),
    );

    let narrow = gaussian_grad(0.3_f32, -0.8, 1.7);
    let wide = gaussian_grad(0.3_f64, -0.8, 1.7);
    let widened = [
        narrow.0.into(),
        narrow.1.into(),
        narrow.2.into(),
        narrow.3.into(),
    ];
    assert_all_near(&widened, &[wide.0, wide.1, wide.2, wide.3], 1e-6);
    let mut d = [0.0_f32; 2];
    assert_eq!(norm_grad(&[3.0_f32, 4.0], &mut d), 5.0);
    assert_all_near(&d.map(f64::from), &[0.6, 0.8], 1e-6);
    let (value, d_x, d_y) = branches_grad(8.0_f32, 7.0, 3, &mut Tape::new());
    assert_eq!((value, d_y), (branches(8.0_f32, 7.0, 3), 8.0_f32.sqrt()));
    assert!((f64::from(d_x) - 3.5 / 8.0_f64.sqrt()).abs() < 1e-6);
}

#[differentiable]
fn matrix_vector<T: Real, const M: usize, const N: usize>(a: &[[T; N]; M], x: &[T; N]) -> [T; M] {
    let mut y = [T::from_f64(0.0); M];
    for i in 0..M {
        for j in 0..N {
            y[i] += a[i][j] * x[j];
        }
    }
    y
}

#[differentiable]
fn iterated<const STEPS: usize>(x: f64, y: f64) -> f64 {
    let mut s = x;
    for i in 0..STEPS {
        s = s.sin() * y + x / (i + 1) as f64;
    }
    s
}

#[differentiable]
fn calls_const_generic<const N: usize>(x: &[f64; N], y: f64) -> f64 {
    let a = [*x; 2];
    let b = matrix_vector(&a, x);
    iterated::<3>(b[0], y) * iterated::<N>(b[1], x[0])
}

#[test]
fn const_generics() {
    let (a, x, seed) = (
        [[1.0, -2.0, 0.5], [0.3, 0.7, -0.9]],
        [0.4, 0.6, 1.1],
        [2.0, -3.0],
    );
    let (mut d_a, mut d_x) = ([[0.0; 3]; 2], [0.0; 3]);
    let value = matrix_vector_vjp(&a, &mut d_a, &x, &mut d_x, seed);
    assert_eq!(value, matrix_vector(&a, &x));
    check_gradient(
        |v| common::dot(&matrix_vector(&a, &[v[0], v[1], v[2]]), &seed),
        &x,
        &d_x,
    );
    for i in 0..2 {
        assert_all_near(&d_a[i], &x.map(|x| x * seed[i]), 1e-15);
    }
    check_args(
        |[x, y]| iterated::<0>(x, y),
        |[x, y]| iterated_grad::<0>(x, y),
        &[[0.7, 1.3]],
    );
    check_args(
        |[x, y]| iterated::<4>(x, y),
        |[x, y]| iterated_grad::<4>(x, y),
        &[[0.7, 1.3]],
    );
    let x = [0.5, -0.6, 0.8];
    check_slice(
        |x| calls_const_generic::<3>(x.try_into().expect("3"), 1.2),
        |x, d| {
            calls_const_generic_grad::<3>(x.try_into().expect("3"), d.try_into().expect("3"), 1.2).0
        },
        &x,
    );
}

#[differentiable]
fn lifetimes<'a, 'b: 'a>(x: &'a [f64], y: &'b [f64; 2]) -> f64 {
    let first: &[f64] = &x[..1];
    first[0] * y[0] + x[1] * y[1]
}

#[derive(Differentiable, Clone, Copy, Debug)]
struct View<'a, T: Real> {
    gain: T,
    #[nodiff]
    table: &'a [T],
}

#[differentiable]
fn through_a_view<T: Real>(v: &View<'_, T>, x: T) -> T {
    v.gain * x * stop_gradient(v.table[0])
}

#[test]
fn lifetimes_everywhere() {
    let (mut d_x, mut d_y) = ([0.0; 2], [0.0; 2]);
    lifetimes_grad(&[1.0, 2.0], &mut d_x, &[3.0, 4.0], &mut d_y);
    assert_eq!((d_x, d_y), ([3.0, 4.0], [1.0, 2.0]));

    let table = [5.0];
    let v = View {
        gain: 2.0,
        table: &table,
    };
    let mut d = View {
        gain: 0.0,
        table: &table,
    };
    assert_eq!(through_a_view_grad(&v, &mut d, 3.0), (30.0, 10.0));
    assert_eq!(d.gain, 15.0);
}

mod counts {
    /// An alias of an integer.
    pub(crate) type Count = usize;
}

#[differentiable]
fn tagged<T: Real, Tag: Copy>(x: T, #[nodiff] _tag: Tag, #[nodiff] n: counts::Count) -> T {
    x.powi(n as i32)
}

#[differentiable(tape)]
fn geometric<T: Real>(x: T, n: usize) -> T {
    let mut s = T::from_f64(1.0);
    let mut p = T::from_f64(1.0);
    for _ in 0..n {
        p *= x;
        s += p;
    }
    s
}

#[test]
fn other_parameters_and_tapes() {
    assert_eq!(tagged_grad(2.0_f32, "tag", 3), (8.0, 12.0));
    let mut tape = Tape::new();
    check_args(
        |[x]| geometric(x, 5),
        |[x]| geometric_grad(x, 5, &mut Tape::new()),
        &[[0.9], [-1.3]],
    );
    assert_eq!(geometric_grad(2.0_f32, 3, &mut tape), (15.0, 17.0));
    assert_eq!(geometric_grad(2.0_f64, 3, &mut tape), (15.0, 17.0));
}
