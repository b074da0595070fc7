//! Vectors and matrices of `nalgebra` (Apache-2.0) in differentiable functions: [`Matrix`], with nalgebra's operations under rules of their own.
//!
//! Copy this file into your crate. `SMatrix` itself cannot be an active parameter: only its own crate or `backprop` could implement `Differentiable` for it. So [`Matrix`] holds the same
//! numbers in the same order, and turns into an `SMatrix` and back for nothing. Overloaded operators are not in the language of `#[differentiable]`, which sees no types; so
//! what `a * b` would be is [`product`]`(&a, &b)` there, and each function here calls nalgebra forwards and has its reverse written beside it, with nalgebra again.
//!
//! Elements are read and written as `a.columns[j][i]`. Views, blocks of run-time size, and decompositions other than those inside [`solve`], [`inverse`] and [`log_determinant`] are not here;
//! a rule of yours can be added in the same way. The same matrix twice in one call, `product(&a, &a)`, is refused, because a rule by hand writes both gradients at once: that
//! takes a function of one argument, with a rule of its own.
//!
//! The reverses are those of M. B. Giles, Collected matrix derivative results for forward and reverse mode algorithmic differentiation, Lecture Notes in Computational Science and
//! Engineering 64, Springer 2008, 35.

use backprop::prelude::*;
use nalgebra::{Cholesky, Const, DimMin, SMatrix};

/// A matrix of `R` rows and `C` columns: its own gradient's type.
///
/// ```
/// use backprop::prelude::*;
/// use example_nalgebra::{Matrix, Vector, dot, product};
/// use nalgebra::{Matrix2, Vector2};
///
/// #[differentiable]
/// fn energy(stiffness: &Matrix<2, 2>, x: &Vector<2>) -> f64 {
///     let force: Vector<2> = product(stiffness, x);
///     0.5 * dot(&force, x)
/// }
///
/// let stiffness = Matrix::from(Matrix2::new(2.0, 1.0, 1.0, 3.0));
/// let x = Vector::from(Vector2::new(1.0, -1.0));
/// let (mut d_stiffness, mut d_x) = (stiffness.zeros_like(), x.zeros_like());
/// let value = energy_grad(&stiffness, &mut d_stiffness, &x, &mut d_x);
/// assert_eq!(value, 1.5);
/// assert_eq!(d_x.to_nalgebra(), Vector2::new(1.0, -2.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
pub struct Matrix<const R: usize, const C: usize> {
    /// The elements, column by column.
    pub columns: [[f64; R]; C],
}

/// A column.
pub type Vector<const N: usize> = Matrix<N, 1>;

impl<const R: usize, const C: usize> Matrix<R, C> {
    /// The same numbers for nalgebra.
    #[must_use]
    pub fn to_nalgebra(self) -> SMatrix<f64, R, C> {
        self.columns.into()
    }

    fn add(&mut self, other: SMatrix<f64, R, C>) {
        self.accumulate(&other.into());
    }
}

impl<const R: usize, const C: usize> From<SMatrix<f64, R, C>> for Matrix<R, C> {
    fn from(matrix: SMatrix<f64, R, C>) -> Self {
        Matrix {
            columns: matrix.into(),
        }
    }
}

/// `a · b`.
#[differentiable(vjp = product_reverse)]
pub fn product<const R: usize, const K: usize, const C: usize>(
    a: &Matrix<R, K>,
    b: &Matrix<K, C>,
) -> Matrix<R, C> {
    (a.to_nalgebra() * b.to_nalgebra()).into()
}

fn product_reverse<const R: usize, const K: usize, const C: usize>(
    a: &Matrix<R, K>,
    d_a: &mut Matrix<R, K>,
    b: &Matrix<K, C>,
    d_b: &mut Matrix<K, C>,
    d_ret: Matrix<R, C>,
) -> Matrix<R, C> {
    let d_ret = d_ret.to_nalgebra();
    d_a.add(d_ret * b.to_nalgebra().transpose());
    d_b.add(a.to_nalgebra().tr_mul(&d_ret));
    product(a, b)
}

/// `a + factor · b`.
#[differentiable(vjp = add_scaled_reverse)]
pub fn add_scaled<const R: usize, const C: usize>(
    a: &Matrix<R, C>,
    factor: f64,
    b: &Matrix<R, C>,
) -> Matrix<R, C> {
    (a.to_nalgebra() + b.to_nalgebra() * factor).into()
}

fn add_scaled_reverse<const R: usize, const C: usize>(
    a: &Matrix<R, C>,
    d_a: &mut Matrix<R, C>,
    factor: f64,
    b: &Matrix<R, C>,
    d_b: &mut Matrix<R, C>,
    d_ret: Matrix<R, C>,
) -> (Matrix<R, C>, f64) {
    let d_ret = d_ret.to_nalgebra();
    d_a.add(d_ret);
    d_b.add(d_ret * factor);
    (add_scaled(a, factor, b), d_ret.dot(&b.to_nalgebra()))
}

/// The transpose of `a`.
#[differentiable(vjp = transpose_reverse)]
pub fn transpose<const R: usize, const C: usize>(a: &Matrix<R, C>) -> Matrix<C, R> {
    a.to_nalgebra().transpose().into()
}

