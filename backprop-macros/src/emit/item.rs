//! The generated functions: signatures, results, and the hidden sweep that callers use.
//!
//! ```text
//! fn f_grad(x: f64, w: &[f64], d_w: &mut [f64]) -> (f64, f64) { .. }
//! fn f_vjp(x: f64, w: &[f64], d_w: &mut [f64], d_ret: f64) -> (f64, f64) { f::sweep(..) }
//! struct f {}
//! impl f { fn sweep<M0: Mode, M1: Mode, K: Keep, P: Part>(x: f64, d_x: Slot<f64, M0>, w: &[f64], d_w: Slot<[f64], M1>, d_ret: f64, keep: &mut K, _: P) -> P::Value<f64> { .. } }
//! ```

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericParam, ItemFn};

use super::bodies::{direct, slots};
use super::companion::Companion;
use super::context::Context;
use super::hidden::{Bodies, hidden};
use super::pullbacks::Run;
use super::{
    audit, call, check, companion, custom, docs, forward, gradients, inlining, jacobian, second,
};
use crate::diag::Errors;
use crate::differentiate::storage;
use crate::ir::{By, Func, Shape};
use crate::options::Options;
use crate::sig::Sig;

/// The two reverse functions of one primal.
pub(crate) struct Sweeps {
    /// Seeded with 1; for functions that return a float.
    pub(crate) grad: Option<Func>,
    /// Seeded by an argument.
    pub(crate) vjp: Func,
    /// The same after the function has run: its results are not computed again. None where the function updates a
    /// parameter in place.
    pub(crate) pull: Option<Func>,
    /// Seeded with what becomes of the result.
    pub(crate) later: Option<Func>,
    /// The tangents of the gradient, where they are asked for and the result is a float.
    pub(crate) second: Option<Func>,
    /// The same for callers, whatever the result.
    pub(crate) companion: Option<Companion>,
    /// The same along all axes at once.
    pub(crate) hessian: Option<Func>,
    /// The function with its tangents, where it is asked for.
    pub(crate) tangent: Option<Func>,
    /// The same with several tangents in lanes.
    pub(crate) together: Option<Func>,
}

