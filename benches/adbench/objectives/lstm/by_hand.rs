//! Backpropagation through time by hand: everything that cost an `exp` or a `tanh` is kept.

use super::objective::{Ends, Layer, State, sigmoid};

/// What is kept of a layer at one character.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kept<const B: usize> {
    forget: [f64; B],
    input: [f64; B],
    output: [f64; B],
    change: [f64; B],
    /// As the character leaves it.
    cell: [f64; B],
    /// The hyperbolic tangent of the cell. Times the output gate it is the hidden state.
    tanh: [f64; B],
}

/// What is kept at one character.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step<const L: usize, const B: usize> {
    layers: [Kept<B>; L],
    /// The derivative of the total by each prediction.
    by_prediction: [f64; B],
}

impl<const L: usize, const B: usize> Step<L, B> {
    pub(crate) const ZERO: Self = Step {
        layers: [Kept {
            forget: [0.0; B],
            input: [0.0; B],
            output: [0.0; B],
            change: [0.0; B],
            cell: [0.0; B],
            tanh: [0.0; B],
        }; L],
        by_prediction: [0.0; B],
    };
}

/// `steps` has an element for each character but the last.
pub(crate) fn loss_grad<const L: usize, const B: usize>(
    layers: &[Layer<B>; L],
    d_layers: &mut [Layer<B>; L],
    ends: &Ends<B>,
    d_ends: &mut Ends<B>,
    initial: &State<L, B>,
    sequence: &[[f64; B]],
    steps: &mut [Step<L, B>],
) -> f64 {
    let factor = -1.0 / ((sequence.len() - 1) * B) as f64;
    let State {
        mut hidden,
        mut cells,
    } = *initial;
    let mut total = 0.0;
    for (step, pair) in steps.iter_mut().zip(sequence.windows(2)) {
        total += forward(layers, ends, &mut hidden, &mut cells, pair, step);
    }
    let (mut d_hidden, mut d_cells) = ([[0.0; B]; L], [[0.0; B]; L]);
    for t in (0..steps.len()).rev() {
        let before: [[f64; B]; L] = match t.checked_sub(1) {
            Some(previous) => steps[previous].layers.map(|kept| kept.cell),
            None => initial.cells,
        };
        let was: [[f64; B]; L] = match t.checked_sub(1) {
            Some(previous) => steps[previous].layers.map(|kept| hidden_state(&kept)),
            None => initial.hidden,
        };
        let step = &steps[t];
        let last = hidden_state(&step.layers[L - 1]);
        let mut d_x = [0.0; B];
        for i in 0..B {
            let d_prediction = factor * step.by_prediction[i];
            d_ends.bias_out[i] += d_prediction;
            d_ends.scale_out[i] += d_prediction * last[i];
            d_x[i] = d_prediction * ends.scale_out[i];
        }
        for l in (0..L).rev() {
            let kept = &step.layers[l];
            let x = match l.checked_sub(1) {
                Some(below) => hidden_state(&step.layers[below]),
                None => std::array::from_fn(|i| sequence[t][i] * ends.scale_in[i]),
            };
            let (weights, d_weights) = (&layers[l].weights, &mut d_layers[l].weights);
            let d_biases = &mut d_layers[l].biases;
            for i in 0..B {
                let Kept {
                    forget,
                    input,
                    output,
                    change,
                    tanh,
                    ..
                } = kept;
                let d_h = d_hidden[l][i] + d_x[i];
                let d_cell = d_cells[l][i] + d_h * output[i] * (1.0 - tanh[i] * tanh[i]);
                let d_output = d_h * tanh[i] * output[i] * (1.0 - output[i]);
                let d_forget = d_cell * before[l][i] * forget[i] * (1.0 - forget[i]);
                let d_input = d_cell * change[i] * input[i] * (1.0 - input[i]);
                let d_change = d_cell * input[i] * (1.0 - change[i] * change[i]);
                d_biases.forget[i] += d_forget;
                d_biases.input[i] += d_input;
                d_biases.output[i] += d_output;
                d_biases.change[i] += d_change;
                d_weights.forget[i] += d_forget * x[i];
                d_weights.input[i] += d_input * was[l][i];
                d_weights.output[i] += d_output * x[i];
                d_weights.change[i] += d_change * was[l][i];
                d_cells[l][i] = d_cell * forget[i];
                d_hidden[l][i] = d_input * weights.input[i] + d_change * weights.change[i];
                d_x[i] = d_forget * weights.forget[i] + d_output * weights.output[i];
            }
        }
        for i in 0..B {
            d_ends.scale_in[i] += d_x[i] * sequence[t][i];
        }
    }
    factor * total
}

/// One character: the logarithm of what the network gives to the next one.
#[inline(always)]
fn forward<const L: usize, const B: usize>(
    layers: &[Layer<B>; L],
    ends: &Ends<B>,
    hidden: &mut [[f64; B]; L],
    cells: &mut [[f64; B]; L],
    pair: &[[f64; B]],
    step: &mut Step<L, B>,
) -> f64 {
    let mut x: [f64; B] = std::array::from_fn(|i| pair[0][i] * ends.scale_in[i]);
    for l in 0..L {
        let Layer { weights, biases } = &layers[l];
        let kept = &mut step.layers[l];
        for i in 0..B {
            let h = hidden[l][i];
            let forget = sigmoid(x[i] * weights.forget[i] + biases.forget[i]);
            let input = sigmoid(h * weights.input[i] + biases.input[i]);
            let output = sigmoid(x[i] * weights.output[i] + biases.output[i]);
            let change = (h * weights.change[i] + biases.change[i]).tanh();
            let cell = cells[l][i] * forget + input * change;
            let tanh = cell.tanh();
            cells[l][i] = cell;
            hidden[l][i] = output * tanh;
            x[i] = output * tanh;
            (kept.forget[i], kept.input[i], kept.output[i]) = (forget, input, output);
            (kept.change[i], kept.cell[i], kept.tanh[i]) = (change, cell, tanh);
        }
    }
    let (mut sum, mut dot, mut weight) = (2.0, 0.0, 0.0);
    let mut exps = [0.0; B];
    for i in 0..B {
        let prediction = x[i] * ends.scale_out[i] + ends.bias_out[i];
        exps[i] = prediction.exp();
        sum += exps[i];
        dot += pair[1][i] * prediction;
        weight += pair[1][i];
    }
    for i in 0..B {
        step.by_prediction[i] = pair[1][i] - weight / sum * exps[i];
    }
    dot - weight * sum.ln()
}

#[inline(always)]
fn hidden_state<const B: usize>(kept: &Kept<B>) -> [f64; B] {
    std::array::from_fn(|i| kept.output[i] * kept.tanh[i])
}