fn transpose_reverse<const R: usize, const C: usize>(
    a: &Matrix<R, C>,
    d_a: &mut Matrix<R, C>,
    d_ret: Matrix<C, R>,
) -> Matrix<C, R> {
    d_a.add(d_ret.to_nalgebra().transpose());
    transpose(a)
}

/// The sum of the products of elements.
#[differentiable(vjp = dot_reverse)]
pub fn dot<const R: usize, const C: usize>(a: &Matrix<R, C>, b: &Matrix<R, C>) -> f64 {
    a.to_nalgebra().dot(&b.to_nalgebra())
}

fn dot_reverse<const R: usize, const C: usize>(
    a: &Matrix<R, C>,
    d_a: &mut Matrix<R, C>,
    b: &Matrix<R, C>,
    d_b: &mut Matrix<R, C>,
    d_ret: f64,
) -> f64 {
    d_a.add(b.to_nalgebra() * d_ret);
    d_b.add(a.to_nalgebra() * d_ret);
    dot(a, b)
}

/// The root of the sum of squares of the elements; its derivative at zero is zero.
#[differentiable(vjp = norm_reverse)]
pub fn norm<const R: usize, const C: usize>(a: &Matrix<R, C>) -> f64 {
    a.to_nalgebra().norm()
}

fn norm_reverse<const R: usize, const C: usize>(
    a: &Matrix<R, C>,
    d_a: &mut Matrix<R, C>,
    d_ret: f64,
) -> f64 {
    let norm = norm(a);
    if norm > 0.0 {
        d_a.add(a.to_nalgebra() * (d_ret / norm));
    }
    norm
}

/// The solution x of `a · x = b`. The reverse solves with the transpose: with g = a⁻ᵀ d_x, the gradient by b is g and that by a is −g xᵀ.
///
/// # Panics
/// If `a` is singular.
#[differentiable(vjp = solve_reverse)]
pub fn solve<const N: usize, const C: usize>(a: &Matrix<N, N>, b: &Matrix<N, C>) -> Matrix<N, C>
where
    Const<N>: DimMin<Const<N>, Output = Const<N>>,
{
    solution(a.to_nalgebra(), b).into()
}

fn solve_reverse<const N: usize, const C: usize>(
    a: &Matrix<N, N>,
    d_a: &mut Matrix<N, N>,
    b: &Matrix<N, C>,
    d_b: &mut Matrix<N, C>,
    d_ret: Matrix<N, C>,
) -> Matrix<N, C>
where
    Const<N>: DimMin<Const<N>, Output = Const<N>>,
{
    let x = solve(a, b);
    let g = solution(a.to_nalgebra().transpose(), &d_ret);
    d_b.add(g);
    d_a.add(-g * x.to_nalgebra().transpose());
    x
}

fn solution<const N: usize, const C: usize>(
    a: SMatrix<f64, N, N>,
    b: &Matrix<N, C>,
) -> SMatrix<f64, N, C>
where
    Const<N>: DimMin<Const<N>, Output = Const<N>>,
{
    match a.lu().solve(&b.to_nalgebra()) {
        Some(x) => x,
        None => singular(),
    }
}

/// The inverse of `a`.
///
/// # Panics
/// If `a` is singular.
#[differentiable(vjp = inverse_reverse)]
pub fn inverse<const N: usize>(a: &Matrix<N, N>) -> Matrix<N, N> {
    match a.to_nalgebra().try_inverse() {
        Some(inverse) => inverse.into(),
        None => singular(),
    }
}

fn inverse_reverse<const N: usize>(
    a: &Matrix<N, N>,
    d_a: &mut Matrix<N, N>,
    d_ret: Matrix<N, N>,
) -> Matrix<N, N> {
    let inverse = inverse(a);
    let transpose = inverse.to_nalgebra().transpose();
    d_a.add(-(transpose * d_ret.to_nalgebra() * transpose));
    inverse
}

/// The logarithm of the determinant of `a`, which is symmetric and positive definite, by Cholesky's factorisation; as a function of all elements, its gradient is a⁻¹.
///
/// # Panics
/// If `a` is not positive definite.
#[differentiable(vjp = log_determinant_reverse)]
pub fn log_determinant<const N: usize>(a: &Matrix<N, N>) -> f64 {
    let factor = cholesky(a);
    2.0 * factor.l_dirty().diagonal().map(f64::ln).sum()
}

fn log_determinant_reverse<const N: usize>(
    a: &Matrix<N, N>,
    d_a: &mut Matrix<N, N>,
    d_ret: f64,
) -> f64 {
    d_a.add(cholesky(a).inverse() * d_ret);
    log_determinant(a)
}

fn cholesky<const N: usize>(a: &Matrix<N, N>) -> Cholesky<f64, Const<N>> {
    match a.to_nalgebra().cholesky() {
        Some(factor) => factor,
        None => panic!("the matrix is not positive definite"),
    }
}

#[cold]
fn singular() -> ! {
    panic!("the matrix is singular")
}
