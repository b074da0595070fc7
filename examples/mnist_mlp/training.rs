//! Training of a classifier: epochs of mini-batches, each a gradient and a step of AdamW; saved after each epoch, resumed where it was.
//!
//! All memory is set up in [`Trainer::new`]: batches are gathered, gradients computed and steps made without an allocation.

use std::path::Path;

use backprop::Differentiable;
use backprop::data::Batches;
use backprop::init::Generator;
use backprop::metrics::{Confusion, best};
use backprop::monitor::Monitor;
use backprop::optim::{AdamW, Optimizer};
use backprop::schedule::one_cycle;
use backprop::state::{Checkpoint, CheckpointError, Saved};

use crate::data::{CLASSES, Digits, PIXELS, moved};

/// Images whose gradients are averaged into one step.
const BATCH: usize = 32;
/// Decay of the weights; biases have none.
const DECAY: f64 = 0.02;

/// A network that gives scores to digits.
pub(crate) trait Classifier: Differentiable + Clone {
    /// Of the program.
    const NAME: &'static str;

    /// With random weights.
    fn new(generator: &mut Generator) -> Self;

    /// The mean loss of a batch; its gradient is added.
    fn add_gradient(&self, gradient: &mut Self, images: &[f32], labels: &[usize]) -> f32;

    /// The scores of an image.
    fn scores(&self, image: &[f32]) -> [f32; CLASSES];
}

/// A network, what trains it, and the memory for both.
pub(crate) struct Trainer<'a, N> {
    pub(crate) network: N,
    gradient: N,
    optimizer: AdamW<N>,
    monitor: Monitor<N>,
    training: &'a Digits,
    batches: Batches,
    pixels: Vec<f32>,
    labels: Vec<usize>,
    generator: Generator,
    /// By how many pixels images are moved at most.
    shift: usize,
}

impl<'a, N: Classifier> Trainer<'a, N> {
    pub(crate) fn new(training: &'a Digits, seed: u64, shift: usize) -> Self {
        let mut generator = Generator::new(seed);
        let network = N::new(&mut generator);
        Trainer {
            gradient: network.zeros_like(),
            optimizer: AdamW::new(&network)
                .weight_decay(DECAY)
                .weight_decay_of("*bias", 0.0),
            monitor: Monitor::new(&network),
            network,
            training,
            batches: Batches::new(training.len(), BATCH, seed),
            pixels: vec![0.0; BATCH * PIXELS],
            labels: vec![0; BATCH],
            generator,
            shift,
        }
    }

    /// How many epochs are behind.
    pub(crate) fn epochs(&self) -> usize {
        self.batches.epochs() as usize
    }

    /// One pass over the training images in a new order: their mean loss on the way. The learning rate goes through one cycle in `epochs` of these, up to `peak` and
    /// down to nothing.
    pub(crate) fn epoch(&mut self, peak: f64, epochs: usize) -> f64 {
        let steps = self.training.len().div_ceil(BATCH);
        let rate = one_cycle(peak, (epochs * steps).max(2) as u64);
        let first = (self.epochs() * steps) as u64;
        let mut total = 0.0;
        self.monitor.restart();
        for (step, chosen) in (first..).zip(self.batches.epoch()) {
            let places = self.pixels.chunks_exact_mut(PIXELS).zip(&mut self.labels);
            for (&i, (pixels, label)) in chosen.iter().zip(places) {
                moved(
                    self.training.image(i),
                    self.shift,
                    &mut self.generator,
                    pixels,
                );
                *label = self.training.labels[i];
            }
            self.gradient.set_zero();
            let n = chosen.len();
            let loss = self.network.add_gradient(
                &mut self.gradient,
                &self.pixels[..n * PIXELS],
                &self.labels[..n],
            );
            self.optimizer.set_learning_rate(rate(step));
            self.optimizer.step(&mut self.network, &self.gradient);
            total += f64::from(loss) * n as f64;
        }
        self.monitor.observe(&self.network, &self.gradient);
        total / self.training.len() as f64
    }

    /// What looks wrong in the last step.
    pub(crate) fn warnings(&self) -> impl Iterator<Item = String> {
        // The step is seen over a whole epoch here: that it is large is no problem.
        let warnings = self.monitor.warnings();
        warnings
            .filter(|warning| warning.problem != backprop::monitor::Problem::LargeStep)
            .map(|warning| warning.to_string())
    }

    /// Writes all that training needs to go on.
    pub(crate) fn save(&self, path: &Path) -> Result<(), CheckpointError> {
        Checkpoint::new()
            .with("network", &self.network)?
            .with("optimizer", &self.optimizer)?
            .with("batches", &self.batches)?
            .with("generator", &self.generator)?
            .write(path)
    }

    /// Goes on where another run was when it saved.
    pub(crate) fn resume(&mut self, path: &Path) -> Result<(), CheckpointError> {
        let mut saved = Saved::read(path)?;
        saved.restore("network", &mut self.network)?;
        saved.restore("optimizer", &mut self.optimizer)?;
        saved.restore("batches", &mut self.batches)?;
        saved.restore("generator", &mut self.generator)?;
        saved.finish()
    }

    /// The digit that the network sees on each image.
    pub(crate) fn read(&self, digits: &Digits) -> Vec<usize> {
        let images = digits.pixels.chunks_exact(PIXELS);
        images
            .map(|image| best(&self.network.scores(image)).unwrap_or(0))
            .collect()
    }
}

/// How often which digit was taken for which.
pub(crate) fn confusion(answers: &[usize], labels: &[usize]) -> Confusion {
    let mut confusion = Confusion::new(CLASSES);
    for (&label, &answer) in labels.iter().zip(answers) {
        confusion.add(label, answer);
    }
    confusion
}
