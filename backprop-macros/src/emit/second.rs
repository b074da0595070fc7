//! `f_hvp` and `f_hessian`: second derivatives, forward over reverse.
//!
//! ```text
//! fn f_hvp(x: f64, v_x: f64, w: &[f64], v_w: &[f64], h_w: &mut [f64]) -> (f64, f64)
//! fn f_hessian(x: &[f64; N]) -> (f64, [f64; N], [[f64; N]; N])
//! ```

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};

use super::bodies::{body_of, mentions, results};
use super::body::Target;
use super::context::{Context, plain_arg};
use super::inlining;
use super::item::{generic_params, own_generics, tuple};
use super::jacobian::{Size, array};
use crate::ir::{By, Func};
use crate::sig::Sig;

/// The names of directions and products, clear of the user's.
struct Names {
    v: Vec<Ident>,
    h: Vec<Ident>,
}

impl Names {
    fn of(c: &Context) -> Names {
        let mut names = c.names();
        for i in &c.sig.inputs {
            names.reserve(&i.name.to_string());
        }
        let mut fresh = |prefix: &str| -> Vec<Ident> {
            let inputs = c.sig.inputs.iter();
            inputs
                .map(|i| names.fresh(&format!("{prefix}_{}", i.name)))
                .collect()
        };
        Names {
            v: fresh("v"),
            h: fresh("h"),
        }
    }
}

