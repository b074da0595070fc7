//! The compiler behind `backprop`. Its stages are its folders:
//!
//! ```text
//! tokens ─► options ─► fence ─► lower ─► analyze ─► differentiate ─► simplify ─► emit ─► tokens
//! ```
//!
//! `driver` is this picture as one function; what stands here are shims.

mod analyze;
mod block;
mod chain;
mod derive;
mod diag;
mod differentiate;
mod driver;
mod emit;
mod fence;
mod ir;
mod lower;
mod options;
mod rules;
mod sig;
mod simplify;
mod surroundings;
#[cfg(test)]
mod tests;
mod vector;

/// Expands `#[differentiable(attr)] item`, outside of a procedural macro.
#[cfg(not(feature = "shim"))]
pub fn compile(
    attr: proc_macro2::TokenStream,
    item: proc_macro2::TokenStream,
) -> proc_macro2::TokenStream {
    driver::compile(attr, item)
}

/// Writes the gradient of a function beside it. See the documentation of the crate `backprop`.
#[cfg(feature = "shim")]
#[proc_macro_attribute]
pub fn differentiable(
    attr: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    driver::compile(attr.into(), item.into()).into()
}

/// [`macro@differentiable`] for our own tests: every function has all modes that it can have, and each call of one compares it with the others,
/// by functions of `backprop::audit`, which only the tests have. The environment's `BACKPROP_WITHOUT` names optimisations that are then off,
/// `fold,cse`.
#[cfg(feature = "shim")]
#[doc(hidden)]
#[proc_macro_attribute]
pub fn audited(
    attr: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    let without = std::env::var("BACKPROP_WITHOUT").unwrap_or_default();
    let without: Vec<&str> = without.split(',').filter(|w| !w.is_empty()).collect();
    driver::audited(attr.into(), item.into(), &without).into()
}

/// Makes a struct or enum its own adjoint. See the documentation of the crate `backprop`.
#[cfg(feature = "shim")]
#[proc_macro_derive(Differentiable, attributes(nodiff, differentiable))]
pub fn derive_differentiable(item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive::expand(item.into()).into()
}
