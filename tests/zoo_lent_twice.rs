//! One variable as two arguments of a call.

mod common;

use backprop::prelude::*;
use common::{check_gradient, check_in_place, check_slice, dot, noise};

/// Changes its slice in place, so that its sweep goes back in time.
#[differentiable(tape)]
fn mixed(t: f64, a: &[f64], b: &[f64], y: &mut [f64]) {
    for i in 1..y.len() {
        y[i] *= y[i - 1] * t * a[0] * b[1] + a[2];
    }
    y[0] *= b[0] + 0.3;
}

/// An array of fixed size gets a second cotangent.
#[differentiable(tape)]
fn array_beside_a_slice(a: &[f64; 3], y: &mut [f64]) {
    mixed(a[1], a, a, y);
    y[0] *= y[1].sin();
    mixed(a[1] + a[0], a, a, &mut y[1..]);
}

#[differentiable(tape)]
fn array_in_a_loop(a: &[f64; 3], n: usize, y: &mut [f64]) {
    let mut t = a[1];
    for _ in 0..n {
        mixed(t, a, a, y);
        t *= y[0].sin();
    }
    y[1] *= t;
}

#[differentiable(tape)]
fn local_array_in_a_loop(x: f64, n: usize, y: &mut [f64; 3]) -> f64 {
    let mut t = x;
    let mut a = [x, x * x, 0.3];
    for i in 0..n {
        mixed(t, &a, &a, &mut y[..]);
        a[i % 3] *= y[0].sin();
        t *= 0.7;
    }
    t * y[1] + a[0] * a[1]
}

/// A slice is copied, as the message on it says.
#[differentiable(tape)]
fn slice_and_its_copy(a: &[f64], y: &mut [f64]) {
    let copy = a.to_vec();
    mixed(a[1], a, &copy, y);
    mixed(a[1] + a[0], &copy, a, &mut y[1..]);
}

#[differentiable]
fn products(a: &[f64], b: &[f64], #[out] out: &mut [f64]) {
    for i in 0..out.len() {
        out[i] = a[i % a.len()] * b[i % b.len()];
    }
}

/// Parts of one slice, and elements of another one.
#[differentiable]
fn parts_and_copies(a: &[f64]) -> f64 {
    let mut y = vec![0.0; 3];
    let (l, r) = a.split_at(2);
    let copy = r.to_vec();
    products(l, &copy, &mut y);
    y[0] * y[2]
}

#[differentiable]
fn elements_and_copies(p: &[[f64; 2]], i: usize, j: usize) -> f64 {
    let mut y = vec![0.0; 3];
    let copy = p[j];
    products(&p[i], &copy, &mut y);
    y[0] * y[1] + y[2]
}

#[differentiable(hvp)]
fn weighted(a: &[f64; 4], b: &[f64; 4], p: f64, q: f64) -> f64 {
    let mut s = 0.0;
    for i in 0..4 {
        s += a[i] * b[3 - i] * p + (a[i] * q).sin();
    }
    s
}

/// Nothing is changed here: by reference, by value and as a part.
#[differentiable(hvp)]
fn often(a: &[f64; 4]) -> f64 {
    let b = [a[0] * a[1], a[2], a[3], a[0]];
    weighted(a, a, a[1], a[2]) * weighted(&b, &b, b[0], a[0]) + weighted(a, &b, 0.5, b[3])
}

fn array<const N: usize>(x: &[f64]) -> &[f64; N] {
    x.try_into().expect("as many numbers as the array has")
}

#[test]
fn what_is_lent_twice() {
    let x = noise(3, 7);
    check_in_place(
        |x| {
            let (a, y) = x.split_at_mut(3);
            array_beside_a_slice(array(a), y);
        },
        |x, d, tape| {
            let ((a, y), (d_a, d_y)) = (x.split_at_mut(3), d.split_at_mut(3));
            let d_a = d_a.try_into().expect("three numbers");
            array_beside_a_slice_vjp(array(a), d_a, y, d_y, tape);
        },
        &x,
    );
    for n in 0..4 {
        check_in_place(
            |x| {
                let (a, y) = x.split_at_mut(3);
                array_in_a_loop(array(a), n, y);
            },
            |x, d, tape| {
                let ((a, y), (d_a, d_y)) = (x.split_at_mut(3), d.split_at_mut(3));
                let d_a = d_a.try_into().expect("three numbers");
                array_in_a_loop_vjp(array(a), d_a, n, y, d_y, tape);
            },
            &x,
        );
        check_slice(
            |x| local_array_in_a_loop(x[0], n, &mut [x[1], x[2], x[3]]),
            |x, d| {
                let (mut y, mut d_y) = ([x[1], x[2], x[3]], [0.0; 3]);
                let mut tape = Tape::new();
                let (value, d_x) = local_array_in_a_loop_grad(x[0], n, &mut y, &mut d_y, &mut tape);
                for (d, new) in d.iter_mut().zip([d_x, d_y[0], d_y[1], d_y[2]]) {
                    *d += new;
                }
                value
            },
            &x[..4],
        );
    }
    check_in_place(
        |x| {
            let (a, y) = x.split_at_mut(3);
            slice_and_its_copy(a, y);
        },
        |x, d, tape| {
            let ((a, y), (d_a, d_y)) = (x.split_at_mut(3), d.split_at_mut(3));
            slice_and_its_copy_vjp(a, d_a, y, d_y, tape);
        },
        &x,
    );
    check_slice(
        |x| often(array(x)),
        |x, d| often_grad(array(x), d.try_into().expect("four numbers")),
        &x[..4],
    );
    check_slice(parts_and_copies, parts_and_copies_grad, &x[..5]);
    for (i, j) in [(0, 1), (1, 0), (1, 1)] {
        let rows = |x: &[f64]| [[x[0], x[1]], [x[2], x[3]]];
        check_slice(
            |x| elements_and_copies(&rows(x), i, j),
            |x, d| {
                let mut d_p = [[0.0; 2]; 2];
                let value = elements_and_copies_grad(&rows(x), &mut d_p, i, j);
                for (d, new) in d.iter_mut().zip(d_p.as_flattened()) {
                    *d += new;
                }
                value
            },
            &x[..4],
        );
    }
    // The product with the Hessian is the derivative of the gradient along the direction.
    let (v, mut product) = (noise(8, 4), [0.0; 4]);
    let _ = often_hvp(array(&x[..4]), array(&v), &mut product);
    let along = |x: &[f64]| {
        let mut d = [0.0; 4];
        let _ = often_grad(array(x), &mut d);
        dot(&d, &v)
    };
    check_gradient(along, &x[..4], &product);
}
