//! Elementary functions that the standard library lacks and that models are made of, generic over [`Real`](crate::Real).
//!
//! Each one states its derivative and its error. Errors are in units in the last place of the result and hold for `f64`; the special
//! functions are computed in double precision for `f32` too, and rounded once.

mod activation;
mod error_function;
mod gamma;
mod smooth_max;

pub use self::activation::{
    gelu, gelu_grad, gelu_tanh, gelu_tanh_grad, gelu_tanh_vjp, gelu_vjp, leaky_relu,
    leaky_relu_grad, leaky_relu_vjp, log_sigmoid, log_sigmoid_grad, log_sigmoid_vjp, relu,
    relu_grad, relu_vjp, sigmoid, sigmoid_grad, sigmoid_vjp, silu, silu_grad, silu_vjp, softplus,
    softplus_grad, softplus_vjp,
};
pub use self::error_function::{
    erf, erf_grad, erf_vjp, erfc, erfc_grad, erfc_vjp, normal_cdf, normal_cdf_grad, normal_cdf_vjp,
    normal_pdf, normal_pdf_grad, normal_pdf_vjp,
};
pub use self::gamma::{
    digamma, digamma_grad, digamma_vjp, ln_gamma, ln_gamma_grad, ln_gamma_vjp, trigamma,
};
pub use self::smooth_max::{logsumexp, logsumexp_grad, logsumexp_vjp};
