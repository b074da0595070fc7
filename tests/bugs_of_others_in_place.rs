//! The second half of the programs that other differentiation systems got wrong: memory that changes in place, halves of slices,
//! variants, recursion. The first half is `bugs_of_others.rs`.
//!
//! Two of that list are refused, with a message under `tests/ui`: a call of what has no derivative (`callee_without_derivative`), and a
//! `Vec` that grows by `push` (`method_not_in_the_language/heap`).
#![allow(
    clippy::style,
    clippy::complexity,
    clippy::correctness,
    clippy::suspicious,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use backprop::prelude::*;
use common::{assert_all_near, check_gradient, noise};
use std::f64::consts::PI;

/// Which half is written depends on the data, and some turns write nothing.
#[differentiable]
fn halves(x: &[f64; 6], y: &mut [f64; 6]) {
    for i in 0..6 {
        let (low, high) = y.split_at_mut(3);
        if x[i] > 0.5 {
            low[i % 3] += x[i] * x[i];
        } else if x[i] < -0.5 {
            continue;
        } else {
            high[i % 3] -= x[i].sin();
        }
        low[0] *= 0.5;
    }
}

#[test]
fn continue_around_halves_of_a_slice() {
    let x = [0.7, -0.9, 0.2, 1.3, -0.1, 0.6];
    let c = [1.0, -2.0, 0.5, 3.0, -1.5, 0.7];
    let (mut d_x, mut y, mut d_y) = ([0.0; 6], [0.3; 6], c);
    halves_vjp(&x, &mut d_x, &mut y, &mut d_y);
    let all: Vec<f64> = x.iter().chain(&[0.3; 6]).copied().collect();
    let seeded = |v: &[f64]| {
        let (mut x, mut y) = ([0.0; 6], [0.0; 6]);
        x.copy_from_slice(&v[..6]);
        y.copy_from_slice(&v[6..]);
        halves(&x, &mut y);
        y.iter().zip(&c).map(|(y, c)| y * c).sum::<f64>()
    };
    check_gradient(seeded, &all, &[d_x, d_y].concat());
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
enum Shape {
    Circle(f64),
    Rect(f64, f64),
    Empty,
}

#[differentiable]
fn area(shape: &Shape, unit: f64, hole: Option<f64>) -> f64 {
    let whole = match *shape {
        Shape::Circle(r) => PI * r * r * unit,
        Shape::Rect(w, h) => w * h * unit,
        Shape::Empty => 0.0,
    };
    match hole {
        Some(r) if r > 0.0 => whole - PI * r * r,
        _ => whole,
    }
}

#[test]
fn payloads_of_an_enum_and_an_option() {
    let mut d = Shape::Circle(0.0);
    let (value, d_unit, d_hole) = area_grad(&Shape::Circle(1.5), &mut d, 2.0, Some(0.5));
    assert_all_near(
        &[value, d_unit, d_hole.unwrap_or(f64::NAN)],
        &[PI * 4.25, PI * 2.25, -PI],
        1e-13,
    );
    assert_eq!(d, Shape::Circle(PI * 6.0));
    let mut d = Shape::Rect(0.0, 0.0);
    let (value, d_unit, d_hole) = area_grad(&Shape::Rect(2.0, 3.0), &mut d, 0.5, Some(-1.0));
    assert_eq!((value, d_unit, d_hole), (3.0, 6.0, Some(0.0)));
    assert_eq!(d, Shape::Rect(1.5, 1.0));
    let mut d = Shape::Empty;
    assert_eq!(
        area_grad(&Shape::Empty, &mut d, 2.0, None),
        (0.0, 0.0, None)
    );
}

/// Radix 2, decimation in time (J. Cooley, J. Tukey 1965), on numbers in the order of reversed bits.
#[differentiable]
fn transform(re: &mut [f64; 8], im: &mut [f64; 8], m: usize) {
    if m < 2 {
        return;
    }
    transform(re, im, m / 2);
    for block in 0..8 / m {
        for j in 0..m / 2 {
            let (sin, cos) = (-2.0 * PI * j as f64 / m as f64).sin_cos();
            let (a, b) = (block * m + j, block * m + j + m / 2);
            let (u, v) = (re[b] * cos - im[b] * sin, re[b] * sin + im[b] * cos);
            re[b] = re[a] - u;
            im[b] = im[a] - v;
            re[a] += u;
            im[a] += v;
        }
    }
}

#[differentiable]
fn power_of_a_frequency(x: &[f64; 8], k: usize) -> f64 {
    let mut re = [x[0], x[4], x[2], x[6], x[1], x[5], x[3], x[7]];
    let mut im = [0.0; 8];
    transform(&mut re, &mut im, 8);
    re[k] * re[k] + im[k] * im[k]
}

/// |X_k|² has the gradient 2 Re(conj(X_k) e^(-2πi k n / 8)).
#[test]
fn fourier_transform_in_place_by_recursion() {
    let list = noise(5, 8);
    let x: [f64; 8] = std::array::from_fn(|n| list[n]);
    for k in 0..8 {
        let angle = |n: usize| -2.0 * PI * (k * n) as f64 / 8.0;
        let re: f64 = (0..8).map(|n| x[n] * angle(n).cos()).sum();
        let im: f64 = (0..8).map(|n| x[n] * angle(n).sin()).sum();
        let want: Vec<f64> = (0..8)
            .map(|n| 2.0 * (re * angle(n).cos() + im * angle(n).sin()))
            .collect();
        let mut d = [0.0; 8];
        let value = power_of_a_frequency_grad(&x, &mut d, k);
        assert_all_near(&[value], &[re * re + im * im], 1e-13);
        assert_all_near(&d, &want, 1e-12);
    }
}

/// Explicit diffusion: the old row makes the new one, then they swap roles.
#[differentiable]
fn diffused(start: &[f64; 5], rate: f64) -> f64 {
    let (mut old, mut new) = (*start, [0.0; 5]);
    for _ in 0..4 {
        for i in 0..5 {
            let (left, right) = (old[(i + 4) % 5], old[(i + 1) % 5]);
            new[i] = old[i] + rate * (left - 2.0 * old[i] + right) * old[i];
        }
        core::mem::swap(&mut old, &mut new);
    }
    old[0] * old[1] + new[2]
}

#[test]
fn two_buffers_that_swap_roles() {
    let start = [0.3, 1.2, -0.4, 0.8, 0.1];
    let mut d = [0.0; 5];
    let (_, d_rate) = diffused_grad(&start, &mut d, 0.1);
    let all = [&start[..], &[0.1]].concat();
    let diffuse = |v: &[f64]| diffused(&[v[0], v[1], v[2], v[3], v[4]], v[5]);
    check_gradient(diffuse, &all, &[&d[..], &[d_rate]].concat());
}

#[derive(Clone, Copy, Differentiable)]
struct State {
    position: f64,
    speed: f64,
}

#[differentiable]
fn kick(s: &mut State, stiffness: f64) {
    s.speed -= 0.1 * stiffness * s.position.sin();
    s.position += 0.1 * s.speed * s.speed;
}

#[differentiable]
fn kicked_twice(s: &mut State, stiffness: f64) -> f64 {
    kick(s, stiffness);
    kick(s, stiffness * stiffness);
    s.position * s.speed
}

#[test]
fn state_updated_by_a_callee_twice_in_a_row() {
    let (mut s, mut d_s) = (
        State {
            position: 0.7,
            speed: 1.4,
        },
        State {
            position: 0.5,
            speed: -2.0,
        },
    );
    let (_, d_stiffness) = kicked_twice_vjp(&mut s, &mut d_s, 1.3, 0.8);
    let seeded = |v: &[f64]| {
        let mut s = State {
            position: v[0],
            speed: v[1],
        };
        0.8 * kicked_twice(&mut s, v[2]) + 0.5 * s.position - 2.0 * s.speed
    };
    let got = [d_s.position, d_s.speed, d_stiffness];
    check_gradient(seeded, &[0.7, 1.4, 1.3], &got);
}
