//! The inside of matrix products: C += A·B.
//!
//! C is cut into blocks of some rows and of as many columns as fit into the processor's vector registers; a block's sums stay there while the
//! inner index runs. The columns of B that a block needs are copied side by side, as is a block of A where its next column would be long in coming: both on
//! the stack, for so many steps of the inner index that they stay in the fastest cache. After K. Goto, R. van de Geijn, *Anatomy of High-Performance Matrix
//! Multiplication*, ACM TOMS 34 (2008), without the levels that pay for matrices of thousands of rows only.

use super::instructions::{fused, versions, wide};
use crate::Real;

/// Steps of the inner index in one pass, and where there are few in all: what is copied then fits into less, which is cleared each time.
const DEPTH: usize = 256;
const SHALLOW: usize = 64;
/// Rows of A that are copied together: whole blocks of four, of six and of twelve.
const HEIGHT: usize = 96;
/// Bytes of a page of memory, as they are in most systems.
const PAGE: usize = 4096;
/// Steps of the inner index whose elements of A are looked up together.
const STEPS: usize = 8;

/// In whole lines of the cache: no vector lies across two.
#[repr(align(64))]
struct Lines<T>(T);

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

/// Calls a macro with a number and a name for each row. A variable for each: of an array of rows LLVM would keep a copy in memory, and write it in each step.
macro_rules! each_row {
    ($in_registers:ident, $rows:expr) => {
        match $rows {
            1 => $in_registers!(0 s0),
            2 => $in_registers!(0 s0 1 s1),
            4 => $in_registers!(0 s0 1 s1 2 s2 3 s3),
            6 => $in_registers!(0 s0 1 s1 2 s2 3 s3 4 s4 5 s5),
            8 => $in_registers!(0 s0 1 s1 2 s2 3 s3 4 s4 5 s5 6 s6 7 s7),
            12 => $in_registers!(0 s0 1 s1 2 s2 3 s3 4 s4 5 s5 6 s6 7 s7 8 s8 9 s9 10 s10 11 s11),
            _ => unreachable!("blocks have 1, 2, 4, 6, 8 or 12 rows"),
        }
    };
}

/// C += A·B for a shape \[m, k, n\]: A has m rows and k columns, B k rows and n columns, C rows of `ldc`, of which the first n elements count.
pub(super) fn accumulate<T: Real>(
    shape: [usize; 3],
    a: Strided<'_, T>,
    b: Strided<'_, T>,
    c: &mut [T],
    ldc: usize,
) {
    let far = a.column * size_of::<T>() >= PAGE;
    match (a.column, a.row, shape[1] <= SHALLOW) {
        (1, _, false) => by_rows(shape, a, b, c, ldc),
        (1, _, true) => by_short_rows(shape, a, b, c, ldc),
        (_, 1, false) if !far => by_columns(shape, a, b, c, ldc),
        (_, 1, true) if !far => by_short_columns(shape, a, b, c, ldc),
        _ => by_copied_columns(shape, a, b, c, ldc),
    }
}

/// A product whose blocks have sums in so many vectors as there are registers, but for those of the operands.
macro_rules! in_blocks {
    ($product:ident[$($sums:ident)?], $wide:literal, $depth:ident, ($($argument:expr),*)) => {{
        const FUSED: bool = fused!();
        const WIDE: bool = wide!();
        match (size_of::<T>() == 4, WIDE, FUSED) {
            (true, true, _) => $product::<T, $($sums,)? FUSED, $wide, 32, $depth>($($argument),*),
            (true, false, true) => $product::<T, $($sums,)? FUSED, 6, 16, $depth>($($argument),*),
            (true, false, false) => $product::<T, $($sums,)? FUSED, 4, 8, $depth>($($argument),*),
            (false, true, _) => $product::<T, $($sums,)? FUSED, $wide, 16, $depth>($($argument),*),
            (false, false, true) => $product::<T, $($sums,)? FUSED, 6, 8, $depth>($($argument),*),
            (false, false, false) => $product::<T, $($sums,)? FUSED, 4, 4, $depth>($($argument),*),
        }
    }};
}

versions! {
    /// The elements of a row of A lie side by side. In each step every row wants a register that says where it is.
    fn by_rows<T: Real>(shape: [usize; 3], a: Strided<'_, T>, b: Strided<'_, T>, c: &mut [T], ldc: usize) {
        in_blocks!(product[ByRows], 8, DEPTH, (shape, a, b, (c, ldc)));
    }
}

versions! {
    /// The same for a short inner index.
    fn by_short_rows<T: Real>(shape: [usize; 3], a: Strided<'_, T>, b: Strided<'_, T>, c: &mut [T], ldc: usize) {
        in_blocks!(product[ByRows], 8, SHALLOW, (shape, a, b, (c, ldc)));
    }
}

