//! Differentiation: from a function to its reverse sweep, or to its tangents, in the same representation.

pub(crate) mod forward;
pub(crate) mod left;
pub(crate) mod refill;
pub(crate) mod reverse;
pub(crate) mod rewind;
pub(crate) mod storage;
