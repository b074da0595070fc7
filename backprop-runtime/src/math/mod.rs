//! Elementary functions for loops: generic over [`Real`](crate::Real), differentiable, and without branches, so that a loop over them is compiled to vector instructions.
//!
//! The methods of the standard library (`x.exp()`, ..) call the system's mathematics library once for each number, and give what that gives. These here are
//! a few multiplications and additions in the caller's loop, several times faster there, and have the same last bit on every machine: nothing
//! is fused unless the source says so. They do not need `std`, nor `libm`. Beside them stand functions that models are made of and the standard library lacks.
//!
//! ```
//! use backprop_runtime::math;
//!
//! let mut xs = [0.5_f32; 1000];
//! for x in &mut xs {
//!     *x = math::tanh(*x); // four or eight at a time
//! }
//! assert_eq!(xs[999], 0.462_117_16);
//! ```
//!
//! [`mod@slice`] has the functions of most use over whole slices, compiled for several sets of instructions.
//!
//! # Errors
//!
//! Each function states its derivative and the largest error that was found, in units in the last place of the result. For `f32` every one of the four billion numbers was tried; for `f64`
//! a hundred thousand for each function, spread evenly and evenly in the exponent, against double-double arithmetic. The gamma functions are computed in double precision for
//! `f32` too, and rounded once. Signed zeros, infinities, NaN and subnormal numbers come out as IEEE 754 asks for; a processor that is told to
//! flush subnormal numbers to zero does so here, too.

mod activation;
mod error_function;
mod exponential;
pub(crate) mod format;
mod gamma;
mod hyperbolic;
mod logarithm;
pub mod slice;
mod smooth_max;
mod trigonometric;

pub use self::activation::{
    gelu_tanh, gelu_tanh_grad, gelu_tanh_hvp, gelu_tanh_jvp, gelu_tanh_vjp, leaky_relu,
    leaky_relu_grad, leaky_relu_hvp, leaky_relu_jvp, leaky_relu_vjp, log_sigmoid, log_sigmoid_grad,
    log_sigmoid_hvp, log_sigmoid_jvp, log_sigmoid_vjp, relu, relu_grad, relu_hvp, relu_jvp,
    relu_vjp, sigmoid, sigmoid_grad, sigmoid_hvp, sigmoid_jvp, sigmoid_vjp, silu, silu_grad,
    silu_hvp, silu_jvp, silu_vjp, softplus, softplus_grad, softplus_hvp, softplus_jvp,
    softplus_vjp,
};
pub use self::error_function::{
    erf, erf_grad, erf_hvp, erf_jvp, erf_vjp, erfc, erfc_grad, erfc_hvp, erfc_jvp, erfc_vjp, gelu,
    gelu_grad, gelu_hvp, gelu_jvp, gelu_vjp, normal_cdf, normal_cdf_grad, normal_cdf_hvp,
    normal_cdf_jvp, normal_cdf_vjp, normal_pdf, normal_pdf_grad, normal_pdf_hvp, normal_pdf_jvp,
    normal_pdf_vjp,
};
pub use self::exponential::{
    exp, exp_grad, exp_hvp, exp_jvp, exp_m1, exp_m1_grad, exp_m1_hvp, exp_m1_jvp, exp_m1_vjp,
    exp_vjp,
};
pub use self::gamma::{
    digamma, digamma_grad, digamma_hvp, digamma_jvp, digamma_vjp, ln_gamma, ln_gamma_grad,
    ln_gamma_hvp, ln_gamma_jvp, ln_gamma_vjp, trigamma, trigamma_grad, trigamma_jvp, trigamma_vjp,
};
pub use self::hyperbolic::{tanh, tanh_grad, tanh_hvp, tanh_jvp, tanh_vjp};
pub use self::logarithm::{
    ln, ln_1p, ln_1p_grad, ln_1p_hvp, ln_1p_jvp, ln_1p_vjp, ln_grad, ln_hvp, ln_jvp, ln_vjp,
};
pub use self::smooth_max::{logsumexp, logsumexp_grad, logsumexp_jvp, logsumexp_vjp};
pub use self::trigonometric::{
    cos, cos_grad, cos_hvp, cos_jvp, cos_vjp, sin, sin_grad, sin_hvp, sin_jvp, sin_vjp,
};
