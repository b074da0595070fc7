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
/// As [`array()`].
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

/// Writes the matrix that `f_jacobian` returns, a row for each residual, as [`Residuals`](super::Residuals) has it, a column for each unknown.
///
/// # Panics
/// If the place has not a number for each entry.
///
/// ```
/// # use backprop_runtime::solve::write_columns;
/// let mut jacobian = [0.0; 6];
/// write_columns(&[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], &mut jacobian);
/// assert_eq!(jacobian, [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
/// ```
#[track_caller]
pub fn write_columns<const N: usize, const M: usize>(rows: &[[f64; N]; M], jacobian: &mut [f64]) {
    assert_eq!(
        jacobian.len(),
        N * M,
        "the place for a Jacobian of {M} residuals by {N} unknowns"
    );
    for (i, row) in rows.iter().enumerate() {
        for (k, entry) in row.iter().enumerate() {
            jacobian[k * M + i] = *entry;
        }
    }
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
