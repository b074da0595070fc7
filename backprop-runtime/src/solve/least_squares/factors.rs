//! The Jacobian as Q R Pᵀ, and least squares problems damped by a diagonal, solved from R alone.
//!
//! In: columns, overwritten by the Householder vectors. Out: R, the order of the columns, and Qᵀ r. Sources: G. H. Golub, C. F. Van Loan, Matrix Computations, 4th edition,
//! Johns Hopkins 2013, algorithm 5.4.1; for the damping J. J. Moré, The Levenberg-Marquardt algorithm, Lecture Notes in Mathematics 630, Springer 1978, section 3.

use alloc::vec;
use alloc::vec::Vec;

use crate::Real;

/// The triangular factor with its permutation, and a second one for damped problems.
#[derive(Clone, Debug)]
pub(super) struct Factors {
    /// The number of unknowns, `n`.
    n: usize,
    /// R, row by row, `n × n`; below the diagonal zero.
    r: Vec<f64>,
    /// Column `k` of R belongs to the unknown `order[k]`.
    order: Vec<usize>,
    /// The first `n` elements of Qᵀ r.
    projected: Vec<f64>,
    /// Squares of what is left of each column.
    left: Vec<f64>,
    /// Of the damped problem: the triangular factor, row by row; the right-hand side; one row that is being eliminated.
    damped: Vec<f64>,
    side: Vec<f64>,
    row: Vec<f64>,
}

impl Factors {
    pub(super) fn new(n: usize) -> Self {
        Factors {
            n,
            r: vec![0.0; n * n],
            order: vec![0; n],
            projected: vec![0.0; n],
            left: vec![0.0; n],
            damped: vec![0.0; n * n],
            side: vec![0.0; n],
            row: vec![0.0; n],
        }
    }

    /// Factorises `jacobian`, `n` columns of `residuals.len() >= n` numbers, which is used up, as `residuals` are: they become Qᵀ r.
    pub(super) fn factorise(&mut self, jacobian: &mut [f64], residuals: &mut [f64]) {
        let (n, m) = (self.n, residuals.len());
        for (k, (order, left)) in self.order.iter_mut().zip(&mut self.left).enumerate() {
            *order = k;
            *left = square(&jacobian[k * m..][..m]);
        }
        self.r.fill(0.0);
        for k in 0..n {
            self.exchange(jacobian, m, k);
            let (head, behind) = jacobian[k * m..].split_at_mut(m);
            let vector = &mut head[k..];
            let norm = Real::sqrt(square(vector));
            // R's diagonal has the sign opposite to the element's, so that nothing cancels.
            let diagonal = if vector[0] > 0.0 { -norm } else { norm };
            self.r[k * n + k] = diagonal;
            if norm == 0.0 {
                continue;
            }
            vector[0] -= diagonal;
            // vᵀv = -2 · diagonal · v₀.
            let scale = -1.0 / (diagonal * vector[0]);
            for (j, column) in behind.chunks_exact_mut(m).enumerate() {
                reflect(vector, scale, &mut column[k..]);
                let entry = column[k];
                self.r[k * n + k + 1 + j] = entry;
                self.left[k + 1 + j] = square(&column[k + 1..]);
            }
            reflect(vector, scale, &mut residuals[k..]);
        }
        self.projected.copy_from_slice(&residuals[..n]);
    }

    /// Brings the longest of the columns that are left to place `k`, with what is known of it.
    fn exchange(&mut self, jacobian: &mut [f64], m: usize, k: usize) {
        let longest = (k..self.n).fold(k, |best, j| {
            if self.left[j] > self.left[best] {
                j
            } else {
                best
            }
        });
        if longest == k {
            return;
        }
        let (head, tail) = jacobian.split_at_mut(longest * m);
        head[k * m..][..m].swap_with_slice(&mut tail[..m]);
        for row in self.r.chunks_exact_mut(self.n).take(k) {
            row.swap(k, longest);
        }
        self.left.swap(k, longest);
        self.order.swap(k, longest);
    }

