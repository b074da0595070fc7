//! What is measured: a training step, and the memory that it needs by its nature.

use backprop::prelude::*;
use backprop::{Path, Visitor};

/// Training of a network on one batch.
pub(crate) struct Work {
    /// Forward pass, loss, backward pass and update; it returns the loss.
    pub(crate) step: Box<dyn FnMut() -> f32 + Send>,
    /// Bytes of data, parameters, activations, gradients by both, and the optimizer's state.
    pub(crate) memory: usize,
}

/// The bytes of all numbers in a value.
pub(crate) fn bytes<M: Differentiable>(value: &M) -> usize {
    let mut count = Count(0);
    M::visit([value], [], Path::root(), &mut count);
    count.0
}

struct Count(usize);

impl Visitor<1, 0> for Count {
    fn leaf<T: Real>(&mut self, _: Path<'_>, [x]: [&[T]; 1], []: [&mut [T]; 0]) {
        self.0 += size_of_val(x);
    }
}
