//! Large batches in small pieces.

use super::Optimizer;
use super::algebra::scale;
use crate::state::{State, StateVisitor};
use crate::{Differentiable, Path};

/// An optimizer that steps once for so many gradients, with their mean: a batch as large as memory does not hold it.
///
/// ```
/// # use backprop_runtime::optim::{Accumulate, Optimizer, Sgd};
/// let mut x = [1.0];
/// let mut sgd = Accumulate::new(Sgd::new(0.5), &x, 2);
/// sgd.step(&mut x, &[1.0]);
/// assert_eq!(x, [1.0]); // waits for the second gradient
/// sgd.step(&mut x, &[3.0]);
/// assert_eq!(x, [0.0]); // 1 - 0.5 * (1 + 3)/2
/// ```
#[derive(Clone, Debug)]
pub struct Accumulate<O, M> {
    optimizer: O,
    every: u64,
    gathered: u64,
    sum: M,
}

impl<O: Optimizer<M>, M: Differentiable> Accumulate<O, M> {
    /// A step of `optimizer` for every so many gradients.
    ///
    /// # Panics
    /// If `every` is 0.
    #[must_use]
    #[track_caller]
    pub fn new(optimizer: O, model: &M, every: u64) -> Self {
        assert!(every > 0, "a step needs at least one gradient");
        Accumulate {
            optimizer,
            every,
            gathered: 0,
            sum: model.zeros_like(),
        }
    }

    /// The optimizer that takes the steps.
    #[must_use]
    pub fn optimizer(&self) -> &O {
        &self.optimizer
    }

    /// How many gradients wait for a step.
    #[must_use]
    pub fn gathered(&self) -> u64 {
        self.gathered
    }

    /// Steps with the mean of what has been gathered, at the end of an epoch say. Does nothing where nothing waits.
    pub fn flush(&mut self, model: &mut M) {
        if self.gathered == 0 {
            return;
        }
        scale(&mut self.sum, 1.0 / self.gathered as f64);
        self.optimizer.step(model, &self.sum);
        self.sum.set_zero();
        self.gathered = 0;
    }
}

impl<O: Optimizer<M>, M: Differentiable> Optimizer<M> for Accumulate<O, M> {
    /// Adds the gradient to those gathered, and steps where these are enough.
    fn step(&mut self, model: &mut M, gradient: &M) {
        self.sum.accumulate(gradient);
        self.gathered += 1;
        if self.gathered == self.every {
            self.flush(model);
        }
    }

    fn current_learning_rate(&self) -> f64 {
        self.optimizer.current_learning_rate()
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.optimizer.set_learning_rate(learning_rate);
    }
}

impl<O: State, M: Differentiable> State for Accumulate<O, M> {
    fn visit_state<const READ: usize, const WRITE: usize, V>(
        read: [&Self; READ],
        mut write: [&mut Self; WRITE],
        path: Path<'_>,
        visitor: &mut V,
    ) where
        V: StateVisitor<READ, WRITE>,
    {
        O::visit_state(
            read.map(|x| &x.optimizer),
            write.each_mut().map(|x| &mut x.optimizer),
            path,
            visitor,
        );
        M::visit(
            read.map(|x| &x.sum),
            write.each_mut().map(|x| &mut x.sum),
            path.field("sum"),
            visitor,
        );
        visitor.counters(
            path.field("gathered"),
            read.map(|x| core::slice::from_ref(&x.gathered)),
            write.map(|x| core::slice::from_mut(&mut x.gathered)),
        );
    }
}
