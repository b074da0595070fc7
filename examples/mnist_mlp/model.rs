//! The network: 784 pixels, 128 and 64 units, 10 digits, written as plain Rust.
//!
//! In: images, one after the other. Out: ten scores for each, and the loss of a batch. `#[differentiable]` on `loss` puts `loss_grad` beside it. What a layer makes
//! of an image lies in arrays on the stack, which are filled anew for the next one: so the gradient needs no memory of its own.

use backprop::init::{Generator, glorot_uniform, he_normal};
use backprop::loss::softmax_cross_entropy;
use backprop::prelude::*;

use crate::data::{CLASSES, PIXELS};
use crate::training::Classifier;

/// Units of the two hidden layers.
pub(crate) const FIRST: usize = 128;
const SECOND: usize = 64;

/// Weights and bias of a layer. Its gradient has the same type.
#[derive(Clone, Debug, Differentiable)]
pub(crate) struct Layer {
    /// A row for each input, with a weight for each output.
    pub(crate) weights: Vec<f32>,
    /// One for each output.
    pub(crate) bias: Vec<f32>,
}

impl Layer {
    fn zeros(inputs: usize, outputs: usize) -> Self {
        Layer {
            weights: vec![0.0; inputs * outputs],
            bias: vec![0.0; outputs],
        }
    }

    /// `outputs = inputs · weights + bias`.
    #[differentiable]
    #[inline(always)]
    fn apply(&self, inputs: &[f32], #[out] outputs: &mut [f32]) {
        for (sum, bias) in outputs.iter_mut().zip(&self.bias) {
            *sum = *bias;
        }
        // Row by row: so the inner loop runs over neighbours in memory.
        for (x, row) in inputs.iter().zip(self.weights.chunks_exact(outputs.len())) {
            for (sum, w) in outputs.iter_mut().zip(row) {
                *sum += x * w;
            }
        }
    }
}

/// The whole network; by the derive also its gradient, and the optimizer's moments.
#[derive(Clone, Debug, Differentiable)]
pub(crate) struct Network {
    pub(crate) first: Layer,
    pub(crate) second: Layer,
    pub(crate) last: Layer,
}

impl Network {
    /// The scores of one image for each digit.
    #[differentiable]
    fn apply(&self, #[nodiff] image: &[f32], #[out] scores: &mut [f32; CLASSES]) {
        let mut first_sums = [0.0; FIRST];
        self.first.apply(image, &mut first_sums);
        let mut first = [0.0; FIRST];
        rectify(&first_sums, &mut first);
        let mut second_sums = [0.0; SECOND];
        self.second.apply(&first, &mut second_sums);
        let mut second = [0.0; SECOND];
        rectify(&second_sums, &mut second);
        self.last.apply(&second, scores);
    }

    /// The mean loss of a batch.
    #[differentiable]
    fn loss(&self, #[nodiff] images: &[f32], labels: &[usize]) -> f32 {
        let mut total = 0.0;
        for k in 0..labels.len() {
            let mut scores = [0.0; CLASSES];
            self.apply(&images[k * PIXELS..][..PIXELS], &mut scores);
            total += softmax_cross_entropy(&scores, labels[k]);
        }
        total / labels.len() as f32
    }
}

impl Classifier for Network {
    const NAME: &'static str = "mnist_mlp";

    fn new(generator: &mut Generator) -> Self {
        let mut network = Network {
            first: Layer::zeros(PIXELS, FIRST),
            second: Layer::zeros(FIRST, SECOND),
            last: Layer::zeros(SECOND, CLASSES),
        };
        he_normal(&mut network.first.weights, PIXELS, generator);
        he_normal(&mut network.second.weights, FIRST, generator);
        glorot_uniform(&mut network.last.weights, SECOND, CLASSES, generator);
        network
    }

    fn add_gradient(&self, gradient: &mut Self, images: &[f32], labels: &[usize]) -> f32 {
        self.loss_grad(gradient, images, labels)
    }

    fn scores(&self, image: &[f32]) -> [f32; CLASSES] {
        let mut scores = [0.0; CLASSES];
        self.apply(image, &mut scores);
        scores
    }
}

/// What is negative becomes zero.
#[differentiable]
#[inline(always)]
fn rectify(inputs: &[f32], #[out] outputs: &mut [f32]) {
    for (output, input) in outputs.iter_mut().zip(inputs) {
        *output = input.max(0.0);
    }
}
