//! Numbers picked: rows of a table, and what dropout leaves.

use super::rule::kernel;
use super::shape;
use crate::Real;

kernel! {
    /// The rows of a table: row i of `y` is the row of `table` that `indices[i]` says. A row asked for several times gets the sum of the gradients.
    ///
    /// `table` has rows of so many columns, `y` as many rows as there are indices.
    ///
    /// # Panics
    /// If a length does not fit, or an index is not a row of the table.
    ///
    /// ```
    /// # use backprop_runtime::kernel::embedding;
    /// let mut y = [0.0; 4];
    /// embedding(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &mut y, &[2, 0], 2);
    /// assert_eq!(y, [5.0, 6.0, 1.0, 2.0]);
    /// ```
    embedding, embedding_vjp, embedding_jvp:
    in (table d_table Mt) out (y d_y My) with (indices: &[usize] | [usize], Mi, columns: usize | usize, Mc)
    run run_embedding, pull pull_embedding, push push_embedding
}

#[track_caller]
fn run_embedding<T: Real>(table: &[T], y: &mut [T], indices: &[usize], columns: usize) {
    let rows = shape::rows("embedding", "table", table.len(), columns);
    shape::slice("embedding", "y", y.len(), [indices.len(), columns]);
    for (i, &index) in indices.iter().enumerate() {
        assert!(
            index < rows || columns == 0,
            "embedding: index {index} at {i}, and a table of {rows} rows"
        );
        y[i * columns..][..columns].copy_from_slice(&table[index * columns..][..columns]);
    }
}

fn pull_embedding<T: Real>(
    _: &[T],
    d_table: Option<&mut [T]>,
    _: &mut [T],
    d_y: &mut [T],
    indices: &[usize],
    columns: usize,
) {
    let Some(d_table) = d_table else { return };
    for (i, &index) in indices.iter().enumerate() {
        let d_row = &mut d_table[index * columns..][..columns];
        for (d, &d_y) in d_row.iter_mut().zip(&d_y[i * columns..][..columns]) {
            *d += d_y;
        }
    }
}

/// It is linear.
fn push_embedding<T: Real>(
    _: &[T],
    v_table: Option<&[T]>,
    _: &mut [T],
    v_y: &mut [T],
    indices: &[usize],
    columns: usize,
) {
    match v_table {
        Some(v_table) => run_embedding(v_table, v_y, indices, columns),
        None => v_y.fill(T::from_f64(0.0)),
    }
}

/// What dropout leaves out, and the key of its random numbers.
///
/// The mask is a function of key and counter, the position of the first element in the stream: nothing is kept between the sweeps. Give each layer its key and
/// move the counter on by the number of elements in each step, or derive a key from both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropout {
    /// The probability of leaving an element out: 0 to below 1.
    pub rate: f64,
    /// Which stream of random numbers.
    pub key: u64,
    /// Where in it the first element is.
    pub counter: u64,
}

kernel! {
    /// Dropout: each element is left out (0) with the given probability, and divided by the probability of staying where it stays.
    ///
    /// After N. Srivastava et al., Dropout: A Simple Way to Prevent Neural Networks from Overfitting, JMLR 15 (2014), in the form that leaves the mean. The random numbers are
    /// those of Philox4x32-10, see [`philox`].
    ///
    /// # Panics
    /// If the lengths differ, or the rate is not from 0 to below 1.
    dropout, dropout_vjp, dropout_jvp:
    in (x d_x Mx) out (y d_y My) with (settings: Dropout | Dropout, Ms)
    run run_dropout, pull pull_dropout, push push_dropout
}

#[track_caller]
fn run_dropout<T: Real>(x: &[T], y: &mut [T], settings: Dropout) {
    shape::same("dropout", ("x", x.len()), ("y", y.len()));
    assert!(
        (0.0..1.0).contains(&settings.rate),
        "dropout: a rate of {}",
        settings.rate
    );
    let factor = T::from_f64(1.0 / (1.0 - settings.rate));
    for_each_kept(settings, x.len(), |i, kept| {
        y[i] = if kept {
            x[i] * factor
        } else {
            T::from_f64(0.0)
        };
    });
}

fn pull_dropout<T: Real>(
    x: &[T],
    d_x: Option<&mut [T]>,
    _: &mut [T],
    d_y: &mut [T],
    settings: Dropout,
) {
    let Some(d_x) = d_x else { return };
    let factor = T::from_f64(1.0 / (1.0 - settings.rate));
    for_each_kept(settings, x.len(), |i, kept| {
        if kept {
            d_x[i] += d_y[i] * factor;
        }
    });
}

/// It is linear.
fn push_dropout<T: Real>(
    _: &[T],
    v_x: Option<&[T]>,
    _: &mut [T],
    v_y: &mut [T],
    settings: Dropout,
) {
    match v_x {
        Some(v_x) => run_dropout(v_x, v_y, settings),
        None => v_y.fill(T::from_f64(0.0)),
    }
}

/// Calls with each index and whether the element stays.
fn for_each_kept(settings: Dropout, n: usize, mut f: impl FnMut(usize, bool)) {
    let Dropout { rate, key, counter } = settings;
    // Out where the number is below: a rate of 0 leaves out none.
    let threshold = (rate * 4_294_967_296.0) as u64;
    let key = [key as u32, (key >> 32) as u32];
    let mut i = 0;
    while i < n {
        let position = counter.wrapping_add(i as u64);
        let block = position / 4;
        let numbers = philox([block as u32, (block >> 32) as u32, 0, 0], key);
        for &number in &numbers[(position % 4) as usize..] {
            if i < n {
                f(i, u64::from(number) >= threshold);
            }
            i += 1;
        }
    }
}

/// Philox4x32-10: four random numbers for a counter and a key, each a function of both alone.
///
/// After J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, *Parallel Random Numbers: As Easy as 1, 2, 3*, SC 11 (2011).
///
/// ```
/// # use backprop_runtime::kernel::philox;
/// // From the authors' table of known answers.
/// assert_eq!(philox([0; 4], [0; 2]), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
/// ```
#[must_use]
pub fn philox(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let ([mut a, mut b, mut c, mut d], [mut k, mut l]) = (counter, key);
    for _ in 0..10 {
        let first = 0xD251_1F53 * u64::from(a);
        let second = 0xCD9E_8D57 * u64::from(c);
        (a, b, c, d) = (
            (second >> 32) as u32 ^ b ^ k,
            second as u32,
            (first >> 32) as u32 ^ d ^ l,
            first as u32,
        );
        k = k.wrapping_add(0x9E37_79B9);
        l = l.wrapping_add(0xBB67_AE85);
    }
    [a, b, c, d]
}
