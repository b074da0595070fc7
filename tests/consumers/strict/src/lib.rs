//! What backprop generates has to pass the lints of crates that deny what they can: public items without documentation, warnings of any
//! kind, `unsafe`. That this compiles is the first test.

#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, clippy::all)]

pub mod functions;
pub mod generics;
pub mod model;