    /// Minimises ‖J p + r‖² + ‖√damping · D p‖² by `p`, where D is a diagonal, `scale`. An unknown that nothing depends on stays where it is.
    pub(super) fn solve(&mut self, damping: f64, scale: &[f64], p: &mut [f64]) {
        let n = self.n;
        self.damped.copy_from_slice(&self.r);
        self.side.copy_from_slice(&self.projected);
        let root = Real::sqrt(damping);
        for k in 0..n {
            if damping == 0.0 {
                break;
            }
            // The diagonal's row k is turned into the triangle, from left to right.
            self.row.fill(0.0);
            self.row[k] = root * scale[self.order[k]];
            let mut right = 0.0;
            for i in k..n {
                let pivot = self.damped[i * n + i];
                let radius = Real::hypot(pivot, self.row[i]);
                if radius == 0.0 {
                    continue;
                }
                let (cos, sin) = (pivot / radius, self.row[i] / radius);
                for j in i..n {
                    let (a, b) = (self.damped[i * n + j], self.row[j]);
                    self.damped[i * n + j] = cos * a + sin * b;
                    self.row[j] = cos * b - sin * a;
                }
                let (a, b) = (self.side[i], right);
                self.side[i] = cos * a + sin * b;
                right = cos * b - sin * a;
            }
        }
        // Backwards through the triangle. What is singular to rounding is left out.
        let negligible = self.negligible();
        for i in (0..n).rev() {
            let row = &self.damped[i * n..][..n];
            let known = row[i + 1..].iter().zip(&self.row[i + 1..]);
            let sum = -self.side[i] - known.map(|(a, b)| a * b).sum::<f64>();
            self.row[i] = if Real::abs(row[i]) > negligible {
                sum / row[i]
            } else {
                0.0
            };
        }
        for (value, &unknown) in self.row.iter().zip(&self.order) {
            p[unknown] = *value;
        }
    }

    /// ‖S⁻ᵀ Pᵀ v‖², where SᵀS = Pᵀ(JᵀJ + damping · D²)P is the factor that the last [`solve`](Self::solve) left.
    pub(super) fn inverse_square(&mut self, v: &[f64]) -> f64 {
        let n = self.n;
        let negligible = self.negligible();
        for i in 0..n {
            let mut sum = v[self.order[i]];
            for j in 0..i {
                sum -= self.damped[j * n + i] * self.row[j];
            }
            let pivot = self.damped[i * n + i];
            self.row[i] = if Real::abs(pivot) > negligible {
                sum / pivot
            } else {
                0.0
            };
        }
        square(&self.row)
    }

    /// Whether all unknowns have an effect, to rounding.
    pub(super) fn is_regular(&self) -> bool {
        let negligible = f64::EPSILON * self.n as f64 * Real::abs(self.r[0]);
        (0..self.n).all(|k| Real::abs(self.r[k * self.n + k]) > negligible)
    }

    /// ‖J p‖².
    pub(super) fn image_square(&self, p: &[f64]) -> f64 {
        let n = self.n;
        let mut sum = 0.0;
        for i in 0..n {
            let row = &self.r[i * n..][..n];
            let entry: f64 = (i..n).map(|j| row[j] * p[self.order[j]]).sum();
            sum += entry * entry;
        }
        sum
    }

    /// Writes Jᵀ r.
    pub(super) fn gradient(&self, gradient: &mut [f64]) {
        let n = self.n;
        for k in 0..n {
            let entry = (0..=k).map(|i| self.r[i * n + k] * self.projected[i]);
            gradient[self.order[k]] = entry.sum();
        }
    }

    /// Writes (JᵀJ)⁻¹ times `factor`, row by row.
    pub(super) fn covariance(&self, factor: f64, covariance: &mut [f64]) {
        let n = self.n;
        // R⁻¹, row by row, from the last one up.
        let mut inverse = vec![0.0; n * n];
        for i in (0..n).rev() {
            let pivot = self.r[i * n + i];
            for j in i..n {
                let mut sum = if i == j { 1.0 } else { 0.0 };
                for l in i + 1..=j {
                    sum -= self.r[i * n + l] * inverse[l * n + j];
                }
                inverse[i * n + j] = sum / pivot;
            }
        }
        for a in 0..n {
            for b in 0..n {
                let product = (a.max(b)..n).map(|l| inverse[a * n + l] * inverse[b * n + l]);
                covariance[self.order[a] * n + self.order[b]] = factor * product.sum::<f64>();
            }
        }
    }

    /// Pivots below this are rounding.
    fn negligible(&self) -> f64 {
        let largest = (0..self.n).fold(0.0, |largest, k| {
            Real::max(largest, Real::abs(self.damped[k * self.n + k]))
        });
        f64::EPSILON * f64::EPSILON * largest
    }
}

/// Adds the multiple of `vector` that reflects `column` at it: I - scale · v vᵀ.
fn reflect(vector: &[f64], scale: f64, column: &mut [f64]) {
    let dot: f64 = vector.iter().zip(&*column).map(|(v, c)| v * c).sum();
    for (c, v) in column.iter_mut().zip(vector) {
        *c -= scale * dot * v;
    }
}

pub(super) fn square(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum()
}
