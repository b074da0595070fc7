//! Losses: how far a prediction is from what was asked, as one number to minimise.
//!
//! Each loss is a plain differentiable function over slices: the attribute generates its gradient, or calls a rule written by hand where
//! that one is more accurate. Neither allocates; both are stable for logits of any size.

// Named apart from the functions: the attribute puts a hidden type of each function's name beside it.
mod binary;
mod classes;
mod regression;

pub use self::binary::{
    binary_cross_entropy_with_logits, binary_cross_entropy_with_logits_grad,
    binary_cross_entropy_with_logits_vjp,
};
pub use self::classes::{
    softmax_cross_entropy, softmax_cross_entropy_batch, softmax_cross_entropy_batch_grad,
    softmax_cross_entropy_batch_vjp, softmax_cross_entropy_grad, softmax_cross_entropy_vjp,
};
pub use self::regression::{mean_squared_error, mean_squared_error_grad, mean_squared_error_vjp};

/// Panics, in the name of a loss, where two slices differ in length.
#[track_caller]
#[inline]
fn same_len(loss: &str, (a_name, a): (&str, usize), (b_name, b): (&str, usize)) {
    assert!(
        a == b,
        "{loss}: {a_name} has length {a} and {b_name} has length {b}"
    );
}
