//! `#[derive(Differentiable)]`: tokens of a type in, an implementation of the trait out.
//!
//! Total: whatever is wrong is reported all at once, and an implementation is emitted even then (with bodies that are never run, if need
//! be), so that the uses of the type stay free of consequential errors. Nothing but `core` and the hidden `__private` is named.

mod attributes;
mod bounds;
mod emit;
mod enums;
mod structs;

use proc_macro2::TokenStream;
use syn::{Data, DeriveInput, Ident};

use self::attributes::TypeOptions;
use self::emit::{Bodies, Field};
use crate::diag::Errors;

/// The derive macro, as a pure function.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => {
            errors.syn(error);
            return errors.into_tokens();
        }
    };
    let options = TypeOptions::parse(&input.attrs, &mut errors);
    let (fields, bodies) = implement(&input, &options, &mut errors);
    let mut tokens = errors.into_tokens();
    tokens.extend(emit::implementation(&input, &options, &fields, bodies));
    tokens
}

/// All fields of the type, for their bounds, and the bodies of the trait's functions.
fn implement(
    input: &DeriveInput,
    options: &TypeOptions,
    errors: &mut Errors,
) -> (Vec<Field>, Bodies) {
    match &input.data {
        Data::Struct(data) => {
            let fields = emit::fields(&data.fields, errors);
            let bodies = if options.packed {
                Bodies::never_run()
            } else {
                structs::bodies(&fields, options)
            };
            (fields, bodies)
        }
        Data::Enum(data) => {
            let variants: Vec<(&Ident, Vec<Field>)> = data
                .variants
                .iter()
                .map(|v| (&v.ident, attributes::variant(v, errors)))
                .collect();
            let bodies = enums::bodies(&variants, options);
            (
                variants
                    .into_iter()
                    .flat_map(|(_, fields)| fields)
                    .collect(),
                bodies,
            )
        }
        Data::Union(data) => {
            errors.at(
                &data.union_token,
                "a union has no derivative: which of its fields holds the value is not known",
                "use an enum",
            );
            (Vec::new(), Bodies::never_run())
        }
    }
}

#[cfg(test)]
mod tests;
