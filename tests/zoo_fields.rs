//! Fields of one struct, lent to one call: its sweep runs once, and takes a part of the struct's adjoint for each.
#![allow(
    clippy::style,
    clippy::complexity,
    reason = "programs as people write them, not as a linter would have them"
)]

mod common;

use std::cell::Cell;

use backprop::prelude::*;
use common::{assert_all_near, check_derivative, noise};

#[derive(Clone, Debug, Differentiable)]
struct Dense {
    weights: Vec<f64>,
    bias: [f64; 2],
    factor: f64,
}

#[derive(Clone, Debug, Differentiable)]
struct Network {
    layers: Vec<Dense>,
    last: Dense,
    offsets: Vec<f64>,
}

fn dense(seed: u64) -> Dense {
    let numbers = noise(seed, 7);
    Dense {
        weights: numbers[..4].to_vec(),
        bias: [numbers[4], numbers[5]],
        factor: numbers[6],
    }
}

fn network() -> Network {
    Network {
        layers: vec![dense(1), dense(2), dense(3)],
        last: dense(4),
        offsets: noise(5, 4),
    }
}

thread_local! {
    /// How often the rule of `affine` has run.
    static SWEEPS: Cell<usize> = const { Cell::new(0) };
}

/// y = factor·(W·x + b).
#[differentiable(vjp = affine_rule)]
fn affine(weights: &[f64], bias: &[f64], factor: &f64, x: &[f64], #[out] y: &mut [f64]) {
    for i in 0..2 {
        y[i] = factor * (weights[2 * i] * x[0] + weights[2 * i + 1] * x[1] + bias[i]);
    }
}

fn affine_rule(
    weights: &[f64],
    d_weights: &mut [f64],
    bias: &[f64],
    d_bias: &mut [f64],
    factor: &f64,
    d_factor: &mut f64,
    x: &[f64],
    d_x: &mut [f64],
    y: &mut [f64],
    d_y: &mut [f64],
) {
    SWEEPS.set(SWEEPS.get() + 1);
    affine(weights, bias, factor, x, y);
    for i in 0..2 {
        for j in 0..2 {
            d_weights[2 * i + j] += d_y[i] * factor * x[j];
            d_x[j] += d_y[i] * factor * weights[2 * i + j];
        }
        d_bias[i] += d_y[i] * factor;
        *d_factor += d_y[i] * y[i] / factor;
        d_y[i] = 0.0;
    }
}

impl Dense {
    /// From a slice of the caller's to another one.
    #[differentiable]
    fn apply(&self, x: &[f64], #[out] y: &mut [f64]) {
        affine(&self.weights, &self.bias, &self.factor, x, y);
    }
}

/// The struct in a field, from an adjoint and from a slot.
#[differentiable]
fn in_a_field(n: &Network, x: &[f64], #[out] y: &mut [f64]) -> f64 {
    affine(&n.last.weights, &n.last.bias, &n.last.factor, x, y);
    y[0] * y[1]
}

#[differentiable]
fn through_a_call(n: &Network, x: &[f64], #[out] y: &mut [f64]) -> f64 {
    let product = in_a_field(n, x, y);
    product.sin()
}

/// By a method.
#[differentiable]
fn by_a_method(n: &Network, x: &[f64], #[out] y: &mut [f64]) -> f64 {
    n.last.apply(x, y);
    y[0] * y[1]
}

/// Structs in a list, each of which fills a part of a buffer.
#[differentiable]
fn in_a_list(n: &Network, x: &[f64], #[out] y: &mut [f64]) -> f64 {
    for l in 0..n.layers.len() {
        let layer = &n.layers[l];
        affine(
            &layer.weights,
            &layer.bias,
            &layer.factor,
            x,
            &mut y[l * 2..][..2],
        );
    }
    let mut sum = 0.0;
    for i in 0..y.len() {
        sum += y[i] * y[i];
    }
    sum
}

/// Fields of different structs in one: they part at once. And parts of fields.
#[differentiable]
fn of_several(n: &Network, x: &[f64], #[out] y: &mut [f64]) -> f64 {
    affine(&n.last.weights, &n.offsets[1..3], &n.last.factor, x, y);
    y[0] * y[1]
}

