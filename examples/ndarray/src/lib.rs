//! Arrays of `ndarray` (MIT or Apache-2.0) for differentiable functions, which take slices: [`row_major`] and [`row_major_mut`].
//!
//! Copy this file into your crate. An array in standard layout lies in memory row by row, without gaps, and *is* a slice: a function over `(&[f64], rows, columns)` gets it without a copy, and its
//! gradient is another array of the same shape. What lies otherwise, a transposed array or one with a step, is refused with what to do, and never read in the wrong order.

use std::error::Error;
use std::fmt;

use ndarray::{ArrayRef, Dimension};

/// The array does not lie in memory row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct NotRowMajor {
    /// Elements of each axis, and how far apart their neighbours lie.
    pub shape: Vec<usize>,
    /// In elements.
    pub strides: Vec<isize>,
}

impl fmt::Display for NotRowMajor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "an array of shape {:?} with strides {:?} does not lie row by row: copy it by `as_standard_layout()`",
            self.shape, self.strides
        )
    }
}

impl Error for NotRowMajor {}

/// The elements, row by row.
///
/// # Errors
/// If they do not lie so.
///
/// ```
/// use backprop::prelude::*;
/// use example_ndarray::{row_major, row_major_mut};
/// use ndarray::{Array2, ArrayView2, array};
///
/// /// The sum of squares of `a · x`, for a matrix of `x.len()` columns.
/// #[differentiable]
/// fn image(a: &[f64], x: &[f64]) -> f64 {
///     a.chunks_exact(x.len()).map(|row| row.iter().zip(x).map(|(a, x)| a * x).sum::<f64>().powi(2)).sum()
/// }
///
/// let (a, x) = (array![[1.0, 2.0], [3.0, 4.0]], array![1.0, -1.0]);
/// let (mut d_a, mut d_x) = (Array2::zeros(a.dim()), ndarray::Array1::zeros(2));
/// let value = image_grad(row_major(&a)?, row_major_mut(&mut d_a)?, row_major(&x)?, row_major_mut(&mut d_x)?);
/// assert_eq!(value, 2.0);
/// assert_eq!(d_a, array![[-2.0, 2.0], [-2.0, 2.0]]);
///
/// // Some rows of an array are a slice, too; its transpose is none.
/// let rows: ArrayView2<f64> = a.slice(ndarray::s![1.., ..]);
/// assert_eq!(row_major(&rows)?, [3.0, 4.0]);
/// assert!(row_major(&a.t()).is_err());
/// # Ok::<(), example_ndarray::NotRowMajor>(())
/// ```
pub fn row_major<A, D: Dimension>(array: &ArrayRef<A, D>) -> Result<&[A], NotRowMajor> {
    array.as_slice().ok_or_else(|| refusal(array))
}

/// The elements, row by row, to be written: for a gradient.
///
/// # Errors
/// As [`row_major`].
pub fn row_major_mut<A, D: Dimension>(array: &mut ArrayRef<A, D>) -> Result<&mut [A], NotRowMajor> {
    if !array.is_standard_layout() {
        return Err(refusal(array));
    }
    let refused = refusal(array);
    array.as_slice_mut().ok_or(refused)
}

fn refusal<A, D: Dimension>(array: &ArrayRef<A, D>) -> NotRowMajor {
    NotRowMajor {
        shape: array.shape().to_vec(),
        strides: array.strides().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array, Array2, Axis, Slice};

    use super::*;

    #[test]
    fn what_lies_otherwise_is_refused() {
        let mut a = Array::from_iter(0..12)
            .into_shape_with_order((3, 4))
            .unwrap();
        assert_eq!(row_major(&a).unwrap().len(), 12);
        let error = row_major(&a.t()).unwrap_err();
        assert_eq!(
            (error.shape.clone(), error.strides.clone()),
            (vec![4, 3], vec![1, 4])
        );
        assert!(error.to_string().contains("as_standard_layout"));
        assert!(row_major(&a.slice_axis(Axis(1), Slice::from(1..3))).is_err());
        assert!(row_major(&a.slice_axis(Axis(0), Slice::new(0, None, -1))).is_err());
        assert!(row_major_mut(&mut a.slice_axis_mut(Axis(1), Slice::new(0, None, 2))).is_err());
        row_major_mut(&mut a.slice_axis_mut(Axis(0), Slice::from(1..2))).unwrap()[0] = 70;
        assert_eq!(a[(1, 0)], 70);
        let columns: Array2<f64> = Array2::zeros(ndarray::ShapeBuilder::f((2, 3)));
        assert!(row_major(&columns).is_err());
    }
}
