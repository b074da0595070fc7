//! The same network with the elementary functions of `backprop::math`, which vectorise in the loops over units. The objective that its gradient is compared with
//! is the one with the methods of `f64`.

use std::path::Path;

use backprop::math;
use backprop::prelude::*;

use super::{Ends, Layer, Lstm, State};
use crate::objectives::data::DataError;
use crate::objectives::{Outcome, Problem};

/// As [`loss`](super::loss).
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
                let forget = math::sigmoid(x[i] * weights.forget[i] + biases.forget[i]);
                let input = math::sigmoid(hidden[l][i] * weights.input[i] + biases.input[i]);
                let output = math::sigmoid(x[i] * weights.output[i] + biases.output[i]);
                let change = math::tanh(hidden[l][i] * weights.change[i] + biases.change[i]);
                cells[l][i] = cells[l][i] * forget + input * change;
                hidden[l][i] = output * math::tanh(cells[l][i]);
                x[i] = hidden[l][i];
            }
        }
        let mut sum = 2.0;
        let mut dot = 0.0;
        let mut weight = 0.0;
        for i in 0..B {
            let prediction = x[i] * ends.scale_out[i] + ends.bias_out[i];
            sum += math::exp(prediction);
            dot += pair[1][i] * prediction;
            weight += pair[1][i];
        }
        total += dot - weight * math::ln(sum);
    }
    -total / ((sequence.len() - 1) * B) as f64
}

/// A network whose generated gradient is that of [`loss`].
pub(crate) struct WithMath<const L: usize, const B: usize>(pub(crate) Lstm<L, B>);

impl<const L: usize, const B: usize> Problem for WithMath<L, B> {
    fn evaluate(&mut self) {
        self.0.evaluate();
    }

    fn generated(&mut self) {
        let lstm = &mut self.0;
        lstm.clear();
        lstm.value = loss_grad(
            &lstm.layers,
            &mut lstm.d_layers,
            &lstm.ends,
            &mut lstm.d_ends,
            &lstm.initial,
            &lstm.sequence,
            &mut lstm.tape,
        );
    }

    fn by_hand(&mut self) {
        self.0.by_hand();
    }

    fn outcome(&self) -> Outcome {
        self.0.outcome()
    }

    fn tape_bytes(&self) -> usize {
        self.0.tape_bytes()
    }

    fn reference(&self, folder: &Path) -> Result<Option<Outcome>, DataError> {
        self.0.reference(folder)
    }
}