/// The same without a rule, which would want all gradients at once.
#[differentiable]
fn plain(weights: &[f64], bias: &[f64], factor: &f64, x: &[f64], #[out] y: &mut [f64]) {
    for i in 0..2 {
        y[i] = factor * (weights[2 * i] * x[0] + weights[2 * i + 1] * x[1] + bias[i]);
    }
}

/// One field twice: these take turns.
#[differentiable]
fn of_one(n: &Network, x: &[f64], #[out] y: &mut [f64]) -> f64 {
    let mut own = [0.0; 2];
    plain(
        &n.last.weights,
        &n.last.weights[1..3],
        &n.last.factor,
        x,
        &mut own,
    );
    for k in 0..2 {
        y[k] = own[k];
    }
    own[0] * own[1]
}

/// A list's elements, of which nobody knows whether they are one: these take turns, too.
#[differentiable]
fn of_two_elements(n: &Network, x: &[f64], i: usize, j: usize, #[out] y: &mut [f64]) -> f64 {
    let mut own = [0.0; 2];
    plain(
        &n.layers[i].weights,
        &n.layers[j].bias,
        &n.last.factor,
        x,
        &mut own,
    );
    for k in 0..2 {
        y[k] = own[k];
    }
    own[0] * own[1]
}

/// Compares the gradient with differences, by every number of the network and of the input; and counts the sweeps.
#[track_caller]
fn check(
    sweeps: usize,
    len: usize,
    f: impl Fn(&Network, &[f64], &mut [f64]) -> f64,
    grad: impl Fn(&Network, &mut Network, &[f64], &mut [f64], &mut [f64], &mut [f64]) -> f64,
) {
    let (n, x) = (network(), vec![0.7, -1.2]);
    let (mut d_n, mut d_x) = (n.zeros_like(), vec![0.0; 2]);
    let (mut y, mut d_y) = (vec![0.0; len], vec![0.0; len]);
    SWEEPS.set(0);
    let value = grad(&n, &mut d_n, &x, &mut d_x, &mut y, &mut d_y);
    assert_eq!(SWEEPS.get(), sweeps, "sweeps");
    let mut left = vec![0.0; len];
    assert_eq!(value, f(&n, &x, &mut left));
    assert_all_near(&y, &left, 1e-15);
    let at = |n: &Network, x: &[f64]| f(n, x, &mut vec![0.0; len]);
    let places: [fn(&mut Network) -> &mut Dense; 4] = [
        |n| &mut n.layers[0],
        |n| &mut n.layers[1],
        |n| &mut n.layers[2],
        |n| &mut n.last,
    ];
    for (l, place) in places.iter().enumerate() {
        let d = place(&mut d_n).clone();
        let moved = |change: &dyn Fn(&mut Dense)| {
            let mut n = n.clone();
            change(place(&mut n));
            at(&n, &x)
        };
        for k in 0..4 {
            check_derivative(&format!("weights {l}, {k}"), d.weights[k], |h| {
                moved(&|dense| dense.weights[k] += h)
            });
        }
        for k in 0..2 {
            check_derivative(&format!("bias {l}, {k}"), d.bias[k], |h| {
                moved(&|dense| dense.bias[k] += h)
            });
        }
        check_derivative(&format!("factor {l}"), d.factor, |h| {
            moved(&|dense| dense.factor += h)
        });
    }
    for k in 0..4 {
        check_derivative(&format!("offset {k}"), d_n.offsets[k], |h| {
            let mut n = n.clone();
            n.offsets[k] += h;
            at(&n, &x)
        });
    }
    for k in 0..2 {
        check_derivative(&format!("x {k}"), d_x[k], |h| {
            let mut x = x.clone();
            x[k] += h;
            at(&n, &x)
        });
    }
}

#[test]
fn fields_share_a_sweep() {
    check(1, 2, in_a_field, in_a_field_grad);
    check(1, 2, through_a_call, through_a_call_grad);
    check(1, 2, by_a_method, by_a_method_grad);
    check(3, 6, in_a_list, in_a_list_grad);
    check(1, 2, of_several, of_several_grad);
}

#[test]
fn what_may_be_one_place_takes_turns() {
    check(0, 2, of_one, of_one_grad);
    for (i, j) in [(0, 1), (2, 2)] {
        check(
            0,
            2,
            |n, x, y| of_two_elements(n, x, i, j, y),
            |n, d_n, x, d_x, y, d_y| of_two_elements_grad(n, d_n, x, d_x, i, j, y, d_y),
        );
    }
}
