//! `f_grad` and `f_vjp` as functions that differentiable functions call: the hidden types beside them, made of the companion.
//!
//! The derivative of x ↦ f′(x)ᵀr is symmetric: what a cotangent of the gradient sends back to x is what it would make of the gradient as a tangent
//! of x. So with the cotangents w of the gradient and s of the value, the sweep of `f_grad` is the sweep of `f` with the tangent w and the seed (1, s):
//!
//! ```text
//! impl f_grad { fn sweep<..>(x: f64, d_x: Slot<f64, M0>, w: &[f64], d_w: Slot<[f64], M1>, g_w: &mut [f64], d_g_w: Slot<[f64], M2>, d_ret: (f64, f64), ..) {
//!     let (s, c_x) = d_ret;
//!     f::second(x, along(c_x), off(), d_x, w, beside(lent(d_g_w)), off(), d_w, (1.0, s), keep, Rest);
//! } }
//! ```
//!
//! `f_vjp` has r for 1, and the tangent of the value is what goes back to r.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{FnArg, ItemFn};

use super::context::Context;
use super::hidden::{Bodies, hidden};
use super::item::{own_generics, tuple};
use super::pullbacks::Run;
use super::{forward, inlining, second, together, twice};
use crate::ir::{By, Shape};
use crate::sig::{Input, Sig};

/// What a parameter of `f_grad` is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// A parameter of `f`.
    Own(usize),
    /// Where the gradient by one goes.
    Gradient(usize),
    Seed,
}

/// Which of the two, its parameters, and how its own item is described.
struct Derived {
    suffix: &'static str,
    roles: Vec<Role>,
    item: ItemFn,
    sig: Sig,
}

