//! Products whose inner index runs along both operands: C += A·B, where rows of A and columns of B lie side by side.
//!
//! So lie the inputs of a dense layer and its weights. Sums run along vectors of both, several rows by several columns at a time, and each vector of sums is added up
//! in the end: nothing is copied before. Where A has many rows the copies of [`block`](super::block) are worth their price, and these last additions are not.

use super::block::Strided;
use super::instructions::{fused, versions, wide};
use crate::Real;

/// With more rows than this, or a shorter inner index, columns of B are copied.
const MOST_ROWS: usize = 8;
const SHORTEST: usize = 32;

/// Whether [`accumulate`] is for this product.
pub(super) fn suits<T>([m, k, _]: [usize; 3], a: Strided<'_, T>, b: Strided<'_, T>) -> bool {
    a.column == 1 && b.row == 1 && m <= MOST_ROWS && k >= SHORTEST
}

versions! {
    /// C += A·B as in [`block::accumulate`](super::block::accumulate).
    pub(super) fn accumulate<T: Real>(shape: [usize; 3], a: Strided<'_, T>, b: Strided<'_, T>, c: &mut [T], ldc: usize) {
        const FUSED: bool = fused!();
        const WIDE: bool = wide!();
        // Sums of four columns for each row: so many rows as leave registers for the operands.
        match (size_of::<T>() == 4, WIDE, FUSED) {
            (true, true, _) => product::<T, FUSED, 4, 16>(shape, a, b, (c, ldc)),
            (true, false, true) => product::<T, FUSED, 3, 8>(shape, a, b, (c, ldc)),
            (true, false, false) => product::<T, FUSED, 2, 4>(shape, a, b, (c, ldc)),
            (false, true, _) => product::<T, FUSED, 4, 8>(shape, a, b, (c, ldc)),
            (false, false, true) => product::<T, FUSED, 3, 4>(shape, a, b, (c, ldc)),
            (false, false, false) => product::<T, FUSED, 2, 2>(shape, a, b, (c, ldc)),
        }
    }
}

#[inline(always)]
fn product<T: Real, const FUSED: bool, const ROWS: usize, const LANES: usize>(
    [m, k, n]: [usize; 3],
    a: Strided<'_, T>,
    b: Strided<'_, T>,
    (c, ldc): (&mut [T], usize),
) {
    let row = |i: usize| &a.data[i * a.row..][..k];
    let column = |j: usize| &b.data[j * b.column..][..k];
    let mut j = 0;
    while j < n {
        let columns = if j + 4 <= n { 4 } else { 1 };
        let mut i = 0;
        while i < m {
            let rows = if i + ROWS <= m { ROWS } else { 1 };
            let c = &mut c[i * ldc + j..];
            match (rows > 1, columns > 1) {
                (true, true) => add::<T, FUSED, ROWS, 4, LANES>(
                    core::array::from_fn(|r| row(i + r)),
                    core::array::from_fn(|s| column(j + s)),
                    c,
                    ldc,
                ),
                (true, false) => add::<T, FUSED, ROWS, 1, LANES>(
                    core::array::from_fn(|r| row(i + r)),
                    [column(j)],
                    c,
                    ldc,
                ),
                (false, true) => add::<T, FUSED, 1, 4, LANES>(
                    [row(i)],
                    core::array::from_fn(|s| column(j + s)),
                    c,
                    ldc,
                ),
                (false, false) => {
                    add::<T, FUSED, 1, 1, LANES>([row(i)], [column(j)], c, ldc);
                }
            }
            i += rows;
        }
        j += columns;
    }
}

