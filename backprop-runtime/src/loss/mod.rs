//! Losses: how far a prediction is from what was asked, as one number to minimise.
//!
//! Each loss is a plain differentiable function over slices: the attribute generates its gradient, or calls a rule written by hand where
//! that one is more accurate. Predictions and targets are both active, and either may be a constant. None allocates, and all are stable for numbers of any size.
//!
//! A loss over elements is their mean, and `.._sum` is their sum; a loss over samples of several numbers each (`.._batch`) is the mean over the
//! samples, and `.._batch_sum` the sum. The mean of nothing is NaN.
//!
//! | what is predicted | losses |
//! |---|---|
//! | numbers | [`mean_squared_error`], [`mean_absolute_error`], [`huber`], [`log_cosh`] |
//! | numbers, and how sure they are | [`gaussian_nll`], [`gaussian_nll_log_variance`] |
//! | counts | [`poisson`] |
//! | yes or no | [`binary_cross_entropy_with_logits`], [`binary_cross_entropy`], [`focal`], [`hinge`] |
//! | one class of several | [`softmax_cross_entropy`], [`softmax_cross_entropy_smoothed`], [`softmax_cross_entropy_dense`] |
//! | a distribution | [`kl_divergence`], [`kl_divergence_from_log`] |
//! | a direction | [`cosine`] |

// Named apart from the functions: the attribute puts a hidden type of each function's name beside it.
mod binary;
mod classes;
mod direction;
mod distribution;
mod likelihood;
mod regression;
mod soft_classes;

pub use self::binary::*;
pub use self::classes::*;
pub use self::direction::*;
pub use self::distribution::*;
pub use self::likelihood::*;
pub use self::regression::*;
pub use self::soft_classes::*;

/// Panics, in the name of a loss, where two slices differ in length.
#[track_caller]
#[inline]
fn same_len(loss: &str, (a_name, a): (&str, usize), (b_name, b): (&str, usize)) {
    assert!(
        a == b,
        "{loss}: {a_name} has length {a} and {b_name} has length {b}"
    );
}

/// The length of each of so many rows; panics, in the name of a loss, where they would differ.
#[track_caller]
fn row_len(loss: &str, (name, len): (&str, usize), rows: usize) -> usize {
    if rows == 0 {
        assert!(len == 0, "{loss}: {len} {name} for 0 samples");
        return 0;
    }
    assert!(
        len.is_multiple_of(rows),
        "{loss}: {len} {name} do not make equal rows for {rows} samples"
    );
    len / rows
}
