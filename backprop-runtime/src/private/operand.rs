//! Assertions that an operand is a float, and literals of a float type that is not known by name.

use crate::Real;

/// A float, and nothing with overloaded operators: the derivative of `a * b` is only known where `*` is the product of floats.
///
/// A supertrait of [`Real`] with an implementation for each float rather than one for all `T: Real`, because rustc would report the unmet
/// inner bound instead of this message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` takes part in differentiated arithmetic and is not a float",
    label = "not `f32`, `f64` or a `T: Real`",
    note = "integers: annotate the binding's type, as in `let n: usize = ..`",
    note = "your own number types: operators of user types have no derivative, write them out over floats"
)]
pub trait Float {}

impl Float for f32 {}
impl Float for f64 {}

/// The identity on floats.
#[inline(always)]
pub fn real<T: Float>(x: T) -> T {
    x
}

/// The literal `x`, in the type of `like`.
#[inline(always)]
pub fn lit<T: Real>(x: f64, _like: T) -> T {
    T::from_f64(x)
}
