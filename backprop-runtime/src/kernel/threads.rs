//! Large kernels on several threads: with the feature `rayon`, in the pool that the caller is in.
//!
//! Rows of a result, or samples of a batch, are shared out; each element is computed as one thread would, so that results do not depend on the number of threads.

use super::block::Strided;
use crate::Real;

/// Fewer multiplications than this take less time than waking threads up.
#[cfg(feature = "rayon")]
const ENOUGH: usize = 1 << 18;
/// Rows that make whole blocks, or nearly so, whatever the instructions.
#[cfg(feature = "rayon")]
const BLOCK: usize = 8;

/// Adds a product to a matrix, of which row follows on row: shape, operands, sums, and how far it is from a row of these to the next.
type Accumulate<T> = fn([usize; 3], Strided<'_, T>, Strided<'_, T>, &mut [T], usize);

/// A product shared out by rows of C.
pub(super) fn accumulate<T: Real>(
    shape: [usize; 3],
    a: Strided<'_, T>,
    b: Strided<'_, T>,
    c: &mut [T],
    ldc: usize,
    product: Accumulate<T>,
) {
    #[cfg(feature = "rayon")]
    {
        let [m, k, n] = shape;
        if m * k * n >= ENOUGH {
            return by_rows(shape, a, b, c, ldc, product);
        }
    }
    product(shape, a, b, c, ldc);
}

/// Whole blocks of rows for each thread.
#[cfg(feature = "rayon")]
fn by_rows<T: Real>(
    shape @ [m, k, n]: [usize; 3],
    a: Strided<'_, T>,
    b: Strided<'_, T>,
    c: &mut [T],
    ldc: usize,
    product: Accumulate<T>,
) {
    use rayon::prelude::*;

    let rows = m
        .div_ceil(rayon::current_num_threads())
        .next_multiple_of(BLOCK);
    if rows >= m {
        return product(shape, a, b, c, ldc);
    }
    let end = (m - 1) * ldc + n;
    let parts = c[..end].par_chunks_mut(rows * ldc).enumerate();
    parts.for_each(|(i, c)| {
        let shape = [rows.min(m - i * rows), k, n];
        product(shape, a.skip_rows(i * rows), b, c, ldc);
    });
}

/// Calls with each index and its parts of two slices that are shared out equally, where all takes so many multiplications.
pub(super) fn each<T: Real>(
    parts: usize,
    work: usize,
    x: &mut [T],
    y: &mut [T],
    f: impl Fn(usize, &mut [T], &mut [T]) + Send + Sync,
) {
    if parts == 0 {
        return;
    }
    let (x_len, y_len) = ((x.len() / parts).max(1), (y.len() / parts).max(1));
    #[cfg(feature = "rayon")]
    if work >= ENOUGH && parts > 1 {
        use rayon::prelude::*;

        let pairs = x
            .par_chunks_exact_mut(x_len)
            .zip(y.par_chunks_exact_mut(y_len));
        pairs.enumerate().for_each(|(i, (x, y))| f(i, x, y));
        return;
    }
    let _ = work;
    for (i, (x, y)) in x
        .chunks_exact_mut(x_len)
        .zip(y.chunks_exact_mut(y_len))
        .enumerate()
    {
        f(i, x, y);
    }
}

/// Two things that take so many multiplications together.
pub(crate) fn both(work: usize, a: impl FnOnce() + Send, b: impl FnOnce() + Send) {
    #[cfg(feature = "rayon")]
    if work >= ENOUGH {
        rayon::join(a, b);
        return;
    }
    let _ = work;
    a();
    b();
}
