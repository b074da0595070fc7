//! The Jacobian by several parameters, or by one that is no array: a gradient for each output, and a gradient has the type of its parameter.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use super::{Locals, Size, generics, number, passed};
use crate::emit::context::Context;
use crate::emit::item::tuple;
use crate::ir::{By, Shape};
use crate::sig::Input;

/// The type of a parameter, and so of its gradient.
fn type_of(i: &Input) -> TokenStream {
    match i.name == "self" {
        true => Ident::new("Self", i.name.span()).to_token_stream(),
        false => i.ty.to_token_stream(),
    }
}

/// The value, and for each parameter its gradients.
pub(super) fn output(c: &Context, to: Size) -> TokenStream {
    let m = to.len;
    let active = c.sig.inputs.iter().filter(|i| i.active);
    let gradients = active.map(|i| {
        let ty = type_of(i);
        quote!([#ty; #m])
    });
    let all: Vec<TokenStream> = c
        .ret()
        .map(ToTokens::to_token_stream)
        .into_iter()
        .chain(gradients)
        .collect();
    let all = tuple(&all);
    quote!(-> #all)
}

/// An argument that is handed over for each row.
fn again(c: &Context, i: &Input) -> TokenStream {
    let (p, name) = (&c.private, &i.name);
    match (i.by, &i.shape) {
        (By::Value, Shape::Named | Shape::Unknown | Shape::Tuple(_) | Shape::Option(_)) => {
            quote_spanned!(name.span()=> #p::copied(&#name))
        }
        _ => passed(i),
    }
}

pub(super) fn body(c: &Context, l: &Locals, to: Size) -> TokenStream {
    let Locals {
        direction,
        value,
        k,
        i: row,
        rows,
        ds,
        ..
    } = l;
    let (p, m, element) = (&c.private, to.len, to.element);
    let (zero, one) = (number(c, element, 0.0), number(c, element, 1.0));
    let mut lets = TokenStream::new();
    let mut fresh = TokenStream::new();
    let mut keep = TokenStream::new();
    let (mut returned, mut results) = (vec![quote!(__value)], vec![value.to_token_stream()]);
    let (mut args, mut plain) = (Vec::new(), Vec::new());
    for (n, i) in c.sig.inputs.iter().enumerate() {
        let (name, receiver) = (&i.name, n == 0 && c.sig.has_self);
        if !receiver {
            args.push(again(c, i));
            plain.push(again(c, i));
        }
        if !i.active {
            continue;
        }
        let (ty, all, own) = (type_of(i), &rows[n], &ds[n]);
        let place = match i.by {
            By::Value => quote!(&#name),
            By::Ref | By::Mut => quote!(#name),
        };
        lets.extend(
            quote!(let mut #all: [#ty; #m] = ::core::array::from_fn(|_| #p::neutral(#place));),
        );
        match i.by {
            By::Value => returned.push(own.to_token_stream()),
            By::Ref | By::Mut => {
                // What is added up in a variable of its own stays in registers.
                fresh.extend(quote!(let mut #own = #p::neutral(#place);));
                args.push(quote!(&mut #own));
            }
        }
        keep.extend(quote!(#all[#row] = #own;));
        results.push(all.to_token_stream());
    }
    let receiver = match (c.sig.has_self, c.member) {
        (true, _) => quote!(self.),
        (false, true) => quote!(Self::),
        (false, false) => TokenStream::new(),
    };
    let (generics, vjp, name) = (generics(c), c.named("vjp"), &c.item.sig.ident);
    let tape = c.options.tape.map(|_| {
        let (_, store) = c.seed_and_store();
        quote!(, &mut *#store)
    });
    let (returned, results) = (tuple(&returned), tuple(&results));
    quote! {
        #lets
        // Seeds that lie ready: one that is written element by element and read as a whole would have to wait for the writes.
        let #direction: [[#element; #m]; #m] =
            ::core::array::from_fn(|#row| ::core::array::from_fn(|#k| if #row == #k { #one } else { #zero }));
        let mut #value = ::core::option::Option::None;
        for (#row, #direction) in #direction.into_iter().enumerate() {
            #fresh
            let #returned = #receiver #vjp #generics(#(#args,)* #direction #tape);
            #keep
            #value = ::core::option::Option::Some(__value);
        }
        let #value = match #value {
            ::core::option::Option::Some(#value) => #value,
            ::core::option::Option::None => #receiver #name #generics(#(#plain),*),
        };
        #results
    }
}
