//! What a sweep keeps its residuals on: nothing, or a tape.

use super::Word;
use crate::Tape;

/// What every sweep takes: [`NoTape`] or a [`Tape`].
pub trait Keep {}

/// Stands where a tape would, in functions that need none.
pub struct NoTape;

impl Keep for NoTape {}
impl Keep for Tape<'_> {}

/// What a sweep that keeps values asks of its caller's store.
///
/// The operations are repeated here because a bound on a type parameter brings its methods with it: generated code calls `keep.push(x)` or
/// `keep.tape().push(x)` without an import. (`tape` cannot return `&mut Tape<'_>`: the lifetime behind `&mut` is fixed.)
#[diagnostic::on_unimplemented(
    message = "the callee keeps values for its reverse sweep and needs a tape",
    label = "this call needs a tape",
    note = "write `#[differentiable(tape)]` on the calling function and pass a `&mut Tape` to its gradient"
)]
pub trait Store: Keep {
    fn tape(&mut self) -> &mut Self;
    fn push<T: Word>(&mut self, x: T);
    fn pop<T: Word>(&mut self) -> T;
    fn take(&mut self, n: usize) -> &mut [u64];
    fn give(&mut self, n: usize) -> &mut [u64];
    fn log<T: Word>(&mut self, x: T);
    fn unlog<T: Word>(&mut self) -> T;
    fn logged(&self) -> usize;
    fn mark(&self) -> usize;
    fn rewind(&mut self, mark: usize);
    fn words(&self) -> &[u64];
    fn words_mut(&mut self) -> &mut [u64];
}

impl Store for Tape<'_> {
    #[inline(always)]
    fn tape(&mut self) -> &mut Self {
        self
    }

    #[inline(always)]
    fn push<T: Word>(&mut self, x: T) {
        Tape::push(self, x);
    }

    #[inline(always)]
    fn pop<T: Word>(&mut self) -> T {
        Tape::pop(self)
    }

    #[inline(always)]
    fn take(&mut self, n: usize) -> &mut [u64] {
        Tape::take(self, n)
    }

    #[inline(always)]
    fn give(&mut self, n: usize) -> &mut [u64] {
        Tape::give(self, n)
    }

    #[inline(always)]
    fn log<T: Word>(&mut self, x: T) {
        Tape::log(self, x);
    }

    #[inline(always)]
    fn unlog<T: Word>(&mut self) -> T {
        Tape::unlog(self)
    }

    #[inline(always)]
    fn logged(&self) -> usize {
        Tape::logged(self)
    }

    #[inline(always)]
    fn mark(&self) -> usize {
        Tape::mark(self)
    }

    #[inline(always)]
    fn rewind(&mut self, mark: usize) {
        Tape::rewind(self, mark);
    }

    #[inline(always)]
    fn words(&self) -> &[u64] {
        Tape::words(self)
    }

    #[inline(always)]
    fn words_mut(&mut self) -> &mut [u64] {
        Tape::words_mut(self)
    }
}

/// A stack of words: one of the two that a store has.
pub trait Stack {
    fn push<T: Word>(&mut self, x: T);
    fn pop<T: Word>(&mut self) -> T;
}

/// What iterations keep.
pub struct Iterations<'k, K>(pub &'k mut K);

/// What buffers held before they were changed.
pub struct Log<'k, K>(pub &'k mut K);

impl<K: Store> Stack for Iterations<'_, K> {
    #[inline(always)]
    fn push<T: Word>(&mut self, x: T) {
        self.0.push(x);
    }

    #[inline(always)]
    fn pop<T: Word>(&mut self) -> T {
        self.0.pop()
    }
}

impl<K: Store> Stack for Log<'_, K> {
    #[inline(always)]
    fn push<T: Word>(&mut self, x: T) {
        self.0.log(x);
    }

    #[inline(always)]
    fn pop<T: Word>(&mut self) -> T {
        self.0.unlog()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    mod generated {
        /// Neither trait nor tape is imported here, as in generated code.
        pub(super) fn cube<K: crate::__private::Store>(x: f64, keep: &mut K) -> f64 {
            keep.tape().push(x);
            keep.push(x * x);
            let square: f64 = keep.pop();
            square * keep.tape().pop::<f64>()
        }

        pub(super) fn passes_on<K: crate::__private::Store>(x: f64, keep: &mut K) -> f64 {
            cube(x, keep) + cube(x, keep)
        }
    }

    #[test]
    fn a_lent_tape_passes_through_generic_sweeps() {
        let mut words = [0; 4];
        let mut tape = Tape::from_slice(&mut words);
        assert_eq!(generated::passes_on(3.0, &mut tape), 54.0);
        fn public(x: f64, tape: &mut Tape) -> f64 {
            generated::passes_on(x, tape)
        }
        assert_eq!(public(1.0, &mut tape), 2.0);
        assert_eq!(tape.high_water(), 16);
    }
}
