//! The loss of logistic regression over 1,000 samples of 50 features.

use backprop::gradcheck::{Failure, Gradcheck, Report};
use backprop::prelude::*;

use super::{Case, numbers};

const SAMPLES: usize = 1000;
const FEATURES: usize = 50;

/// The mean of ln(1 + exp(−label·score)) for labels ±1. `samples` has a row of features for each label.
#[differentiable(wrt(weights, bias))]
pub(crate) fn logistic_loss(weights: &[f64], bias: f64, samples: &[f64], labels: &[f64]) -> f64 {
    let n = weights.len();
    let mut loss = 0.0;
    for i in 0..labels.len() {
        let sample = &samples[i * n..(i + 1) * n];
        let mut score = bias;
        for j in 0..n {
            score += weights[j] * sample[j];
        }
        loss += (-labels[i] * score).exp().ln_1p();
    }
    loss / labels.len() as f64
}

fn logistic_loss_by_hand(
    weights: &[f64],
    d_weights: &mut [f64],
    bias: f64,
    samples: &[f64],
    labels: &[f64],
) -> (f64, f64) {
    let count = labels.len() as f64;
    let (mut loss, mut d_bias) = (0.0, 0.0);
    for (sample, label) in samples.chunks_exact(weights.len()).zip(labels) {
        let score = bias + dot(weights, sample);
        let odds = (-label * score).exp();
        loss += odds.ln_1p();
        let d_score = -label * odds / ((1.0 + odds) * count);
        d_bias += d_score;
        for (d, x) in d_weights.iter_mut().zip(sample) {
            *d += d_score * x;
        }
    }
    (loss / count, d_bias)
}

/// In eight lanes, which hide the latency of an addition.
#[inline]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a_chunks, a_rest) = a.as_chunks::<8>();
    let (b_chunks, b_rest) = b.as_chunks::<8>();
    let mut lanes = [0.0; 8];
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += a * b;
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    let [a, b, c, d, e, f, g, h] = lanes;
    ((a + e) + (c + g)) + ((b + f) + (d + h)) + rest
}

/// Labels that a hidden weight vector gives, with some noise.
pub(crate) struct Logistic {
    weights: Vec<f64>,
    bias: f64,
    samples: Vec<f64>,
    labels: Vec<f64>,
    result: (f64, f64),
    d_weights: Vec<f64>,
}

impl Case for Logistic {
    const NAME: &'static str = "logistic_1000x50";

    fn new() -> Self {
        let samples = numbers(SAMPLES * FEATURES, 1);
        let truth = numbers(FEATURES, 2);
        let noise = numbers(SAMPLES, 3);
        let label = |(sample, noise): (&[f64], f64)| {
            let score: f64 = sample.iter().zip(&truth).map(|(x, w)| x * w).sum();
            (score + noise).signum()
        };
        Logistic {
            weights: numbers(FEATURES, 4),
            bias: 0.1,
            labels: samples
                .chunks_exact(FEATURES)
                .zip(noise)
                .map(label)
                .collect(),
            samples,
            result: (0.0, 0.0),
            d_weights: vec![0.0; FEATURES],
        }
    }

    #[inline(always)]
    fn generated(&mut self) {
        self.result = logistic_loss_grad(
            &self.weights,
            &mut self.d_weights,
            self.bias,
            &self.samples,
            &self.labels,
        );
    }

    #[inline(always)]
    fn by_hand(&mut self) {
        self.result = logistic_loss_by_hand(
            &self.weights,
            &mut self.d_weights,
            self.bias,
            &self.samples,
            &self.labels,
        );
    }

    fn take(&mut self) -> (f64, Vec<f64>) {
        let (value, d_bias) = std::mem::take(&mut self.result);
        let mut gradient = std::mem::replace(&mut self.d_weights, vec![0.0; FEATURES]);
        gradient.push(d_bias);
        (value, gradient)
    }

    fn check(&self) -> Result<Report, Failure> {
        let loss = |(weights, bias): &(Vec<f64>, f64)| {
            logistic_loss(weights, *bias, &self.samples, &self.labels)
        };
        Gradcheck::new().check(
            loss,
            &(self.weights.clone(), self.bias),
            &(self.d_weights.clone(), self.result.1),
        )
    }
}
