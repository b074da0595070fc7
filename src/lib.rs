//! Compile-time differentiation for Rust.
#![no_std]

pub use backprop_runtime::*;
pub use backprop_macros::{Differentiable, differentiable};

/// What a user imports: the attribute, the derive, `Real`, `Tape` and the ways to stop a gradient.
pub mod prelude {
    pub use backprop_macros::{Differentiable, differentiable};
    pub use backprop_runtime::{Differentiable, Real, Tape, no_grad, stop_gradient};
}
