//! Analyses of the primal: what varies with the inputs, how often loops run, what `&mut` parameters promise.

pub(crate) mod activity;
pub(crate) mod lent;
pub(crate) mod methods;
pub(crate) mod optional;
pub(crate) mod outputs;
pub(crate) mod refill;
pub(crate) mod trips;
pub(crate) mod updates;
