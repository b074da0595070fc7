//! Matrix products: of vectors, of matrices in any layout, of batches, and the layer that is one of them.

use super::block::{self, Strided};
use super::inner;
use super::instructions::versions;
use super::rule::kernel;
use super::shape;
use super::threads;
use super::vector::add_rows;
use crate::Real;

/// How a matrix, or a batch of matrices, lies in a slice: the element in row i and column j of matrix b is at b·batch + i·row + j·column.
///
/// ```
/// # use backprop_runtime::kernel::Layout;
/// let two_by_three = Layout::rows(2, 3);
/// assert_eq!(two_by_three.transposed(), Layout::columns(3, 2));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    batches: usize,
    shape: [usize; 2],
    /// From a matrix to the next, a row to the next, a column to the next.
    strides: [usize; 3],
}

impl crate::__private::Inactive for Layout {}

impl Layout {
    /// A matrix of m rows and n columns whose rows lie one after the other.
    pub const fn rows(m: usize, n: usize) -> Layout {
        Layout::strided(m, n, n, 1)
    }

    /// A matrix of m rows and n columns whose columns lie one after the other.
    pub const fn columns(m: usize, n: usize) -> Layout {
        Layout::strided(m, n, 1, m)
    }

    /// A matrix of m rows and n columns: so far from a row to the next, and from a column to the next. Elements in between are left alone.
    pub const fn strided(m: usize, n: usize, row: usize, column: usize) -> Layout {
        Layout {
            batches: 1,
            shape: [m, n],
            strides: [0, row, column],
        }
    }

    /// So many of these matrices, and how far it is from one to the next: 0 for the same one again.
    pub const fn batch(self, batches: usize, stride: usize) -> Layout {
        Layout {
            batches,
            strides: [stride, self.strides[1], self.strides[2]],
            ..self
        }
    }

    /// The same numbers with rows and columns exchanged.
    #[must_use]
    pub const fn transposed(self) -> Layout {
        let ([m, n], [batch, row, column]) = (self.shape, self.strides);
        Layout {
            shape: [n, m],
            strides: [batch, column, row],
            ..self
        }
    }

    /// The length of the slice up to the last element.
    fn len(&self) -> usize {
        let [m, n] = self.shape;
        if self.batches * m * n == 0 {
            return 0;
        }
        let [batch, row, column] = self.strides;
        1 + (self.batches - 1) * batch + (m - 1) * row + (n - 1) * column
    }

    /// Whether every element of the slice belongs to one place of one matrix, and to no other.
    fn is_dense(&self) -> bool {
        let ([m, n], [batch, row, column]) = (self.shape, self.strides);
        let one = (column == 1 || n <= 1) && (row == n || m <= 1)
            || (row == 1 || m <= 1) && (column == m || n <= 1);
        one && (batch == m * n || self.batches == 1)
    }

    fn of<'a, T>(&self, data: &'a [T], batch: usize) -> Strided<'a, T> {
        Strided {
            data: &data[batch * self.strides[0]..],
            row: self.strides[1],
            column: self.strides[2],
        }
    }
}

kernel! {
    /// The product C = A·B of matrices, or of each pair of a batch, in any layouts: `gemm(a, b, c, [layout of a, of b, of c])`.
    ///
    /// A is m×k, B k×n and C m×n. Transposed operands are [`Layout::transposed`]; a matrix of a larger one has that one's strides; a batch of which all
    /// multiply by the same matrix has that one with a stride of 0. C fills its slice, in rows or in columns.
    ///
    /// # Panics
    /// If the shapes do not fit each other, a slice ends before its last element, or C does not fill its slice.
    ///
    /// ```
    /// # use backprop_runtime::kernel::{gemm, Layout};
    /// let (a, b) = ([1.0, 2.0, 3.0, 4.0], [5.0, 6.0]);
    /// let mut c = [0.0; 2];
    /// gemm(&a, &b, &mut c, [Layout::rows(2, 2), Layout::columns(2, 1), Layout::rows(2, 1)]);
    /// assert_eq!(c, [17.0, 39.0]);
    /// gemm(&a, &b, &mut c, [Layout::rows(2, 2).transposed(), Layout::columns(2, 1), Layout::rows(2, 1)]);
    /// assert_eq!(c, [23.0, 34.0]);
    /// ```
    gemm, gemm_vjp, gemm_jvp:
    in (a d_a Ma, b d_b Mb) out (c d_c Mc) with (layouts: [Layout; 3] | [Layout; 3], Ml)
    run run_gemm, pull pull_gemm, push push_gemm
}

