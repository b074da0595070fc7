//! From programs to verdicts: a scratch crate is written, compiled with the real macro, run, and compared with the oracle.

pub(crate) mod judge;
pub(crate) mod points;
pub(crate) mod scratch;
pub(crate) mod source;
