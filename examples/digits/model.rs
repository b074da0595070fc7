//! The network: two layers, written as plain Rust.
//!
//! In: images of 64 pixels, one after the other. Out: ten scores for each, or the loss of a batch. Nothing here knows about derivatives
//! but the attributes: `#[differentiable]` on `loss` puts `loss_grad` beside it, and its helpers carry the attribute so that the gradient
//! can pass through them.

use backprop::init::{Generator, glorot_uniform, he_normal};
use backprop::prelude::*;

/// Pixels of an image.
pub(crate) const PIXELS: usize = 64;
/// Digits to tell apart.
pub(crate) const CLASSES: usize = 10;

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

    /// `output = weights · input + bias`.
    #[differentiable]
    pub(crate) fn apply(&self, input: &[f32], #[out] output: &mut [f32]) {
        let n = output.len();
        for j in 0..n {
            output[j] = self.bias[j];
        }
        // Row by row, so that the inner loop runs over neighbours in memory.
        for i in 0..input.len() {
            let row = &self.weights[i * n..(i + 1) * n];
            for j in 0..n {
                output[j] += input[i] * row[j];
            }
        }
    }
}

/// The whole network, and by the derive also its gradient and the optimizer's moments.
#[derive(Clone, Debug, Differentiable)]
pub(crate) struct Network {
    pub(crate) hidden: Layer,
    pub(crate) output: Layer,
}

impl Network {
    /// Random weights.
    pub(crate) fn new(hidden: usize, generator: &mut Generator) -> Self {
        let mut network = Network {
            hidden: Layer::zeros(PIXELS, hidden),
            output: Layer::zeros(hidden, CLASSES),
        };
        he_normal(&mut network.hidden.weights, PIXELS, generator);
        glorot_uniform(&mut network.output.weights, hidden, CLASSES, generator);
        network
    }

    /// The number of hidden units.
    pub(crate) fn units(&self) -> usize {
        self.hidden.bias.len()
    }

    /// Writes the scores of one image into `scores`. The scratch buffers have an element for each hidden unit.
    #[differentiable]
    pub(crate) fn scores(
        &self,
        #[nodiff] image: &[f32],
        #[out] sums: &mut [f32],
        #[out] units: &mut [f32],
        #[out] scores: &mut [f32],
    ) {
        self.hidden.apply(image, sums);
        rectify(&*sums, units);
        self.output.apply(&*units, scores);
    }

    /// The mean loss of a batch: `images` has 64 pixels for each of the `labels`.
    #[differentiable]
    pub(crate) fn loss(
        &self,
        #[nodiff] images: &[f32],
        labels: &[usize],
        #[out] sums: &mut [f32],
        #[out] units: &mut [f32],
    ) -> f32 {
        let mut total = 0.0;
        for i in 0..labels.len() {
            let mut scores = [0.0; CLASSES];
            self.scores(
                &images[i * PIXELS..(i + 1) * PIXELS],
                sums,
                units,
                &mut scores,
            );
            total += cross_entropy(&scores, labels[i]);
        }
        total / labels.len() as f32
    }
}

/// What is negative becomes zero.
#[differentiable]
fn rectify(input: &[f32], #[out] output: &mut [f32]) {
    for j in 0..input.len() {
        output[j] = input[j].max(0.0);
    }
}

/// −ln of the probability that the softmax of the scores gives to `label`.
#[differentiable]
fn cross_entropy(scores: &[f32; CLASSES], label: usize) -> f32 {
    // The largest score cancels out; subtracting it keeps `exp` from overflowing.
    let mut peak = scores[0];
    for k in 1..CLASSES {
        peak = peak.max(scores[k]);
    }
    let peak = stop_gradient(peak);
    let mut sum = 0.0;
    for k in 0..CLASSES {
        sum += (scores[k] - peak).exp();
    }
    sum.ln() + peak - scores[label]
}
