//! Training: epochs of mini-batches, each a gradient and a step of the optimizer.
//!
//! All memory is set up in [`Trainer::new`]. What comes after is timed, and a counting allocator watches it.

use std::time::{Duration, Instant};

use backprop::Differentiable;
use backprop::init::Generator;
use backprop::optim::Optimizer;

use crate::data::{Digits, shuffle};
use crate::model::{CLASSES, Network, PIXELS};

/// Images whose gradients are averaged into one step.
pub(crate) const BATCH: usize = 32;

/// What training cost so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    pub(crate) time: Duration,
    pub(crate) samples: usize,
    pub(crate) allocations: u64,
}

impl Cost {
    pub(crate) fn seconds(&self) -> f64 {
        self.time.as_secs_f64()
    }

    pub(crate) fn samples_per_second(&self) -> f64 {
        self.samples as f64 / self.seconds().max(f64::MIN_POSITIVE)
    }
}

/// A network, what trains it, and the memory for both.
pub(crate) struct Trainer<'a> {
    network: Network,
    gradient: Network,
    optimizer: Box<dyn Optimizer<Network>>,
    training: &'a Digits,
    order: Vec<usize>,
    batch: Digits,
    buffers: Buffers,
    /// The adjoints of what is in the buffers: zero before and after each gradient.
    d_buffers: Buffers,
    generator: Generator,
    cost: Cost,
}

impl<'a> Trainer<'a> {
    pub(crate) fn new(
        network: Network,
        optimizer: Box<dyn Optimizer<Network>>,
        training: &'a Digits,
        generator: Generator,
    ) -> Self {
        Trainer {
            gradient: network.zeros_like(),
            buffers: Buffers::new(network.units()),
            d_buffers: Buffers::new(network.units()),
            network,
            optimizer,
            training,
            order: (0..training.len()).collect(),
            batch: Digits::with_capacity(BATCH),
            generator,
            cost: Cost::default(),
        }
    }

    pub(crate) fn cost(&self) -> Cost {
        self.cost
    }

    /// One pass over the training images in a new order. Returns their mean loss on the way.
    pub(crate) fn epoch(&mut self, learning_rate: f64) -> f64 {
        self.optimizer.set_learning_rate(learning_rate);
        let start = Instant::now();
        let mut loss = 0.0;
        let info = allocation_counter::measure(|| loss = self.batches());
        self.cost.time += start.elapsed();
        self.cost.samples += self.training.len();
        self.cost.allocations += info.count_total;
        loss
    }

    fn batches(&mut self) -> f64 {
        shuffle(&mut self.order, &mut self.generator);
        let mut total = 0.0;
        for chosen in self.order.chunks(BATCH) {
            self.batch.clear();
            for &i in chosen {
                self.batch
                    .push(self.training.image(i), self.training.labels[i]);
            }
            self.gradient.set_zero();
            let [sums, units] = self.buffers.of(chosen.len());
            let [d_sums, d_units] = self.d_buffers.of(chosen.len());
            let loss = self.network.loss_grad(
                &mut self.gradient,
                &self.batch.pixels,
                &self.batch.labels,
                sums,
                d_sums,
                units,
                d_units,
            );
            self.optimizer.step(&mut self.network, &self.gradient);
            total += f64::from(loss) * chosen.len() as f64;
        }
        total / self.training.len() as f64
    }

    /// The digit that the network sees on each image: the one with the largest score.
    pub(crate) fn read(&mut self, digits: &Digits) -> Vec<usize> {
        let mut answers = Vec::with_capacity(digits.len());
        let [sums, units] = self.buffers.of(1);
        for image in digits.pixels.chunks(PIXELS) {
            let mut scores = [0.0; CLASSES];
            self.network.scores(image, sums, units, &mut scores);
            answers.push(largest(&scores));
        }
        answers
    }
}

/// Where the hidden layer writes: for each image of a batch its sums and units.
struct Buffers {
    hidden: usize,
    sums: Vec<f32>,
    units: Vec<f32>,
}

impl Buffers {
    fn new(hidden: usize) -> Self {
        Buffers {
            hidden,
            sums: vec![0.0; BATCH * hidden],
            units: vec![0.0; BATCH * hidden],
        }
    }

    /// The part for so many images: the last batch of an epoch may have fewer.
    fn of(&mut self, images: usize) -> [&mut [f32]; 2] {
        [
            &mut self.sums[..images * self.hidden],
            &mut self.units[..images * self.hidden],
        ]
    }
}

fn largest(scores: &[f32]) -> usize {
    (0..scores.len())
        .max_by(|&a, &b| scores[a].total_cmp(&scores[b]))
        .unwrap_or(0)
}

/// The share of answers that are right.
pub(crate) fn accuracy(answers: &[usize], labels: &[usize]) -> f64 {
    let right = answers.iter().zip(labels).filter(|(a, b)| a == b).count();
    right as f64 / labels.len() as f64
}
