//! What has to be saved so that training can go on as if nothing had happened: parameters, moments, counters, random numbers.
//!
//! A [`State`] shows its parts by name, like a [`Differentiable`] value its leaves, but whole numbers too. Every differentiable value is one, and so
//! are optimizers, generators of random numbers, what shuffles data, and `u64` counters as [`Counter`].
#![cfg_attr(
    feature = "safetensors",
    doc = "[`Checkpoint`] writes them to a file, [`Saved`] reads them back, and they come out the same to the last bit."
)]
#![cfg_attr(
    not(feature = "safetensors"),
    doc = "The feature `safetensors` writes them to files and reads them back."
)]

#[cfg(feature = "safetensors")]
mod atomic;
#[cfg(feature = "safetensors")]
mod checkpoint;
#[cfg(feature = "safetensors")]
mod error;
#[cfg(feature = "safetensors")]
mod saved;

#[cfg(feature = "safetensors")]
pub use self::checkpoint::Checkpoint;
#[cfg(feature = "safetensors")]
pub use self::error::CheckpointError;
#[cfg(feature = "safetensors")]
pub use self::saved::Saved;
use crate::{Differentiable, Path, Visitor};

/// A value made of floats and counters, all of which have names.
///
/// Implemented for everything [`Differentiable`]; implement it for what holds several states:
///
/// ```
/// # use backprop_runtime::state::{State, StateVisitor};
/// # use backprop_runtime::{optim::Adam, Path};
/// struct Trainer {
///     weights: Vec<f32>,
///     adam: Adam<Vec<f32>>,
/// }
///
/// impl State for Trainer {
///     fn visit_state<const READ: usize, const WRITE: usize, V: StateVisitor<READ, WRITE>>(
///         read: [&Self; READ],
///         mut write: [&mut Self; WRITE],
///         path: Path<'_>,
///         visitor: &mut V,
///     ) {
///         State::visit_state(read.map(|x| &x.weights), write.each_mut().map(|x| &mut x.weights), path.field("weights"), visitor);
///         State::visit_state(read.map(|x| &x.adam), write.each_mut().map(|x| &mut x.adam), path.field("adam"), visitor);
///     }
/// }
/// ```
pub trait State {
    /// Shows the parts of `READ` shared and `WRITE` unique states of one shape to a visitor, in lockstep and in a fixed order.
    fn visit_state<const READ: usize, const WRITE: usize, V>(
        read: [&Self; READ],
        write: [&mut Self; WRITE],
        path: Path<'_>,
        visitor: &mut V,
    ) where
        V: StateVisitor<READ, WRITE>;
}

/// Sees the leaves of states, and their counters.
pub trait StateVisitor<const READ: usize, const WRITE: usize>: Visitor<READ, WRITE> {
    /// Whole numbers: slices of equal length, one of each state.
    fn counters(&mut self, path: Path<'_>, read: [&[u64]; READ], write: [&mut [u64]; WRITE]);
}

impl<M: Differentiable> State for M {
    #[inline]
    fn visit_state<const READ: usize, const WRITE: usize, V>(
        read: [&Self; READ],
        write: [&mut Self; WRITE],
        path: Path<'_>,
        visitor: &mut V,
    ) where
        V: StateVisitor<READ, WRITE>,
    {
        M::visit(read, write, path, visitor);
    }
}

/// A whole number that is to be saved, the epoch say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counter(pub u64);

impl State for Counter {
    fn visit_state<const READ: usize, const WRITE: usize, V>(
        read: [&Self; READ],
        write: [&mut Self; WRITE],
        path: Path<'_>,
        visitor: &mut V,
    ) where
        V: StateVisitor<READ, WRITE>,
    {
        visitor.counters(
            path,
            read.map(|x| core::slice::from_ref(&x.0)),
            write.map(|x| core::slice::from_mut(&mut x.0)),
        );
    }
}
