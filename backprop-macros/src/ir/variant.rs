//! Variants of enums, told apart by the paths that name them: types are not seen.

use proc_macro2::Ident;

use super::Func;

/// Whether two paths are written alike, and so name one variant.
pub(crate) fn same_variant(p: &syn::Path, q: &syn::Path) -> bool {
    let names = |p: &syn::Path| {
        p.segments
            .iter()
            .map(|s| s.ident.clone())
            .collect::<Vec<_>>()
    };
    names(p) == names(q)
}

/// Whether two paths name different variants of one enum: `Shape::Circle` and `Shape::Square`.
pub(crate) fn other_variant(p: &syn::Path, q: &syn::Path) -> bool {
    let split = |p: &syn::Path| {
        let mut names: Vec<_> = p.segments.iter().map(|s| s.ident.clone()).collect();
        names.pop().map(|last| (last, names))
    };
    matches!((split(p), split(q)), (Some((a, x)), Some((b, y))) if !x.is_empty() && x == y && a != b)
}

/// Whether a path is this variant of `Option`, and not one of the same name of a user's enum, `Kind::None`.
pub(crate) fn of_option(path: &syn::Path, name: &str) -> bool {
    let mut names = path.segments.iter().rev().map(|s| &s.ident);
    names.next().is_some_and(|last| last == name)
        && names.next().is_none_or(|owner| owner == "Option")
}

impl Func {
    /// Whether what a path makes may be a variant of an enum. A struct that is taken for one costs a `match` with one arm.
    pub(crate) fn is_variant(&self, path: &syn::Path) -> bool {
        let upper = |name: &Ident| name.to_string().starts_with(char::is_uppercase);
        let mut names = path.segments.iter().rev().map(|s| &s.ident);
        match (names.next(), names.next()) {
            (Some(_), Some(owner)) => upper(owner),
            (Some(name), None) => name != "Self" && !self.types.contains(&name.to_string()),
            (None, _) => false,
        }
    }

    /// Whether a path alone is a variant without fields, `Shape::Dot`, and not a constant, `Shape::UNIT`: by Rust's naming.
    pub(crate) fn is_bare_variant(&self, path: &syn::Path) -> bool {
        let last = path.segments.last().map(|s| s.ident.to_string());
        let named = last.is_some_and(|name| {
            name.starts_with(char::is_uppercase)
                && (name.len() == 1 || name.contains(char::is_lowercase))
        });
        named && path.segments.len() > 1 && self.is_variant(path)
    }
}
