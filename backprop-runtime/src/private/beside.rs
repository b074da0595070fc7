//! Sums over slices in lanes, beside updates of slices in lockstep.
//!
//! A loop that sums up along a row and adds to the elements of another one does both in one go: split in two it would read what they share
//! twice, and left as it is LLVM vectorises neither, because of the order of the sum.

use super::lanes::unequal;
use crate::Real;

/// The sum of `f` over the elements of `xs` and `ys`, equally long, the latter of which it updates.
///
/// # Panics
/// If the lengths differ.
#[inline(always)]
pub fn lanes_beside<T: Real, const K: usize, const M: usize>(
    xs: [&[T]; K],
    ys: [&mut [T]; M],
    f: impl Fn([T; K], [&mut T; M]) -> T,
) -> T {
    let n = ys.first().map_or(0, |y| y.len());
    for x in &xs {
        if x.len() != n {
            unequal(n, x.len());
        }
    }
    for y in &ys {
        if y.len() != n {
            unequal(n, y.len());
        }
    }
    // Two vectors of 128 bits: there is enough to do besides the sum to hide the latency of its additions.
    if size_of::<T>() <= 4 {
        wide::<T, K, M, 8>(xs, ys, n, f)
    } else {
        wide::<T, K, M, 4>(xs, ys, n, f)
    }
}

#[inline(always)]
fn wide<T: Real, const K: usize, const M: usize, const LANES: usize>(
    xs: [&[T]; K],
    mut ys: [&mut [T]; M],
    n: usize,
    f: impl Fn([T; K], [&mut T; M]) -> T,
) -> T {
    let zero = T::from_f64(0.0);
    let count = n / LANES;
    let mut lane = [zero; LANES];
    {
        let x = xs.map(|x| &x.as_chunks::<LANES>().0[..count]);
        let y = ys
            .each_mut()
            .map(|y| &mut y.as_chunks_mut::<LANES>().0[..count]);
        for i in 0..count {
            // What is updated goes back after all has been read. Where slices come out of vectors LLVM does not see that a store
            // to one leaves the next element of another as it is, and would go through them one by one.
            let mut updated = [[zero; LANES]; M];
            for l in 0..LANES {
                let mut new = y.each_ref().map(|y| y[i][l]);
                lane[l] += f(x.map(|x| x[i][l]), new.each_mut());
                for m in 0..M {
                    updated[m][l] = new[m];
                }
            }
            for m in 0..M {
                y[m][i] = updated[m];
            }
        }
    }
    let done = count * LANES;
    let x = xs.map(|x| &x[done..n]);
    let mut y = ys.each_mut().map(|y| &mut y[done..n]);
    let mut total = zero;
    for i in 0..n - done {
        total += f(x.map(|x| x[i]), y.each_mut().map(|y| &mut y[i]));
    }
    let mut width = LANES / 2;
    while width > 0 {
        for l in 0..width {
            let other = lane[l + width];
            lane[l] += other;
        }
        width /= 2;
    }
    lane[0] + total
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    /// Integers are summed exactly in any order.
    fn check<T: Real>() {
        for n in (0..40).chain([1000]) {
            let number = |i: i32, m: i32| T::from_f64(f64::from(i % m - 2));
            let x: Vec<T> = (0..n).map(|i| number(i, 7)).collect();
            let mut y: Vec<T> = (0..n).map(|i| number(i, 5)).collect();
            let sum = lanes_beside([&x], [&mut y], |[x], [y]| {
                let old = *y;
                *y += x;
                x * old
            });
            let exact: i32 = (0..n).map(|i| (i % 7 - 2) * (i % 5 - 2)).sum();
            assert_eq!(sum.to_f64(), f64::from(exact), "n = {n}");
            for (i, y) in (0..n).zip(y) {
                assert_eq!(y.to_f64(), f64::from(i % 7 + i % 5 - 4));
            }
        }
    }

    #[test]
    fn every_element_is_visited_once() {
        check::<f32>();
        check::<f64>();
    }

    #[test]
    #[should_panic(expected = "slices of different lengths in one sum: 2 and 3")]
    fn lengths_must_agree() {
        lanes_beside([&[1.0; 3]], [&mut [1.0; 2]], |[x], [y]| x * *y);
    }
}
