//! The slot of scratch: of a buffer that a callee fills and reads, and its caller never looks at.
//!
//! The callee's sweep works on the buffer's cotangent, which is zero to begin with and nobody reads in the end. The caller does not know
//! whether the callee differentiates that parameter, nor whether there is a zero of its type; so types choose.

use core::borrow::BorrowMut;

use super::slot::{Lent, Off, On, Places, Slot, Wanted, off};
use super::{Adjoint, MayLeave, Mode};
use crate::Differentiable;

/// As [`On`](super::On), and what the callee leaves in the adjoint is not looked at: it may go into a parameter that is excluded.
pub struct Spare;

impl Mode for Spare {
    const ON: bool = true;
    type Ref<'a, T: ?Sized + 'a> = &'a mut T;

    #[inline(always)]
    fn get<'s, 'a: 's, T: ?Sized + 'a>(slot: &'s mut &'a mut T) -> Option<&'s mut T> {
        Some(slot)
    }

    #[inline(always)]
    fn part<'s, 'a: 's, T: ?Sized + 'a, U: ?Sized + 's>(
        slot: &'s mut &'a mut T,
        project: impl FnOnce(&'s mut T) -> &'s mut U,
    ) -> &'s mut U {
        project(slot)
    }

    #[inline(always)]
    fn parts<'s, 'a: 's, T: ?Sized + 'a, U: ?Sized + 's, V: ?Sized + 's>(
        slot: &'s mut &'a mut T,
        project: impl FnOnce(&'s mut T) -> (&'s mut U, &'s mut V),
    ) -> (&'s mut U, &'s mut V) {
        project(slot)
    }

    #[inline(always)]
    fn split<'s, 'a: 's, T: ?Sized + 'a, P: Places<'s>>(
        slot: &'s mut &'a mut T,
        project: impl FnOnce(&'s mut T) -> P,
    ) -> P::Slots<Spare> {
        P::lend(project(slot))
    }

    #[inline(always)]
    fn front<'a, T: 'a>(slot: &mut &'a mut [T], n: usize) -> &'a mut [T] {
        super::front(slot, n)
    }
}

impl Lent for Spare {
    #[inline(always)]
    fn slot<'a, T: ?Sized>(d: &'a mut T) -> Slot<'a, T, Self> {
        spare(d)
    }
}

impl Wanted for Spare {
    #[inline(always)]
    fn lent<'a, T: ?Sized>(slot: Slot<'a, T, Self>) -> &'a mut T {
        slot.into_inner()
    }
}

impl MayLeave for Spare {}

/// A spare slot over `d`.
#[inline(always)]
pub fn spare<T: ?Sized>(d: &mut T) -> Slot<'_, T, Spare> {
    Slot::new(d)
}

/// The slot of a tangent that is zero before the call: the callee may exclude the parameter.
#[inline(always)]
pub fn unvaried<T: ?Sized>(slot: Slot<'_, T, On>) -> Slot<'_, T, Spare> {
    Slot::new(slot.into_inner())
}

/// What a callee is lent.
pub struct Scratch<'a, T: ?Sized>(pub &'a T);

impl<T: Adjoint> Scratch<'_, T> {
    /// Of a type with an adjoint: its zero.
    #[inline(always)]
    pub fn spare(self) -> Zero<T> {
        Zero(self.0.zero())
    }
}

/// The same of other types: rustc comes here where the method above does not apply.
pub trait Unvaried: Sized {
    #[inline(always)]
    fn spare(self) -> Nothing {
        Nothing
    }
}

impl<T: ?Sized> Unvaried for Scratch<'_, T> {}

/// What an excluded field holds.
pub struct Cleared<'a, T: ?Sized>(pub &'a mut T);

impl<T: Differentiable> Cleared<'_, T> {
    /// Of a type with an adjoint: sets it to zero, since in a tangent it would count.
    #[inline(always)]
    pub fn clear(self) {
        self.0.set_zero();
    }
}

/// The same of other types.
pub trait LeftAlone: Sized {
    #[inline(always)]
    fn clear(self) {}
}

impl<T: ?Sized> LeftAlone for Cleared<'_, T> {}

/// A zero that a callee may add to.
pub struct Zero<T>(T);

impl<T> Zero<T> {
    #[inline(always)]
    pub fn slot<U: ?Sized>(&mut self) -> Slot<'_, U, Spare>
    where
        T: BorrowMut<U>,
    {
        spare(self.0.borrow_mut())
    }
}

/// There is no adjoint.
pub struct Nothing;

impl Nothing {
    #[inline(always)]
    pub fn slot<'a, U: ?Sized>(&mut self) -> Slot<'a, U, Off> {
        off()
    }
}
