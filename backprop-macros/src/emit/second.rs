//! `f_hvp` and `f_hessian`: second derivatives, forward over reverse.
//!
//! ```text
//! fn f_hvp(x: f64, v_x: f64, w: &[f64], v_w: &[f64], h_w: &mut [f64]) -> (f64, f64)
//! fn f_hessian(x: &[f64; N]) -> (f64, [f64; N], [[f64; N]; N])
//! ```

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};

use super::bodies::{body_of, mentions, results};
use super::body::{Body, Target};
use super::context::{Context, plain_arg};
use super::item::{generic_params, own_generics, tuple};
use super::jacobian::{Size, array};
use super::{forward, inlining, twice};
use crate::ir::{By, Func};
use crate::sig::{Input, Sig};

/// The names of directions and products, clear of the user's.
pub(super) struct Names {
    pub(super) v: Vec<Ident>,
    pub(super) h: Vec<Ident>,
    /// The tangent of the cotangent of the result.
    pub(super) h_ret: Ident,
}

impl Names {
    pub(super) fn of(c: &Context) -> Names {
        let mut names = c.names();
        for i in &c.sig.inputs {
            names.reserve(&i.name.to_string());
        }
        let (seed, store) = c.seed_and_store();
        for name in c.adjoints.iter().chain([seed, store]) {
            names.reserve(&name.to_string());
        }
        let mut fresh = |prefix: &str| -> Vec<Ident> {
            let inputs = c.sig.inputs.iter();
            inputs
                .map(|i| names.fresh(&format!("{prefix}_{}", i.name)))
                .collect()
        };
        let (v, h) = (fresh("v"), fresh("h"));
        let h_ret = names.fresh("h_ret");
        Names { v, h, h_ret }
    }

    /// Lets a body of the sweep with tangents call adjoints by these names.
    pub(super) fn adjoints(&self, c: &Context, b: &mut Body) {
        let own = c.sig.inputs.len();
        for name in self.h.iter().chain([&self.h_ret]).chain(&c.adjoints) {
            b.names.reserve(&name.to_string());
        }
        let active = (0..own).filter(|k| c.sig.inputs[*k].active);
        for (at, k) in (own..).zip(active) {
            let both = [(k, &c.adjoints[k], "__D"), (at, &self.h[k], "__H")];
            for (at, name, mode) in both {
                b.adjoints[at] = name.clone();
                b.modes[at] = format_ident!("{}{}", mode, k);
                if let Some(d) = b.func.cotangents[at] {
                    b.vars.insert(d, name.clone());
                }
            }
        }
    }
}

/// Calls the tangents among a sweep's parameters by their names.
pub(super) fn rename(c: &Context, func: &mut Func, names: &Names) {
    let own = c.sig.inputs.len();
    let active = (0..own).filter(|k| c.sig.inputs[*k].active);
    let tangents = active.map(|k| &names.v[k]).chain([&names.h_ret]);
    for (param, name) in func.params.iter_mut().skip(own).zip(tangents) {
        param.name = name.clone();
    }
}

/// The functions that are asked for, where the result is a float. Of a rule by hand, which has no representation, the companion says all.
/// `along_axes`: the sweep for the whole Hessian, where there is one.
pub(super) fn items(c: &Context, func: Option<&Func>, along_axes: Option<&Func>) -> TokenStream {
    if c.options.hvp.is_none() || !c.sig.is_scalar() {
        return TokenStream::new();
    }
    let names = Names::of(c);
    let product = match func {
        Some(f) => body(c, f, &names),
        None => by_companion(c, &names),
    };
    let product = hvp(c, &names, product);
    let asked = c.options.hessian.and_then(|_| input(c.sig));
    let hessian = asked.map(|(k, size)| {
        let body = along_axes.map(|f| super::hessian::body(c, f, k, size));
        hessian(c, size, &body.unwrap_or_else(|| columns(c, k, size)))
    });
    quote!(#product #hessian)
}

/// The same where something is wrong.
pub(super) fn refused(c: &Context) -> TokenStream {
    let mut out = TokenStream::new();
    let refused = quote!(::core::unimplemented!());
    if c.options.hvp.is_some() && c.sig.is_scalar() {
        out.extend(hvp(c, &Names::of(c), refused.clone()));
        if let (Some(_), Some((_, size))) = (c.options.hessian, input(c.sig)) {
            out.extend(hessian(c, size, &refused));
        }
    }
    out
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
    rename(c, &mut func, names);
    let mut b = body_of(c, &func, Target::Direct);
    names.adjoints(c, &mut b);
    let (p, items, keep) = (&c.private, c.items(), b.keep.clone());
    let body = b.block(&func.body, &results(&func));
    let finals = b.finals();
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
    quote!(#items #store #body #finals #out)
}

/// What stands for the tangent of a parameter that has none.
pub(super) fn still(c: &Context, i: &Input) -> TokenStream {
    let p = &c.private;
    match i.by {
        By::Ref if forward::receives(i, c) => quote!(#p::beside::<_, #p::Off>(self)),
        By::Value if forward::receives(i, c) => quote!(#p::still::<Self>()),
        By::Value | By::Ref => quote!(#p::still()),
        By::Mut => quote!(#p::off()),
    }
}

/// The companion with the seed 1, of a function of numbers.
fn by_companion(c: &Context, names: &Names) -> TokenStream {
    let p = &c.private;
    let (mut args, mut zeros, mut out) = (Vec::new(), TokenStream::new(), Vec::new());
    for (k, i) in c.sig.inputs.iter().enumerate() {
        let (name, v, h) = (&i.name, &names.v[k], &names.h[k]);
        if i.name != "self" || !c.sig.has_self {
            args.push(quote!(#name));
        }
        if i.active {
            zeros.extend(quote!(let mut #h = #p::zero(&#name);));
            args.push(quote!(#p::along::<_, #p::On>(#v), #p::off(), #p::on(&mut #h)));
            out.push(quote!(#h));
            continue;
        }
        let still = still(c, i);
        args.push(quote!(#still, #p::off(), #p::off()));
    }
    let (ret, callee) = (c.ret(), twice::of(c));
    let number = |x: f64| quote!(<#ret as #p::Real>::from_f64(#x));
    let (one, zero) = (number(1.0), number(0.0));
    let value = quote!(value);
    let out = tuple(&[&[value][..], &out].concat());
    quote!(#zeros let (value, _) = #callee(#(#args,)* (#one, #zero), &mut #p::NoTape, #p::Whole); #out)
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
            By::Ref => parameters.push(quote!(#v: &#ty, #h: &mut #ty)),
            By::Mut => {
                let d = &c.adjoints[k];
                parameters.push(quote!(#v: &mut #ty, #d: &mut #ty, #h: &mut #ty));
            }
        }
    }
    let output = match &outputs[..] {
        [one] => one.clone(),
        all => quote!((#(#all),*)),
    };
    let mut doc = format!(
        "The value of `{}` and the product of its Hessian with the direction `v`, forward over reverse. What belongs to references is added into `h`.",
        c.item.sig.ident
    );
    if c.sig.inputs.iter().any(|i| i.active && i.by == By::Mut) {
        doc += "\n\nBehind a `&mut` parameter stand its tangent, as in forward mode, its cotangent, as in reverse mode, and the tangent of that.";
    }
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
