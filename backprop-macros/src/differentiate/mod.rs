//! Differentiation: from a function to its reverse sweep, in the same representation.

pub(crate) mod left;
pub(crate) mod refill;
pub(crate) mod reverse;
pub(crate) mod rewind;
pub(crate) mod storage;