#[track_caller]
fn run_gemm<T: Real>(a: &[T], b: &[T], c: &mut [T], layouts: [Layout; 3]) {
    check(a.len(), b.len(), c.len(), &layouts);
    let [la, lb, lc] = layouts;
    c.fill(T::from_f64(0.0));
    for i in 0..lc.batches {
        add_product(la.of(a, i), lb.of(b, i), c, &lc, i, la.shape[1]);
    }
}

/// dA += dC·Bᵀ, dB += Aᵀ·dC.
fn pull_gemm<T: Real>(
    a: &[T],
    mut d_a: Option<&mut [T]>,
    b: &[T],
    mut d_b: Option<&mut [T]>,
    _: &mut [T],
    d_c: &mut [T],
    [la, lb, lc]: [Layout; 3],
) {
    let [m, n] = lc.shape;
    for i in 0..lc.batches {
        let d_c = lc.of(d_c, i);
        if let Some(d_a) = &mut d_a {
            add_product(d_c, lb.transposed().of(b, i), d_a, &la, i, n);
        }
        if let Some(d_b) = &mut d_b {
            add_product(la.transposed().of(a, i), d_c, d_b, &lb, i, m);
        }
    }
}

/// vC = vA·B + A·vB.
fn push_gemm<T: Real>(
    a: &[T],
    v_a: Option<&[T]>,
    b: &[T],
    v_b: Option<&[T]>,
    _: &mut [T],
    v_c: &mut [T],
    [la, lb, lc]: [Layout; 3],
) {
    v_c.fill(T::from_f64(0.0));
    let k = la.shape[1];
    for i in 0..lc.batches {
        if let Some(v_a) = v_a {
            add_product(la.of(v_a, i), lb.of(b, i), v_c, &lc, i, k);
        }
        if let Some(v_b) = v_b {
            add_product(la.of(a, i), lb.of(v_b, i), v_c, &lc, i, k);
        }
    }
}

/// C += A·B for one matrix C of a batch, with k steps of the inner index.
fn add_product<T: Real>(
    a: Strided<'_, T>,
    b: Strided<'_, T>,
    c: &mut [T],
    layout: &Layout,
    batch: usize,
    k: usize,
) {
    let ([m, n], [stride, row, column]) = (layout.shape, layout.strides);
    if m * n * k == 0 {
        return;
    }
    let c = &mut c[batch * stride..];
    // One row or one column: copying the other matrix would take longer than multiplying by it.
    if column == 1 && inner::suits([m, k, n], a, b) {
        threads::accumulate([m, k, n], a, b, c, row, inner::accumulate);
    } else if row == 1 && inner::suits([n, k, m], b.transposed(), a.transposed()) {
        let (a, b) = (b.transposed(), a.transposed());
        threads::accumulate([n, k, m], a, b, c, column, inner::accumulate);
    } else if m == 1 && a.column == 1 && column == 1 {
        add_matrix_vector(b.transposed(), &a.data[..k], &mut c[..n]);
    } else if n == 1 && b.row == 1 && row == 1 {
        add_matrix_vector(a, &b.data[..k], &mut c[..m]);
    } else if k == 1 && a.row == 1 && b.column == 1 {
        add_outer(&a.data[..m], &b.data[..n], c, *layout);
    } else if column == 1 {
        threads::accumulate([m, k, n], a, b, c, row, block::accumulate);
    } else if row == 1 {
        let (a, b) = (b.transposed(), a.transposed());
        threads::accumulate([n, k, m], a, b, c, column, block::accumulate);
    } else {
        // Neither side by side: no vectors.
        for i in 0..m {
            for j in 0..n {
                for p in 0..k {
                    c[i * row + j * column] +=
                        a.data[i * a.row + p * a.column] * b.data[p * b.row + j * b.column];
                }
            }
        }
    }
}

