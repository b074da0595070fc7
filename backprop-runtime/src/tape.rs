//! The tape: a stack of 64-bit words that holds the residuals a reverse sweep needs and cannot recompute.
//!
//! One buffer serves every kind of number (`to_bits` and back), so there is nothing to align and nothing unsafe. The buffer is either owned
//! and grows, or lent by the caller and fixed.
//!
//! From its other end grows a second stack, the *log*: what buffers held before they were changed, to be put back. The two are used in
//! different orders, so neither can lie on the other. Invariant: `top <= end <= words.len()`.

#[cfg(feature = "alloc")]
use alloc::{boxed::Box, vec::Vec};

use crate::__private::Word;

/// Memory for the values that a gradient keeps between its forward and its reverse sweep.
///
/// Functions marked `#[differentiable(tape)]` take one as their last argument. Reuse it: it grows to the largest size ever needed and
/// does not allocate again.
///
/// ```
/// # use backprop_runtime::Tape;
/// let mut words = [0; 256];
/// let fixed = Tape::from_slice(&mut words); // where there is no allocator
/// assert_eq!(fixed.high_water(), 0);
/// ```
#[derive(Debug)]
pub struct Tape<'a> {
    words: Words<'a>,
    top: usize,
    /// Where the log begins, which ends with the words.
    end: usize,
    /// The most words in use seen so far by an operation that releases some. Kept there, and not in `push`, to leave `push` a single store.
    high: usize,
}

/// Both variants are a pointer and a length in the same place, so that reaching the slice costs no branch: hence a boxed slice, not a `Vec`.
#[derive(Debug)]
enum Words<'a> {
    #[cfg(feature = "alloc")]
    Owned(Box<[u64]>),
    Lent(&'a mut [u64]),
}

impl Words<'_> {
    #[inline(always)]
    fn slice(&mut self) -> &mut [u64] {
        match self {
            #[cfg(feature = "alloc")]
            Words::Owned(words) => words,
            Words::Lent(words) => words,
        }
    }

    #[inline(always)]
    fn len(&self) -> usize {
        match self {
            #[cfg(feature = "alloc")]
            Words::Owned(words) => words.len(),
            Words::Lent(words) => words.len(),
        }
    }
}

/// The smallest buffer that an owned tape allocates, in words: one page.
#[cfg(feature = "alloc")]
const FIRST_WORDS: usize = 512;

impl Tape<'_> {
    /// An empty tape that grows when it must. Does not allocate yet.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn new() -> Self {
        Tape {
            words: Words::Owned(Box::default()),
            top: 0,
            end: 0,
            high: 0,
        }
    }

    /// The largest number of bytes in use at any one time since the tape was made.
    #[must_use]
    pub fn high_water(&self) -> usize {
        size_of::<u64>() * self.high.max(self.used())
    }

    /// Forgets everything on the tape and keeps its memory.
    ///
    /// Only needed after a panic was caught in the middle of a gradient: a gradient that returns leaves the tape as it found it.
    pub fn clear(&mut self) {
        self.rewind(0);
        self.end = self.words.len();
    }
}

impl<'a> Tape<'a> {
    /// A tape in the caller's memory, which never grows.
    ///
    /// # Panics
    /// Not here, but a gradient that needs more than `words.len()` words panics and says how many it needs.
    #[must_use]
    pub fn from_slice(words: &'a mut [u64]) -> Self {
        Tape {
            top: 0,
            end: words.len(),
            high: 0,
            words: Words::Lent(words),
        }
    }
}

#[cfg(feature = "alloc")]
impl Default for Tape<'_> {
    fn default() -> Self {
        Tape::new()
    }
}

