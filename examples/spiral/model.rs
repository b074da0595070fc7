//! The network: three layers that bend the plane until a straight cut tells the two arms of a spiral apart.
//!
//! In: a point. Out: a score, positive where the network takes the point for one of the second arm. Everything is plain Rust on arrays; the attribute
//! `#[differentiable]` puts beside `loss` the function `loss_grad`, which is the backward pass.

use backprop::init::{Generator, normal};
use backprop::math::softplus;
use backprop::prelude::*;

/// Units of each hidden layer.
pub(crate) const WIDTH: usize = 16;
/// How much steeper than usual the first layer begins.
const GAIN: f64 = 4.0;

/// A layer of `OUT` units, each of which adds up its `IN` inputs with weights of its own, and a bias.
#[derive(Clone, Debug, Differentiable)]
pub(crate) struct Layer<const IN: usize, const OUT: usize> {
    /// A row for each unit.
    pub(crate) weights: [[f64; IN]; OUT],
    /// One for each unit.
    pub(crate) bias: [f64; OUT],
}

impl<const IN: usize, const OUT: usize> Layer<IN, OUT> {
    /// Random weights, so that no two units begin alike; their standard deviation is `gain` over the root of the number of inputs.
    fn new(gain: f64, generator: &mut Generator) -> Self {
        let mut layer = Layer {
            weights: [[0.0; IN]; OUT],
            bias: [0.0; OUT],
        };
        let deviation = gain / (IN as f64).sqrt();
        normal(layer.weights.as_flattened_mut(), 0.0, deviation, generator);
        normal(&mut layer.bias, 0.0, deviation, generator);
        layer
    }

    /// `weights · inputs + bias`.
    #[differentiable]
    fn apply(&self, inputs: &[f64; IN]) -> [f64; OUT] {
        let mut sums = self.bias;
        for i in 0..OUT {
            for j in 0..IN {
                sums[i] += self.weights[i][j] * inputs[j];
            }
        }
        sums
    }
}

/// The whole network. By the derive it is its own gradient's type: a slope for each weight, at the weight's place.
#[derive(Clone, Debug, Differentiable)]
pub(crate) struct Network {
    pub(crate) first: Layer<2, WIDTH>,
    pub(crate) second: Layer<WIDTH, WIDTH>,
    pub(crate) last: Layer<WIDTH, 1>,
}

impl Network {
    pub(crate) fn new(generator: &mut Generator) -> Self {
        Network {
            // The plane is cut by steep steps in many places.
            first: Layer::new(GAIN, generator),
            second: Layer::new(1.0, generator),
            last: Layer::new(1.0, generator),
        }
    }

    /// The forward pass. Without `tanh` between them, three layers could do no more than one: a straight cut.
    #[differentiable]
    pub(crate) fn score(&self, point: &[f64; 2]) -> f64 {
        let sums: [f64; WIDTH] = self.first.apply(point);
        let first = sums.map(|sum| sum.tanh());
        let sums: [f64; WIDTH] = self.second.apply(&first);
        let second = sums.map(|sum| sum.tanh());
        let [score] = self.last.apply(&second);
        score
    }

    /// How wrong the network is, as one number: the mean over all points of −ln p, where p is the probability that it gives to the right arm, and
    /// the probability of the second arm is 1/(1 + e^−score).
    #[differentiable]
    pub(crate) fn loss(&self, #[nodiff] points: &[[f64; 2]], #[nodiff] arms: &[f64]) -> f64 {
        let mut sum = 0.0;
        for (point, arm) in points.iter().zip(arms) {
            let score = self.score(point);
            // −ln p in one form for both arms, 0 and 1, which does not overflow.
            sum += softplus(score) - arm * score;
        }
        sum / points.len() as f64
    }
}
