//! Rules written by hand: `partials(x = ..)` and `vjp = path`.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};

use super::along::There;
use super::bodies::{body_of, results};
use super::body::Target;
use super::context::Context;
use super::forward;
use super::second::Names;
use crate::ir::{By, Func};

/// The bodies of `f_grad` and of the hidden sweep.
pub(crate) fn bodies(c: &Context) -> (Option<TokenStream>, TokenStream) {
    match &c.options.vjp {
        Some(path) => by_rule(c, path),
        None => by_partials(c),
    }
}

/// The call of the user's own function.
pub(super) fn primal(c: &Context) -> TokenStream {
    let name = &c.item.sig.ident;
    let args = c
        .sig
        .inputs
        .iter()
        .skip(usize::from(c.sig.has_self))
        .map(|i| &i.name);
    if c.sig.has_self {
        quote!(self.#name(#(#args),*))
    } else if c.member {
        quote!(Self::#name(#(#args),*))
    } else {
        quote!(#name(#(#args),*))
    }
}

/// `d_x = d_ret * partial`.
fn by_partials(c: &Context) -> (Option<TokenStream>, TokenStream) {
    let primal = primal(c);
    let (seed, _) = c.seed_and_store();
    let mut names = c.names();
    for i in &c.sig.inputs {
        names.reserve(&i.name.to_string());
    }
    let ds: Vec<_> = c
        .sig
        .inputs
        .iter()
        .map(|i| names.fresh(&format!("d_{}", i.name)))
        .collect();
    let mut gradients = Vec::new();
    let (mut lets, mut adds) = (TokenStream::new(), TokenStream::new());
    for (i, d) in c.sig.inputs.iter().zip(&ds) {
        let Some((_, partial)) = c.options.partials.iter().find(|(n, _)| *n == i.name) else {
            continue;
        };
        if i.active {
            // Said in the same words twice, so that a partial of another type is one mistake.
            let (ty, by) = (&i.ty, names.fresh("partial"));
            lets.extend(quote!(let #d: #ty = #partial;));
            gradients.push(d.to_token_stream());
            adds.extend(quote!(let #by: #ty = #partial; #d.add(#seed * #by);));
        }
    }
    let results = core::iter::once(quote!(ret)).chain(gradients);
    let grad = quote!(let ret = #primal; #lets (#(#results),*));
    let sweep = quote!(let ret = #primal; #adds ret);
    (Some(grad), sweep)
}

/// The body of the hidden forward function.
pub(super) fn tangent(c: &Context, preludes: &TokenStream) -> TokenStream {
    if let Some(rule) = c.options.jvp.as_ref().and_then(|j| j.by_hand.as_ref()) {
        return tangent_by_rule(c, rule, preludes);
    }
    match &c.options.vjp {
        Some(rule) => tangent_by_gradient(c, rule, preludes),
        None => tangent_by_partials(c, preludes),
    }
}

/// The user's rule has the signature of `f_jvp`.
fn tangent_by_rule(c: &Context, rule: &syn::Path, preludes: &TokenStream) -> TokenStream {
    let mut args = Vec::new();
    for (i, d) in c.sig.inputs.iter().zip(&c.adjoints) {
        args.push(i.name.to_token_stream());
        args.extend(i.active.then(|| d.to_token_stream()));
    }
    let told = told(c);
    quote!(#told #preludes #rule(#(#args),*))
}

/// Asks for the tangents that a rule by hand reads behind references.
pub(super) fn told(c: &Context) -> TokenStream {
    let p = &c.private;
    let read = c.sig.inputs.iter().enumerate();
    let read = read.filter(|(_, i)| i.active && i.by == By::Ref);
    let told = read.map(|(k, _)| {
        let mode = forward::mode(c, k);
        quote!(#p::told::<#mode>();)
    });
    told.collect()
}

/// Of a number made of numbers the rule for reverse mode gives the partials.
fn tangent_by_gradient(c: &Context, rule: &syn::Path, preludes: &TokenStream) -> TokenStream {
    let p = &c.private;
    let mut names = c.names();
    for (i, d) in c.sig.inputs.iter().zip(&c.adjoints) {
        names.reserve(&i.name.to_string());
        names.reserve(&d.to_string());
    }
    let value = names.fresh("value");
    let (mut partials, mut terms) = (Vec::new(), Vec::new());
    for (k, (i, d)) in c.sig.inputs.iter().zip(&c.adjoints).enumerate() {
        if i.active {
            let (by, mode) = (names.fresh("by"), forward::mode(c, k));
            terms.push(quote!(if <#mode as #p::Travels>::ON { #d * #by } else { #d }));
            partials.push(by);
        }
    }
    let args = c.sig.inputs.iter().map(|i| &i.name);
    let ty = &c.sig.ret;
    let one = quote!(<#ty as #p::Real>::from_f64(1.0));
    quote!(#preludes let (#value, #(#partials),*) = #rule(#(#args,)* #one); (#value, #((#terms))+*))
}

/// Each partial times the tangent of its parameter, where there is one.
fn tangent_by_partials(c: &Context, preludes: &TokenStream) -> TokenStream {
    let p = &c.private;
    let primal = primal(c);
    let mut names = c.names();
    for (i, d) in c.sig.inputs.iter().zip(&c.adjoints) {
        names.reserve(&i.name.to_string());
        names.reserve(&d.to_string());
    }
    let (mut terms, mut lets) = (Vec::new(), TokenStream::new());
    for (k, (i, d)) in c.sig.inputs.iter().zip(&c.adjoints).enumerate() {
        let Some((_, partial)) = c.options.partials.iter().find(|(n, _)| *n == i.name) else {
            continue;
        };
        let (mode, ty, by) = (quote::format_ident!("__M{}", k), &i.ty, names.fresh("by"));
        lets.extend(quote!(let #by: #ty = if <#mode as #p::Travels>::ON { let partial: #ty = #partial; #d * partial } else { #d };));
        terms.push(by);
    }
    quote!(let ret = #primal; #preludes #lets (ret, #(#terms)+*))
}

/// The body of the companion: the partials, differentiated once more. `partials` is their function of the parameters and of the result, with
/// tangents; `v` and `h` are the names of tangents, and of those of adjoints.
pub(super) fn second(
    c: &Context,
    names: &Names,
    partials: Option<&Func>,
    preludes: &TokenStream,
) -> TokenStream {
    let Some(func) = partials else {
        return quote!(::core::unreachable!());
    };
    let p = &c.private;
    let primal = primal(c);
    let mut own = c.names();
    let reserved = c.sig.inputs.iter().map(|i| &i.name);
    let reserved = reserved.chain(&c.adjoints).chain(&names.v).chain(&names.h);
    reserved.for_each(|name| own.reserve(&name.to_string()));
    own.reserve("ret");
    let (seed, _) = c.seed_and_store();
    let (v_ret, h_ret) = (own.fresh("v_ret"), &names.h_ret);
    let count = c.sig.inputs.len();
    let active: Vec<usize> = (0..count).filter(|k| c.sig.inputs[*k].active).collect();

    // The tangent of the result.
    let (mut lets, mut terms) = (TokenStream::new(), Vec::new());
    let (mut firsts, mut seconds, mut adds) = (Vec::new(), Vec::new(), TokenStream::new());
    for k in &active {
        let (i, v) = (&c.sig.inputs[*k], &names.v[*k]);
        let Some((_, partial)) = c.options.partials.iter().find(|(n, _)| *n == i.name) else {
            continue;
        };
        let (mode, ty, along) = (forward::mode(c, *k), &i.ty, own.fresh("by"));
        lets.extend(quote!(let #along: #ty = if <#mode as #p::Travels>::ON { let partial: #ty = #partial; #v * partial } else { #v };));
        terms.push(along);
        let (by, d_by) = (own.fresh("by"), own.fresh("d_by"));
        let (d, h) = (&c.adjoints[*k], &names.h[*k]);
        adds.extend(quote!(#d.add(#seed * #by); #h.add(#h_ret * #by + #seed * #d_by);));
        firsts.push(by);
        seconds.push(d_by);
    }

    // The partials and their tangents.
    let mut func = func.clone();
    let tangents = active.iter().map(|k| &names.v[*k]).chain([&v_ret]);
    for (param, name) in func.params.iter_mut().skip(count + 1).zip(tangents) {
        param.name = name.clone();
    }
    let modes = active.iter().map(|k| forward::mode(c, *k));
    let any = modes.clone().reduce(|a, b| quote!(#p::Either<#a, #b>));
    let modes = modes.chain(any).collect();
    let mut b = body_of(c, &func, Target::Direct);
    b.there = Some(There::of(&func, count + 1, 1, modes));
    let body = b.block(&func.body, &results(&func));
    let both = func.ret.map(|r| b.value(r).tokens);
    let pattern = |names: &[Ident]| match names {
        [one] => quote!(#one),
        all => quote!((#(#all),*)),
    };
    let (firsts, seconds) = (pattern(&firsts), pattern(&seconds));
    quote! {
        let ret = #primal;
        #preludes
        #lets
        let #v_ret = #(#terms)+*;
        let (#firsts, #seconds) = { #body #both };
        #adds
        (ret, #v_ret)
    }
}

/// `f_grad` and the sweep call the user's rule, which has the signature of `f_vjp`.
fn by_rule(c: &Context, path: &syn::Path) -> (Option<TokenStream>, TokenStream) {
    let p = &c.private;
    let (seed, store) = c.seed_and_store();
    let mut names = c.names();
    for i in &c.sig.inputs {
        names.reserve(&i.name.to_string());
    }
    let ds: Vec<_> = c
        .sig
        .inputs
        .iter()
        .map(|i| names.fresh(&format!("d_{}", i.name)))
        .collect();
    let (mut args, mut lent, mut adds, mut results) = (
        Vec::new(),
        TokenStream::new(),
        TokenStream::new(),
        Vec::new(),
    );
    if c.sig.ret.is_some() {
        results.push(quote!(value));
    }
    for (i, d) in c.sig.inputs.iter().zip(&ds) {
        let name = &i.name;
        args.push(name.to_token_stream());
        if !i.active {
            continue;
        }
        if i.by == By::Value {
            let got = names.fresh("got");
            results.push(got.to_token_stream());
            adds.extend(quote!(#d.add(#got);));
        } else {
            args.push(d.to_token_stream());
            // A rule always writes all its gradients: a slot that is off is an error where the sweep is used.
            lent.extend(if i.by == By::Mut {
                quote!(let #d = #p::lent(#d);)
            } else {
                quote!(let #d = #p::demanded(&mut #d);)
            });
        }
    }
    let tape = c.options.tape.map(|_| quote!(#store));
    let one = match c.sig.ret.as_ref() {
        Some(t) if c.sig.is_scalar() => Some(quote!(<#t as #p::Real>::from_f64(1.0))),
        _ => None,
    };
    let call = |seed: Option<TokenStream>| {
        let all = args.iter().cloned().chain(seed).chain(tape.clone());
        quote!(#path(#(#all),*))
    };
    let grad = one.map(|one| call(Some(one)));
    let call = call(c.sig.ret.as_ref().map(|_| quote!(#seed)));
    let value = c.sig.ret.as_ref().map(|_| quote!(value));
    let sweep = match &results[..] {
        [] => quote!(#lent #call;),
        [one] => quote!(#lent let #one = #call; #adds #value),
        all => quote!(#lent let (#(#all),*) = #call; #adds #value),
    };
    (grad, sweep)
}
