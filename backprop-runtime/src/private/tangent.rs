//! Tangents: what rides beside an argument in forward mode.
//!
//! As with slots, the caller does not know which parameters a callee differentiates, so every argument is followed by a tangent that is
//! there or not at compile time. One that is not there has no size: the callee takes a zero for it where it is passed by value, and where it
//! is passed by reference the argument itself, which has the type that is asked for, and reads nothing of it.

use core::cell::Cell;

use super::slot::{Mode, Off, On, Slot};
use super::spare::Spare;
use super::{Adjoint, Duplicate, Inactive};

/// Whether a tangent is there: [`On`], [`Off`], or [`Either`] of two.
pub trait Travels {
    const ON: bool;
    type Given<T>;

    fn given<T>(d: T) -> Self::Given<T>;
    fn or_zero<T: Adjoint>(d: Self::Given<T>, x: &T) -> T;
    /// The tangent, or what it would be the tangent of.
    fn or<'s, T>(d: &'s Self::Given<T>, x: &'s T) -> &'s T;
    /// The same behind a reference.
    fn behind<'s, 'a: 's, T: ?Sized>(d: &'s Self::Given<&'a T>, x: &'s T) -> &'s T;
}

/// Of what varies with two parameters of a caller: there where one of them is.
pub struct Either<A, B>(A, B);

macro_rules! there {
    ($([$($param:ident)*] $mode:ty: $on:expr;)*) => {$(
        impl<$($param: Travels),*> Travels for $mode {
            const ON: bool = $on;
            type Given<T> = T;

            #[inline(always)]
            fn given<T>(d: T) -> T {
                d
            }

            #[inline(always)]
            fn or_zero<T: Adjoint>(d: T, _: &T) -> T {
                d
            }

            #[inline(always)]
            fn or<'s, T>(d: &'s T, _: &'s T) -> &'s T {
                d
            }

            #[inline(always)]
            fn behind<'s, 'a: 's, T: ?Sized>(d: &'s &'a T, _: &'s T) -> &'s T {
                d
            }
        }
    )*};
}
there! {
    [] On: true;
    [] Spare: true;
    [A B] Either<A, B>: A::ON || B::ON;
}

impl Travels for Off {
    const ON: bool = false;
    type Given<T> = ();

    #[inline(always)]
    fn given<T>(_: T) {}

    #[inline(always)]
    fn or_zero<T: Adjoint>((): (), x: &T) -> T {
        x.zero()
    }

    #[inline(always)]
    fn or<'s, T>((): &'s (), x: &'s T) -> &'s T {
        x
    }

    #[inline(always)]
    fn behind<'s, 'a: 's, T: ?Sized>((): &'s (), x: &'s T) -> &'s T {
        x
    }
}

/// The tangent of an argument of type `T`, which may be a reference.
pub struct Along<T, M: Travels>(M::Given<T>);

/// The tangent of an argument passed by value.
#[inline(always)]
pub fn along<T, M: Travels>(d: T) -> Along<T, M> {
    Along(M::given(d))
}

/// The tangent of an argument passed by reference. The expected type may turn an array or a `Vec` into a slice.
#[inline(always)]
pub fn beside<T: ?Sized, M: Travels>(d: &T) -> Along<&T, M> {
    Along(M::given(d))
}

/// There is none: to the caller the argument is a constant.
#[inline(always)]
pub fn still<T>() -> Along<T, Off> {
    Along(())
}

impl<T: Adjoint, M: Travels> Along<T, M> {
    /// The tangent of `x`, passed by value.
    #[inline(always)]
    pub fn or_zero(self, x: &T) -> T {
        M::or_zero(self.0, x)
    }
}

impl<T: ?Sized, M: Travels> Along<&T, M> {
    /// The tangent of `x`, passed by reference, or `x` itself.
    #[inline(always)]
    pub fn or<'s>(&'s self, x: &'s T) -> &'s T {
        M::behind(&self.0, x)
    }
}

/// The tangent of a receiver. How a method takes `self` its caller does not know, so it is taken as it comes: owned, lent, or lent mutably.
pub trait Receiver<T: ?Sized> {
    type Mode: Travels;

    fn of_self<'s>(&'s mut self, x: &'s T) -> &'s T;
}

impl<T, M: Travels> Receiver<T> for Along<T, M> {
    type Mode = M;

    #[inline(always)]
    fn of_self<'s>(&'s mut self, x: &'s T) -> &'s T {
        M::or(&self.0, x)
    }
}

impl<T: ?Sized, M: Travels> Receiver<T> for Along<&T, M> {
    type Mode = M;

    #[inline(always)]
    fn of_self<'s>(&'s mut self, x: &'s T) -> &'s T {
        self.or(x)
    }
}

impl<T: ?Sized, M: Mode + Travels> Receiver<T> for Slot<'_, T, M> {
    type Mode = M;

    #[inline(always)]
    fn of_self<'s>(&'s mut self, x: &'s T) -> &'s T {
        match self.get() {
            Some(d) => d,
            None => x,
        }
    }
}

/// The tangent of a `self` passed by value.
#[inline(always)]
pub fn own<T, S>(mut d: S, x: &T) -> T
where
    T: Adjoint + Duplicate<Copy = T>,
    S: Receiver<T>,
{
    if S::Mode::ON {
        d.of_self(x).duplicate()
    } else {
        x.zero()
    }
}