/// The functions that are asked for; without a body where something is wrong.
pub(super) fn items(c: &Context, func: Option<&Func>) -> TokenStream {
    if c.options.hvp.is_none() {
        return TokenStream::new();
    }
    let names = Names::of(c);
    let refused = quote!(::core::unimplemented!());
    let hvp = hvp(
        c,
        &names,
        func.map_or(refused.clone(), |f| body(c, f, &names)),
    );
    let hessian = c
        .options
        .hessian
        .and_then(|_| input(c.sig))
        .map(|(k, size)| {
            let body = func.map(|_| columns(c, k, size));
            hessian(c, size, &body.unwrap_or(refused))
        });
    quote!(#hvp #hessian)
}

/// The array that a Hessian is taken by: the only active parameter.
pub(crate) fn input(sig: &Sig) -> Option<(usize, Size<'_>)> {
    let mut active = sig.inputs.iter().enumerate().filter(|(_, i)| i.active);
    let (k, i) = active.next()?;
    // The function runs more than once: it may change nothing.
    let one = active.next().is_none() && sig.inputs.iter().all(|i| i.by != By::Mut);
    array(&i.ty).filter(|_| one).map(|size| (k, size))
}

fn body(c: &Context, func: &Func, names: &Names) -> TokenStream {
    let own = c.sig.inputs.len();
    let mut func = func.clone();
    let active: Vec<usize> = (0..own).filter(|k| c.sig.inputs[*k].active).collect();
    for (param, k) in func.params.iter_mut().skip(own).zip(&active) {
        param.name = names.v[*k].clone();
    }
    let mut b = body_of(c, &func, Target::Direct);
    for (at, k) in (own..).zip(&active) {
        b.adjoints[at] = names.h[*k].clone();
    }
    let (p, items, keep) = (&c.private, c.items(), b.keep.clone());
    let body = b.block(&func.body, &results(&func));
    let mut out: Vec<TokenStream> = func
        .ret
        .map(|r| b.value(r).tokens.stream())
        .into_iter()
        .collect();
    for (at, k) in (own..).zip(&active) {
        if let (By::Value, Some(h)) = (c.sig.inputs[*k].by, func.adjoints[at]) {
            out.push(b.value(h).tokens.stream());
        }
    }
    c.uncopied.borrow_mut().extend(b.uncopied.take());
    let store = (c.options.tape.is_none() && mentions(&body, &keep))
        .then(|| quote!(let #keep = &mut #p::NoTape;));
    let out = tuple(&out);
    quote!(#items #store #body #out)
}

fn hvp(c: &Context, names: &Names, body: TokenStream) -> TokenStream {
    let (mut parameters, mut outputs) = (Vec::new(), vec![c.ret().to_token_stream()]);
    let inputs = c.item.sig.inputs.iter().zip(&c.sig.inputs);
    for (k, (arg, i)) in inputs.enumerate() {
        parameters.push(plain_arg(arg, i));
        let (ty, v, h) = (&i.ty, &names.v[k], &names.h[k]);
        match i.by {
            _ if !i.active => {}
            By::Value => {
                parameters.push(quote!(#v: #ty));
                outputs.push(ty.to_token_stream());
            }
            By::Ref | By::Mut => parameters.push(quote!(#v: &#ty, #h: &mut #ty)),
        }
    }
    let output = match &outputs[..] {
        [one] => one.clone(),
        all => quote!((#(#all),*)),
    };
    let doc = format!(
        "The value of `{}` and the product of its Hessian with the direction `v`, forward over reverse. What belongs to references is added into `h`.",
        c.item.sig.ident
    );
    function(c, "hvp", &doc, &parameters, &output, &body)
}

fn hessian(c: &Context, size: Size, body: &TokenStream) -> TokenStream {
    let parameters = c.item.sig.inputs.iter().zip(&c.sig.inputs);
    let parameters: Vec<TokenStream> = parameters.map(|(arg, i)| plain_arg(arg, i)).collect();
    let (ret, element, n) = (c.ret(), size.element, size.len);
    let output = quote!((#ret, [#element; #n], [[#element; #n]; #n]));
    let doc = format!(
        "The value of `{}`, its gradient and its Hessian, forward over reverse, a row for each input.",
        c.item.sig.ident
    );
    function(c, "hessian", &doc, &parameters, &output, body)
}

fn function(
    c: &Context,
    suffix: &str,
    doc: &str,
    parameters: &[TokenStream],
    output: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    let (name, vis) = (c.named(suffix), &c.item.vis);
    let (generics, _, clause) = c.item.sig.generics.split_for_impl();
    let generics = generic_params(c, generics.to_token_stream());
    let (attributes, hint, tape) = (c.attributes(), inlining::of_public(c), c.tape());
    quote! {
        #[doc = #doc]
        #attributes
        #hint
        #vis fn #name #generics (#(#parameters,)* #tape) -> #output #clause { #body }
    }
}

/// The Hessian from its products with unit vectors; it is symmetric, so its columns are its rows.
fn columns(c: &Context, input: usize, size: Size) -> TokenStream {
    let p = &c.private;
    let mut names = c.names();
    for i in &c.sig.inputs {
        names.reserve(&i.name.to_string());
    }
    let [value, gradient, hessian, direction, k] =
        ["value", "gradient", "hessian", "direction", "k"].map(|n| names.fresh(n));
    let (element, n) = (size.element, size.len);
    let (zero, one) = (
        quote!(<#element as #p::Real>::from_f64(0.0)),
        quote!(<#element as #p::Real>::from_f64(1.0)),
    );
    let own = own_generics(c);
    let generics = (!own.is_empty()).then(|| quote!(::<#(#own),*>));
    let receiver = match (c.sig.has_self, c.member) {
        (true, _) => quote!(self.),
        (false, true) => quote!(Self::),
        (false, false) => TokenStream::new(),
    };
    let by_ref = c.sig.inputs[input].by == By::Ref;
    let arguments = |beside: TokenStream| -> Vec<TokenStream> {
        let inputs = c
            .sig
            .inputs
            .iter()
            .enumerate()
            .skip(usize::from(c.sig.has_self));
        let arguments = inputs.map(|(at, i)| {
            let name = &i.name;
            match (at == input, i.by) {
                (true, _) => quote!(#name #beside),
                (false, By::Mut) => quote!(&mut *#name),
                (false, _) => quote!(#name),
            }
        });
        arguments.collect()
    };
    let tape = c.options.tape.map(|_| {
        let (_, store) = c.seed_and_store();
        quote!(&mut *#store)
    });
    let (grad, hvp) = (c.named("grad"), c.named("hvp"));
    let (first, each) = if by_ref {
        let (g, v) = (
            arguments(quote!(, &mut #gradient)),
            arguments(quote!(, &#direction, &mut #hessian[#k])),
        );
        (
            quote!(let mut #gradient = [#zero; #n]; let #value = #receiver #grad #generics(#(#g,)* #tape);),
            quote!(#receiver #hvp #generics(#(#v,)* #tape);),
        )
    } else {
        let (g, v) = (
            arguments(TokenStream::new()),
            arguments(quote!(, #direction)),
        );
        (
            quote!(let (#value, #gradient) = #receiver #grad #generics(#(#g,)* #tape);),
            quote!((_, #hessian[#k]) = #receiver #hvp #generics(#(#v,)* #tape);),
        )
    };
    quote! {
        #first
        let mut #hessian = [[#zero; #n]; #n];
        for #k in 0..#n {
            let mut #direction = [#zero; #n];
            #direction[#k] = #one;
            #each
        }
        (#value, #gradient, #hessian)
    }
}
