//! The bodies of hidden functions that take several tangents of each parameter at once.
//!
//! ```text
//! (value, [d_value, ..])
//! ```
//!
//! Where a body in lanes cannot be had, since a rule by hand is for one tangent, the function runs once for each lane. Where it cannot run more than
//! once either, since it changes what it is given, it gives up: the values are right, the tangents are not, and whoever asked for them all calls
//! for one after the other instead.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};

use super::context::Context;
use super::forward::{self, mode, preludes};
use super::{along, custom};
use crate::differentiate::forward::LANES;
use crate::ir::{By, Func, Shape};

/// Of a function that is differentiated.
pub(super) fn body(c: &Context, func: &Func) -> TokenStream {
    let others = c.uncopied.take();
    let body = forward::body(c, func, &c.adjoints_in(LANES));
    if c.uncopied.replace(others).is_empty() {
        return body;
    }
    // With one tangent each buffer may have an owner, and with several not.
    by_one(c)
}

/// By the function for one tangent.
pub(super) fn by_one(c: &Context) -> TokenStream {
    let p = &c.private;
    let callee = along::of(c, false);
    lane_by_lane(c, &TokenStream::new(), &|lane| {
        let mut args = Vec::new();
        for (i, d) in c.sig.inputs.iter().zip(lane) {
            if i.name != "self" || !c.sig.has_self {
                args.push(again(i.by, &i.name));
            }
            args.push(d.to_token_stream());
        }
        quote!(#callee(#(#args,)* &#p::Forward))
    })
}

/// Of a function that has a rule by hand.
pub(super) fn by_rule(c: &Context) -> TokenStream {
    let lanes = c.adjoints_in(LANES);
    if let Some(rule) = c.options.jvp.as_ref().and_then(|j| j.by_hand.as_ref()) {
        let told = custom::told(c);
        let preludes = preludes(c, &lanes);
        return lane_by_lane(c, &quote!(#told #preludes), &|lane| {
            let mut args = Vec::new();
            for (i, d) in c.sig.inputs.iter().zip(lane) {
                args.push(again(i.by, &i.name));
                args.extend(i.active.then(|| d.to_token_stream()));
            }
            quote!(#rule(#(#args),*))
        });
    }
    match &c.options.vjp {
        Some(rule) => by_gradient(c, rule, &lanes),
        None => by_partials(c, &lanes),
    }
}

/// An argument that is handed over more than once.
fn again(by: By, name: &Ident) -> TokenStream {
    match by {
        By::Mut => quote!(&mut *#name),
        By::Value | By::Ref => quote!(#name),
    }
}

/// Whether the function finds the same in its arguments when it runs once more.
fn repeats(c: &Context) -> bool {
    fn copied(shape: &Shape) -> bool {
        match shape {
            Shape::Float | Shape::Int => true,
            Shape::Seq(e, len) => len.is_some() && copied(e),
            Shape::Tuple(es) => es.iter().all(copied),
            Shape::Unknown | Shape::Named | Shape::Option(_) => false,
        }
    }
    c.sig.inputs.iter().all(|i| match i.by {
        By::Ref => true,
        By::Mut => i.out,
        By::Value => copied(&i.shape),
    })
}

/// A call for each lane; for the first alone where the function runs only once.
fn lane_by_lane(
    c: &Context,
    before: &TokenStream,
    call: &dyn Fn(&[Ident]) -> TokenStream,
) -> TokenStream {
    let p = &c.private;
    let lanes = c.adjoints_in(LANES);
    let mut out = before.clone();
    if before.is_empty() {
        for (k, all) in c.adjoints.iter().enumerate() {
            let ds = lanes.iter().filter_map(|lane| lane.get(k));
            out.extend(quote!(let [#(mut #ds),*] = #all;));
        }
    }
    let results: Vec<Ident> = (0..LANES).map(|k| format_ident!("__t{}", k)).collect();
    let repeats = repeats(c);
    for (k, (lane, t)) in lanes.iter().zip(&results).enumerate() {
        let call = call(lane);
        out.extend(match (c.ret(), k) {
            (_, 1..) if !repeats => quote!(let #t = #p::zero(&__t0);),
            (None, _) => quote!(#call;),
            (Some(_), 0) => quote!(let (__value, #t) = #call;),
            (Some(_), _) => quote!(let (_, #t) = #call;),
        });
        if !repeats && c.ret().is_none() {
            break;
        }
    }
    let together = c.together();
    let alone = (!repeats).then(|| quote!(#p::HasLanes::give_up(#together);));
    let value = c.ret().map(|_| quote!((__value, [#(#results),*])));
    quote!(#alone #out #value)
}

/// The names of ours in the body of a rule, clear of the user's.
fn fresh(c: &Context, hint: &str, count: usize) -> Vec<Ident> {
    let mut names = c.names();
    let lanes = c.adjoints_in(LANES);
    let taken = c.sig.inputs.iter().map(|i| &i.name);
    for name in taken.chain(&c.adjoints).chain(lanes.iter().flatten()) {
        names.reserve(&name.to_string());
    }
    (0..count).map(|_| names.fresh(hint)).collect()
}

/// The sums of `partials[k]` times the tangent of each parameter, in each lane.
fn sums(c: &Context, lanes: &[Vec<Ident>], partials: &[(usize, Ident)]) -> Vec<TokenStream> {
    let p = &c.private;
    let sum = |lane: &Vec<Ident>| {
        let terms = partials.iter().filter_map(|(k, by)| {
            let (d, mode) = (lane.get(*k)?, mode(c, *k));
            Some(quote!(if <#mode as #p::Travels>::ON { #d * #by } else { #d }))
        });
        quote!(#((#terms))+*)
    };
    lanes.iter().map(sum).collect()
}

/// Of a number made of numbers the rule for reverse mode gives the partials.
fn by_gradient(c: &Context, rule: &syn::Path, lanes: &[Vec<Ident>]) -> TokenStream {
    let p = &c.private;
    let names = fresh(c, "by", c.sig.inputs.len());
    let preludes = preludes(c, lanes);
    let active = c.sig.inputs.iter().enumerate().zip(names);
    let active = active.filter(|((_, i), _)| i.active);
    let partials: Vec<(usize, Ident)> = active.map(|((k, _), by)| (k, by)).collect();
    let sums = sums(c, lanes, &partials);
    let bound = partials.iter().map(|(_, by)| by);
    let args = c.sig.inputs.iter().map(|i| &i.name);
    let ty = &c.sig.ret;
    let one = quote!(<#ty as #p::Real>::from_f64(1.0));
    quote!(#preludes let (__value, #(#bound),*) = #rule(#(#args,)* #one); (__value, [#(#sums),*]))
}

/// Each partial, where it is asked for, times the tangents of its parameter.
fn by_partials(c: &Context, lanes: &[Vec<Ident>]) -> TokenStream {
    let p = &c.private;
    let (primal, preludes) = (custom::primal(c), preludes(c, lanes));
    let names = fresh(c, "by", c.sig.inputs.len());
    let (mut partials, mut lets) = (Vec::new(), TokenStream::new());
    for ((k, i), by) in c.sig.inputs.iter().enumerate().zip(names) {
        let Some((_, partial)) = c.options.partials.iter().find(|(n, _)| *n == i.name) else {
            continue;
        };
        let (mode, ty) = (mode(c, k), &i.ty);
        let zero = quote!(<#ty as #p::Real>::from_f64(0.0));
        lets.extend(
            quote!(let #by: #ty = if <#mode as #p::Travels>::ON { #partial } else { #zero };),
        );
        partials.push((k, by));
    }
    let sums = sums(c, lanes, &partials);
    quote!(let ret = #primal; #preludes #lets (ret, [#(#sums),*]))
}
