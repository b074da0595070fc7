//! The adjoint of a value of unknown kind: zero of the same shape, and addition.

use crate::Differentiable;

/// What generated code asks of a value whose type it does not see. The same types as [`Differentiable`], under names that cannot be taken
/// for methods of the user's.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not derive `Differentiable`",
    label = "its derivative is needed here",
    note = "write `#[derive(Differentiable)]` on it, or exclude it with `#[nodiff]`"
)]
pub trait Adjoint: Sized {
    fn zero(&self) -> Self;
    fn neutral(&self) -> Self;
    fn acc(&mut self, d: Self);
    fn clear(&mut self);
}

#[diagnostic::do_not_recommend]
impl<T: Differentiable> Adjoint for T {
    #[inline(always)]
    fn zero(&self) -> Self {
        self.zeros_like()
    }

    #[inline(always)]
    fn neutral(&self) -> Self {
        self.neutral_like()
    }

    #[inline(always)]
    fn acc(&mut self, d: Self) {
        self.accumulate(&d);
    }

    #[inline(always)]
    fn clear(&mut self) {
        self.set_zero();
    }
}

/// A zero adjoint for `x`.
#[inline(always)]
pub fn zero<T: Adjoint>(x: &T) -> T {
    x.zero()
}

/// An argument that is handed over once more: a Jacobian calls for each row.
#[inline(always)]
pub fn copied<T: Copy>(x: &T) -> T {
    *x
}

/// What changes nothing that is added to it.
#[inline(always)]
pub fn neutral<T: Adjoint>(x: &T) -> T {
    x.neutral()
}

/// `into += d`.
#[inline(always)]
pub fn acc<T: Adjoint>(into: &mut T, d: T) {
    into.acc(d);
}

/// Where the adjoint of an enum's payload is asked for, and the adjoint is of another variant than its value.
#[cold]
pub fn other_variant() -> ! {
    panic!("an adjoint has another variant than its value")
}

/// [`Adjoint`] for parameters, which may be slices.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not derive `Differentiable`",
    label = "this parameter would be differentiated",
    note = "write `#[derive(Differentiable)]` on it, or exclude the parameter with `#[nodiff]`"
)]
pub trait Active {
    /// Named where the type of a parameter is needed to have an adjoint.
    const FOUND: () = ();
}

#[diagnostic::do_not_recommend]
impl<T: Differentiable> Active for T {}
#[diagnostic::do_not_recommend]
impl<T: Differentiable> Active for [T] {}
#[diagnostic::do_not_recommend]
impl Active for str {}
