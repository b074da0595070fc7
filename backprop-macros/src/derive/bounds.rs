//! The where-clause of the implementation: what each field's type must be able to do.
//!
//! Bounds go on the types of fields, not on parameters: `PhantomData<T>` asks nothing of `T`, and `T::Weights` is what must be
//! differentiable in a field of that type. Only types that mention a parameter need one; the others are checked where they are used.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::{DeriveInput, Generics, Type, parse_quote, parse2};

use super::emit::Field;

/// The generics of the type with the predicates added.
pub(super) fn generics(input: &DeriveInput, fields: &[Field], private: &TokenStream) -> Generics {
    let mut generics = input.generics.clone();
    let name = input.ident.to_string();
    let parameters: Vec<String> = generics
        .type_params()
        .map(|p| p.ident.to_string())
        .collect();
    let mut seen: Vec<String> = Vec::new();
    for field in fields {
        let words = words(&field.ty);
        // A bound on a recursive type would be needed to prove itself.
        let recursive = words.iter().any(|w| *w == name || w == "Self");
        let generic = words.iter().any(|w| parameters.contains(w));
        let key = format!("{}{}", field.active, field.ty.to_token_stream());
        if recursive || !generic || seen.contains(&key) {
            continue;
        }
        seen.push(key);
        let ty = &field.ty;
        let span = ty.span();
        let predicate = if field.active {
            quote_spanned!(span=> #ty: #private::Differentiable)
        } else {
            quote_spanned!(span=> #ty: ::core::clone::Clone)
        };
        // Cannot fail: a type and a path make a predicate.
        if let Ok(predicate) = parse2(predicate) {
            generics.make_where_clause().predicates.push(predicate);
        }
    }
    generics
}

/// The generics of the type with a parameter more, `__W`, and on every field a bound that has it.
pub(super) fn of_each_field(
    input: &DeriveInput,
    fields: &[Field],
    bound: &TokenStream,
) -> Generics {
    let mut generics = input.generics.clone();
    generics.params.push(parse_quote!(__W));
    let mut seen: Vec<String> = Vec::new();
    for field in fields {
        let ty = &field.ty;
        let key = ty.to_token_stream().to_string();
        if seen.contains(&key) {
            continue;
        }
        seen.push(key);
        if let Ok(predicate) = parse2(quote_spanned!(ty.span()=> #ty: #bound)) {
            generics.make_where_clause().predicates.push(predicate);
        }
    }
    generics
}

/// All identifiers in a type, those in macros and const arguments included.
fn words(ty: &Type) -> Vec<String> {
    fn collect(tokens: TokenStream, into: &mut Vec<String>) {
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => into.push(ident.to_string()),
                TokenTree::Group(group) => collect(group.stream(), into),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }
    let mut into = Vec::new();
    collect(ty.to_token_stream(), &mut into);
    into
}