/// The items beside the user's function.
pub(crate) fn beside(
    item: &ItemFn,
    sig: &Sig,
    options: &Options,
    sweeps: Option<Sweeps>,
    partials: Option<&Func>,
    errors: &mut Errors,
) -> TokenStream {
    let c = Context::new(item, sig, options);
    let (grad, sweep_body, pull_body) = match &sweeps {
        Some(s) => (
            s.grad.as_ref().map(|g| direct(&c, g)),
            slots(&c, &s.vjp),
            s.pull.as_ref().map(|pull| slots(&c, pull)),
        ),
        None => {
            let (grad, sweep) = custom::bodies(&c);
            // A rule that may update a `&mut` argument in place: nobody has looked into it.
            let in_place = sig.inputs.iter().any(|i| i.by == By::Mut && !i.out);
            let pull = (!in_place).then(|| quote!(let _ = { #sweep };));
            (grad, sweep, pull)
        }
    };
    let docs = docs::of(&c, sweeps.as_ref(), grad.as_ref());
    let grad = grad.map(|body| public(&c, "grad", &docs.grad, &body, false));
    let vjp = public(&c, "vjp", &docs.vjp, &wrapper(&c), true);
    let hint = inlining::of_sweep(&c, sweeps.as_ref().map(|s| &s.vjp));
    let bodies = Bodies {
        whole: sweep_body,
        rest: pull_body,
        run: match sweeps.as_ref().and_then(|s| s.later.as_ref()) {
            Some(later) => Run::Sweep(later),
            None => Run::Plain,
        },
    };
    let hidden = hidden(&c, &bodies, &hint);
    let tangents = sweeps.as_ref().and_then(|s| {
        let (one, lanes) = (s.tangent.as_ref()?, s.together.as_ref());
        Some(forward::Tangents { one, lanes })
    });
    let tangent = forward::items(&c, tangents);
    let (second, hessian) = sweeps
        .as_ref()
        .map_or((None, None), |s| (s.second.as_ref(), s.hessian.as_ref()));
    let second = second::items(&c, second, hessian);
    let companion = companion::items(
        &c,
        sweeps.as_ref().and_then(|s| s.companion.as_ref()),
        partials,
    );
    for (span, name) in c.uncopied.take() {
        storage::uncopied(span, &name, options.tape.is_some(), errors);
    }
    let (jacobian, check) = (jacobian::item(&c, false), check::item(&c));
    let gradients = gradients::items(&c, false);
    quote!(#grad #vjp #hidden #tangent #companion #gradients #jacobian #second #check)
}

/// The signatures alone, for a function in which something is wrong.
pub(crate) fn stubs(item: &ItemFn, sig: &Sig, options: &Options) -> TokenStream {
    let c = Context::new(item, sig, options);
    let body = quote!(::core::unimplemented!());
    let grad = sig
        .is_scalar()
        .then(|| public(&c, "grad", "", &body, false));
    let vjp = public(&c, "vjp", "", &body, true);
    let bodies = Bodies {
        whole: body.clone(),
        rest: Some(body.clone()),
        run: Run::Refused,
    };
    let hidden = hidden(&c, &bodies, &inlining::of_sweep(&c, None));
    let tangent = forward::stubs(&c);
    let (jacobian, second) = (jacobian::item(&c, true), second::refused(&c));
    let companion = companion::refused(&c);
    let gradients = gradients::items(&c, true);
    quote!(#grad #vjp #hidden #tangent #companion #gradients #jacobian #second)
}

fn public(c: &Context, suffix: &str, doc: &str, body: &TokenStream, seeded: bool) -> TokenStream {
    let name = c.named(suffix);
    let vis = &c.item.vis;
    let (generics, _, clause) = c.item.sig.generics.split_for_impl();
    let generics = generic_params(c, generics.to_token_stream());
    let parameters = c.parameters();
    let (seed, _) = c.seed_and_store();
    let seed = if seeded {
        c.ret().map(|t| quote!(#seed: #t))
    } else {
        None
    };
    let extra = seed.into_iter().chain(c.tape());
    let output = c.output();
    let attributes = c.attributes();
    let hint = inlining::of_public(c);
    let audited = c.options.audit && c.options.jvp.is_some();
    let body = match audited {
        true => &audit::wrapped(c, body, seeded),
        false => body,
    };
    quote! {
        #[doc = #doc]
        #attributes
        #hint
        #vis fn #name #generics (#(#parameters,)* #(#extra),*) #output #clause { #body }
    }
}

pub(super) fn generic_params(c: &Context, _: TokenStream) -> TokenStream {
    let params = &c.item.sig.generics.params;
    if params.is_empty() {
        TokenStream::new()
    } else {
        quote!(<#params>)
    }
}

/// `f_vjp`: the sweep with every slot on.
fn wrapper(c: &Context) -> TokenStream {
    let p = &c.private;
    let ds = &c.adjoints;
    let mut args = Vec::new();
    let mut zeros = Vec::new();
    let mut results: Vec<TokenStream> = c.ret().map(|_| quote!(value)).into_iter().collect();
    let mut checks = Vec::new();
    for (k, (i, d)) in c.sig.inputs.iter().zip(ds).enumerate() {
        let name = &i.name;
        let slot = if !i.active {
            quote!(#p::off())
        } else if i.by == By::Value {
            // At the parameter's name, as in the other bodies: a type without a zero is one mistake.
            let zero = call::respanned(&quote!(#p::zero(&#name)), name.span());
            zeros.push(quote!(let mut #d = #zero;));
            results.push(d.to_token_stream());
            quote!(#p::on(&mut #d))
        } else {
            quote!(#p::on(#d))
        };
        if i.active && i.by != By::Value && named(&i.shape) {
            let (ty, at) = if i.name == "self" {
                (
                    Ident::new("Self", i.name.span()).to_token_stream(),
                    i.name.span(),
                )
            } else {
                (i.ty.to_token_stream(), i.ty.span())
            };
            checks.push(quote_spanned!(at=> let () = <#ty as #p::Active>::FOUND;));
        }
        if !(k == 0 && c.sig.has_self) {
            args.push(quote!(#name));
        }
        args.push(slot);
    }
    let (seed, store) = c.seed_and_store();
    let seed = if c.ret().is_some() {
        quote!(#seed)
    } else {
        quote!(())
    };
    let store = if c.options.tape.is_some() {
        quote!(#store)
    } else {
        quote!(&mut #p::NoTape)
    };
    let callee = callee(c);
    let value = c.ret().map(|_| quote!(let value =));
    let result = tuple(&results);
    // Where a type has no adjoint the checks say so, once.
    quote!(#(#checks)* #(#zeros)* #value #callee(#(#args,)* #seed, #store, #p::Whole); #result)
}

fn named(shape: &Shape) -> bool {
    match shape {
        Shape::Named => true,
        Shape::Seq(e, _) | Shape::Option(e) => named(e),
        Shape::Tuple(es) => es.iter().any(named),
        _ => false,
    }
}

pub(super) fn tuple(results: &[TokenStream]) -> TokenStream {
    match results {
        [] => TokenStream::new(),
        [one] => one.clone(),
        all => quote!((#(#all),*)),
    }
}

/// The function's own parameters as arguments; lifetimes are found.
pub(super) fn own_generics(c: &Context) -> Vec<TokenStream> {
    let generics = c.item.sig.generics.params.iter();
    let named = generics.filter_map(|g| match g {
        GenericParam::Type(t) => Some(t.ident.to_token_stream()),
        GenericParam::Const(k) => Some(k.ident.to_token_stream()),
        GenericParam::Lifetime(_) => None,
    });
    named.collect()
}

/// The hidden sweep as its own wrapper calls it.
pub(super) fn callee(c: &Context) -> TokenStream {
    let name = &c.item.sig.ident;
    let own = own_generics(c);
    let inferred = (0..c.sig.inputs.len() + 2).map(|_| quote!(_));
    let turbofish = (!own.is_empty()).then(|| quote!(::<#(#own,)* #(#inferred),*>));
    let hidden = call::hidden(name);
    if c.sig.has_self {
        quote!(self.#hidden #turbofish)
    } else if c.member {
        quote!(Self::#hidden #turbofish)
    } else {
        quote!(#name::sweep #turbofish)
    }
}
