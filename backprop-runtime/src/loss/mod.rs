//! Losses: how far a prediction is from what was asked, as one number to minimise.
//!
//! Each loss is a plain function over slices, with a gradient written by hand in the form that `#[differentiable(vjp = ..)]` expects: after
//! every slice the one its gradient is added to, and last the cotangent of the result. Neither allocates; both are stable for logits of
//! any size.

mod binary_cross_entropy;
mod mean_squared_error;
mod softmax_cross_entropy;

pub use self::binary_cross_entropy::{
    binary_cross_entropy_with_logits, binary_cross_entropy_with_logits_vjp,
};
pub use self::mean_squared_error::{mean_squared_error, mean_squared_error_vjp};
pub use self::softmax_cross_entropy::{
    softmax_cross_entropy, softmax_cross_entropy_batch, softmax_cross_entropy_batch_vjp,
    softmax_cross_entropy_vjp,
};

/// Panics, in the name of a loss, where two slices differ in length.
#[track_caller]
#[inline]
fn same_len(loss: &str, (a_name, a): (&str, usize), (b_name, b): (&str, usize)) {
    assert!(
        a == b,
        "{loss}: {a_name} has length {a} and {b_name} has length {b}"
    );
}
