//! The network: two layers, written as plain Rust.
//!
//! In: a batch of images, 64 pixels each, one after the other. Out: ten scores for each, and the mean loss. Nothing here knows about
//! derivatives but the attributes: `#[differentiable]` on `loss` puts `loss_grad` beside it, and the functions that it calls carry the
//! attribute so that the gradient finds its way through them.

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

    /// `outputs = weights · inputs + bias`.
    #[differentiable]
    #[inline(always)]
    pub(crate) fn apply(&self, inputs: &[f32], #[out] outputs: &mut [f32]) {
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

    /// The scores of one image for each digit. On the way the hidden layer fills `sums` and `units`.
    #[differentiable]
    pub(crate) fn scores(
        &self,
        #[nodiff] image: &[f32],
        #[out] sums: &mut [f32],
        #[out] units: &mut [f32],
        #[out] scores: &mut [f32; CLASSES],
    ) {
        self.hidden.apply(image, sums);
        rectify(&*sums, units);
        self.output.apply(&*units, scores);
    }

    /// The mean loss of a batch.
    ///
    /// `sums` and `units` have an element for each hidden unit of each image. Afterwards they hold what the hidden layer made of the
    /// images.
    #[differentiable]
    pub(crate) fn loss(
        &self,
        #[nodiff] images: &[f32],
        labels: &[usize],
        #[out] sums: &mut [f32],
        #[out] units: &mut [f32],
    ) -> f32 {
        let n = self.hidden.bias.len();
        let mut total = 0.0;
        for k in 0..labels.len() {
            let mut scores = [0.0; CLASSES];
            self.scores(
                &images[k * PIXELS..][..PIXELS],
                &mut sums[k * n..][..n],
                &mut units[k * n..][..n],
                &mut scores,
            );
            total += cross_entropy(&scores, labels[k]);
        }
        total / labels.len() as f32
    }
}

/// What is negative becomes zero.
#[differentiable]
fn rectify(inputs: &[f32], #[out] outputs: &mut [f32]) {
    for (output, input) in outputs.iter_mut().zip(inputs) {
        *output = input.max(0.0);
    }
}

/// −ln p, where p is what the softmax of the scores gives to the label.
#[differentiable]
fn cross_entropy(scores: &[f32; CLASSES], label: usize) -> f32 {
    // The largest score cancels out: subtracting it keeps `exp` from overflowing.
    let peak = stop_gradient(scores.iter().copied().fold(scores[0], f32::max));
    let sum: f32 = scores.iter().map(|score| (score - peak).exp()).sum();
    sum.ln() + peak - scores[label]
}
