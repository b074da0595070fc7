//! From the representation to Rust: the items beside the user's function.

pub(crate) mod body;
mod branches;
mod call;
mod custom;
mod docs;
mod expr;
mod item;
mod lanes;
mod loops;
pub(crate) mod names;
mod rows;
mod serves;
mod stores;
mod tokens;
mod views;

pub(crate) use item::{Sweeps, beside, stubs};
