//! Values that have a gradient: what a model, a parameter and an optimizer's moment have in common.
//!
//! The gradient of a `T` is a `T`, so a trait with four functions is enough: make zeros of the same shape, clear them, add, and walk over
//! the leaves. A leaf is a slice of floats with a name. One walk serves one value or several of the same shape in lockstep, shared or
//! unique: that is how an optimizer sees parameters, gradient and moments side by side, without allocating.

mod composite;
mod inactive;
mod path;
mod scalar;
mod tuple;

pub use self::path::Path;
use crate::Real;

/// A value made of floats, and of other things that derivatives ignore. Derive it for structs and enums.
///
/// # Panics
/// All functions on several values panic, naming the leaf and both shapes, where the values differ in a length or in an enum's variant.
///
/// ```
/// # use backprop_runtime::Differentiable;
/// let mut d_layers = [[0.0_f32; 3]; 2];
/// d_layers.accumulate(&[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
/// d_layers.accumulate(&[[1.0; 3]; 2]);
/// assert_eq!(d_layers, [[2.0, 3.0, 4.0], [5.0, 6.0, 7.0]]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not derive `Differentiable`",
    label = "its derivative is needed here",
    note = "write `#[derive(Differentiable)]` on it, or exclude it with `#[nodiff]`"
)]
pub trait Differentiable: Sized {
    /// The same shape with every float zero; whatever is not a float is kept.
    #[must_use]
    fn zeros_like(&self) -> Self;

    /// The same with zeros that leave whatever is added to them as it is: −0.0, where that costs nothing.
    #[doc(hidden)]
    #[must_use]
    #[inline(always)]
    fn neutral_like(&self) -> Self {
        self.zeros_like()
    }

    /// Sets every float to zero, in place.
    fn set_zero(&mut self);

    /// Adds `other`, float by float; whatever is not a float stays.
    fn accumulate(&mut self, other: &Self);

    /// Shows the leaves of `READ` shared and `WRITE` unique values of the same shape to a visitor, in lockstep and in a fixed order.
    ///
    /// `path` is where the values themselves are: [`Path::root`], seen from outside.
    fn visit<const READ: usize, const WRITE: usize, V>(
        read: [&Self; READ],
        write: [&mut Self; WRITE],
        path: Path<'_>,
        visitor: &mut V,
    ) where
        V: Visitor<READ, WRITE>;

    /// [`visit`](Self::visit) for slices, one element after the other. Floats override it: there a whole slice is one leaf.
    #[doc(hidden)]
    #[inline]
    fn visit_slice<const READ: usize, const WRITE: usize, V>(
        read: [&[Self]; READ],
        mut write: [&mut [Self]; WRITE],
        path: Path<'_>,
        visitor: &mut V,
    ) where
        V: Visitor<READ, WRITE>,
    {
        for i in 0..common_len(&read, &write, path) {
            Self::visit(
                read.map(|x| &x[i]),
                write.each_mut().map(|x| &mut x[i]),
                path.index(i),
                visitor,
            );
        }
    }
}

/// Sees the leaves of `READ` shared and `WRITE` unique values of one shape.
///
/// ```
/// # use backprop_runtime::{Differentiable, Path, Real, Visitor};
/// /// Counts the parameters of a model.
/// struct Count(usize);
/// impl Visitor<1, 0> for Count {
///     fn leaf<T: Real>(&mut self, _: Path<'_>, [x]: [&[T]; 1], []: [&mut [T]; 0]) {
///         self.0 += x.len();
///     }
/// }
/// let model = ([[1.0_f32; 3]; 2], 0.5_f64, "name");
/// let mut count = Count(0);
/// Differentiable::visit([&model], [], Path::root(), &mut count);
/// assert_eq!(count.0, 7);
/// ```
pub trait Visitor<const READ: usize, const WRITE: usize> {
    /// One leaf: slices of equal length, one of each value.
    fn leaf<T: Real>(&mut self, path: Path<'_>, read: [&[T]; READ], write: [&mut [T]; WRITE]);
}

/// The length that all the slices have; panics where they differ.
#[inline]
fn common_len<T, const READ: usize, const WRITE: usize>(
    read: &[&[T]; READ],
    write: &[&mut [T]; WRITE],
    path: Path<'_>,
) -> usize {
    let mut lens = read
        .iter()
        .map(|x| x.len())
        .chain(write.iter().map(|x| x.len()));
    let first = lens.next().unwrap_or(0);
    for len in lens {
        same_len(first, len, path);
    }
    first
}

/// Panics where two lengths differ.
#[doc(hidden)]
#[inline]
pub fn same_len(a: usize, b: usize, path: Path<'_>) {
    if a != b {
        length_mismatch(a, b, path);
    }
}

#[cold]
#[inline(never)]
fn length_mismatch(a: usize, b: usize, path: Path<'_>) -> ! {
    panic!("values of different shapes: `{path}` has length {a} in one and {b} in the other")
}

/// Panics because an enum has different variants in values that should have the same shape.
#[doc(hidden)]
#[cold]
#[inline(never)]
pub fn variant_mismatch(a: &str, b: &str, path: Path<'_>) -> ! {
    panic!("values of different shapes: `{path}` is `{a}` in one and `{b}` in the other")
}
