//! Parts of one slice that a call borrows at once.

use core::ops::{Bound, Range, RangeBounds};

/// The part of a part: where it begins and ends in what the outer one is a part of.
#[inline(always)]
pub fn range_in(outer: Range<usize>, inner: impl RangeBounds<usize>) -> Range<usize> {
    let start = match inner.start_bound() {
        Bound::Included(lo) => outer.start + lo,
        Bound::Excluded(lo) => outer.start + lo + 1,
        Bound::Unbounded => outer.start,
    };
    let end = match inner.end_bound() {
        Bound::Included(hi) => outer.start + hi + 1,
        Bound::Excluded(hi) => outer.start + hi,
        Bound::Unbounded => outer.end,
    };
    start..end
}

/// The parts, each a slice of its own.
///
/// # Panics
///
/// If two of them overlap, or one is out of bounds. The function that was differentiated borrows the same parts.
#[inline(always)]
#[track_caller]
pub fn disjoint<T, const N: usize>(all: &mut [T], parts: [Range<usize>; N]) -> [&mut [T]; N] {
    let cut = all.get_disjoint_mut(parts);
    cut.unwrap_or_else(|_| apart())
}

#[cold]
#[track_caller]
fn apart() -> ! {
    panic!("parts of a slice that are lent to one call overlap, or do not lie in it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_parts() {
        assert_eq!(range_in(0..9, 2..5), 2..5);
        assert_eq!(range_in(2..9, ..=3), 2..6);
        assert_eq!(range_in(range_in(0..9, 4..), 1..2), 5..6);
        assert_eq!(range_in(3..9, ..), 3..9);
    }

    #[test]
    fn each_is_a_slice() {
        let mut y = [1, 2, 3, 4, 5];
        let [a, b, c] = disjoint(&mut y, [3..5, 0..2, 2..2]);
        assert_eq!((&*a, &*b, &*c), (&[4, 5][..], &[1, 2][..], &[][..]));
        a[0] = b[1];
        assert_eq!(y, [1, 2, 3, 2, 5]);
    }

    #[test]
    #[should_panic(expected = "overlap")]
    fn overlap() {
        disjoint(&mut [0; 4], [0..3, 2..4]);
    }
}