#[track_caller]
fn check(a: usize, b: usize, c: usize, layouts: &[Layout; 3]) {
    let [la, lb, lc] = layouts;
    let ([m, k], [k_b, n], [m_c, n_c]) = (la.shape, lb.shape, lc.shape);
    assert!(
        k == k_b && m == m_c && n == n_c,
        "gemm: {m}×{k} by {k_b}×{n} does not make {m_c}×{n_c}"
    );
    assert!(
        la.batches == lc.batches && lb.batches == lc.batches,
        "gemm: batches of {}, {} and {} matrices",
        la.batches,
        lb.batches,
        lc.batches
    );
    for (name, len, layout) in [("a", a, la), ("b", b, lb)] {
        assert!(
            len >= layout.len(),
            "gemm: `{name}` has length {len} and its layout ends at {}",
            layout.len()
        );
    }
    assert!(
        c == layout_len(lc) && lc.is_dense(),
        "gemm: `c` has length {c} and is not filled by {} matrices of {m}×{n} in {lc:?}",
        lc.batches
    );
}

fn layout_len(layout: &Layout) -> usize {
    layout.batches * layout.shape[0] * layout.shape[1]
}

kernel! {
    /// The product y = A·x of a matrix and a vector; the transposed matrix is [`Layout::transposed`].
    ///
    /// # Panics
    /// If A does not have as many columns as `x` has elements and as many rows as `y`, is a batch, or its slice ends before its last element.
    gemv, gemv_vjp, gemv_jvp:
    in (a d_a Ma, x d_x Mx) out (y d_y My) with (layout: Layout | Layout, Ml)
    run run_gemv, pull pull_gemv, push push_gemv
}

#[track_caller]
fn run_gemv<T: Real>(a: &[T], x: &[T], y: &mut [T], layout: Layout) {
    let [m, n] = layout.shape;
    assert!(
        layout.batches == 1 && n == x.len() && m == y.len() && a.len() >= layout.len(),
        "gemv: `a` has length {} and {layout:?}, `x` has length {} and `y` has length {}",
        a.len(),
        x.len(),
        y.len()
    );
    y.fill(T::from_f64(0.0));
    add_matrix_vector(layout.of(a, 0), x, y);
}

fn pull_gemv<T: Real>(
    a: &[T],
    d_a: Option<&mut [T]>,
    x: &[T],
    d_x: Option<&mut [T]>,
    _: &mut [T],
    d_y: &mut [T],
    layout: Layout,
) {
    if let Some(d_a) = d_a {
        add_outer(d_y, x, d_a, layout);
    }
    if let Some(d_x) = d_x {
        add_matrix_vector(layout.transposed().of(a, 0), d_y, d_x);
    }
}

fn push_gemv<T: Real>(
    a: &[T],
    v_a: Option<&[T]>,
    x: &[T],
    v_x: Option<&[T]>,
    _: &mut [T],
    v_y: &mut [T],
    layout: Layout,
) {
    v_y.fill(T::from_f64(0.0));
    if let Some(v_a) = v_a {
        add_matrix_vector(layout.of(v_a, 0), x, v_y);
    }
    if let Some(v_x) = v_x {
        add_matrix_vector(layout.of(a, 0), v_x, v_y);
    }
}

