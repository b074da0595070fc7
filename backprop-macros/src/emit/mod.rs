//! From the representation to Rust: the items beside the user's function.

mod bodies;
pub(crate) mod body;
mod branches;
mod call;
mod context;
mod custom;
mod docs;
mod expr;
mod hidden;
mod inlining;
mod item;
mod kept;
mod lanes;
mod live;
mod loops;
pub(crate) mod names;
mod pullbacks;
mod rows;
mod serves;
mod stores;
mod tokens;
mod views;

pub(crate) use item::{Sweeps, beside, stubs};