/// Adds the products of some rows and columns, all of one length.
#[inline(always)]
fn add<T: Real, const FUSED: bool, const ROWS: usize, const COLUMNS: usize, const LANES: usize>(
    rows: [&[T]; ROWS],
    columns: [&[T]; COLUMNS],
    c: &mut [T],
    ldc: usize,
) {
    let sums = sums::<T, FUSED, ROWS, COLUMNS, LANES>(
        rows.map(|x| x.as_chunks::<LANES>().0),
        columns.map(|x| x.as_chunks::<LANES>().0),
    );
    let totals = sums.map(|row| totals(&row));
    for (r, totals) in totals.iter().enumerate() {
        for (s, &total) in totals.iter().enumerate() {
            let rest = rows[r].as_chunks::<LANES>().1;
            let pairs = rest.iter().zip(columns[s].as_chunks::<LANES>().1);
            c[r * ldc + s] += pairs.fold(total, |sum, (&a, &b)| sum + a * b);
        }
    }
}

/// For all pairs of a row and a column the sums of products, a vector of them.
#[inline(always)]
fn sums<T: Real, const FUSED: bool, const ROWS: usize, const COLUMNS: usize, const LANES: usize>(
    rows: [&[[T; LANES]]; ROWS],
    columns: [&[[T; LANES]]; COLUMNS],
) -> [[[T; LANES]; COLUMNS]; ROWS] {
    let zero = [T::from_f64(0.0); LANES];
    let mut out = [[zero; COLUMNS]; ROWS];
    let n = rows[0].len();
    let (rows, columns) = (rows.map(|x| &x[..n]), columns.map(|x| &x[..n]));
    /// A variable for each pair, that stays in a register.
    macro_rules! in_registers {
        ($($sum:ident $r:literal $s:literal),*) => {{
            $(let mut $sum = zero;)*
            for p in 0..n {
                $($sum = step::<T, FUSED, LANES>(&rows[$r][p], &columns[$s][p], $sum);)*
            }
            $(out[$r][$s] = $sum;)*
        }};
    }
    match (ROWS, COLUMNS) {
        (1, 1) => in_registers!(a0 0 0),
        (1, 4) => in_registers!(a0 0 0, a1 0 1, a2 0 2, a3 0 3),
        (2, 1) => in_registers!(a0 0 0, b0 1 0),
        (2, 4) => in_registers!(a0 0 0, a1 0 1, a2 0 2, a3 0 3, b0 1 0, b1 1 1, b2 1 2, b3 1 3),
        (3, 1) => in_registers!(a0 0 0, b0 1 0, c0 2 0),
        (3, 4) => in_registers!(
            a0 0 0, a1 0 1, a2 0 2, a3 0 3, b0 1 0, b1 1 1, b2 1 2, b3 1 3,
            c0 2 0, c1 2 1, c2 2 2, c3 2 3
        ),
        (4, 1) => in_registers!(a0 0 0, b0 1 0, c0 2 0, d0 3 0),
        (4, 4) => in_registers!(
            a0 0 0, a1 0 1, a2 0 2, a3 0 3, b0 1 0, b1 1 1, b2 1 2, b3 1 3,
            c0 2 0, c1 2 1, c2 2 2, c3 2 3, d0 3 0, d1 3 1, d2 3 2, d3 3 3
        ),
        _ => unreachable!("one to four rows by one or four columns"),
    }
    out
}

#[inline(always)]
fn step<T: Real, const FUSED: bool, const N: usize>(
    a: &[T; N],
    b: &[T; N],
    sums: [T; N],
) -> [T; N] {
    let mut out = sums;
    for l in 0..N {
        out[l] = if FUSED {
            a[l].mul_add(b[l], sums[l])
        } else {
            sums[l] + a[l] * b[l]
        };
    }
    out
}

/// The sum of each vector, pairwise.
///
/// Never inlined: seeing these last, narrow steps, LLVM would make the loop before them narrow.
#[inline(never)]
fn totals<T: Real, const N: usize, const LANES: usize>(sums: &[[T; LANES]; N]) -> [T; N] {
    let mut out = [T::from_f64(0.0); N];
    for (out, sums) in out.iter_mut().zip(sums) {
        let mut lane = *sums;
        let mut width = LANES;
        while width > 1 {
            width /= 2;
            for l in 0..width {
                let other = lane[l + width];
                lane[l] += other;
            }
        }
        *out = lane[0];
    }
    out
}
