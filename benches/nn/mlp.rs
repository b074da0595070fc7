//! A network of three dense layers, on whole batches.

#![allow(clippy::too_many_arguments, reason = "each of them is a buffer")]

use backprop::init::{Generator, he_uniform, uniform};
use backprop::kernel::linear;
use backprop::loss::softmax_cross_entropy_batch;
use backprop::optim::{Optimizer, Sgd};
use backprop::prelude::*;

/// Pixels, hidden units and classes.
const SIZES: [usize; 4] = [784, 128, 64, 10];

/// A row of weights for each output, and a bias.
#[derive(Clone, Differentiable)]
struct Dense {
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl Dense {
    fn new(inputs: usize, outputs: usize, generator: &mut Generator) -> Self {
        let mut dense = Dense {
            weights: vec![0.0; inputs * outputs],
            bias: vec![0.0; outputs],
        };
        he_uniform(&mut dense.weights, inputs, generator);
        dense
    }
}

#[derive(Clone, Differentiable)]
struct Mlp {
    first: Dense,
    second: Dense,
    last: Dense,
}

/// What the layers make of a batch.
#[derive(Clone, Differentiable)]
struct Activations {
    first_sums: Vec<f32>,
    first: Vec<f32>,
    second_sums: Vec<f32>,
    second: Vec<f32>,
    scores: Vec<f32>,
}

/// The mean loss of a batch. Weights and biases come one by one, because a call cannot yet be lent two parts of one struct beside a buffer of the caller.
#[differentiable(wrt(w1, b1, w2, b2, w3, b3, first_sums, first, second_sums, second, scores))]
fn loss(
    w1: &[f32],
    b1: &[f32],
    w2: &[f32],
    b2: &[f32],
    w3: &[f32],
    b3: &[f32],
    x: &[f32],
    labels: &[usize],
    #[out] first_sums: &mut [f32],
    #[out] first: &mut [f32],
    #[out] second_sums: &mut [f32],
    #[out] second: &mut [f32],
    #[out] scores: &mut [f32],
) -> f32 {
    let n = labels.len();
    linear(x, w1, b1, first_sums, [n, SIZES[0], SIZES[1]]);
    rectify(&*first_sums, first);
    linear(&*first, w2, b2, second_sums, [n, SIZES[1], SIZES[2]]);
    rectify(&*second_sums, second);
    linear(&*second, w3, b3, scores, [n, SIZES[2], SIZES[3]]);
    softmax_cross_entropy_batch(&*scores, labels)
}

/// What is negative becomes zero.
#[differentiable]
#[inline(always)]
fn rectify(inputs: &[f32], #[out] outputs: &mut [f32]) {
    for (output, input) in outputs.iter_mut().zip(inputs) {
        *output = if *input > 0.0 { *input } else { 0.0 };
    }
}

/// Random pictures and labels.
fn data(batch: usize, generator: &mut Generator) -> (Vec<f32>, Vec<usize>) {
    let mut x = vec![0.0; batch * SIZES[0]];
    uniform(&mut x, 0.0, 1.0, generator);
    let labels = (0..batch)
        .map(|_| (generator.uniform() * 10.0) as usize)
        .collect();
    (x, labels)
}

/// A training step, which returns the loss before it.
pub(crate) fn step(batch: usize) -> impl FnMut() -> f32 {
    let mut generator = Generator::new(1);
    let (x, labels) = data(batch, &mut generator);
    let mut model = Mlp {
        first: Dense::new(SIZES[0], SIZES[1], &mut generator),
        second: Dense::new(SIZES[1], SIZES[2], &mut generator),
        last: Dense::new(SIZES[2], SIZES[3], &mut generator),
    };
    let zeros = |n: usize| vec![0.0; batch * n];
    let mut a = Activations {
        first_sums: zeros(SIZES[1]),
        first: zeros(SIZES[1]),
        second_sums: zeros(SIZES[2]),
        second: zeros(SIZES[2]),
        scores: zeros(SIZES[3]),
    };
    // Zero before each step, and by the attribute's contract zero after it.
    let mut d = a.zeros_like();
    let mut gradient = model.zeros_like();
    let mut sgd = Sgd::new(0.01);
    move || {
        gradient.set_zero();
        let (m, g) = (&model, &mut gradient);
        let loss = loss_grad(
            &m.first.weights,
            &mut g.first.weights,
            &m.first.bias,
            &mut g.first.bias,
            &m.second.weights,
            &mut g.second.weights,
            &m.second.bias,
            &mut g.second.bias,
            &m.last.weights,
            &mut g.last.weights,
            &m.last.bias,
            &mut g.last.bias,
            &x,
            &labels,
            &mut a.first_sums,
            &mut d.first_sums,
            &mut a.first,
            &mut d.first,
            &mut a.second_sums,
            &mut d.second_sums,
            &mut a.second,
            &mut d.second,
            &mut a.scores,
            &mut d.scores,
        );
        sgd.step(&mut model, &gradient);
        loss
    }
}
