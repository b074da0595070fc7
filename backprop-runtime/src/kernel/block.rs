//! The inside of matrix products: C += A·B.
//!
//! C is cut into blocks of some rows and of as many columns as fit into the processor's vector registers; a block's sums stay there while the
//! inner index runs. The columns of B that a block needs are copied side by side, as are rows of A whose elements do not lie side by side: both on
//! the stack, for so many steps of the inner index that they stay in the fastest cache. After K. Goto, R. van de Geijn, *Anatomy of High-Performance Matrix
//! Multiplication*, ACM TOMS 34 (2008), without the levels that pay for matrices of thousands of rows only.

use super::instructions::{fused, versions, wide};
use crate::Real;

/// Steps of the inner index in one pass.
const DEPTH: usize = 256;
/// Rows of A that are copied together.
const HEIGHT: usize = 48;

/// A matrix in a slice: the element in row i and column j is at i·row + j·column.
#[derive(Clone, Copy)]
pub(super) struct Strided<'a, T> {
    pub(super) data: &'a [T],
    pub(super) row: usize,
    pub(super) column: usize,
}

impl<T> Strided<'_, T> {
    /// Without the rows before.
    pub(super) fn skip_rows(self, i: usize) -> Self {
        Strided {
            data: &self.data[i * self.row..],
            ..self
        }
    }

    pub(super) fn transposed(self) -> Self {
        Strided {
            row: self.column,
            column: self.row,
            ..self
        }
    }
}

/// C += A·B for a shape \[m, k, n\]: A has m rows and k columns, B k rows and n columns, C rows of `ldc`, of which the first n elements count.
pub(super) fn accumulate<T: Real>(
    shape: [usize; 3],
    a: Strided<'_, T>,
    b: Strided<'_, T>,
    c: &mut [T],
    ldc: usize,
) {
    if a.column == 1 {
        by_rows(shape, a, b, c, ldc);
    } else {
        by_copied_rows(shape, a, b, c, ldc);
    }
}

/// Twelve sums of a vector each, or eight where there are but sixteen registers and no fused operations.
macro_rules! in_blocks {
    ($product:ident($($argument:expr),*)) => {{
        const FUSED: bool = fused!();
        const WIDE: bool = wide!();
        match (size_of::<T>() == 4, WIDE, FUSED) {
            (true, true, _) => $product::<T, FUSED, 6, 32>($($argument),*),
            (true, false, true) => $product::<T, FUSED, 6, 16>($($argument),*),
            (true, false, false) => $product::<T, FUSED, 4, 8>($($argument),*),
            (false, true, _) => $product::<T, FUSED, 6, 16>($($argument),*),
            (false, false, true) => $product::<T, FUSED, 6, 8>($($argument),*),
            (false, false, false) => $product::<T, FUSED, 4, 4>($($argument),*),
        }
    }};
}

versions! {
    /// The elements of a row of A lie side by side.
    fn by_rows<T: Real>(shape: [usize; 3], a: Strided<'_, T>, b: Strided<'_, T>, c: &mut [T], ldc: usize) {
        in_blocks!(product(shape, a, b, (c, ldc)));
    }
}

versions! {
    /// They do not.
    fn by_copied_rows<T: Real>(shape: [usize; 3], a: Strided<'_, T>, b: Strided<'_, T>, c: &mut [T], ldc: usize) {
        let mut copies = [[T::from_f64(0.0); DEPTH]; HEIGHT];
        in_blocks!(product_of_copies(shape, a, b, (c, ldc), &mut copies));
    }
}

#[inline(always)]
fn product<T: Real, const FUSED: bool, const ROWS: usize, const COLUMNS: usize>(
    [m, k, n]: [usize; 3],
    a: Strided<'_, T>,
    b: Strided<'_, T>,
    (c, ldc): (&mut [T], usize),
) {
    let mut store = [[T::from_f64(0.0); COLUMNS]; DEPTH];
    for start in (0..k).step_by(DEPTH) {
        let depth = DEPTH.min(k - start);
        let row = |i: usize| &a.data[i * a.row + start..][..depth];
        // Rows that stay in the second cache while all of B goes by.
        let tall = 768 / size_of::<T>();
        for top in (0..m).step_by(tall) {
            let rows = top..m.min(top + tall);
            for left in (0..n).step_by(COLUMNS) {
                let width = COLUMNS.min(n - left);
                let panel = &mut store[..depth];
                pack(panel, b, start, left, width);
                let c = &mut *c;
                let at = Target {
                    c,
                    ldc,
                    left,
                    width,
                };
                blocks::<T, FUSED, ROWS, COLUMNS>(rows.clone(), row, panel, at);
            }
        }
    }
}

/// The same where the elements of a row of A do not lie side by side: some rows are copied at a time, and multiplied by all of B.
#[inline(always)]
fn product_of_copies<T: Real, const FUSED: bool, const ROWS: usize, const COLUMNS: usize>(
    [m, k, n]: [usize; 3],
    a: Strided<'_, T>,
    b: Strided<'_, T>,
    (c, ldc): (&mut [T], usize),
    copies: &mut [[T; DEPTH]; HEIGHT],
) {
    let mut store = [[T::from_f64(0.0); COLUMNS]; DEPTH];
    for start in (0..k).step_by(DEPTH) {
        let depth = DEPTH.min(k - start);
        for top in (0..m).step_by(HEIGHT) {
            let height = HEIGHT.min(m - top);
            for p in 0..depth {
                let column = &a.data[(start + p) * a.column + top * a.row..];
                for i in 0..height {
                    copies[i][p] = column[i * a.row];
                }
            }
            let row = |i: usize| &copies[i - top][..depth];
            for left in (0..n).step_by(COLUMNS) {
                let width = COLUMNS.min(n - left);
                let panel = &mut store[..depth];
                pack(panel, b, start, left, width);
                let c = &mut *c;
                let at = Target {
                    c,
                    ldc,
                    left,
                    width,
                };
                blocks::<T, FUSED, ROWS, COLUMNS>(top..top + height, row, panel, at);
            }
        }
    }
}

