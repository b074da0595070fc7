//! Stands for the crate `backprop` where its own tests are run once more: its attribute generates every mode, and each call of a generated
//! function compares it with the others, by what is in [`audit`].

pub use backprop_macros::{Differentiable, audited as differentiable};
pub use backprop_runtime::*;

/// What a user imports.
pub mod prelude {
    pub use backprop_macros::{Differentiable, audited as differentiable};
    pub use backprop_runtime::{Differentiable, Real, Tape, no_grad, stop_gradient};
}

pub mod audit;