/// The hidden types, with which a caller has derivatives of gradients. `refused`: something is wrong in the function.
pub(super) fn items(c: &Context, refused: bool) -> TokenStream {
    if c.options.hvp.is_none() || !serves(c) {
        return TokenStream::new();
    }
    let grad = c.sig.is_scalar().then(|| of(c, "grad", refused));
    let vjp = of(c, "vjp", refused);
    quote!(#grad #vjp)
}

/// Whether the companion says it all: nothing is changed in place or kept on a tape, and arguments may be handed over twice.
fn serves(c: &Context) -> bool {
    fn plain(shape: &Shape) -> bool {
        match shape {
            Shape::Float | Shape::Int => true,
            Shape::Seq(e, n) => n.is_some() && plain(e),
            _ => false,
        }
    }
    let twice = |i: &Input| match i.by {
        By::Value => plain(&i.shape),
        By::Ref => true,
        By::Mut => false,
    };
    c.options.tape.is_none() && c.ret().is_some() && c.sig.inputs.iter().all(twice)
}

fn of(c: &Context, suffix: &'static str, refused: bool) -> Option<TokenStream> {
    let derived = derived(c, suffix)?;
    let own = Context::new(&derived.item, &derived.sig, c.options);
    let (pull, primal) = match refused {
        true => (quote!(::core::unimplemented!()), TokenStream::new()),
        false => (pull(c, &own, &derived), primal(c, &derived)),
    };
    let whole = match refused {
        true => pull.clone(),
        false => quote!(let __out = #primal; #pull __out),
    };
    let bodies = Bodies {
        whole,
        rest: Some(pull),
        run: if refused { Run::Refused } else { Run::Plain },
    };
    let hint = inlining::of_public(c);
    let tangent = match refused {
        true => quote!(::core::unimplemented!()),
        false => tangent(c, &own, &derived),
    };
    let hidden = hidden(&own, &bodies, &hint);
    let lanes = match refused {
        true => tangent.clone(),
        false => together::by_one(&own),
    };
    let tangent = forward::hidden(&own, Some(&tangent), Some(&lanes));
    Some(quote!(#hidden #tangent))
}

/// The item and the signature of `f_grad`.
fn derived(c: &Context, suffix: &'static str) -> Option<Derived> {
    let seeded = suffix == "vjp";
    let (mut roles, mut inputs) = (Vec::new(), Vec::new());
    let mut args: Vec<TokenStream> = c.parameters();
    for (k, i) in c.sig.inputs.iter().enumerate() {
        roles.push(Role::Own(k));
        inputs.push(Input {
            mutable: false,
            ..i.clone()
        });
        if i.active && i.by == By::Ref {
            roles.push(Role::Gradient(k));
            inputs.push(Input {
                name: c.adjoints[k].clone(),
                by: By::Mut,
                mutable: false,
                ..i.clone()
            });
        }
    }
    let (seed, _) = c.seed_and_store();
    let ret = c.ret()?;
    if seeded {
        roles.push(Role::Seed);
        args.push(quote!(#seed: #ret));
        inputs.push(Input {
            name: seed.clone(),
            by: By::Value,
            ty: ret.clone(),
            shape: c.sig.ret_shape.clone(),
            active: true,
            excluded: false,
            mutable: false,
            out: false,
        });
    }
    let mut item = c.item.clone();
    item.sig.ident = c.named(suffix);
    item.sig.inputs = args
        .into_iter()
        .map(syn::parse2::<FnArg>)
        .collect::<Result<_, _>>()
        .ok()?;
    let output = c.output();
    item.sig.output = syn::parse2(output).ok()?;
    let syn::ReturnType::Type(_, output) = &item.sig.output else {
        return None;
    };
    let sig = Sig {
        inputs,
        ret: Some((**output).clone()),
        ret_shape: match results(c).len() {
            0 => c.sig.ret_shape.clone(),
            n => Shape::Tuple(vec![Shape::Unknown; n + 1]),
        },
        reals: c.sig.reals.clone(),
        has_self: c.sig.has_self,
        member: c.sig.member,
        hidden: c.sig.hidden,
    };
    Some(Derived {
        suffix,
        roles,
        item,
        sig,
    })
}

/// The parameters whose gradients are returned.
fn results(c: &Context) -> Vec<usize> {
    let inputs = c.sig.inputs.iter().enumerate();
    let returned = inputs.filter(|(_, i)| i.active && i.by == By::Value);
    returned.map(|(k, _)| k).collect()
}

/// The call of the function itself.
fn primal(c: &Context, derived: &Derived) -> TokenStream {
    let name = c.named(derived.suffix);
    let inputs = derived.sig.inputs.iter();
    let args: Vec<TokenStream> = inputs
        .filter(|i| !(c.sig.has_self && i.name == "self"))
        .map(|i| {
            let name = &i.name;
            match i.by {
                By::Mut => quote!(&mut *#name),
                By::Value | By::Ref => quote!(#name),
            }
        })
        .collect();
    let own = own_generics(c);
    let turbofish = (!own.is_empty()).then(|| quote!(::<#(#own),*>));
    match (c.sig.has_self, c.member) {
        (true, _) => quote!(self.#name #turbofish(#(#args),*)),
        (false, true) => quote!(Self::#name #turbofish(#(#args),*)),
        (false, false) => quote!(#name #turbofish(#(#args),*)),
    }
}

/// The reverse sweep alone.
fn pull(c: &Context, own: &Context, derived: &Derived) -> TokenStream {
    let p = &c.private;
    let returned = results(c);
    let cotangent = |k: usize| format_ident!("__c{}", k);
    let cotangents = returned.iter().map(|k| cotangent(*k));
    let value = Ident::new("__s", proc_macro2::Span::call_site());
    let all: Vec<TokenStream> = core::iter::once(value.clone())
        .chain(cotangents)
        .map(ToTokens::into_token_stream)
        .collect();
    let (pattern, (seed, store)) = (tuple(&all), own.seed_and_store());
    let mut out = quote!(let #pattern = #seed;);
    let slot = |role: Role| {
        let at = derived.roles.iter().position(|r| *r == role);
        at.map(|at| &own.adjoints[at])
    };
    let mut args = Vec::new();
    for (k, i) in c.sig.inputs.iter().enumerate() {
        let name = &i.name;
        let direction = match (i.by, slot(Role::Gradient(k))) {
            (_, Some(d)) => {
                let w = format_ident!("__w{}", k);
                out.extend(quote!(let #w = #p::lent(#d);));
                quote!(#p::beside::<_, #p::On>(&*#w))
            }
            (By::Value, None) if i.active => {
                let w = cotangent(k);
                quote!(#p::along::<_, #p::On>(#w))
            }
            _ => second::still(c, i),
        };
        let d = slot(Role::Own(k));
        if !(c.sig.has_self && i.name == "self") {
            args.push(quote!(#name));
        }
        args.push(quote!(#direction, #p::off(), #d));
    }
    let callee = twice::of(c);
    match slot(Role::Seed) {
        None => {
            let ret = c.ret();
            let one = quote!(<#ret as #p::Real>::from_f64(1.0));
            out.extend(quote!(#callee(#(#args,)* (#one, #value), #store, #p::Rest);));
        }
        Some(d) => {
            let (r, _) = c.seed_and_store();
            out.extend(quote!(let (_, __along) = #callee(#(#args,)* (#r, #value), #store, #p::Whole); #d.add(__along);));
        }
    }
    out
}

/// The body of the forward function: gradients go where they belong, and their tangents beside them.
fn tangent(c: &Context, own: &Context, derived: &Derived) -> TokenStream {
    let p = &c.private;
    let (mut lets, mut args) = (TokenStream::new(), Vec::new());
    let (mut values, mut tangents) = (vec![quote!(__value)], vec![quote!(__along)]);
    let rides = |role: Role| {
        let at = derived.roles.iter().position(|r| *r == role);
        at.map(|at| &own.adjoints[at])
    };
    for (k, i) in c.sig.inputs.iter().enumerate() {
        let (name, v) = (&i.name, rides(Role::Own(k)));
        if !(c.sig.has_self && i.name == "self") {
            args.push(quote!(#name));
        }
        let slots = match rides(Role::Gradient(k)) {
            Some(h) => {
                let d = &c.adjoints[k];
                quote!(#p::on(&mut *#d), #p::on(#p::lent(#h)))
            }
            None if i.active => {
                let (g, h) = (format_ident!("__g{}", k), format_ident!("__h{}", k));
                lets.extend(quote!(let (mut #g, mut #h) = (#p::zero(&#name), #p::zero(&#name));));
                values.push(quote!(#g));
                tangents.push(quote!(#h));
                quote!(#p::on(&mut #g), #p::on(&mut #h))
            }
            None => quote!(#p::off(), #p::off()),
        };
        args.push(quote!(#v, #slots));
    }
    let ret = c.ret();
    let seed = match rides(Role::Seed) {
        Some(v) => {
            let (r, _) = c.seed_and_store();
            quote!({ let __along = #v.or_zero(&#r); (#r, __along) })
        }
        None => {
            let number = |x: f64| quote!(<#ret as #p::Real>::from_f64(#x));
            let (one, zero) = (number(1.0), number(0.0));
            quote!((#one, #zero))
        }
    };
    let callee = twice::of(c);
    let (values, tangents) = (tuple(&values), tuple(&tangents));
    quote! {
        #lets
        let (__value, __along) = #callee(#(#args,)* #seed, &mut #p::NoTape, #p::Whole);
        (#values, #tangents)
    }
}
