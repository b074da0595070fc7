//! Elementary functions that the standard library lacks and that models are made of, generic over [`Real`](crate::Real).
//!
//! Each one states its derivative and its error. Errors are in units in the last place of the result and hold for `f64`; the special
//! functions are computed in double precision for `f32` too, and rounded once.

mod activation;
mod error_function;
mod gamma;
mod logsumexp;

pub use self::activation::{
    gelu, gelu_tanh, leaky_relu, log_sigmoid, relu, sigmoid, silu, softplus,
};
pub use self::error_function::{erf, erfc, normal_cdf, normal_pdf};
pub use self::gamma::{digamma, ln_gamma, trigamma};
pub use self::logsumexp::{logsumexp, logsumexp_vjp};