/// What generated code calls. Stack discipline is the generator's promise; breaking it panics or yields wrong numbers, never undefined
/// behaviour.
#[doc(hidden)]
impl Tape<'_> {
    /// Pushes one word.
    #[inline(always)]
    pub fn push<T: Word>(&mut self, x: T) {
        let at = self.top;
        if at == self.end {
            self.grow(1);
        }
        self.words.slice()[at] = x.into_word();
        self.top = at + 1;
    }

    /// Pops the word pushed last.
    #[inline(always)]
    pub fn pop<T: Word>(&mut self) -> T {
        self.note_high();
        let at = self.top.wrapping_sub(1);
        let word = self.words.slice()[at];
        self.top = at;
        T::from_word(word)
    }

    /// Reserves `n` words and hands them out. Their contents are whatever was there.
    #[inline(always)]
    pub fn take(&mut self, n: usize) -> &mut [u64] {
        let start = self.top;
        if self.end - start < n {
            self.grow(n);
        }
        self.top = start + n;
        &mut self.words.slice()[start..start + n]
    }

    /// Releases the last `n` words. Their contents stay readable through the slice.
    #[inline(always)]
    pub fn give(&mut self, n: usize) -> &mut [u64] {
        self.note_high();
        let end = self.top;
        let start = end.wrapping_sub(n);
        let words = &mut self.words.slice()[start..end];
        self.top = start;
        words
    }

    /// Puts one word on the log.
    #[inline(always)]
    pub fn log<T: Word>(&mut self, x: T) {
        if self.top == self.end {
            self.grow(1);
        }
        let at = self.end.wrapping_sub(1);
        self.words.slice()[at] = x.into_word();
        self.end = at;
    }

    /// Takes the word off the log that was put there last.
    #[inline(always)]
    pub fn unlog<T: Word>(&mut self) -> T {
        self.note_high();
        let word = self.words.slice()[self.end];
        self.end += 1;
        T::from_word(word)
    }

    /// The number of words on the log.
    #[inline(always)]
    pub fn logged(&self) -> usize {
        self.words.len() - self.end
    }

    /// The present height, to come back to with [`rewind`](Self::rewind).
    #[inline(always)]
    pub fn mark(&self) -> usize {
        self.top
    }

    /// Releases everything above `mark`.
    #[inline(always)]
    pub fn rewind(&mut self, mark: usize) {
        self.note_high();
        self.top = mark.min(self.top);
    }

    /// All words, those above the present height included.
    #[inline(always)]
    pub fn words(&self) -> &[u64] {
        match &self.words {
            #[cfg(feature = "alloc")]
            Words::Owned(words) => words,
            Words::Lent(words) => words,
        }
    }

    /// The same, to be written.
    #[inline(always)]
    pub fn words_mut(&mut self) -> &mut [u64] {
        self.words.slice()
    }

    #[inline(always)]
    fn used(&self) -> usize {
        self.top + self.logged()
    }

    #[inline(always)]
    fn note_high(&mut self) {
        let used = self.used();
        if used > self.high {
            self.high = used;
        }
    }

    /// Makes room for `n` words between the two stacks.
    #[cold]
    #[inline(never)]
    fn grow(&mut self, n: usize) {
        let available = self.words.len();
        let needed = self.used().saturating_add(n);
        match &mut self.words {
            #[cfg(feature = "alloc")]
            Words::Owned(words) => {
                let size = needed.max(2 * available).max(FIRST_WORDS);
                let mut longer: Vec<u64> = core::mem::take(words).into_vec();
                longer.reserve_exact(size - available);
                longer.resize(size, 0);
                let more = size - available;
                longer.copy_within(self.end..available, self.end + more);
                self.end += more;
                *words = longer.into_boxed_slice();
            }
            Words::Lent(_) => panic!(
                "the tape's fixed memory is too small: {needed} words needed, {available} available"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::string::String;

    use super::*;

    /// Any sequence of pushes comes back in reverse order, in owned and in lent memory alike.
    fn round_trip(tape: &mut Tape) {
        let mark = tape.mark();
        for i in 0..100_usize {
            tape.push(i);
            tape.push(i as f32 * 0.5);
            tape.push(-(i as f64));
            tape.push(i % 2 == 0);
        }
        tape.take(7).fill(42);
        assert_eq!(tape.give(7), [42; 7]);
        for i in (0..100_usize).rev() {
            assert_eq!(tape.pop::<bool>(), i % 2 == 0);
            assert_eq!(tape.pop::<f64>(), -(i as f64));
            assert_eq!(tape.pop::<f32>(), i as f32 * 0.5);
            assert_eq!(tape.pop::<usize>(), i);
        }
        assert_eq!(tape.mark(), mark);
        assert_eq!(tape.high_water(), 8 * 407);
    }

    #[test]
    #[cfg(feature = "alloc")]
    fn owned_memory_grows() {
        let mut tape = Tape::new();
        round_trip(&mut tape);
        let words = tape.words.len();
        round_trip(&mut tape);
        assert_eq!(tape.words.len(), words);
    }

    #[test]
    fn lent_memory_suffices_to_the_word() {
        round_trip(&mut Tape::from_slice(&mut [0; 407]));
    }

    /// The log has an order of its own, and stays where it is read when the memory grows.
    fn both_ends(tape: &mut Tape) {
        for i in 0..300_usize {
            tape.push(i);
            if i % 3 == 0 {
                tape.log(-(i as f64));
            }
        }
        assert_eq!(tape.logged(), 100);
        for i in (0..300_usize).rev() {
            assert_eq!(tape.pop::<usize>(), i);
        }
        for i in (0..300_usize).step_by(3).rev() {
            assert_eq!(tape.unlog::<f64>(), -(i as f64));
        }
        assert_eq!((tape.mark(), tape.logged()), (0, 0));
        assert_eq!(tape.high_water(), 8 * 400);
    }

    #[test]
    #[cfg(feature = "alloc")]
    fn the_log_moves_with_the_end() {
        both_ends(&mut Tape::new());
    }

    #[test]
    fn the_log_meets_the_stack_at_the_last_word() {
        both_ends(&mut Tape::from_slice(&mut [0; 400]));
    }

    #[test]
    #[should_panic(expected = "3 words needed, 2 available")]
    fn a_full_log_says_what_is_needed() {
        let mut words = [0; 2];
        let mut tape = Tape::from_slice(&mut words);
        tape.push(1.0);
        tape.log(1.0);
        tape.log(2.0);
    }

    #[test]
    #[should_panic]
    fn taking_off_an_empty_log_panics() {
        Tape::from_slice(&mut [0; 2]).unlog::<f64>();
    }

    #[test]
    fn overflow_says_what_is_needed() {
        let mut words = [0; 4];
        let mut tape = Tape::from_slice(&mut words);
        tape.push(1.0);
        let message = catch_unwind(AssertUnwindSafe(|| tape.take(9).len())).unwrap_err();
        let message = message.downcast_ref::<String>().unwrap();
        assert_eq!(
            message,
            "the tape's fixed memory is too small: 10 words needed, 4 available"
        );
    }

    #[test]
    fn rewinding_remembers_the_height() {
        let mut words = [0; 8];
        let mut tape = Tape::from_slice(&mut words);
        tape.push(0_u8);
        let mark = tape.mark();
        tape.push(1_i64);
        tape.push('x');
        tape.rewind(mark);
        assert_eq!((tape.mark(), tape.high_water()), (1, 24));
        tape.clear();
        assert_eq!((tape.mark(), tape.high_water()), (0, 24));
    }

    #[test]
    #[should_panic]
    fn popping_an_empty_tape_panics() {
        Tape::from_slice(&mut [0; 2]).pop::<f64>();
    }
}