/// y += A·x.
fn add_matrix_vector<T: Real>(a: Strided<'_, T>, x: &[T], y: &mut [T]) {
    if x.is_empty() {
        return;
    }
    if a.column == 1 {
        let x_row = Strided {
            data: x,
            row: 0,
            column: 1,
        };
        inner::accumulate([1, x.len(), y.len()], x_row, a.transposed(), y, 0);
    } else {
        add_columns(a, x, y);
    }
}

versions! {
    /// y += A·x, where rows of A do not lie side by side.
    fn add_columns<T: Real>(a: Strided<'_, T>, x: &[T], y: &mut [T]) {
        if a.row == 1 {
            // Four columns at a time, so that y is read and written a quarter as often.
            let m = y.len();
            let column = |j: usize| &a.data[j * a.column..][..m];
            let (fours, rest) = x.as_chunks::<4>();
            for (q, &[x0, x1, x2, x3]) in fours.iter().enumerate() {
                let [a0, a1, a2, a3] = core::array::from_fn(|r| column(4 * q + r));
                for i in 0..m {
                    y[i] += (x0 * a0[i] + x1 * a1[i]) + (x2 * a2[i] + x3 * a3[i]);
                }
            }
            for (j, &x) in rest.iter().enumerate() {
                add_scaled(x, &a.data[(4 * fours.len() + j) * a.column..][..y.len()], y);
            }
        } else {
            for (i, y) in y.iter_mut().enumerate() {
                for (j, &x) in x.iter().enumerate() {
                    *y += a.data[i * a.row + j * a.column] * x;
                }
            }
        }
    }
}

versions! {
    /// A += x·yᵀ.
    fn add_outer<T: Real>(x: &[T], y: &[T], a: &mut [T], layout: Layout) {
        let [_, row, column] = layout.strides;
        if column == 1 {
            for (i, &x) in x.iter().enumerate() {
                add_scaled(x, y, &mut a[i * row..][..y.len()]);
            }
        } else if row == 1 {
            for (j, &y) in y.iter().enumerate() {
                add_scaled(y, x, &mut a[j * column..][..x.len()]);
            }
        } else {
            for (i, &x) in x.iter().enumerate() {
                for (j, &y) in y.iter().enumerate() {
                    a[i * row + j * column] += x * y;
                }
            }
        }
    }
}

/// y += a·x.
#[inline(always)]
fn add_scaled<T: Real>(a: T, x: &[T], y: &mut [T]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y += a * x;
    }
}

kernel! {
    /// The outer product A = x·yᵀ, a matrix with a row for each element of `x`: the rows lie one after the other.
    ///
    /// # Panics
    /// If `a` has not as many elements as that.
    ger, ger_vjp, ger_jvp:
    in (x d_x Mx, y d_y My) out (a d_a Ma) with ()
    run run_ger, pull pull_ger, push push_ger
}

#[track_caller]
fn run_ger<T: Real>(x: &[T], y: &[T], a: &mut [T]) {
    shape::slice("ger", "a", a.len(), [x.len(), y.len()]);
    a.fill(T::from_f64(0.0));
    add_outer(x, y, a, Layout::rows(x.len(), y.len()));
}

fn pull_ger<T: Real>(
    x: &[T],
    d_x: Option<&mut [T]>,
    y: &[T],
    d_y: Option<&mut [T]>,
    _: &mut [T],
    d_a: &mut [T],
) {
    let d_a = Layout::rows(x.len(), y.len()).of(d_a, 0);
    if let Some(d_x) = d_x {
        add_matrix_vector(d_a, y, d_x);
    }
    if let Some(d_y) = d_y {
        add_matrix_vector(d_a.transposed(), x, d_y);
    }
}

fn push_ger<T: Real>(
    x: &[T],
    v_x: Option<&[T]>,
    y: &[T],
    v_y: Option<&[T]>,
    _: &mut [T],
    v_a: &mut [T],
) {
    let layout = Layout::rows(x.len(), y.len());
    v_a.fill(T::from_f64(0.0));
    if let Some(v_x) = v_x {
        add_outer(v_x, y, v_a, layout);
    }
    if let Some(v_y) = v_y {
        add_outer(x, v_y, v_a, layout);
    }
}

