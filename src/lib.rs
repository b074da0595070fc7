#![doc = include_str!("../README.md")]
//!
//! # Signatures in four sentences
//!
//! 1. The adjoint of a `T` is a `T`: same type, same layout. Integers and other parts without derivative are ignored.
//! 2. By reference: every active `x: &T` is followed by `d_x: &mut T`, into which its gradient is **added**, never overwritten.
//! 3. By value: every active parameter adds one entry to the returned flat tuple, in order, after the value.
//! 4. In place: every active `y: &mut T` is followed by `d_y: &mut T`: on entry the cotangent of `y` as the function leaves it, on
//!    exit the cotangent of `y` as the function found it.
//!
//! Extra arguments come last, in the order `d_ret`, `tape`. Active is every parameter whose type holds floats: `f32`, `f64`, a generic
//! `T: Real`; arrays, slices, `Vec`, `Box` and tuples of these; types that derive [`Differentiable`].
//!
//! # Rules of your own
//!
//! A function whose inside is not accepted, or whose derivative is better known than computed:
//!
//! ```
//! use backprop::prelude::*;
//!
//! /// Solves x = cos(a x) by iteration; the derivative follows from the implicit function theorem.
//! #[differentiable(partials(a = -(ret * (a * ret).sin()) / (1.0 + a * (a * ret).sin())))]
//! fn fixed_point(a: f64) -> f64 {
//!     let mut x = 1.0;
//!     for _ in 0..200 {
//!         x = (a * x).cos();
//!     }
//!     x
//! }
//!
//! let (_, d_a) = fixed_point_grad(0.5);
//! let h = 1e-5;
//! assert!((d_a - (fixed_point(0.5 + h) - fixed_point(0.5 - h)) / (2.0 * h)).abs() < 1e-8);
//! ```
//!
//! `vjp = path` names a function with the signature of `f_vjp` instead. It writes the gradients of all active references, always.
//! A `&mut` parameter that such a function fills, and does not read before, is marked `#[out]`; without it only `f_vjp` can be
//! called, and no differentiated function may call `f`.
//!
//! # Tapes
//!
//! ```
//! use backprop::prelude::*;
//!
//! #[differentiable(tape)]
//! fn logistic_map(x: f64, r: f64, steps: usize) -> f64 {
//!     let mut y = x;
//!     for _ in 0..steps {
//!         y = r * y * (1.0 - y);
//!     }
//!     y
//! }
//!
//! let mut tape = Tape::new();
//! let (_, d_x, d_r) = logistic_map_grad(0.3, 2.5, 100, &mut tape);
//! assert!(d_x.abs() < 1e-9 && (d_r - 0.16).abs() < 1e-9); // the fixed point 1 - 1/r
//! assert_eq!(tape.high_water(), 800);
//! ```
#![no_std]

pub use backprop_macros::{Differentiable, differentiable};
pub use backprop_runtime::*;

/// What a user imports: the attribute, the derive, `Real`, `Tape` and the ways to stop a gradient.
pub mod prelude {
    pub use backprop_macros::{Differentiable, differentiable};
    pub use backprop_runtime::{Differentiable, Real, Tape, no_grad, stop_gradient};
}
