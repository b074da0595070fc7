//! What a crate does that knows `backprop` under another name, or only through what a third crate hands on.
//!
//! Nothing here may find a crate called `backprop`: every generated path has to start where the option `crate` says.

pub use gradients;

/// Where a framework would put it for its own users.
pub mod framework {
    /// Everything that its users need for gradients.
    pub mod gradient {
        pub use ::gradients::*;
    }
}

pub mod by_name;
pub mod by_reexport;
