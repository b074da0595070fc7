//! The type of what a function returns, from a call of it that never runs.

use core::marker::PhantomData;

/// Stands for a value of type `T`.
pub struct ResultOf<T>(PhantomData<fn() -> T>);

/// Nothing is called: a function without derivative has a type of its result, too.
#[inline(always)]
pub fn result_of<T>(_: impl FnOnce() -> T) -> ResultOf<T> {
    ResultOf(PhantomData)
}
