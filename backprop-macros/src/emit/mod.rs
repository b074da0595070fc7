//! From the representation to Rust: the items beside the user's function.

mod along;
mod audit;
mod beside;
mod bodies;
pub(crate) mod body;
mod branches;
mod call;
pub(crate) mod check;
mod context;
mod custom;
mod disjoint;
mod docs;
mod expr;
mod forward;
mod hidden;
mod inlining;
mod item;
pub(crate) mod jacobian;
mod kept;
mod lanes;
mod live;
mod loops;
pub(crate) mod names;
mod pullbacks;
mod rows;
pub(crate) mod second;
mod serves;
mod stores;
mod together;
mod tokens;
mod views;

pub(crate) use call::name_of;
pub(crate) use item::{Sweeps, beside, stubs};