/// Asks for the tangent of an argument passed by reference, for a rule written by hand, which reads it.
#[inline(always)]
pub fn told<M: Travels>() {
    const {
        assert!(
            M::ON,
            "a rule written by hand reads the tangent of this argument too, and the caller has none for it: exclude the parameter with `wrt(..)` or `#[nodiff]`"
        );
    }
}

/// What a callee asks of the tangent of a parameter of type `T` that it excludes.
#[diagnostic::on_unimplemented(
    message = "an active value goes into a parameter that the callee does not differentiate",
    label = "its derivative would be lost here",
    note = "wrap the argument in `stop_gradient(..)`, or name the parameter in the callee's `wrt(..)`"
)]
pub trait LeavesOut<T: ?Sized>: Travels {}

#[diagnostic::do_not_recommend]
impl<T: ?Sized> LeavesOut<T> for Off {}
#[diagnostic::do_not_recommend]
impl<T: ?Sized> LeavesOut<T> for Spare {}
#[diagnostic::do_not_recommend]
impl<T: ?Sized + Inactive> LeavesOut<T> for On {}
#[diagnostic::do_not_recommend]
impl<T: ?Sized + Inactive, A: Travels, B: Travels> LeavesOut<T> for Either<A, B> {}

/// What calls of a callee in forward mode hand over last.
pub struct Forward;

/// Asked of [`Forward`] by every function that has no forward mode.
#[diagnostic::on_unimplemented(
    message = "this function has no forward mode, and a value that carries a tangent goes into it",
    label = "not `#[differentiable(jvp)]`",
    note = "add `jvp` to the options of its `#[differentiable(..)]`"
)]
pub trait AddJvp {}

/// What every function that has one asks of it.
pub trait HasJvp {}

impl HasJvp for Forward {}

/// What calls hand over last where several tangents of each argument travel together.
pub struct Together {
    gave_up: Cell<bool>,
}

impl Together {
    /// To begin with, all tangents are right.
    #[inline(always)]
    #[must_use]
    pub fn new() -> Self {
        Together {
            gave_up: Cell::new(false),
        }
    }

    /// Whether some callee could not do it: then the tangents are not to be used.
    #[inline(always)]
    pub fn gave_up(&self) -> bool {
        self.gave_up.get()
    }
}

impl Default for Together {
    fn default() -> Self {
        Together::new()
    }
}

/// What functions of several tangents ask of it.
pub trait HasLanes {
    /// Said by a function that runs only once, and has a rule for one tangent.
    fn give_up(&self);
}

impl HasLanes for Together {
    #[inline(always)]
    fn give_up(&self) {
        self.gave_up.set(true);
    }
}
/// What calls in a sweep with tangents hand over last.
pub struct Twice;

impl HasJvp for Twice {}

/// What such a sweep asks for is missed where it calls the companion.
impl AddJvp for Twice {}

/// Stands for the body of a method without forward mode. A sweep with tangents that calls it, and not the companion, does not compile.
#[cold]
pub fn unasked<P, T>() -> T {
    const {
        assert!(
            size_of::<P>() != 0,
            "a method without second derivatives is called where they are taken: add `hvp` to the options of its `#[differentiable(..)]`"
        );
    }
    unreachable!("the assertion above")
}

/// Asked of what calls in a sweep with tangents hand over last, by every method that has no second derivatives.
#[diagnostic::on_unimplemented(
    message = "this function has no second derivatives, and a value that they are taken by goes into it",
    label = "not `#[differentiable(hvp)]`",
    note = "add `hvp` to the options of its `#[differentiable(..)]`"
)]
pub trait AddHvp {}

#[cfg(test)]
mod tests {
    use super::*;

    fn dot<M0: Travels, M1: Travels>(
        x: &[f64],
        d_x: Along<&[f64], M0>,
        a: f64,
        d_a: Along<f64, M1>,
    ) -> (f64, f64) {
        let d_x = d_x.or(x);
        let d_a = d_a.or_zero(&a);
        let sum = |x: &[f64]| x.iter().sum::<f64>();
        let d = if M0::ON { sum(d_x) } else { 0.0 };
        (a * sum(x), a * d + d_a * sum(x))
    }

    #[test]
    fn what_is_not_there_is_zero() {
        let x = [1.0, 2.0];
        let d = [10.0, 20.0];
        let both = dot(&x, beside::<_, On>(&d), 3.0, along::<_, On>(1.0));
        assert_eq!(both, (9.0, 93.0));
        assert_eq!(dot(&x, still(), 3.0, along::<_, On>(1.0)), (9.0, 3.0));
        assert_eq!(
            dot(&x, beside::<_, Either<Off, On>>(&d), 3.0, still()).1,
            90.0
        );
        assert_eq!(
            dot(&x, beside::<_, Either<Off, Off>>(&d), 3.0, still()).1,
            0.0
        );
    }

    #[test]
    fn what_is_not_there_has_no_size() {
        assert_eq!(size_of::<Along<&[f64], Off>>(), 0);
        assert_eq!(size_of::<Along<f64, On>>(), size_of::<f64>());
    }
}
