//! What callers with second derivatives run: the reverse sweep with tangents, as a hidden function.
//!
//! ```text
//! impl f { fn second<M0: Travels, D0: Mode, H0: Mode, K: Keep, P: Part>(x: f64, v_x: Along<f64, M0>, d_x: Slot<f64, D0>, h_x: Slot<f64, H0>,
//!     (d_ret, h_ret): (f64, f64), keep: &mut K, _: P) -> P::Value<(f64, f64)> { .. } }
//! ```
//!
//! Behind each argument stand its tangent, the slot of its adjoint, and that of the adjoint's tangent; behind the cotangent of the result its
//! tangent. It returns the value and its tangent. Of its parts the same holds as of those of the sweep.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::bodies::{apart, asserted, body_of, results};
use super::body::Target;
use super::context::Context;
use super::forward::{self, Signature};
use super::second::{Names, rename};
use super::there::of_sweep;
use super::{custom, inlining, twice};
use crate::ir::{By, Func};

/// The sweeps with tangents of one primal.
pub(crate) struct Companion {
    pub(crate) whole: Func,
    /// Where the function has run before; none where it updates a parameter in place.
    pub(crate) rest: Option<Func>,
}

/// What stands beside a function: nothing that can be called where second derivatives are not asked for.
pub(super) fn items(
    c: &Context,
    companion: Option<&Companion>,
    partials: Option<&Func>,
) -> TokenStream {
    if c.options.hvp.is_none() {
        return stub(c);
    }
    let names = Names::of(c);
    let (whole, rest, hint) = match companion {
        Some(s) => (
            body(c, &s.whole, &names),
            s.rest.as_ref().map(|rest| body(c, rest, &names)),
            inlining::of_sweep(c, Some(&s.whole)),
        ),
        None => {
            let body = custom::second(
                c,
                &names,
                partials,
                &forward::preludes(c, core::slice::from_ref(&names.v)),
            );
            let rest = quote!(let _ = { #body };);
            (body, Some(rest), inlining::of_sweep(c, None))
        }
    };
    hidden(c, &names, Some((&whole, rest.as_ref())), &hint)
}

/// The signature alone, where something is wrong in the function.
pub(super) fn refused(c: &Context) -> TokenStream {
    if c.options.hvp.is_none() {
        return stub(c);
    }
    let body = quote!(::core::unimplemented!());
    let bodies = Some((&body, Some(&body)));
    hidden(c, &Names::of(c), bodies, &TokenStream::new())
}

/// A method that tells callers what is missing; beside a free function its type does.
fn stub(c: &Context) -> TokenStream {
    match c.member {
        true => hidden(c, &Names::of(c), None, &TokenStream::new()),
        false => TokenStream::new(),
    }
}

fn body(c: &Context, func: &Func, names: &Names) -> TokenStream {
    let own = c.sig.inputs.len();
    let p = &c.private;
    let mut func = apart(c, func);
    rename(c, &mut func, names);
    let mut b = body_of(c, &func, Target::Slots);
    names.adjoints(c, &mut b);
    let inputs = c.sig.inputs.iter().enumerate();
    let active: Vec<usize> = inputs.filter(|(_, i)| i.active).map(|(k, _)| k).collect();
    let modes = active.iter().map(|k| forward::mode(c, *k)).collect();
    b.there = Some(of_sweep(&func, own, modes));
    let (items, asserted) = (c.items(), asserted(c, &func));
    let preludes = forward::preludes(c, core::slice::from_ref(&names.v));
    let mut lent = TokenStream::new();
    for k in active.iter().filter(|k| c.sig.inputs[**k].by == By::Mut) {
        for d in [&c.adjoints[*k], &names.h[*k]] {
            lent.extend(quote!(let #d = #p::lent(#d);));
        }
    }
    let body = b.block(&func.body, &results(&func));
    let finals = b.finals();
    let mut adds = TokenStream::new();
    for (at, k) in (own..).zip(&active) {
        let i = &c.sig.inputs[*k];
        for (slot, d) in [(&c.adjoints[*k], k), (&names.h[*k], &at)] {
            if let (By::Value, Some(d)) = (i.by, func.adjoints[*d]) {
                let (add, d) = (Ident::new("add", i.name.span()), b.value(d).tokens);
                adds.extend(quote!(#slot.#add(#d);));
            }
        }
    }
    let out = func.ret.map(|r| b.value(r).tokens);
    c.uncopied.borrow_mut().extend(b.uncopied.take());
    quote!(#items #asserted #preludes #lent #body #finals #adds #out)
}

/// The hidden function; without bodies, of a method, one that no caller can use.
fn hidden(
    c: &Context,
    names: &Names,
    bodies: Option<(&TokenStream, Option<&TokenStream>)>,
    hint: &TokenStream,
) -> TokenStream {
    let p = &c.private;
    let Signature {
        lifetimes,
        mut bounds,
        arguments: riding,
    } = Signature::of(c);
    let mut arguments = Vec::new();
    let inputs = c.sig.inputs.iter().zip(riding).enumerate();
    for (k, (i, (argument, tangent))) in inputs {
        let v = &names.v[k];
        arguments.push(argument);
        arguments.push(quote!(mut #v: #tangent));
        let ty = &i.ty;
        for (prefix, d) in [("__D", &c.adjoints[k]), ("__H", &names.h[k])] {
            let mode = format_ident!("{}{}", prefix, k);
            if i.excluded {
                arguments.push(quote!(#d: #mode));
                bounds.push(quote!(#mode: #p::Excluded<#ty>));
                continue;
            }
            let bound = if i.active && i.by == By::Mut {
                quote!(#p::Wanted)
            } else {
                quote!(#p::Mode)
            };
            let leaves = i.may_leave().then(|| quote!(+ #p::MayLeave));
            arguments.push(quote!(mut #d: #p::Slot<'_, #ty, #mode>));
            bounds.push(quote!(#mode: #bound #leaves));
        }
    }
    let (seed, store) = c.seed_and_store();
    let h_ret = &names.h_ret;
    let seed = match c.ret() {
        Some(t) => quote!((mut #seed, mut #h_ret): (#t, #t)),
        None => quote!(_: ()),
    };
    let output = c.ret().map(|t| match bodies {
        Some(_) => quote!(-> __P::Value<(#t, #t)>),
        None => quote!(-> (#t, #t)),
    });
    let (bound, body) = match bodies {
        None => (quote!(#p::AddHvp), quote!(::core::unreachable!())),
        Some((whole, rest)) => {
            let (whole, rest) = match c.ret() {
                Some(t) => (
                    quote!(__P::value::<(#t, #t)>({ #whole })),
                    rest.map(|rest| quote!({ #rest } __P::nothing::<(#t, #t)>())),
                ),
                None => (whole.clone(), rest.cloned()),
            };
            match rest {
                Some(rest) => (
                    quote!(#p::Part),
                    quote!(if __P::REST { #rest } else { #whole }),
                ),
                None => (quote!(#p::Alone), whole),
            }
        }
    };
    let keep = match c.options.tape {
        Some(_) => quote!(#p::Store),
        None => quote!(#p::Keep),
    };
    let own = &c.item.sig.generics.params;
    let own: Vec<TokenStream> = own.iter().map(|g| quote!(#g,)).collect();
    let clause = &c.item.sig.generics.where_clause;
    let (attributes, vis, name) = (c.attributes(), &c.item.vis, &c.item.sig.ident);
    let function = |name: &Ident| {
        quote! {
            #[doc(hidden)]
            #attributes
            #hint
            #vis fn #name <#(#lifetimes,)* #(#own)* #(#bounds,)* __K: #keep, __P: #bound> (#(#arguments,)* #seed, #store: &mut __K, _: __P) #output #clause { #body }
        }
    };
    if c.member {
        return function(&twice::hidden(name));
    }
    let function = function(&Ident::new("second", name.span()));
    quote! {
        #[doc(hidden)]
        #attributes
        impl #name { #function }
        #[diagnostic::do_not_recommend]
        #attributes
        impl #p::HasSecond for #name {}
    }
}
