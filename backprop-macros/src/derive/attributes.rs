//! `#[differentiable(crate = path)]` on the type and `#[nodiff]` on its fields; everything else of ours is a mistake.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Meta, Path, Variant};

use super::emit::{self, Field};
use crate::diag::Errors;

/// What the attributes of a type say.
pub(super) struct TypeOptions {
    /// The hidden module that generated code names: `::backprop::__private`.
    pub(super) private: TokenStream,
    /// `repr(packed)`: no references to fields.
    pub(super) packed: bool,
}

impl TypeOptions {
    pub(super) fn parse(attrs: &[Attribute], errors: &mut Errors) -> Self {
        let mut path: Option<Path> = None;
        let mut packed = false;
        for attr in attrs {
            if attr.path().is_ident("differentiable") {
                crate_path(attr, &mut path, errors);
            } else if attr.path().is_ident("nodiff") {
                errors.at(
                    attr,
                    "`#[nodiff]` excludes a field or a parameter, not a type",
                    "leave the derive out, and write `#[nodiff]` on the fields that hold this type",
                );
            } else if attr.path().is_ident("repr") && is_packed(attr) {
                packed = true;
                errors.at(
                    attr,
                    "the fields of a packed type cannot be borrowed, so their derivatives have no place to go",
                    "leave `packed` out",
                );
            }
        }
        let private = path.map_or_else(
            || quote!(::backprop::__private),
            |path| quote!(#path::__private),
        );
        TypeOptions { private, packed }
    }
}

fn crate_path(attr: &Attribute, path: &mut Option<Path>, errors: &mut Errors) {
    const FORM: &str = "write `#[differentiable(crate = path)]`, or nothing";
    let Meta::List(_) = &attr.meta else {
        errors.at(attr, "on a type that derives `Differentiable`, `#[differentiable]` only says where `backprop` is", FORM);
        return;
    };
    let result = attr.parse_nested_meta(|meta| {
        if !meta.path.is_ident("crate") {
            errors.at(
                &meta.path,
                format!("`{}` is not an option here", text(&meta.path)),
                FORM,
            );
            // Its value is skipped, to find what else is wrong.
            if meta.input.peek(syn::Token![=]) {
                meta.value()?.parse::<syn::Expr>()?;
            } else if meta.input.peek(syn::token::Paren) {
                meta.input.parse::<proc_macro2::Group>()?;
            }
            return Ok(());
        }
        let value: Path = meta.value()?.call(Path::parse_mod_style)?;
        if path.replace(value).is_some() {
            errors.at(&meta.path, "`crate` is given twice", "keep one of them");
        }
        Ok(())
    });
    if let Err(error) = result {
        errors.syn(error);
    }
}

fn is_packed(attr: &Attribute) -> bool {
    let Meta::List(list) = &attr.meta else {
        return false;
    };
    list.tokens
        .clone()
        .into_iter()
        .any(|token| matches!(&token, proc_macro2::TokenTree::Ident(name) if name == "packed"))
}

/// Whether a field is excluded.
pub(super) fn nodiff(attrs: &[Attribute], errors: &mut Errors) -> bool {
    let mut found = false;
    for attr in attrs {
        if attr.path().is_ident("nodiff") {
            if !matches!(attr.meta, Meta::Path(_)) {
                errors.at(attr, "`#[nodiff]` takes no arguments", "write `#[nodiff]`");
            }
            if found {
                errors.at(attr, "`#[nodiff]` is given twice", "keep one of them");
            }
            found = true;
        } else if attr.path().is_ident("differentiable") {
            misplaced(attr, errors);
        }
    }
    found
}

/// The fields of a variant, whose own attributes must not be ours.
pub(super) fn variant(variant: &Variant, errors: &mut Errors) -> Vec<Field> {
    for attr in &variant.attrs {
        if attr.path().is_ident("nodiff") {
            errors.at(
                attr,
                "`#[nodiff]` excludes a field or a parameter, not a variant",
                "write `#[nodiff]` on each field of the variant",
            );
        } else if attr.path().is_ident("differentiable") {
            misplaced(attr, errors);
        }
    }
    emit::fields(&variant.fields, errors)
}

fn misplaced(attr: &Attribute, errors: &mut Errors) {
    errors.at(
        attr,
        "`#[differentiable(..)]` stands on the type, not on a part of it",
        "move it up to the `struct` or `enum`; to exclude a field, write `#[nodiff]`",
    );
}

fn text(path: &Path) -> String {
    path.to_token_stream().to_string().replace(' ', "")
}
