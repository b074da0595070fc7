//! How a callee refuses an active argument for a parameter that it does not differentiate.

use super::slot::{Off, On, Slot};
use super::spare::Spare;

/// What a callee asks of the slot of a parameter of type `T` that it excludes.
///
/// A caller hands a slot that is on for every value that might carry a derivative: for a field `cfg.n`, say, of which it does not know the
/// type. That is harmless where the type cannot carry one.
#[diagnostic::on_unimplemented(
    message = "an active value goes into a parameter that the callee does not differentiate",
    label = "its derivative would be lost here",
    note = "wrap the argument in `stop_gradient(..)`, or name the parameter in the callee's `wrt(..)`"
)]
pub trait Excluded<T: ?Sized> {}

#[diagnostic::do_not_recommend]
impl<T: ?Sized> Excluded<T> for Slot<'_, T, Off> {}
#[diagnostic::do_not_recommend]
impl<T: ?Sized + Inactive> Excluded<T> for Slot<'_, T, On> {}
#[diagnostic::do_not_recommend]
impl<T: ?Sized> Excluded<T> for Slot<'_, T, Spare> {}

/// Types that hold no float.
pub trait Inactive {}

macro_rules! inactive {
    ($($type:ty)*) => { $(impl Inactive for $type {})* };
}

inactive!(usize u8 u16 u32 u64 u128 isize i8 i16 i32 i64 i128 bool char str);

impl Inactive for () {}

impl<T: Inactive> Inactive for [T] {}
impl<T: Inactive, const N: usize> Inactive for [T; N] {}
impl<T: Inactive> Inactive for Option<T> {}
impl<T: Inactive + ?Sized> Inactive for &T {}
impl<A: Inactive, B: Inactive> Inactive for (A, B) {}
impl<A: Inactive, B: Inactive, C: Inactive> Inactive for (A, B, C) {}
#[cfg(feature = "alloc")]
impl Inactive for alloc::string::String {}
#[cfg(feature = "alloc")]
impl<T: Inactive> Inactive for alloc::vec::Vec<T> {}
#[cfg(feature = "alloc")]
impl<T: Inactive + ?Sized> Inactive for alloc::boxed::Box<T> {}
