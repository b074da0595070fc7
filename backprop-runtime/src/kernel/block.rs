//! The inside of matrix products: C += A·B.
//!
//! C is cut into blocks of some rows and of as many columns as fit into the processor's vector registers; a block's sums stay there while the
//! inner index runs. The columns of B that a block needs are copied side by side, as are rows of A whose elements do not lie side by side: both on
//! the stack, for so many steps of the inner index that they stay in the fastest cache. After K. Goto, R. van de Geijn, *Anatomy of High-Performance Matrix
//! Multiplication*, ACM TOMS 34 (2008), without the levels that pay for matrices of thousands of rows only.

use super::instructions::{fused, versions, wide};
use crate::Real;

/// Steps of the inner index in one pass, and where there are few in all: what is copied then fits into less, which is cleared each time.
const DEPTH: usize = 256;
const SHALLOW: usize = 64;
/// Rows of A that are copied together, and where the inner index is short: whole blocks of four and of six.
const HEIGHT: usize = 96;
const LOW: usize = 48;

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
    match (a.column == 1, shape[1] <= SHALLOW) {
        (true, false) => by_rows(shape, a, b, c, ldc),
        (true, true) => by_short_rows(shape, a, b, c, ldc),
        (false, false) => by_copied_rows(shape, a, b, c, ldc),
        (false, true) => by_short_copied_rows(shape, a, b, c, ldc),
    }
}

/// Twelve sums of a vector each, or eight where there are but sixteen registers and no fused operations.
macro_rules! in_blocks {
    ($product:ident::<$($size:ident),+>($($argument:expr),*)) => {{
        const FUSED: bool = fused!();
        const WIDE: bool = wide!();
        match (size_of::<T>() == 4, WIDE, FUSED) {
            (true, true, _) => $product::<T, FUSED, 6, 32, $($size),+>($($argument),*),
            (true, false, true) => $product::<T, FUSED, 6, 16, $($size),+>($($argument),*),
            (true, false, false) => $product::<T, FUSED, 4, 8, $($size),+>($($argument),*),
            (false, true, _) => $product::<T, FUSED, 6, 16, $($size),+>($($argument),*),
            (false, false, true) => $product::<T, FUSED, 6, 8, $($size),+>($($argument),*),
            (false, false, false) => $product::<T, FUSED, 4, 4, $($size),+>($($argument),*),
        }
    }};
}

versions! {
    /// The elements of a row of A lie side by side.
    fn by_rows<T: Real>(shape: [usize; 3], a: Strided<'_, T>, b: Strided<'_, T>, c: &mut [T], ldc: usize) {
        in_blocks!(product::<DEPTH>(shape, a, b, (c, ldc)));
    }
}

versions! {
    /// The same for a short inner index.
    fn by_short_rows<T: Real>(shape: [usize; 3], a: Strided<'_, T>, b: Strided<'_, T>, c: &mut [T], ldc: usize) {
        in_blocks!(product::<SHALLOW>(shape, a, b, (c, ldc)));
    }
}

versions! {
    /// They do not.
    fn by_copied_rows<T: Real>(shape: [usize; 3], a: Strided<'_, T>, b: Strided<'_, T>, c: &mut [T], ldc: usize) {
        let mut copies = [T::from_f64(0.0); DEPTH * HEIGHT];
        in_blocks!(product_of_copies::<DEPTH, HEIGHT>(shape, a, b, (c, ldc), &mut copies));
    }
}

versions! {
    /// The same for a short inner index.
    fn by_short_copied_rows<T: Real>(shape: [usize; 3], a: Strided<'_, T>, b: Strided<'_, T>, c: &mut [T], ldc: usize) {
        let mut copies = [T::from_f64(0.0); SHALLOW * LOW];
        in_blocks!(product_of_copies::<SHALLOW, LOW>(shape, a, b, (c, ldc), &mut copies));
    }
}

#[inline(always)]
fn product<
    T: Real,
    const FUSED: bool,
    const ROWS: usize,
    const COLUMNS: usize,
    const DEPTH: usize,
