//! From programs to verdicts: a scratch crate is written, compiled with what the macro writes, run, and compared with the oracle.

mod expand;
pub(crate) mod judge;
pub(crate) mod points;
pub(crate) mod scratch;
pub(crate) mod source;
