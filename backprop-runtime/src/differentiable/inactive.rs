//! Values without a derivative: fine as parts of a model, kept as they are, no leaves.

use core::marker::PhantomData;

use super::{Differentiable, Path, Visitor};

macro_rules! inactive {
    ($([$($generics:tt)*] $type:ty),* $(,)?) => {$(
        impl<$($generics)*> Differentiable for $type {
            #[inline(always)]
            fn zeros_like(&self) -> Self {
                Clone::clone(self)
            }

            #[inline(always)]
            fn set_zero(&mut self) {}

            #[inline(always)]
            fn accumulate(&mut self, _: &Self) {}

            #[inline(always)]
            fn visit<const READ: usize, const WRITE: usize, V>(_: [&Self; READ], _: [&mut Self; WRITE], _: Path<'_>, _: &mut V)
            where
                V: Visitor<READ, WRITE>,
            {
            }

            #[inline(always)]
            fn visit_slice<const READ: usize, const WRITE: usize, V>(_: [&[Self]; READ], _: [&mut [Self]; WRITE], _: Path<'_>, _: &mut V)
            where
                V: Visitor<READ, WRITE>,
            {
            }
        }
    )*};
}

inactive!(
    [] usize, [] u8, [] u16, [] u32, [] u64, [] u128, [] isize, [] i8, [] i16, [] i32, [] i64, [] i128, [] bool, [] char, [] (), [] &str,
    [T: ?Sized] PhantomData<T>,
);

#[cfg(feature = "alloc")]
inactive!([] alloc::string::String);
