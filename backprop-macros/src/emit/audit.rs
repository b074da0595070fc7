//! For our own tests: a generated reverse function that compares itself with forward mode, each time that it is called.
//!
//! For a tangent v of what goes in and the cotangent w of what comes out, ⟨w, J v⟩ = ⟨Jᵀ w, v⟩, and both modes leave the same values. What compares
//! stands in the module `audit` of the tests' own `backprop`.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};

use super::context::Context;
use super::item::tuple;
use crate::ir::By;

/// The body of `f_grad` or `f_vjp` with comparisons around it.
pub(super) fn wrapped(c: &Context, body: &TokenStream, seeded: bool) -> TokenStream {
    let krate = &c.krate;
    let a = quote!(#krate::audit);
    let (mut before, mut after, mut checks) =
        (TokenStream::new(), TokenStream::new(), TokenStream::new());
    let (mut args, mut results) = (Vec::new(), Vec::new());
    let ret = c.ret().is_some();
    if ret {
        results.push(quote!(ref __ret));
    }
    for (k, (i, d)) in c.sig.inputs.iter().zip(&c.adjoints).enumerate() {
        let [x, v, g, t] = ["x", "v", "g", "t"].map(|n| format_ident!("__{}{}", n, k));
        let name = &i.name;
        let receiver = name == "self" && c.sig.has_self;
        match i.by {
            By::Value => before.extend(quote!(let #x = #a::owned(&#name);)),
            By::Ref => {}
            By::Mut => before.extend(quote!(let mut #x = #a::owned(&*#name);)),
        }
        let argument = match i.by {
            By::Value if receiver => quote!(),
            By::Value => quote!(#x,),
            By::Ref if receiver => quote!(),
            By::Ref => quote!(#name,),
            By::Mut if receiver => quote!(),
            By::Mut => quote!(&mut #x,),
        };
        args.push(argument);
        if !i.active {
            continue;
        }
        match i.by {
            By::Value => {
                results.push(quote!(ref #g));
                after.extend(quote!(let #v = #a::noise(&#x, &#x, #k);));
                args.push(quote!(#v.clone(),));
                checks.extend(quote!(__back.add(#g, &#v);));
            }
            By::Ref => {
                before.extend(quote!(let #g = #a::owned(&*#d);));
                after.extend(quote!(let #v = #a::noise_of(&*#name, #k);));
                args.push(quote!(&#v,));
                checks.extend(quote!(__back.add(&*#d, &#v); __back.take(&*#d, &#g, &#v);));
            }
            By::Mut => {
                before.extend(quote!(let #g = #a::owned(&*#d);));
                after
                    .extend(quote!(let #v = #a::noise(&*#name, &#x, #k); let mut #t = #v.clone();));
                args.push(quote!(&mut #t,));
                checks.extend(quote!(__back.add(&*#d, &#v); __forth.of(&#t, &*#d, &#g); #a::equal(&*#name, &#x);));
            }
        }
    }
    let (seed, _) = c.seed_and_store();
    if ret {
        checks.extend(quote!(#a::equal(__ret, &__same);));
        checks.extend(match seeded {
            true => {
                before.extend(quote!(let __seed = #a::owned(&#seed);));
                quote!(__forth.add(&__seed, &__tangent);)
            }
            false => quote!(__forth.one(&__tangent);),
        });
    }
    let name = c.named("jvp");
    let own = super::item::own_generics(c);
    let generics = (!own.is_empty()).then(|| quote!(::<#(#own),*>));
    let call = match c.sig.inputs.first() {
        Some(i) if c.sig.has_self && i.by == By::Ref => quote!(self.#name),
        Some(_) if c.sig.has_self => quote!(__x0.#name),
        _ if c.member => quote!(Self::#name),
        _ => name.to_token_stream(),
    };
    let bind = ret.then(|| quote!(let (__same, __tangent) =));
    let text = c.item.sig.ident.to_string();
    let pattern = tuple(&results);
    let bound = (!results.is_empty()).then(|| quote!(let #pattern = __out;));
    quote! {
        #before
        let __out = { #body };
        #after
        #bind #call #generics(#(#args)*);
        let (mut __back, mut __forth) = (#a::Product::new(), #a::Product::new());
        { #bound #checks }
        #a::same(#text, &__back, &__forth);
        __out
    }
}