versions! {
    /// The elements of a column of A do.
    fn by_columns<T: Real>(shape: [usize; 3], a: Strided<'_, T>, b: Strided<'_, T>, c: &mut [T], ldc: usize) {
        // Narrow vectors take a step in so few cycles that the next column would not be there yet.
        if wide!() {
            in_blocks!(product[ByColumns], 12, DEPTH, (shape, a, b, (c, ldc)));
        } else {
            by_copied_columns(shape, a, b, c, ldc);
        }
    }
}

versions! {
    /// The same for a short inner index.
    fn by_short_columns<T: Real>(shape: [usize; 3], a: Strided<'_, T>, b: Strided<'_, T>, c: &mut [T], ldc: usize) {
        in_blocks!(product[ByColumns], 12, SHALLOW, (shape, a, b, (c, ldc)));
    }
}

versions! {
    /// They do, and each column is on a page of memory of its own; or neither do.
    fn by_copied_columns<T: Real>(shape: [usize; 3], a: Strided<'_, T>, b: Strided<'_, T>, c: &mut [T], ldc: usize) {
        // Not in each of the kinds of blocks: without optimisations all of them would have one on the stack.
        let mut copies = [T::from_f64(0.0); DEPTH * HEIGHT];
        in_blocks!(product_of_copies[], 12, DEPTH, (shape, a, b, (c, ldc), &mut copies));
    }
}

#[inline(always)]
fn product<
    T: Real,
    S: Sums,
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
    let mut store = Lines([[T::from_f64(0.0); COLUMNS]; DEPTH]);
    // Passes of about one length: in a short one what is done once for each block would count for more.
    let passes = k.div_ceil(DEPTH).max(1);
    let depth = k.div_ceil(passes).max(1).next_multiple_of(STEPS);
    for start in (0..k).step_by(depth) {
        let depth = depth.min(k - start);
        // Rows that stay in the second cache while all of B goes by.
        let tall = 1536 / size_of::<T>();
        if b.column == 1 && n <= tall {
            fetch(b, start..start + depth, 0..n);
        }
        for top in (0..m).step_by(tall) {
            let rows = top..m.min(top + tall);
            if a.row == 1 {
                fetch(a.transposed(), start..start + depth, rows.clone());
            }
            for left in (0..n).step_by(COLUMNS) {
                let width = COLUMNS.min(n - left);
                let panel = &mut store.0[..depth];
                pack(panel, b, start, left, width);
                let c = &mut *c;
                let at = Target {
                    c,
                    ldc,
                    left,
                    width,
                };
                blocks::<T, S, FUSED, ROWS, COLUMNS>(rows.clone(), (a, start), panel, at);
            }
        }
    }
}

