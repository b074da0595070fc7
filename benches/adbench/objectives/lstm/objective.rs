//! A recurrent network that predicts the next character of a text, bit by bit: long short-term memory, in layers.
//!
//! The gates of ADBench's network look at one unit each: weights are vectors, not matrices.

use backprop::prelude::*;

/// Numbers for the four gates of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
pub(crate) struct Gates<const B: usize> {
    pub(crate) forget: [f64; B],
    pub(crate) input: [f64; B],
    pub(crate) output: [f64; B],
    pub(crate) change: [f64; B],
}

/// The parameters of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
pub(crate) struct Layer<const B: usize> {
    pub(crate) weights: Gates<B>,
    pub(crate) biases: Gates<B>,
}

/// What surrounds the layers: a scale of what goes in, scale and bias of what comes out.
#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
pub(crate) struct Ends<const B: usize> {
    pub(crate) scale_in: [f64; B],
    pub(crate) scale_out: [f64; B],
    pub(crate) bias_out: [f64; B],
}

/// What the layers remember from one character to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct State<const L: usize, const B: usize> {
    pub(crate) hidden: [[f64; B]; L],
    pub(crate) cells: [[f64; B]; L],
}

/// The mean negative logarithm of what the network gives to the bits of each next character.
#[differentiable(tape, wrt(layers, ends))]
pub(crate) fn loss<const L: usize, const B: usize>(
    layers: &[Layer<B>; L],
    ends: &Ends<B>,
    #[nodiff] initial: &State<L, B>,
    sequence: &[[f64; B]],
) -> f64 {
    let mut hidden = initial.hidden;
    let mut cells = initial.cells;
    let mut total = 0.0;
    for pair in sequence.windows(2) {
        let mut x = [0.0; B];
        for i in 0..B {
            x[i] = pair[0][i] * ends.scale_in[i];
        }
        for l in 0..L {
            let weights = &layers[l].weights;
            let biases = &layers[l].biases;
            for i in 0..B {
                let forget = sigmoid(x[i] * weights.forget[i] + biases.forget[i]);
                let input = sigmoid(hidden[l][i] * weights.input[i] + biases.input[i]);
                let output = sigmoid(x[i] * weights.output[i] + biases.output[i]);
                let change = (hidden[l][i] * weights.change[i] + biases.change[i]).tanh();
                cells[l][i] = cells[l][i] * forget + input * change;
                hidden[l][i] = output * cells[l][i].tanh();
                x[i] = hidden[l][i];
            }
        }
        let mut sum = 2.0;
        let mut dot = 0.0;
        let mut weight = 0.0;
        for i in 0..B {
            let prediction = x[i] * ends.scale_out[i] + ends.bias_out[i];
            sum += prediction.exp();
            dot += pair[1][i] * prediction;
            weight += pair[1][i];
        }
        total += dot - weight * sum.ln();
    }
    -total / ((sequence.len() - 1) * B) as f64
}

/// The logistic function.
#[differentiable]
#[inline]
pub(crate) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}