>(
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
        let tall = 1536 / size_of::<T>();
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

/// The same where the elements of a row of A do not lie side by side: some blocks of rows are copied at a time, those of each step of the inner index side by side, and
/// multiplied by all of B.
#[inline(always)]
fn product_of_copies<
    T: Real,
    const FUSED: bool,
    const ROWS: usize,
    const COLUMNS: usize,
    const DEPTH: usize,
    const HEIGHT: usize,
>(
    [m, k, n]: [usize; 3],
    a: Strided<'_, T>,
    b: Strided<'_, T>,
    (c, ldc): (&mut [T], usize),
    copies: &mut [T],
) {
    let (copies, _) = copies.as_chunks_mut::<ROWS>();
    let mut store = [[T::from_f64(0.0); COLUMNS]; DEPTH];
    for start in (0..k).step_by(DEPTH) {
        let depth = DEPTH.min(k - start);
        for top in (0..m).step_by(HEIGHT) {
            let blocks = HEIGHT.min(m - top).div_ceil(ROWS);
            for (q, copy) in copies.chunks_mut(DEPTH).take(blocks).enumerate() {
                let first = top + q * ROWS;
                copy_rows(&mut copy[..depth], a, start, first, ROWS.min(m - first));
            }
            for left in (0..n).step_by(COLUMNS) {
                let width = COLUMNS.min(n - left);
                let panel = &mut store[..depth];
                pack(panel, b, start, left, width);
                for (q, copy) in copies.chunks(DEPTH).take(blocks).enumerate() {
                    let first = top + q * ROWS;
                    let rows = &copy[..depth];
                    let sums = sums::<T, FUSED, ROWS, COLUMNS>(|r, p| rows[p][r], panel);
                    let (c, sums) = (&mut *c, &sums[..ROWS.min(m - first)]);
                    let mut at = Target {
                        c,
                        ldc,
                        left,
                        width,
                    };
                    at.add(first, sums);
                }
            }
        }
    }
}

/// Copies some rows of A from `first` on, for the steps of the inner index from `start` on. What is beyond is left as it is: nobody reads its sums.
#[inline(always)]
fn copy_rows<T: Real, const ROWS: usize>(
    copy: &mut [[T; ROWS]],
    a: Strided<'_, T>,
    start: usize,
    first: usize,
    rows: usize,
) {
    for (p, to) in copy.iter_mut().enumerate() {
        let column = &a.data[(start + p) * a.column + first * a.row..];
        if a.row == 1 && rows == ROWS {
            to.copy_from_slice(&column[..ROWS]);
        } else {
            for (r, to) in to[..rows].iter_mut().enumerate() {
                *to = column[r * a.row];
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
    let sums = sums::<T, FUSED, ROWS, COLUMNS>(|r, p| rows[r][p], panel);
    at.add(i, &sums);
}

impl<T: Real> Target<'_, T> {
    /// Adds sums to the rows from `i` on.
    #[inline(always)]
    fn add<const COLUMNS: usize>(&mut self, i: usize, sums: &[[T; COLUMNS]]) {
        for (r, sums) in sums.iter().enumerate() {
            let c = &mut self.c[(i + r) * self.ldc + self.left..][..self.width];
            match c.as_chunks_mut::<COLUMNS>() {
                ([whole], _) => add(whole, sums),
                (_, part) => part.iter_mut().zip(sums).for_each(|(c, &s)| *c += s),
            }
        }
    }
}

#[inline(always)]
fn add<T: Real, const N: usize>(c: &mut [T; N], sums: &[T; N]) {
    for j in 0..N {
        c[j] += sums[j];
    }
}

/// The sums Σₚ a(row, p)·panel[p] of all pairs of a row and a column.
#[inline(always)]
fn sums<T: Real, const FUSED: bool, const ROWS: usize, const COLUMNS: usize>(
    a: impl Fn(usize, usize) -> T,
    panel: &[[T; COLUMNS]],
) -> [[T; COLUMNS]; ROWS] {
    let zero = [T::from_f64(0.0); COLUMNS];
    let mut out = [zero; ROWS];
    /// A variable for each row: of an array of rows LLVM would keep a copy in memory, and write it in each step.
    macro_rules! in_registers {
        ($($r:literal $sums:ident)*) => {{
            $(let mut $sums = zero;)*
            for p in 0..panel.len() {
                let b = &panel[p];
                $($sums = step::<T, FUSED, COLUMNS>(a($r, p), b, $sums);)*
            }
            $(out[$r] = $sums;)*
        }};
    }
    match ROWS {
        1 => in_registers!(0 s0),
        2 => in_registers!(0 s0 1 s1),
        4 => in_registers!(0 s0 1 s1 2 s2 3 s3),
        6 => in_registers!(0 s0 1 s1 2 s2 3 s3 4 s4 5 s5),
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
    let rows = panel.len();
    let mut first = 0;
    if b.row == 1 {
        // Squares of four by four are turned in registers.
        while first + 4 <= width {
            let column = |r: usize| &b.data[(left + first + r) * b.column + start..][..rows];
            let columns = [column(0), column(1), column(2), column(3)];
            turn(panel, first, columns);
            first += 4;
        }
    }
    for j in first..COLUMNS {
        if j >= width {
            panel.iter_mut().for_each(|to| to[j] = T::from_f64(0.0));
        } else {
            let column = &b.data[(left + j) * b.column..];
            for (p, to) in panel.iter_mut().enumerate() {
                to[j] = column[(start + p) * b.row];
            }
        }
    }
}

/// Copies four columns to those of the panel from `first` on.
#[inline(always)]
fn turn<T: Real, const COLUMNS: usize>(
    panel: &mut [[T; COLUMNS]],
    first: usize,
    columns: [&[T]; 4],
) {
    let squares = columns.map(|column| column.as_chunks::<4>());
    let (by_four, last) = panel.as_chunks_mut::<4>();
    for (q, to) in by_four.iter_mut().enumerate() {
        let from = squares.map(|(chunks, _)| chunks[q]);
        for p in 0..4 {
            to[p][first..][..4].copy_from_slice(&from.map(|column| column[p]));
        }
    }
    for (p, to) in last.iter_mut().enumerate() {
        to[first..][..4].copy_from_slice(&squares.map(|(_, rest)| rest[p]));
    }
}
