//! Parameters that are patterns.
//!
//! ```text
//! fn area((width, height): (f64, f64)) -> f64 { .. }
//! fn area(width_height: (f64, f64)) -> f64 { let (width, height) = width_height; .. }
//! ```
//!
//! The user's function stays as it is; what is generated beside it is made of the second form, since an adjoint needs a name.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{FnArg, ItemFn, Pat, PatIdent, Signature, Type};

/// The names of the parameters, `self` among them.
pub(super) fn names(sig: &Signature) -> Vec<Ident> {
    let mut names: Vec<Option<Ident>> = sig.inputs.iter().map(own_name).collect();
    for (k, arg) in sig.inputs.iter().enumerate() {
        let (None, FnArg::Typed(p)) = (&names[k], arg) else {
            continue;
        };
        let (mut name, span) = of_bindings(&p.pat, k);
        while names.iter().flatten().any(|taken| *taken == name) {
            name.push('_');
        }
        names[k] = Some(Ident::new(&name, span));
    }
    names.into_iter().flatten().collect()
}

/// The function with a name for each parameter.
pub(crate) fn named(function: &ItemFn) -> ItemFn {
    let mut named = function.clone();
    let names = names(&function.sig);
    let mut apart = Vec::new();
    for (arg, name) in named.sig.inputs.iter_mut().zip(names) {
        let bare = own_name(arg).is_none();
        let FnArg::Typed(p) = arg else { continue };
        if !bare {
            continue;
        }
        let pattern = core::mem::replace(&mut *p.pat, syn::parse_quote!(#name));
        let reborrow = matches!(&*p.ty, Type::Reference(t) if t.mutability.is_some());
        match (&pattern, reborrow) {
            (Pat::Wild(_), _) => {}
            (_, true) => apart.push(syn::parse_quote!(let #pattern = &mut *#name;)),
            (_, false) => apart.push(syn::parse_quote!(let #pattern = #name;)),
        }
    }
    named.block.stmts.splice(0..0, apart);
    named
}

/// The name that a parameter has.
fn own_name(arg: &FnArg) -> Option<Ident> {
    match arg {
        FnArg::Receiver(r) => Some(Ident::new("self", r.self_token.span())),
        FnArg::Typed(p) => match &*p.pat {
            Pat::Ident(i) if i.subpat.is_none() && i.by_ref.is_none() => Some(i.ident.clone()),
            _ => None,
        },
    }
}

/// One made of the names in a pattern, or of the place of the parameter.
fn of_bindings(pattern: &Pat, place: usize) -> (String, Span) {
    struct Bindings(Vec<Ident>);
    impl<'ast> Visit<'ast> for Bindings {
        fn visit_pat_ident(&mut self, p: &'ast PatIdent) {
            self.0.push(p.ident.unraw());
            syn::visit::visit_pat_ident(self, p);
        }
    }
    let mut bindings = Bindings(Vec::new());
    bindings.visit_pat(pattern);
    let words: Vec<String> = bindings.0.iter().map(ToString::to_string).collect();
    match bindings.0.first() {
        Some(first) => (words.join("_"), first.span()),
        None => (format!("arg{place}"), pattern.span()),
    }
}
