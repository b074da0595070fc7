//! Weights that are matrices with known singular values.

use super::{Generator, normal};
use crate::Real;

/// Fills `weights`, a matrix row by row, with `gain` times a random orthogonal matrix: rows of length 1 at right angles to each other, or columns where there are
/// more rows than columns. Signals keep their length.
///
/// Uniform over all such matrices, since they come from normal ones by orthogonalisation. Source: A. M. Saxe, J. L. McClelland, S. Ganguli, Exact
/// solutions to the nonlinear dynamics of learning in deep linear neural networks, ICLR 2014.
///
/// # Panics
/// If the length is not `rows` times `columns`.
///
/// ```
/// # use backprop_runtime::init::{Generator, orthogonal};
/// let mut w = [0.0_f64; 4];
/// orthogonal(&mut w, 2, 2, 1.0, &mut Generator::new(1));
/// assert!((w[0] * w[2] + w[1] * w[3]).abs() < 1e-15 && (w[0] * w[0] + w[1] * w[1] - 1.0).abs() < 1e-15);
/// ```
#[track_caller]
pub fn orthogonal<T: Real>(
    weights: &mut [T],
    rows: usize,
    columns: usize,
    gain: f64,
    generator: &mut Generator,
) {
    check("orthogonal", weights.len(), rows, columns);
    normal(weights, 0.0, 1.0, generator);
    let mut vectors = if rows <= columns {
        Vectors {
            numbers: weights,
            count: rows,
            len: columns,
            strides: (columns, 1),
        }
    } else {
        Vectors {
            numbers: weights,
            count: columns,
            len: rows,
            strides: (1, columns),
        }
    };
    for i in 0..vectors.count {
        // Once more, since what is left of a vector that was nearly in the others' space is mostly rounding (W. Kahan: twice is enough).
        for _ in 0..2 {
            for j in 0..i {
                vectors.subtract(i, j);
            }
            vectors.normalise(i);
        }
    }
    let gain = T::from_f64(gain);
    for w in weights {
        *w *= gain;
    }
}

/// Fills `weights`, a matrix row by row, with `gain` on the diagonal and 0 elsewhere.
///
/// For recurrent layers of rectifiers. Source: Q. V. Le, N. Jaitly, G. E. Hinton, A simple way to initialize recurrent networks of rectified linear
/// units, arXiv:1504.00941.
///
/// # Panics
/// If the length is not `rows` times `columns`.
#[track_caller]
pub fn identity<T: Real>(weights: &mut [T], rows: usize, columns: usize, gain: T) {
    check("identity", weights.len(), rows, columns);
    weights.fill(T::from_f64(0.0));
    for i in 0..rows.min(columns) {
        weights[i * columns + i] = gain;
    }
}

#[track_caller]
fn check(name: &str, len: usize, rows: usize, columns: usize) {
    assert!(
        rows.checked_mul(columns) == Some(len),
        "{name}: {len} weights are not a matrix of {rows} rows and {columns} columns"
    );
}

/// Rows or columns of a matrix.
struct Vectors<'a, T> {
    numbers: &'a mut [T],
    count: usize,
    len: usize,
    /// From vector to vector, and from element to element.
    strides: (usize, usize),
}

impl<T: Real> Vectors<'_, T> {
    fn place(&self, i: usize, k: usize) -> usize {
        i * self.strides.0 + k * self.strides.1
    }

    fn dot(&self, i: usize, j: usize) -> f64 {
        let at = |i, k| self.numbers[self.place(i, k)].to_f64();
        (0..self.len).map(|k| at(i, k) * at(j, k)).sum()
    }

    /// Takes from vector `i` its part along the unit vector `j`.
    fn subtract(&mut self, i: usize, j: usize) {
        let part = T::from_f64(self.dot(i, j));
        for k in 0..self.len {
            let along = self.numbers[self.place(j, k)];
            let place = self.place(i, k);
            self.numbers[place] -= part * along;
        }
    }

    fn normalise(&mut self, i: usize) {
        let factor = T::from_f64(Real::recip(Real::sqrt(self.dot(i, i))));
        for k in 0..self.len {
            let place = self.place(i, k);
            self.numbers[place] *= factor;
        }
    }
}
