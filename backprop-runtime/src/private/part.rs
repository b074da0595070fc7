//! How much of a sweep runs: the value with the adjoints, or the adjoints alone, where the call has run before.
//!
//! One function holds both, and is compiled for the part that its caller names. What a missing one is called is then said once.

/// [`Whole`], [`Direct`] or [`Rest`].
pub trait Part {
    /// The call has run: what it returned and wrote is where it left it.
    const REST: bool;
    /// What a sweep of a function that returns `T` returns.
    type Value<T>;

    fn value<T>(x: T) -> Self::Value<T>;
    fn nothing<T>() -> Self::Value<T>;
}

/// The parts that run a function whose rule may update a buffer in place: its own `f_vjp`, and no caller's sweep.
#[diagnostic::on_unimplemented(
    message = "the rule of this function may update a `&mut` argument in place, and the reverse sweep would run it once more on what it left",
    label = "this call updates a buffer that the reverse sweep needs as it was",
    note = "if the function writes every element before it reads any, mark the parameter `#[out]` where the function is defined; else return the new values"
)]
pub trait Alone: Part {}

/// The value and the adjoints.
pub struct Whole;
/// The same, as a function's own `f_vjp` asks for it.
pub struct Direct;
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

impl Alone for Direct {}

impl Part for Direct {
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
