//! Copies of buffers whose old contents the reverse sweep needs.

/// What can be copied without asking the allocator.
#[diagnostic::on_unimplemented(
    message = "the reverse sweep needs the old contents of a `{Self}`, which cannot be copied",
    label = "something in this function is overwritten while it is still needed",
    note = "write each result into a buffer of its own; hand a `&mut` to a callee that only reads it as `&*x`",
    note = "a struct that is updated in a loop or a branch must be `Copy`"
)]
pub trait Duplicate {
    type Copy;
    fn duplicate(&self) -> Self::Copy;
}

#[diagnostic::do_not_recommend]
impl<T: Copy> Duplicate for T {
    type Copy = T;

    #[inline(always)]
    fn duplicate(&self) -> T {
        *self
    }
}

/// A copy.
#[inline(always)]
pub fn duplicate<T: Duplicate + ?Sized>(x: &T) -> T::Copy {
    x.duplicate()
}
