//! Numbers that wait on the tape, one for each iteration of a loop: written by index forwards, read by index backwards.

use core::marker::PhantomData;
use core::ops::Range;

use super::{Store, Word};

/// Where the numbers of one kind begin. Their type is that of what is put there first.
pub struct Row<T> {
    start: usize,
    of: PhantomData<T>,
}

impl<T: Word> Row<T> {
    #[inline(always)]
    pub fn new(start: usize) -> Self {
        Row {
            start,
            of: PhantomData,
        }
    }

    #[inline(always)]
    pub fn put<K: Store>(&self, keep: &mut K, at: usize, x: T) {
        keep.words_mut()[self.start + at] = x.into_word();
    }

    /// Where the first number is.
    #[inline(always)]
    pub fn start(&self) -> usize {
        self.start
    }

    /// Puts a number into a word that was cut out before.
    #[inline(always)]
    pub fn set(&self, word: &mut u64, x: T) {
        *word = x.into_word();
    }

    #[inline(always)]
    pub fn get<K: Store>(&self, keep: &K, at: usize) -> T {
        T::from_word(keep.words()[self.start + at])
    }

    /// The numbers of so many iterations on end, to be read in a loop that does not check each index.
    #[inline(always)]
    pub fn cut<'k, K: Store>(&self, keep: &'k K, at: usize, n: usize) -> Cut<'k, T> {
        Cut {
            words: &keep.words()[self.start + at..][..n],
            of: PhantomData,
        }
    }
}

/// Part of a [`Row`].
pub struct Cut<'k, T> {
    words: &'k [u64],
    of: PhantomData<T>,
}

impl<T: Word> Cut<'_, T> {
    #[inline(always)]
    pub fn at(&self, k: usize) -> T {
        T::from_word(self.words[k])
    }
}

/// The words of several rows for so many iterations from one on, to be written in a loop that does not check each index: taken one after the
/// other, in the order in which the rows lie. Rows that lie end to end are seen to be so where rustc knows how long they are.
pub struct Cutter<'k> {
    words: &'k mut [u64],
    /// Where these begin, less the iteration's place.
    gone: usize,
}

impl<'k> Cutter<'k> {
    #[inline(always)]
    pub fn new<K: Store>(keep: &'k mut K, first: usize, last: usize, at: usize, n: usize) -> Self {
        Cutter {
            words: &mut keep.words_mut()[first + at..][..last - first + n],
            gone: first,
        }
    }

    #[inline(always)]
    pub fn cut(&mut self, start: usize, n: usize) -> &'k mut [u64] {
        let (_, rest) = core::mem::take(&mut self.words).split_at_mut(start - self.gone);
        let (own, rest) = rest.split_at_mut(n);
        (self.words, self.gone) = (rest, start + n);
        own
    }
}

/// Reserves words and says where they begin. Their contents are whatever was there.
#[inline(always)]
pub fn reserve<K: Store>(keep: &mut K, n: usize) -> usize {
    let start = keep.mark();
    keep.take(n);
    start
}

/// The number of iterations of a loop over a range.
#[inline(always)]
pub fn trips<T>(lo: T, hi: T) -> usize
where
    Range<T>: Iterator,
{
    (lo..hi).size_hint().0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tape;

    #[test]
    fn numbers_come_back_by_index() {
        let mut words = [0; 9];
        let mut tape = Tape::from_slice(&mut words);
        tape.push(7_u8);
        let start = reserve(&mut tape, 8);
        let (a, b) = (Row::new(start), Row::new(start + 4));
        for i in 0..4_u8 {
            a.put(&mut tape, usize::from(i), f32::from(i) * 0.5);
            b.put(&mut tape, usize::from(i), i % 2 == 0);
        }
        assert_eq!((a.get(&tape, 3), b.get(&tape, 3)), (1.5, false));
        let (cut, none) = (a.cut(&tape, 1, 2), b.cut(&tape, 4, 0));
        assert_eq!((cut.at(0), cut.at(1), none.words.len()), (0.5, 1.0, 0));
        tape.rewind(start);
        assert_eq!((tape.pop::<u8>(), tape.high_water()), (7, 72));
    }

    #[test]
    fn rows_are_written_side_by_side() {
        let mut words = [0; 9];
        let mut tape = Tape::from_slice(&mut words);
        let start = reserve(&mut tape, 9);
        let rows = [Row::new(start), Row::new(start + 3), Row::new(start + 6)];
        let mut cutter = Cutter::new(&mut tape, rows[0].start(), rows[2].start(), 1, 2);
        for row in [&rows[0], &rows[2]] {
            let own = cutter.cut(row.start(), 2);
            assert_eq!(own.len(), 2);
            for (k, word) in own.iter_mut().enumerate() {
                row.set(word, k as f64 + row.start() as f64);
            }
        }
        rows[1].put(&mut tape, 0, -1.0);
        let all: [f64; 9] = core::array::from_fn(|k| rows[0].get(&tape, k));
        assert_eq!(all, [0.0, 0.0, 1.0, -1.0, 0.0, 0.0, 0.0, 6.0, 7.0]);
        assert!(Cutter::new(&mut tape, 9, 9, 0, 0).cut(9, 0).is_empty());
    }

    #[test]
    fn ranges_of_every_integer_have_a_length() {
        assert_eq!(
            (trips(0, 3_usize), trips(2_i8, 2), trips(5, -5_i32)),
            (3, 0, 0)
        );
        assert_eq!((trips(-100_i8, 100), trips(0, 1_u64 << 40)), (200, 1 << 40));
    }
}
