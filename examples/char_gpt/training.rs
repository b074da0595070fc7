//! Training: steps of AdamW on samples from random places, with a learning rate that rises, then falls.
//!
//! All memory is set up in [`Trainer::new`]; a step allocates nothing.

use backprop::Differentiable as _;
use backprop::init::Generator;
use backprop::optim::{AdamW, Optimizer as _, clip_global_norm};
use backprop::schedule::{cosine, warm_up};

use crate::corpus::{Batch, Corpus};
use crate::model::{Gpt, Size, Workspace, add_gradient, forward};

/// Decay of the weights; biases and normalisations have none.
const DECAY: f64 = 0.1;
/// Longer gradients are made shorter.
const LONGEST: f64 = 1.0;
/// Batches on which the validation loss is measured on the way.
const GLANCE: usize = 16;

/// A model, what trains it, and the memory for both.
pub(crate) struct Trainer {
    pub(crate) size: Size,
    pub(crate) gpt: Gpt<f32>,
    pub(crate) optimizer: AdamW<Gpt<f32>>,
    /// Where samples come from.
    pub(crate) generator: Generator,
    /// Steps that are behind.
    pub(crate) steps: u64,
    gradient: Gpt<f32>,
    workspace: Workspace<f32>,
    adjoint: Workspace<f32>,
    batch: Batch,
}

impl Trainer {
    pub(crate) fn new(size: Size, samples: usize, seed: u64) -> Self {
        let mut generator = Generator::new(seed);
        let gpt = Gpt::new(size, &mut generator);
        let workspace = Workspace::new(size, samples);
        Trainer {
            size,
            optimizer: AdamW::new(&gpt)
                .betas(0.9, 0.99)
                .weight_decay(DECAY)
                .weight_decay_of("*bias", 0.0)
                .weight_decay_of("*scale", 0.0)
                .weight_decay_of("*shift", 0.0),
            generator,
            steps: 0,
            gradient: gpt.zeros_like(),
            gpt,
            // Zero, and by the attribute's contract zero after each step.
            adjoint: workspace.zeros_like(),
            workspace,
            batch: Batch::new(samples, size.tokens),
        }
    }

    /// One step of so many; its loss.
    pub(crate) fn step(&mut self, text: &[usize], peak: f64, steps: u64) -> f32 {
        self.batch.draw(text, &mut self.generator);
        self.gradient.set_zero();
        let loss = add_gradient(
            self.size,
            (&self.gpt, &mut self.gradient),
            (&self.batch.tokens, &self.batch.targets),
            (&mut self.workspace, &mut self.adjoint),
        );
        clip_global_norm(&mut self.gradient, LONGEST);
        let rising = (steps / 20).clamp(1, 100);
        let rate = warm_up(
            rising,
            cosine(peak, peak / 10.0, steps.saturating_sub(rising).max(1)),
        );
        self.optimizer.set_learning_rate(rate(self.steps));
        self.optimizer.step(&mut self.gpt, &self.gradient);
        self.steps += 1;
        loss
    }

    /// The mean loss on some samples of the validation text, always the same ones.
    pub(crate) fn glance(&mut self, corpus: &Corpus) -> f64 {
        self.validate(corpus, GLANCE)
    }

    /// The mean loss on the validation text, sample after sample.
    pub(crate) fn validation(&mut self, corpus: &Corpus) -> f64 {
        self.validate(corpus, usize::MAX)
    }

    fn validate(&mut self, corpus: &Corpus, most: usize) -> f64 {
        let (text, length) = (corpus.validation(), self.size.tokens);
        // One sample at a time where the text has too few for a batch.
        let samples = (self.batch.tokens.len() / length).min((text.len() - 1) / length);
        let mut batch = Batch::new(samples, length);
        let mut workspace = Workspace::new(self.size, samples);
        let (mut sum, mut batches) = (0.0, 0);
        while batches < most && batch.go_on(text, batches * samples).is_some() {
            let pair = (&batch.tokens[..], &batch.targets[..]);
            sum += f64::from(forward(self.size, &self.gpt, pair, &mut workspace));
            batches += 1;
        }
        sum / batches as f64
    }
}
