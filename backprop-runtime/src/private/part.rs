//! How much of a sweep runs: the value with the adjoints, or the adjoints alone, where the call has run before.
//!
//! One function holds both, and is compiled for the part that its caller names. What a missing one is called is then said once.

/// [`Whole`] or [`Rest`].
pub trait Part {
    /// The call has run: what it returned and wrote is where it left it.
    const REST: bool;
    /// What a sweep of a function that returns `T` returns.
    type Value<T>;

    fn value<T>(x: T) -> Self::Value<T>;
    fn nothing<T>() -> Self::Value<T>;
}

/// The value and the adjoints.
pub struct Whole;
/// The adjoints.
pub struct Rest;

impl Part for Whole {
    const REST: bool = false;
    type Value<T> = T;

    #[inline(always)]
    fn value<T>(x: T) -> T {
        x
    }

    fn nothing<T>() -> T {
        unreachable!("asked for where `REST` holds only")
    }
}

impl Part for Rest {
    const REST: bool = true;
    type Value<T> = ();

    #[inline(always)]
    fn value<T>(_: T) {}

    #[inline(always)]
    fn nothing<T>() {}
}
