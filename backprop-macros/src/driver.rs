//! The compiler as one function: tokens to tokens.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemFn;

use crate::diag::Errors;
use crate::differentiate::reverse::{Seed, differentiate};
use crate::differentiate::{left, storage};
use crate::ir::{By, Func, Shape};
use crate::options::{self, Options};
use crate::sig::{self, Sig};
use crate::{analyze, emit, fence, lower, simplify};

/// Expands `#[differentiable(attr)] item`. Total: whatever the tokens, the answer is tokens.
pub(crate) fn compile(attr: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = options::parse(attr, &mut errors);
    let Some(mut function) = parse(item.clone(), &mut errors) else {
        let errors = errors.into_tokens();
        return quote!(#item #errors);
    };
    let sig = sig::read(&function.sig, &options, &mut errors);
    let beside = match expand(&function, &sig, &options, &mut errors) {
        Some(items) if errors.is_empty() => items,
        _ => emit::stubs(&function, &sig, &options),
    };
    let errors = errors.into_tokens();
    strip(&mut function);
    quote!(#[allow(dead_code)] #function #beside #errors)
}

/// The stages, one after the other.
fn expand(function: &ItemFn, sig: &Sig, options: &Options, errors: &mut Errors) -> Option<TokenStream> {
    let by_hand = options.vjp.is_some() || !options.partials.is_empty();
    if !by_hand {
        fence::check(&function.sig, &function.block, errors);
    }
    against(options, sig, errors);
    if !errors.is_empty() {
        return None;
    }
    if by_hand {
        return Some(emit::beside(function, sig, options, None));
    }
    let mut primal = lower::lower(&function.sig.ident, sig, &function.block, errors)?;
    lower::kinds::infer(&mut primal);
    analyze::outputs::check(&primal, sig, errors);
    analyze::updates::recognise(&mut primal);
    analyze::trips::count(&mut primal);
    let parameters = function.sig.generics.const_params().map(|p| p.ident.to_string()).collect();
    let mut reverse = |seed, prepare: fn(&mut Func)| -> Option<Func> {
        let mut func = differentiate(&primal, seed);
        simplify::versions::run(&mut func);
        prepare(&mut func);
        simplify::simplify(&mut func, options);
        storage::resolve(&mut func, options, &parameters, errors)?;
        Some(func)
    };
    let vjp = reverse(Seed::Argument, |_| {})?;
    let mut pull = reverse(Seed::Argument, left::drop_results)?;
    if left::clashes(&pull) {
        pull = reverse(Seed::Argument, |f| f.ret = None)?;
    }
    let grad = if primal.ret.is_some_and(|r| *primal.shape(r) == Shape::Float) { Some(reverse(Seed::One, |_| {})?) } else { None };
    Some(emit::beside(function, sig, options, Some(emit::Sweeps { grad, vjp, pull })))
}

/// What `partials(..)` asks of the signature.
fn against(options: &Options, sig: &Sig, errors: &mut Errors) {
    let Some((first, _)) = options.partials.first() else { return };
    if !sig.is_scalar() {
        errors.at(first, "`partials` is for functions that return one float", "write the rule as a function with the signature of `_vjp`, and name it: `vjp = path`");
    }
    for (name, _) in &options.partials {
        match sig.inputs.iter().find(|i| i.name == *name) {
            None => errors.at(name, format!("`partials` names `{name}`, which is not a parameter"), ""),
            Some(i) if !i.active || i.by != By::Value => errors.at(name, format!("`{name}` is not an active parameter passed by value"), "`partials` has an entry for each of those, and for no other"),
            Some(_) => {}
        }
    }
    for i in sig.inputs.iter().filter(|i| i.active) {
        if i.by != By::Value {
            errors.at(&i.name, format!("`partials` cannot say what goes into the adjoint of `{}`, which is a reference", i.name), "exclude it with `#[nodiff]`, or write the rule as a function: `vjp = path`");
        } else if !options.partials.iter().any(|(n, _)| *n == i.name) {
            errors.at(&i.name, format!("`partials` has no derivative by `{}`", i.name), format!("add `{} = ..` to `partials`, or exclude it with `#[nodiff]`", i.name));
        }
    }
}

/// A function, free or in an `impl` block.
fn parse(item: TokenStream, errors: &mut Errors) -> Option<ItemFn> {
    if let Ok(f) = syn::parse2::<ItemFn>(item.clone()) {
        return Some(f);
    }
    match syn::parse2::<syn::Item>(item.clone()) {
        Ok(syn::Item::Impl(i)) => errors.at(
            &i.impl_token,
            "`#[differentiable]` on a whole `impl` block is not supported yet",
            "put it on each method of an inherent `impl`; for a trait, call a differentiable function from the method",
        ),
        Ok(other) => errors.at(&other, "`#[differentiable]` belongs on a function or a method", "for a struct or enum use `#[derive(Differentiable)]`"),
        Err(e) => errors.syn(e),
    }
    None
}

/// Takes the attributes that are ours off the user's parameters.
fn strip(function: &mut ItemFn) {
    for arg in &mut function.sig.inputs {
        let attrs = match arg {
            syn::FnArg::Receiver(r) => &mut r.attrs,
            syn::FnArg::Typed(t) => &mut t.attrs,
        };
        attrs.retain(|a| !(a.path().is_ident("nodiff") || a.path().is_ident("out")));
    }
}