/// Where sums go: the columns of C from `left` on, so many.
struct Target<'a, T> {
    c: &'a mut [T],
    ldc: usize,
    left: usize,
    width: usize,
}

/// Rows of A by one panel of B: blocks of `ROWS`, and smaller ones for what is left.
#[inline(always)]
fn blocks<'a, T: Real, const FUSED: bool, const ROWS: usize, const COLUMNS: usize>(
    rows: core::ops::Range<usize>,
    row: impl Fn(usize) -> &'a [T] + Copy,
    panel: &[[T; COLUMNS]],
    mut at: Target<'_, T>,
) {
    let mut i = rows.start;
    while i + ROWS <= rows.end {
        block::<T, FUSED, ROWS, COLUMNS>(i, row, panel, &mut at);
        i += ROWS;
    }
    while i + 2 <= rows.end {
        block::<T, FUSED, 2, COLUMNS>(i, row, panel, &mut at);
        i += 2;
    }
    if i < rows.end {
        block::<T, FUSED, 1, COLUMNS>(i, row, panel, &mut at);
    }
}

#[inline(always)]
fn block<'a, T: Real, const FUSED: bool, const ROWS: usize, const COLUMNS: usize>(
    i: usize,
    row: impl Fn(usize) -> &'a [T],
    panel: &[[T; COLUMNS]],
    at: &mut Target<'_, T>,
) {
    let mut rows: [&[T]; ROWS] = [&[]; ROWS];
    for r in 0..ROWS {
        rows[r] = &row(i + r)[..panel.len()];
    }
    let sums = sums::<T, FUSED, ROWS, COLUMNS>(rows, panel);
    for (r, sums) in sums.iter().enumerate() {
        let c = &mut at.c[(i + r) * at.ldc + at.left..][..at.width];
        match c.as_chunks_mut::<COLUMNS>() {
            ([whole], _) => add(whole, sums),
            (_, part) => part.iter_mut().zip(sums).for_each(|(c, &s)| *c += s),
        }
    }
}

#[inline(always)]
fn add<T: Real, const N: usize>(c: &mut [T; N], sums: &[T; N]) {
    for j in 0..N {
        c[j] += sums[j];
    }
}

/// The sums Σₚ row[p]·panel[p] of all pairs of a row and a column.
#[inline(always)]
fn sums<T: Real, const FUSED: bool, const ROWS: usize, const COLUMNS: usize>(
    rows: [&[T]; ROWS],
    panel: &[[T; COLUMNS]],
) -> [[T; COLUMNS]; ROWS] {
    let zero = [T::from_f64(0.0); COLUMNS];
    let mut out = [zero; ROWS];
    /// A variable for each row: of an array of rows LLVM would keep a copy in memory, and write it in each step.
    macro_rules! in_registers {
        ($($r:literal $sums:ident $row:ident)*) => {{
            $(let (mut $sums, $row) = (zero, &rows[$r][..panel.len()]);)*
            for p in 0..panel.len() {
                let b = &panel[p];
                $($sums = step::<T, FUSED, COLUMNS>($row[p], b, $sums);)*
            }
            $(out[$r] = $sums;)*
        }};
    }
    match ROWS {
        1 => in_registers!(0 s0 r0),
        2 => in_registers!(0 s0 r0 1 s1 r1),
        4 => in_registers!(0 s0 r0 1 s1 r1 2 s2 r2 3 s3 r3),
        6 => in_registers!(0 s0 r0 1 s1 r1 2 s2 r2 3 s3 r3 4 s4 r4 5 s5 r5),
        _ => unreachable!("blocks have 1, 2, 4 or 6 rows"),
    }
    out
}

#[inline(always)]
fn step<T: Real, const FUSED: bool, const N: usize>(a: T, b: &[T; N], sums: [T; N]) -> [T; N] {
    let mut out = sums;
    for j in 0..N {
        out[j] = if FUSED {
            a.mul_add(b[j], sums[j])
        } else {
            sums[j] + a * b[j]
        };
    }
    out
}

/// Copies the columns of B from `left` on, so many, and zeros behind them.
#[inline(always)]
fn pack<T: Real, const COLUMNS: usize>(
    panel: &mut [[T; COLUMNS]],
    b: Strided<'_, T>,
    start: usize,
    left: usize,
    width: usize,
) {
    if b.column == 1 && width == COLUMNS {
        for (p, to) in panel.iter_mut().enumerate() {
            to.copy_from_slice(&b.data[(start + p) * b.row + left..][..COLUMNS]);
        }
        return;
    }
    for j in 0..COLUMNS {
        if j >= width {
            panel.iter_mut().for_each(|to| to[j] = T::from_f64(0.0));
        } else if b.row == 1 {
            let column = &b.data[(left + j) * b.column + start..][..panel.len()];
            for (to, &b) in panel.iter_mut().zip(column) {
                to[j] = b;
            }
        } else {
            let column = &b.data[(left + j) * b.column..];
            for (p, to) in panel.iter_mut().enumerate() {
                to[j] = column[(start + p) * b.row];
            }
        }
    }
}
