//! Unknowns as rows of numbers, which solvers see, and as what functions take.

use crate::{Differentiable, Path, Real, Visitor};

/// The row as an array.
///
/// # Panics
/// If it has another length, with both lengths.
///
/// ```
/// # use backprop_runtime::solve::array;
/// let [x, y] = array(&[1.0, 2.0]);
/// assert_eq!((*x, *y), (1.0, 2.0));
/// ```
#[inline]
#[must_use]
#[track_caller]
pub fn array<const N: usize>(x: &[f64]) -> &[f64; N] {
    match x.try_into() {
        Ok(array) => array,
        Err(_) => wrong_length(N, x.len()),
    }
}

/// The row as an array to be written: for an adjoint, say.
///
/// # Panics
/// As [`array`].
#[inline]
#[must_use]
#[track_caller]
pub fn array_mut<const N: usize>(x: &mut [f64]) -> &mut [f64; N] {
    let length = x.len();
    match x.try_into() {
        Ok(array) => array,
        Err(_) => wrong_length(N, length),
    }
}

#[cold]
#[track_caller]
fn wrong_length(wanted: usize, length: usize) -> ! {
    panic!("the function has {wanted} unknowns, and the solver hands over {length}")
}

/// Writes all floats of `model` into `row`, leaf after leaf, and returns how many there are.
///
/// # Panics
/// If the row is shorter than that.
///
/// ```
/// # use backprop_runtime::solve::{flatten, unflatten};
/// let mut row = [0.0; 4];
/// assert_eq!(flatten(&([1.0, 2.0], 3.0_f32), &mut row), 3);
/// assert_eq!(row, [1.0, 2.0, 3.0, 0.0]);
///
/// let mut model = ([0.0; 2], 0.0_f32);
/// unflatten(&row[..3], &mut model);
/// assert_eq!(model, ([1.0, 2.0], 3.0));
/// ```
pub fn flatten<M: Differentiable>(model: &M, row: &mut [f64]) -> usize {
    struct Write<'a>(&'a mut [f64], usize);
    impl Visitor<1, 0> for Write<'_> {
        fn leaf<T: Real>(&mut self, _: Path<'_>, [x]: [&[T]; 1], []: [&mut [T]; 0]) {
            for (to, from) in self.0[self.1..][..x.len()].iter_mut().zip(x) {
                *to = from.to_f64();
            }
            self.1 += x.len();
        }
    }
    let mut write = Write(row, 0);
    M::visit([model], [], Path::root(), &mut write);
    write.1
}

/// Takes all floats of `model` from `row`, in the order of [`flatten`]; whatever is not a float is kept.
///
/// # Panics
/// If the row has another length than the model has floats.
pub fn unflatten<M: Differentiable>(row: &[f64], model: &mut M) {
    struct Read<'a>(&'a [f64], usize);
    impl Visitor<0, 1> for Read<'_> {
        fn leaf<T: Real>(&mut self, _: Path<'_>, []: [&[T]; 0], [x]: [&mut [T]; 1]) {
            let part = &self.0[self.1..][..x.len()];
            for (to, from) in x.iter_mut().zip(part) {
                *to = T::from_f64(*from);
            }
            self.1 += x.len();
        }
    }
    let mut read = Read(row, 0);
    M::visit([], [model], Path::root(), &mut read);
    assert_eq!(
        read.1,
        row.len(),
        "the model has {} floats, and the row {}",
        read.1,
        row.len()
    );
}
