//! A network of three dense layers, on whole batches.

use backprop::init::{Generator, he_uniform, uniform};
use backprop::kernel::linear;
use backprop::loss::softmax_cross_entropy_batch;
use backprop::math::slice::relu;
use backprop::optim::{Optimizer, Sgd};
use backprop::prelude::*;

use crate::work::{Work, bytes};

/// Pixels, hidden units and classes.
const SIZES: [usize; 4] = [784, 128, 64, 10];

/// A row of weights for each output, and a bias.
#[derive(Clone, Differentiable)]
pub(crate) struct Dense {
    pub(crate) weights: Vec<f32>,
    pub(crate) bias: Vec<f32>,
}

impl Dense {
    pub(crate) fn new(inputs: usize, outputs: usize, generator: &mut Generator) -> Self {
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

/// The mean loss of a batch.
#[differentiable]
fn loss(
    mlp: &Mlp,
    #[nodiff] x: &[f32],
    labels: &[usize],
    #[out] first_sums: &mut [f32],
    #[out] first: &mut [f32],
    #[out] second_sums: &mut [f32],
    #[out] second: &mut [f32],
    #[out] scores: &mut [f32],
) -> f32 {
    let n: usize = labels.len();
    linear(
        x,
        &mlp.first.weights,
        &mlp.first.bias,
        first_sums,
        [n, SIZES[0], SIZES[1]],
    );
    relu(&*first_sums, first);
    linear(
        &*first,
        &mlp.second.weights,
        &mlp.second.bias,
        second_sums,
        [n, SIZES[1], SIZES[2]],
    );
    relu(&*second_sums, second);
    linear(
        &*second,
        &mlp.last.weights,
        &mlp.last.bias,
        scores,
        [n, SIZES[2], SIZES[3]],
    );
    softmax_cross_entropy_batch(&*scores, labels)
}

/// Random pictures of so many numbers, and labels.
pub(crate) fn data(
    batch: usize,
    pixels: usize,
    generator: &mut Generator,
) -> (Vec<f32>, Vec<usize>) {
    let mut x = vec![0.0; batch * pixels];
    uniform(&mut x, 0.0, 1.0, generator);
    let labels = (0..batch).map(|_| (generator.uniform() * 10.0) as usize);
    (x, labels.collect())
}

/// Steps of gradient descent on a batch.
pub(crate) fn work(batch: usize) -> Work {
    let mut generator = Generator::new(1);
    let (x, labels) = data(batch, SIZES[0], &mut generator);
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
    let memory = 4 * x.len() + 8 * labels.len() + 2 * (bytes(&model) + bytes(&a));
    // Zero before each step, and by the attribute's contract zero after it.
    let mut d = a.zeros_like();
    let mut gradient = model.zeros_like();
    let mut sgd = Sgd::new(0.01);
    let step = move || {
        gradient.set_zero();
        let loss = loss_grad(
            &model,
            &mut gradient,
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
    };
    Work {
        step: Box::new(step),
        memory,
    }
}
