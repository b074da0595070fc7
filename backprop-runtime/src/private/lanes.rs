//! Sums over slices in many lanes.
//!
//! Adjoint sums have no order that the user asked for, so they are split over enough independent accumulators to keep the vector units
//! busy: a single accumulator waits out the latency of one addition per element.

use crate::Real;

/// Slices shorter than this are summed one by one. Measured on x86-64 without compiler flags: at 16 elements both ways cost the same, for
/// `f32` and `f64`; at 64 the lanes take half the time, at 1000 a quarter (`f64`) or a sixth (`f32`).
const SHORT: usize = 16;

/// Slices shorter than this make no use of lanes at all.
const NARROW: usize = 8;

/// The sum of `f` over `K` equally long slices, in lockstep.
///
/// # Panics
/// If the lengths differ.
#[inline(always)]
pub fn lanes<T: Real, const K: usize>(xs: [&[T]; K], f: impl Fn([T; K]) -> T) -> T {
    let n = xs.first().map_or(0, |x| x.len());
    for x in &xs {
        if x.len() != n {
            unequal(n, x.len());
        }
    }
    // Four vectors of 128 bits: as many additions in flight as the latency of one.
    if size_of::<T>() <= 4 {
        wide::<T, K, 16>(xs, n, f)
    } else {
        wide::<T, K, 8>(xs, n, f)
    }
}

#[inline(always)]
fn wide<T: Real, const K: usize, const LANES: usize>(
    xs: [&[T]; K],
    n: usize,
    f: impl Fn([T; K]) -> T,
) -> T {
    let zero = T::from_f64(0.0);
    if n < SHORT {
        return if n < NARROW {
            one_by_one(xs, 0, n, zero, f)
        } else {
            by_four(xs, n, f)
        };
    }
    let count = n / LANES;
    let chunks = xs.map(|x| &x.as_chunks::<LANES>().0[..count]);
    let mut lane = [zero; LANES];
    for i in 0..count {
        for l in 0..LANES {
            lane[l] += f(chunks.map(|c| c[i][l]));
        }
    }
    let mut done = count * LANES;
    if n - done >= LANES / 2 {
        let half = xs.map(|x| &x[done..done + LANES / 2]);
        for l in 0..LANES / 2 {
            lane[l] += f(half.map(|x| x[l]));
        }
        done += LANES / 2;
    }
    one_by_one(xs, done, n, across(lane), f)
}

/// Four lanes, for slices of a few vectors. The lanes start with the first vector, and the rest is summed beside
/// them: in so short a sum each addition that waits for another one shows.
#[inline(always)]
fn by_four<T: Real, const K: usize>(xs: [&[T]; K], n: usize, f: impl Fn([T; K]) -> T) -> T {
    let count = n / 4;
    let chunks = xs.map(|x| &x.as_chunks::<4>().0[..count]);
    let mut lane: [T; 4] = core::array::from_fn(|l| f(chunks.map(|c| c[0][l])));
    for i in 1..count {
        for l in 0..4 {
            lane[l] += f(chunks.map(|c| c[i][l]));
        }
    }
    let rest = one_by_one(xs, count * 4, n, T::from_f64(0.0), f);
    ((lane[0] + lane[2]) + (lane[1] + lane[3])) + rest
}

#[inline(always)]
fn one_by_one<T: Real, const K: usize>(
    xs: [&[T]; K],
    start: usize,
    end: usize,
    mut total: T,
    f: impl Fn([T; K]) -> T,
) -> T {
    let xs = xs.map(|x| &x[start..end]);
    for i in 0..end - start {
        total += f(xs.map(|x| x[i]));
    }
    total
}

/// The sum of all lanes, pairwise.
#[inline(always)]
fn across<T: Real, const LANES: usize>(mut lane: [T; LANES]) -> T {
    let mut width = LANES / 2;
    while width >= 4 {
        for l in 0..width {
            let other = lane[l + width];
            lane[l] += other;
        }
        width /= 2;
    }
    four(lane[0], lane[1], lane[2], lane[3])
}

/// Never inlined: seeing these last, narrow steps, LLVM would make the whole loop two elements wide.
#[inline(never)]
fn four<T: Real>(a: T, b: T, c: T, d: T) -> T {
    (a + c) + (b + d)
}

#[cold]
#[inline(never)]
pub(super) fn unequal(expected: usize, found: usize) -> ! {
    panic!("slices of different lengths in one sum: {expected} and {found}")
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    /// Integers are summed exactly in any order.
    fn check<T: Real>() {
        for n in (0..100).chain([1000]) {
            let x: Vec<T> = (0..n).map(|i| T::from_f64(f64::from(i % 7))).collect();
            let y: Vec<T> = (0..n)
                .map(|i| T::from_f64(f64::from(i % 5) - 2.0))
                .collect();
            let exact: i32 = (0..n).map(|i| (i % 7) * (i % 5 - 2)).sum();
            assert_eq!(
                lanes([&x, &y], |[x, y]| x * y).to_f64(),
                f64::from(exact),
                "n = {n}"
            );
            assert_eq!(
                lanes([&x], |[x]| x).to_f64(),
                f64::from((0..n).map(|i| i % 7).sum::<i32>())
            );
        }
    }

    #[test]
    fn every_length_is_summed_once() {
        check::<f32>();
        check::<f64>();
    }

    #[test]
    fn no_slices_sum_to_nothing() {
        assert_eq!(lanes::<f64, 0>([], |_| 1.0), 0.0);
    }

    #[test]
    #[should_panic(expected = "slices of different lengths in one sum: 3 and 2")]
    fn lengths_must_agree() {
        lanes([&[1.0; 3], &[1.0; 2]], |[x, y]| x * y);
    }
}