/// The same for some blocks of rows of A at a time, which are copied, the elements of each step of the inner index side by side, and multiplied by all of B.
#[inline(always)]
fn product_of_copies<
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
    copies: &mut [T],
) {
    let (copies, _) = copies.as_chunks_mut::<ROWS>();
    let mut store = Lines([[T::from_f64(0.0); COLUMNS]; DEPTH]);
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
                let panel = &mut store.0[..depth];
                pack(panel, b, start, left, width);
                for (q, copy) in copies.chunks(DEPTH).take(blocks).enumerate() {
                    let first = top + q * ROWS;
                    let sums = sums_of_copies::<T, FUSED, ROWS, COLUMNS>(&copy[..depth], panel);
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

#[inline(always)]
fn sums_of_copies<T: Real, const FUSED: bool, const ROWS: usize, const COLUMNS: usize>(
    rows: &[[T; ROWS]],
    panel: &[[T; COLUMNS]],
) -> [[T; COLUMNS]; ROWS] {
    let zero = [T::from_f64(0.0); COLUMNS];
    let mut out = [zero; ROWS];
    macro_rules! in_registers {
        ($($r:literal $sums:ident)*) => {{
            $(let mut $sums = zero;)*
            for (a, b) in rows.iter().zip(panel) {
                $($sums = step::<T, FUSED, COLUMNS>(a[$r], b, $sums);)*
            }
            $(out[$r] = $sums;)*
        }};
    }
    each_row!(in_registers, ROWS);
    out
}

/// Reads a part of a matrix whose rows lie side by side, from end to end: so the processor sees it coming, and has it in the second cache when blocks of it
/// are read, which it would not foresee.
#[inline(always)]
fn fetch<T: Real>(
    a: Strided<'_, T>,
    rows: core::ops::Range<usize>,
    columns: core::ops::Range<usize>,
) {
    let mut any = T::from_f64(0.0);
    for i in rows {
        let row = &a.data[i * a.row..][columns.clone()];
        // Each row on its own, so that the processor need not wait for the one before.
        let first = |line: &[T]| line[0];
        let lines = row.chunks(64 / size_of::<T>()).map(first);
        any += lines.fold(T::from_f64(0.0), |any, x| any.max(x));
    }
    core::hint::black_box(any);
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
fn blocks<T: Real, S: Sums, const FUSED: bool, const ROWS: usize, const COLUMNS: usize>(
    rows: core::ops::Range<usize>,
    a: (Strided<'_, T>, usize),
    panel: &[[T; COLUMNS]],
    mut at: Target<'_, T>,
) {
    let mut i = rows.start;
    while i + ROWS <= rows.end {
        at.add(i, &S::sums::<T, FUSED, ROWS, COLUMNS>(a, i, panel));
        i += ROWS;
    }
    while i + 4 <= rows.end {
        at.add(i, &S::sums::<T, FUSED, 4, COLUMNS>(a, i, panel));
        i += 4;
    }
    if i + 2 <= rows.end {
        at.add(i, &S::sums::<T, FUSED, 2, COLUMNS>(a, i, panel));
        i += 2;
    }
    if i < rows.end {
        at.add(i, &S::sums::<T, FUSED, 1, COLUMNS>(a, i, panel));
    }
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

/// How rows of A are read.
trait Sums {
    /// The sums Σₚ a(i + row, start + p)·panel\[p\] of all pairs of a row and a column.
    fn sums<T: Real, const FUSED: bool, const ROWS: usize, const COLUMNS: usize>(
        a: (Strided<'_, T>, usize),
        i: usize,
        panel: &[[T; COLUMNS]],
    ) -> [[T; COLUMNS]; ROWS];
}

struct ByRows;
struct ByColumns;

impl Sums for ByRows {
    #[inline(always)]
    fn sums<T: Real, const FUSED: bool, const ROWS: usize, const COLUMNS: usize>(
        (a, start): (Strided<'_, T>, usize),
        i: usize,
        panel: &[[T; COLUMNS]],
    ) -> [[T; COLUMNS]; ROWS] {
        let mut rows: [&[T]; ROWS] = [&[]; ROWS];
        for r in 0..ROWS {
            rows[r] = &a.data[(i + r) * a.row + start..][..panel.len()];
        }
        let zero = [T::from_f64(0.0); COLUMNS];
        let mut out = [zero; ROWS];
        // Some steps at a time, because in each LLVM computes anew where the rows are.
        let (panels, last) = panel.as_chunks::<STEPS>();
        let mut chunks: [&[[T; STEPS]]; ROWS] = [&[]; ROWS];
        for r in 0..ROWS {
            chunks[r] = &rows[r].as_chunks().0[..panels.len()];
        }
        macro_rules! in_registers {
            ($($r:literal $sums:ident)*) => {{
                $(let mut $sums = zero;)*
                for (q, b) in panels.iter().enumerate() {
                    let a: [&[T; STEPS]; ROWS] = core::array::from_fn(|r| &chunks[r][q]);
                    for p in 0..STEPS {
                        $($sums = step::<T, FUSED, COLUMNS>(a[$r][p], &b[p], $sums);)*
                    }
                }
                let first = panels.len() * STEPS;
                for (p, b) in last.iter().enumerate() {
                    $($sums = step::<T, FUSED, COLUMNS>(rows[$r][first + p], b, $sums);)*
                }
                $(out[$r] = $sums;)*
            }};
        }
        each_row!(in_registers, ROWS);
        out
    }
}

impl Sums for ByColumns {
    #[inline(always)]
    fn sums<T: Real, const FUSED: bool, const ROWS: usize, const COLUMNS: usize>(
        (a, start): (Strided<'_, T>, usize),
        i: usize,
        panel: &[[T; COLUMNS]],
    ) -> [[T; COLUMNS]; ROWS] {
        let zero = [T::from_f64(0.0); COLUMNS];
        let mut out = [zero; ROWS];
        let data = &a.data[start * a.column + i..];
        macro_rules! in_registers {
            ($($r:literal $sums:ident)*) => {{
                $(let mut $sums = zero;)*
                for (p, b) in panel.iter().enumerate() {
                    let a = &data[p * a.column..][..ROWS];
                    $($sums = step::<T, FUSED, COLUMNS>(a[$r], b, $sums);)*
                }
                $(out[$r] = $sums;)*
            }};
        }
        each_row!(in_registers, ROWS);
        out
    }
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
        let q = core::hint::black_box(q);
        let from = squares.map(|(chunks, _)| chunks[q]);
        for p in 0..4 {
            to[p][first..][..4].copy_from_slice(&from.map(|column| column[p]));
        }
    }
    for (p, to) in last.iter_mut().enumerate() {
        to[first..][..4].copy_from_slice(&squares.map(|(_, rest)| rest[p]));
    }
}
