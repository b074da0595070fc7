//! The compiler as a whole: what its stages do to the numbers, what it emits, and that nothing upsets it.

mod iterators;
mod kept;
mod linear;
mod pipeline;
mod programs;
mod snapshots;
mod stages;
mod total;
