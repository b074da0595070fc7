//! Kernels: the loops that models spend their time in, as plain functions over slices.
//!
//! Results go to slices of the caller, and so does what a kernel works on; nothing is allocated. Shapes are numbers beside the slices, and what does not fit is said with
//! both: a mismatch is the caller's mistake, and panics. Everything lies in rows, the last index running fastest, unless a [`Layout`] says otherwise.
//!
//! Each kernel is a differentiable function. Differentiable functions call it like one of their own; outside, `gemm_vjp` and its like have the signature that the
//! attribute would have given. A gradient that a caller has no use for is not computed, and results are not computed twice.
//!
//! ```
//! use backprop_runtime::kernel::{linear, linear_vjp};
//!
//! // Two samples of three numbers go through a layer with two outputs.
//! let (x, w, bias) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [0.5; 6], [0.0, 1.0]);
//! let mut y = [0.0; 4];
//! linear(&x, &w, &bias, &mut y, [2, 3, 2]);
//! assert_eq!(y, [3.0, 4.0, 7.5, 8.5]);
//!
//! let (mut d_x, mut d_w, mut d_bias, mut d_y) = ([0.0; 6], [0.0; 6], [0.0; 2], [1.0; 4]);
//! linear_vjp(&x, &mut d_x, &w, &mut d_w, &bias, &mut d_bias, &mut y, &mut d_y, [2, 3, 2]);
//! assert_eq!(d_w, [5.0, 7.0, 9.0, 5.0, 7.0, 9.0]);
//! assert_eq!(d_bias, [2.0, 2.0]);
//! ```
//!
//! # Speed
//!
//! Inner loops are compiled for several sets of instructions, and the processor's best is chosen where they run: no compiler flags are needed. So the last bits of sums may
//! differ from one kind of processor to another. With the feature `rayon` large matrix products and attention run on all threads of the pool that they are called in;
//! results do not depend on their number.

#![allow(
    clippy::needless_range_loop,
    reason = "loops over fixed numbers of lanes, and over several slices in step"
)]
#![allow(
    clippy::too_many_arguments,
    reason = "the derivative of a kernel takes an adjoint behind each argument"
)]

// Named apart from the functions: beside each stands a hidden type of its name.
mod attention_head;
mod block;
mod convolution;
mod inner;
pub(crate) mod instructions;
mod normal;
mod pooling;
mod product;
pub(crate) mod rule;
mod select;
pub(crate) mod shape;
pub(crate) mod threads;
mod vector;
mod window;

pub use self::attention_head::{Heads, attention, attention_jvp, attention_vjp};
pub use self::convolution::{conv2d, conv2d_jvp, conv2d_vjp, conv2d_workspace};
pub use self::normal::{
    layer_norm, layer_norm_jvp, layer_norm_vjp, rms_norm, rms_norm_jvp, rms_norm_vjp, softmax,
    softmax_jvp, softmax_vjp,
};
pub use self::pooling::{
    avg_pool2d, avg_pool2d_jvp, avg_pool2d_vjp, max_pool2d, max_pool2d_jvp, max_pool2d_vjp,
};
pub use self::product::{
    Layout, gemm, gemm_jvp, gemm_vjp, gemv, gemv_jvp, gemv_vjp, ger, ger_jvp, ger_vjp, linear,
    linear_jvp, linear_vjp,
};
pub use self::select::{
    Dropout, dropout, dropout_jvp, dropout_vjp, embedding, embedding_jvp, embedding_vjp, philox,
};
pub use self::vector::{
    axpy, axpy_jvp, axpy_vjp, dot, dot_grad, dot_jvp, dot_vjp, max, max_grad, max_jvp, max_vjp,
    mean, mean_grad, mean_jvp, mean_vjp, min, min_grad, min_jvp, min_vjp, scale, scale_jvp,
    scale_vjp, sum, sum_grad, sum_jvp, sum_of_squares, sum_of_squares_grad, sum_of_squares_jvp,
    sum_of_squares_vjp, sum_rows, sum_rows_jvp, sum_rows_vjp, sum_vjp,
};
pub use self::window::Windows;
