//! How much of a sweep runs: the value with the adjoints, or the adjoints alone, where the call has run before.
//!
//! One function holds both, and is compiled for the part that its caller names. What a missing one is called is then said once.
//!
//! After a call has run its caller does not know whether the buffers it lent by `&mut` were only written, so that the reverse sweep finds in
//! them what it needs, or updated in place, so that it has to begin with what was there. The callee says which, by the part that it names
//! ([`Rest`] or [`Anew`]), and what the caller keeps of a buffer follows from that: nothing, or a copy.

use super::Store;
use super::rule::{self, Kept};

/// [`Whole`], [`Anew`] or [`Rest`].
pub trait Part {
    /// The call has run: what it returned and wrote is where it left it.
    const REST: bool;
    /// The call has not run.
    const FIRST: bool;
    /// What a sweep of a function that returns `T` returns.
    type Value<T>;

    fn value<T>(x: T) -> Self::Value<T>;
    fn nothing<T>() -> Self::Value<T>;
}

/// The parts that begin with what the call found. A function that may update a `&mut` argument in place takes no other.
#[diagnostic::on_unimplemented(
    message = "the callee may update a `&mut` argument in place, and what the reverse sweep of this call would find in it is no longer what the callee found",
    label = "this call may update a buffer that the reverse sweep needs as it was",
    note = "if the callee writes every element before it reads any, mark the parameter `#[out]` there; else give the loop a constant bound, or return the new values",
    note = "a function that hands a `&mut` parameter on counts as one that updates it, unless that is `#[out]`"
)]
pub trait Alone: Part {}

/// The value and the adjoints.
pub struct Whole;
/// The call has run, and its buffers hold again what it found: it runs once more, together with the adjoints.
#[derive(Clone, Copy)]
pub struct Anew;
/// The adjoints: the call has run, and its buffers hold what it left.
#[derive(Clone, Copy)]
pub struct Rest;

/// What a part has of a buffer of type `T` from before the call: a type for every `T`, so that what cannot be copied is one mistake.
pub trait Entry<T: ?Sized> {
    type Kept;
}

impl<T: ?Sized> Entry<T> for Rest {
    type Kept = ();
}

impl<T> Entry<T> for Anew {
    type Kept = T;
}

impl<T> Entry<[T]> for Anew {
    type Kept = ();
}

/// How a part gets it, and makes the buffer what it was.
#[diagnostic::on_unimplemented(
    message = "the callee may update this `&mut` argument in place, and its contents from before the call, a `{T}`, cannot be copied for the reverse sweep",
    label = "the reverse sweep of this call needs what the callee found here",
    note = "if the callee writes every element before it reads any, mark the parameter `#[out]` there; else lend an array, or a struct that is `Copy`",
    note = "a function that hands a `&mut` parameter on counts as one that updates it, unless that is `#[out]`"
)]
pub trait Keeps<T: ?Sized>: Entry<T> {
    fn keep(x: &T) -> Self::Kept;
    fn put_back(x: &mut T, kept: Self::Kept);
}

impl<T: ?Sized> Keeps<T> for Rest {
    #[inline(always)]
    fn keep(_: &T) {}

    #[inline(always)]
    fn put_back(_: &mut T, (): ()) {}
}

#[diagnostic::do_not_recommend]
impl<T: Copy> Keeps<T> for Anew {
    #[inline(always)]
    fn keep(x: &T) -> T {
        *x
    }

    #[inline(always)]
    fn put_back(x: &mut T, kept: T) {
        *x = kept;
    }
}

/// What the part `P` wants kept of a buffer that a call is about to be lent.
#[inline(always)]
pub fn keep<P: Keeps<T>, T: ?Sized>(_: P, x: &T) -> <P as Entry<T>>::Kept {
    P::keep(x)
}

/// Makes a buffer what the part `P` wants to find in it.
#[inline(always)]
pub fn put_back<P: Keeps<T>, T: ?Sized>(_: P, x: &mut T, kept: <P as Entry<T>>::Kept) {
    P::put_back(x, kept);
}

/// How a part gets what it wants of a slice or a `Vec`, and makes it what it was: by the log, where it has no fixed size.
#[diagnostic::on_unimplemented(
    message = "the callee may update this `&mut` argument in place, and a tape cannot keep its contents from before the call, a `{T}`",
    label = "the reverse sweep of this call needs what the callee found here",
    note = "a tape keeps numbers, arrays and tuples of them, and `Copy` structs and enums of these that derive `Differentiable`: if the callee writes every element before it reads any, mark the parameter `#[out]` there",
    note = "a function that hands a `&mut` parameter on counts as one that updates it, unless that is `#[out]`"
)]
pub trait Logs<T: ?Sized> {
    fn log<K: Store>(x: &T, keep: &mut K);
    fn unlog<K: Store>(x: &mut T, keep: &mut K);
}

impl<T: ?Sized> Logs<T> for Rest {
    #[inline(always)]
    fn log<K: Store>(_: &T, _: &mut K) {}

    #[inline(always)]
    fn unlog<K: Store>(_: &mut T, _: &mut K) {}
}

#[diagnostic::do_not_recommend]
impl<T: Kept + Copy> Logs<[T]> for Anew {
    #[inline(always)]
    fn log<K: Store>(x: &[T], keep: &mut K) {
        for x in x {
            rule::log(keep, *x);
        }
    }

    #[inline(always)]
    fn unlog<K: Store>(x: &mut [T], keep: &mut K) {
        for x in x.iter_mut().rev() {
            *x = rule::unlog(keep, x);
        }
    }
}

/// Puts on the log what the part `P` wants kept of a buffer that a call is about to be lent.
#[inline(always)]
pub fn log_found<P: Logs<T>, T: ?Sized, K: Store>(_: P, x: &T, keep: &mut K) {
    P::log(x, keep);
}

/// Takes it off, and makes the buffer what the part `P` wants to find in it.
#[inline(always)]
pub fn unlog_found<P: Logs<T>, T: ?Sized, K: Store>(_: P, x: &mut T, keep: &mut K) {
    P::unlog(x, keep);
}

impl Alone for Whole {}
impl Alone for Anew {}

impl Part for Whole {
    const REST: bool = false;
    const FIRST: bool = true;
    type Value<T> = T;

    #[inline(always)]
    fn value<T>(x: T) -> T {
        x
    }

    fn nothing<T>() -> T {
        unreachable!("asked for where `REST` holds only")
    }
}

impl Part for Anew {
    const REST: bool = false;
    const FIRST: bool = false;
    type Value<T> = ();

    #[inline(always)]
    fn value<T>(_: T) {}

    fn nothing<T>() {}
}

impl Part for Rest {
    const REST: bool = true;
    const FIRST: bool = false;
    type Value<T> = ();

    #[inline(always)]
    fn value<T>(_: T) {}

    #[inline(always)]
    fn nothing<T>() {}
}
