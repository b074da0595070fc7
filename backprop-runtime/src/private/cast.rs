//! The reverse of `x as D`: an adjoint of the float type `D` becomes one of the type that was cast.

use crate::Real;

/// A type that `as` may convert to a float. Floats take the adjoint over; for integers and `bool` there is nothing to take, and the adjoint
/// is the zero that their kind ignores.
#[diagnostic::on_unimplemented(
    message = "the reverse of an `as` cast from `{Self}` is not known",
    note = "only floats, integers, `bool` and `char` are cast in differentiated code"
)]
pub trait CastBack: Sized {
    /// Whether it is a float.
    const FLOAT: bool;

    fn cast_back<D: Real>(like: &Self, d: D) -> Self;
}

/// The adjoint of `like`, where `like as D` has adjoint `d`.
#[inline(always)]
pub fn cast_back<T: CastBack, D: Real>(like: &T, d: D) -> T {
    T::cast_back(like, d)
}

macro_rules! floats {
    ($($float:ident)*) => {$(
        impl CastBack for $float {
            const FLOAT: bool = true;

            #[inline(always)]
            fn cast_back<D: Real>(_: &Self, d: D) -> Self {
                d.to_f64() as $float
            }
        }
    )*};
}

macro_rules! inactive {
    ($($type:ty)*) => {$(
        impl CastBack for $type {
            const FLOAT: bool = false;

            #[inline(always)]
            fn cast_back<D: Real>(_: &Self, _: D) -> Self {
                Self::default()
            }
        }
    )*};
}

floats!(f32 f64);
inactive!(usize u8 u16 u32 u64 u128 isize i8 i16 i32 i64 i128 bool char);
