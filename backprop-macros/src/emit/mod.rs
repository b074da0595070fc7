//! From the representation to Rust: the items beside the user's function.

pub(crate) mod body;
mod call;
mod custom;
mod docs;
mod expr;
mod item;
mod lanes;
pub(crate) mod names;
mod serves;
mod views;

pub(crate) use item::{Sweeps, beside, stubs};
