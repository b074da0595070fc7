//! The guide, chapter by chapter, so that `cargo test` runs its blocks. To be read as a book: start with `src/SUMMARY.md`.

#[doc = include_str!("src/mental-model.md")]
pub mod mental_model {}

#[doc = include_str!("src/modes.md")]
pub mod modes {}

#[doc = include_str!("src/memory.md")]
pub mod memory {}

#[doc = include_str!("src/loops.md")]
pub mod loops {}

#[doc = include_str!("src/rules.md")]
pub mod rules {}

#[doc = include_str!("src/structs.md")]
pub mod structs {}

#[doc = include_str!("src/training.md")]
pub mod training {}

#[doc = include_str!("src/solvers.md")]
pub mod solvers {}

#[doc = include_str!("src/kernels.md")]
pub mod kernels {}

#[doc = include_str!("src/debugging.md")]
pub mod debugging {}

#[doc = include_str!("src/from-std-autodiff.md")]
pub mod from_std_autodiff {}

#[doc = include_str!("src/from-dual-numbers.md")]
pub mod from_dual_numbers {}

#[doc = include_str!("src/errors/memory.md")]
pub mod errors {}
