//! The four sentences of the contract, by value, by reference, in place, generic.
#![deny(warnings, missing_docs, unused_qualifications, unreachable_pub, clippy::all)]
#![forbid(unsafe_code)]

use backprop::prelude::*;

#[differentiable]
fn predict(w: &[f64], x: &[f64], b: f64, n: usize) -> f64 {
    let mut s = b;
    for i in 0..n {
        s += w[i] * x[i];
    }
    s
}

#[differentiable(wrt(w))]
fn only(w: &[f64], x: &[f64], b: f64, n: usize) -> f64 {
    predict(w, x, b, n)
}

#[differentiable]
fn layer(w: &[f64], x: &[f64], out: &mut [f64]) {
    for i in 0..out.len() {
        out[i] = (w[i] * x[i]).tanh();
    }
}

#[differentiable]
fn norm<T: Real, const N: usize>(x: &[T; N]) -> T
where
    T: Copy,
{
    let mut s = T::from_f64(0.0);
    for i in 0..N {
        s += x[i] * x[i];
    }
    s.sqrt()
}

#[differentiable(tape)]
fn product(x: &[f64]) -> f64 {
    let mut p = 1.0;
    for i in 0..x.len() {
        p *= x[i];
    }
    p
}

fn main() {
    let (mut d_w, mut d_x) = ([0.0; 2], [0.0; 2]);
    let (value, d_b): (f64, f64) = predict_grad(&[1.0, 2.0], &mut d_w, &[3.0, 4.0], &mut d_x, 1.0, 2);
    assert_eq!((value, d_b, d_w, d_x), (12.0, 1.0, [3.0, 4.0], [1.0, 2.0]));
    let value: f64 = only_grad(&[1.0, 2.0], &mut d_w, &[3.0, 4.0], 1.0, 2);
    assert_eq!((value, d_w), (12.0, [6.0, 8.0]));
    let (mut out, mut d_out) = ([0.0; 1], [1.0; 1]);
    layer_vjp(&[1.0], &mut [0.0], &[0.0], &mut [0.0], &mut out, &mut d_out);
    assert_eq!(out, [0.0]);
    let mut d = [0.0f32; 2];
    assert_eq!(norm_grad(&[3.0f32, 4.0], &mut d), 5.0);
    let mut d = [0.0; 2];
    let mut tape = Tape::new();
    assert_eq!(product_grad(&[3.0, 4.0], &mut d, &mut tape), 12.0);
    assert_eq!(d, [4.0, 3.0]);
}