kernel! {
    /// A dense layer for a batch: y = x·Wᵀ + b in each row, `linear(x, w, bias, y, [samples, inputs, outputs])`.
    ///
    /// `x` is samples×inputs, `w` outputs×inputs: each output has its weights side by side, `bias` has an element for each output or none at all, `y` is
    /// samples×outputs. All lie in rows, one after the other.
    ///
    /// # Panics
    /// If a slice has not the length of its shape.
    ///
    /// ```
    /// # use backprop_runtime::kernel::linear;
    /// let mut y = [0.0; 2];
    /// linear(&[1.0, 2.0], &[3.0, 4.0, 5.0, 6.0], &[0.5, 0.25], &mut y, [1, 2, 2]);
    /// assert_eq!(y, [11.5, 17.25]);
    /// ```
    linear, linear_vjp, linear_jvp:
    in (x d_x Mx, w d_w Mw, bias d_bias Mb) out (y d_y My) with (shape: [usize; 3] | [usize; 3], Ms)
    run run_linear, pull pull_linear, push push_linear
}

#[track_caller]
fn run_linear<T: Real>(x: &[T], w: &[T], bias: &[T], y: &mut [T], [m, k, n]: [usize; 3]) {
    shape::slice("linear", "x", x.len(), [m, k]);
    shape::slice("linear", "w", w.len(), [n, k]);
    shape::slice("linear", "y", y.len(), [m, n]);
    if bias.is_empty() {
        y.fill(T::from_f64(0.0));
    } else {
        shape::slice("linear", "bias", bias.len(), [n]);
        y.chunks_exact_mut(n)
            .for_each(|row| row.copy_from_slice(bias));
    }
    let (x, w) = (Layout::rows(m, k).of(x, 0), Layout::columns(k, n).of(w, 0));
    add_product(x, w, y, &Layout::rows(m, n), 0, k);
}

fn pull_linear<T: Real>(
    x: &[T],
    d_x: Option<&mut [T]>,
    w: &[T],
    d_w: Option<&mut [T]>,
    _: &[T],
    d_bias: Option<&mut [T]>,
    _: &mut [T],
    d_y: &mut [T],
    [m, k, n]: [usize; 3],
) {
    let layout = Layout::rows(m, n);
    if let Some(d_w) = d_w {
        let d_y = layout.transposed().of(d_y, 0);
        add_product(
            d_y,
            Layout::rows(m, k).of(x, 0),
            d_w,
            &Layout::rows(n, k),
            0,
            m,
        );
    }
    if let Some(d_bias) = d_bias {
        add_rows(d_y, d_bias);
    }
    if let Some(d_x) = d_x {
        let d_y = layout.of(d_y, 0);
        add_product(
            d_y,
            Layout::rows(n, k).of(w, 0),
            d_x,
            &Layout::rows(m, k),
            0,
            n,
        );
    }
}

fn push_linear<T: Real>(
    x: &[T],
    v_x: Option<&[T]>,
    w: &[T],
    v_w: Option<&[T]>,
    _: &[T],
    v_bias: Option<&[T]>,
    _: &mut [T],
    v_y: &mut [T],
    [m, k, n]: [usize; 3],
) {
    match v_bias {
        Some(v_bias) if !v_bias.is_empty() => v_y
            .chunks_exact_mut(n)
            .for_each(|row| row.copy_from_slice(v_bias)),
        _ => v_y.fill(T::from_f64(0.0)),
    }
    let (rows, columns, layout) = (
        Layout::rows(m, k),
        Layout::columns(k, n),
        Layout::rows(m, n),
    );
    if let Some(v_x) = v_x {
        add_product(rows.of(v_x, 0), columns.of(w, 0), v_y, &layout, 0, k);
    }
    if let Some(v_w) = v_w {
        add_product(rows.of(x, 0), columns.of(v_w, 0), v_y, &layout, 0, k);
    }
}
