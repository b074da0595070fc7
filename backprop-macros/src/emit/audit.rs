//! For our own tests: a generated reverse function that compares itself with forward mode, each time that it is called.
//!
//! For a tangent v of what goes in and the cotangent w of what comes out, ⟨w, J v⟩ = ⟨Jᵀ w, v⟩, and both modes leave the same values. What compares
//! stands in the module `audit` of the tests' own `backprop`.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};

use super::along;
use super::context::Context;
use super::item::tuple;
use crate::differentiate::forward::LANES;
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
    let lanes = lanes(c, seeded);
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
        let __several = { #lanes };
        #bind #call #generics(#(#args)*);
        let (mut __back, mut __forth) = (#a::Product::new(), #a::Product::new());
        { #bound #checks }
        #a::same(#text, &__back, &__forth);
        if let Some(__several) = __several {
            #a::same(#text, &__back, &__several);
        }
        __out
    }
}

/// What comes of the same tangents beside others in lanes; which lane they are in depends on the function's name.
fn lanes(c: &Context, seeded: bool) -> TokenStream {
    let (p, krate) = (&c.private, &c.krate);
    let a = quote!(#krate::audit);
    let own = c.item.sig.ident.to_string().len() % LANES;
    let (mut before, mut checks, mut args) = (TokenStream::new(), TokenStream::new(), Vec::new());
    for (k, (i, d)) in c.sig.inputs.iter().zip(&c.adjoints).enumerate() {
        let [x, v, g, y] = ["x", "v", "g", "y"].map(|n| format_ident!("__{}{}", n, k));
        let name = &i.name;
        let receiver = name == "self" && c.sig.has_self;
        let argument = match i.by {
            By::Ref => name.to_token_stream(),
            By::Value => {
                before.extend(quote!(let #y = #x.clone();));
                y.to_token_stream()
            }
            By::Mut => {
                before.extend(quote!(let mut #y = #x.clone();));
                quote!(&mut #y)
            }
        };
        if !receiver {
            args.push(argument);
        }
        let lane = |lane: usize| {
            let w = format_ident!("__w{}_{}", k, lane);
            let seed = k + LANES * (lane + 1);
            let noise = match (i.by, lane == own) {
                (_, true) => quote!(#v.clone()),
                (By::Value, _) => quote!(#a::noise(&#x, &#x, #seed)),
                (By::Ref, _) => quote!(#a::noise_of(&*#name, #seed)),
                (By::Mut, _) => quote!(#a::noise(&*#name, &#x, #seed)),
            };
            let made = i.active.then(|| quote!(let mut #w = #noise;));
            let tangent = match (i.active, i.by) {
                (true, By::Value) => quote!(#p::along::<_, #p::On>(#w)),
                (true, By::Ref) => quote!(#p::beside::<_, #p::On>(&#w)),
                (true, By::Mut) => quote!(#p::on(&mut #w)),
                (false, By::Ref) if receiver => quote!(#p::beside::<_, #p::Off>(self)),
                (false, By::Value) if receiver => quote!(#p::still::<Self>()),
                (false, By::Value | By::Ref) => quote!(#p::still()),
                (false, By::Mut) => quote!(#p::off()),
            };
            (made, tangent)
        };
        let lanes: Vec<_> = (0..LANES).map(lane).collect();
        let (made, tangents): (Vec<_>, Vec<_>) = lanes.into_iter().unzip();
        before.extend(quote!(#(#made)*));
        args.push(quote!([#(#tangents),*]));
        if i.active && i.by == By::Mut {
            let w = format_ident!("__w{}_{}", k, own);
            checks.extend(quote!(__forth.of(&#w, &*#d, &#g); #a::equal(&*#name, &#y);));
        }
    }
    let bind = c.ret().map(|_| {
        checks.extend(match seeded {
            true => quote!(__forth.add(&__seed, &__tangents[#own]);),
            false => quote!(__forth.one(&__tangents[#own]);),
        });
        quote!(let (__same, __tangents) =)
    });
    let generics = super::item::own_generics(c);
    let inferred = (0..=c.sig.inputs.len()).map(|_| quote!(_));
    let turbofish = (!generics.is_empty()).then(|| quote!(::<#(#generics,)* #(#inferred),*>));
    let name = &c.item.sig.ident;
    let hidden = along::hidden(name, true);
    let call = match c.sig.inputs.first() {
        Some(i) if c.sig.has_self && i.by == By::Ref => quote!(self.#hidden),
        Some(_) if c.sig.has_self => quote!(__y0.#hidden),
        _ if c.member => quote!(Self::#hidden),
        _ => quote!(#name::tangents),
    };
    quote! {
        let __together = #p::Together::new();
        #before
        #bind #call #turbofish(#(#args,)* &__together);
        let mut __forth = #a::Product::new();
        #checks
        (!__together.gave_up()).then_some(__forth)
    }
}
