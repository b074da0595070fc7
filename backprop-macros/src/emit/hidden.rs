//! The hidden sweep, which callers use, and the item it lives in.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::call;
use super::context::{Context, plain_arg};
use super::pullbacks::{self, Run};
use crate::ir::By;

/// The parameters of a sweep, but for seed and store.
pub(super) struct Parameters {
    /// Those of the function.
    pub(super) arguments: Vec<TokenStream>,
    /// What stands behind each of them, and its type.
    pub(super) slots: Vec<TokenStream>,
    pub(super) slot_types: Vec<TokenStream>,
    /// The type parameters that say which slots are on, with their bounds and without.
    pub(super) modes: Vec<TokenStream>,
    pub(super) mode_names: Vec<Ident>,
    /// What the store has to be.
    pub(super) store: TokenStream,
}

impl Parameters {
    fn new(c: &Context) -> Parameters {
        let p = &c.private;
        let tape = c.options.tape.is_some();
        let mut out = Parameters {
            arguments: Vec::new(),
            slots: Vec::new(),
            slot_types: Vec::new(),
            modes: Vec::new(),
            mode_names: Vec::new(),
            store: if tape {
                quote!(#p::Store)
            } else {
                quote!(#p::Keep)
            },
        };
        let inputs = c.item.sig.inputs.iter().zip(&c.sig.inputs);
        for (k, ((arg, i), d)) in inputs.zip(&c.adjoints).enumerate() {
            let mode = format_ident!("__M{}", k);
            let ty = &i.ty;
            let (bound, slot, mutable) = if i.excluded {
                (quote!(#p::Excluded<#ty>), quote!(#mode), None)
            } else {
                let wanted = i.active && i.by == By::Mut;
                let bound = if wanted {
                    quote!(#p::Wanted)
                } else {
                    quote!(#p::Mode)
                };
                let leaves = i.may_leave().then(|| quote!(+ #p::MayLeave));
                let slot = quote!(#p::Slot<'_, #ty, #mode>);
                (quote!(#bound #leaves), slot, Some(quote!(mut)))
            };
            out.arguments.push(plain_arg(arg, i));
            out.slots.push(quote!(#mutable #d: #slot));
            out.slot_types.push(slot);
            out.modes.push(quote!(#mode: #bound));
            out.mode_names.push(mode);
        }
        out
    }
}

/// The bodies of the hidden functions of one primal.
pub(super) struct Bodies<'a> {
    pub(super) whole: TokenStream,
    /// Of the part that runs after the function.
    pub(super) rest: Option<TokenStream>,
    pub(super) run: Run<'a>,
}

/// The sweep that callers use: a slot after every argument. And which part of it they run after the call.
pub(super) fn hidden(c: &Context, bodies: &Bodies, hint: &TokenStream) -> TokenStream {
    let p = &c.private;
    let name = &c.item.sig.ident;
    let vis = &c.item.vis;
    let parameters = Parameters::new(c);
    let Bodies {
        whole: body,
        rest: pull,
        run,
    } = bodies;
    let Parameters {
        arguments,
        slots,
        modes,
        store,
        ..
    } = &parameters;
    let arguments = arguments.iter().zip(slots);
    let arguments: Vec<TokenStream> = arguments.map(|(a, s)| quote!(#a, #s)).collect();
    let (seed, tape) = c.seed_and_store();
    let seed = c
        .ret()
        .map_or_else(|| quote!(#seed: ()), |t| quote!(mut #seed: #t));
    // Both parts in one function: a caller that finds none is told once.
    let (rest, value, output) = match c.ret() {
        Some(t) => (
            quote!({ #pull } __P::nothing::<#t>()),
            quote!(__P::value::<#t>({ #body })),
            quote!(-> __P::Value<#t>),
        ),
        None => (quote!(#pull), quote!(#body), TokenStream::new()),
    };
    let (body, bound, part) = match pull {
        Some(_) => (
            quote!(if __P::REST { #rest } else { #value }),
            quote!(#p::Part),
            quote!(#p::Rest),
        ),
        None => (value, quote!(#p::Alone), quote!(#p::Anew)),
    };
    let own = &c.item.sig.generics.params;
    let own: Vec<TokenStream> = own.iter().map(|g| quote!(#g,)).collect();
    let clause = &c.item.sig.generics.where_clause;
    let attributes = c.attributes();
    let sweep = |name: &Ident| {
        quote! {
            #[doc(hidden)]
            #attributes
            #hint
            #vis fn #name <#(#own)* #(#modes,)* __K: #store, __P: #bound> (#(#arguments,)* #seed, #tape: &mut __K, _: __P) #output #clause { #body }
        }
    };
    if c.member {
        let sweep = sweep(&call::hidden(name));
        let [part_of, method] = call::parts(name);
        let method = c.sig.has_self.then(|| {
            quote! {
                #[doc(hidden)]
                #attributes
                #[inline(always)]
                #vis fn #method(&self) -> #part { #part }
            }
        });
        return quote! {
            #sweep
            #[doc(hidden)]
            #attributes
            #[inline(always)]
            #vis fn #part_of() -> #part { #part }
            #method
        };
    }
    // The function lives among values, the struct among types: one `use` imports both.
    let sweep_item = sweep(&Ident::new("sweep", name.span()));
    let forward = pullbacks::forward(c, &parameters, run, hint);
    quote! {
        #[doc(hidden)]
        #attributes
        #[allow(non_camel_case_types, dead_code)]
        #vis struct #name {}
        #[doc(hidden)]
        #attributes
        impl #name {
            #sweep_item
            #forward
            #[doc(hidden)]
            #[inline(always)]
            #vis fn part() -> #part { #part }
        }
        #[diagnostic::do_not_recommend]
        #attributes
        impl #p::HasDerivative for #name {}
    }
}
