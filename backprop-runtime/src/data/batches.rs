//! Mini-batches in random order.

use alloc::vec::Vec;

use crate::Path;
use crate::init::Generator;
use crate::state::{State, StateVisitor};

/// Keeps the orders of two epochs apart: the golden ratio in 64 bits.
const APART: u64 = 0x9e37_79b9_7f4a_7c15;

/// Goes through all samples once in each epoch, some at a time, in an order that seed and epoch decide. Only positions are shuffled.
///
/// Because the order does not depend on what came before, a run that is resumed at an epoch goes on as it would have.
///
/// ```
/// # use backprop_runtime::data::Batches;
/// let samples = ["a", "b", "c", "d", "e"];
/// let mut batches = Batches::new(samples.len(), 2, 42);
/// let mut seen = Vec::new();
/// for batch in batches.epoch() {
///     seen.extend(batch.iter().map(|&i| samples[i])); // 2, 2 and 1 of them
/// }
/// seen.sort();
/// assert_eq!(seen, samples);
/// ```
#[derive(Clone, Debug)]
pub struct Batches {
    order: Vec<usize>,
    size: usize,
    seed: u64,
    /// How many epochs have begun.
    epochs: u64,
}

impl Batches {
    /// Of so many samples, in batches of `size`, of which the last one of an epoch may be smaller.
    ///
    /// # Panics
    /// If `size` is 0.
    #[must_use]
    #[track_caller]
    pub fn new(samples: usize, size: usize, seed: u64) -> Self {
        assert!(size > 0, "batches of 0 samples");
        Batches {
            order: (0..samples).collect(),
            size,
            seed,
            epochs: 0,
        }
    }

    /// Begins the next epoch, and yields the positions of its batches. Allocates nothing.
    ///
    /// The shuffle: R. Durstenfeld, Algorithm 235, Comm. ACM 7 (1964), 420.
    pub fn epoch(&mut self) -> impl ExactSizeIterator<Item = &[usize]> {
        let mut generator = Generator::new(self.seed ^ self.epochs.wrapping_mul(APART));
        self.epochs += 1;
        for (i, position) in self.order.iter_mut().enumerate() {
            *position = i;
        }
        for i in (1..self.order.len()).rev() {
            // Less than i + 1, by the product's upper half.
            let j = (u128::from(generator.bits()) * (i as u128 + 1)) >> 64;
            self.order.swap(i, j as usize);
        }
        self.order.chunks(self.size)
    }

    /// How many epochs have begun.
    #[must_use]
    pub fn epochs(&self) -> u64 {
        self.epochs
    }
}

impl State for Batches {
    fn visit_state<const READ: usize, const WRITE: usize, V>(
        read: [&Self; READ],
        mut write: [&mut Self; WRITE],
        path: Path<'_>,
        visitor: &mut V,
    ) where
        V: StateVisitor<READ, WRITE>,
    {
        visitor.counters(
            path.field("seed"),
            read.map(|x| core::slice::from_ref(&x.seed)),
            write.each_mut().map(|x| core::slice::from_mut(&mut x.seed)),
        );
        visitor.counters(
            path.field("epochs"),
            read.map(|x| core::slice::from_ref(&x.epochs)),
            write.map(|x| core::slice::from_mut(&mut x.epochs)),
        );
    }
}
