//! The items of forward mode: the hidden functions that callers use, for one tangent and for several, and `f_jvp`, which calls the first with
//! every tangent there.
//!
//! ```text
//! fn f_jvp(x: f64, d_x: f64, w: &[f64], d_w: &[f64]) -> (f64, f64) { f::tangent(x, along(d_x), w, beside(d_w), &Forward) }
//! impl f { fn tangent<M0: Travels, M1: Travels, P: HasJvp>(x: f64, d_x: Along<f64, M0>, w: &[f64], d_w: Along<&[f64], M1>, _: &P) -> (f64, f64) { .. } }
//! impl f { fn tangents<M0: Travels, M1: Travels, P: HasLanes>(x: f64, d_x: [Along<f64, M0>; 4], w: &[f64], d_w: [Along<&[f64], M1>; 4], together: &P) -> (f64, [f64; 4]) { .. } }
//! ```

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};

use super::along::{self, There};
use super::bodies::{asserted, body_of, results};
use super::body::Target;
use super::context::{Context, plain_arg};
use super::item::generic_params;
use super::{custom, inlining, together};
use crate::differentiate::forward::LANES;
use crate::ir::{By, Func};

/// A function with its tangents.
#[derive(Clone, Copy)]
pub(super) struct Tangents<'a> {
    /// With one tangent of each parameter.
    pub(super) one: &'a Func,
    /// With several, where it is not for second derivatives alone.
    pub(super) lanes: Option<&'a Func>,
}

/// What forward mode puts beside a function: where it is not asked for, what tells callers so.
pub(super) fn items(c: &Context, funcs: Option<Tangents>) -> TokenStream {
    if c.options.jvp.is_none() && c.options.hvp.is_none() {
        return hidden(c, None, None);
    }
    let (body, lanes) = match funcs {
        Some(t) => (
            body(c, t.one, &c.adjoints_in(1)),
            t.lanes.map(|lanes| together::body(c, lanes)),
        ),
        None => (
            custom::tangent(c, &preludes(c, &c.adjoints_in(1))),
            c.options.jvp.as_ref().map(|_| together::by_rule(c)),
        ),
    };
    let hidden = hidden(c, Some(&body), lanes.as_ref());
    let public = c.options.jvp.as_ref().map(|_| public(c, &wrapper(c)));
    quote!(#public #hidden)
}

/// The signatures alone.
pub(super) fn stubs(c: &Context) -> TokenStream {
    let body = quote!(::core::unimplemented!());
    if c.options.jvp.is_none() && c.options.hvp.is_none() {
        return hidden(c, None, None);
    }
    let asked = c.options.jvp.as_ref();
    let hidden = hidden(c, Some(&body), asked.map(|_| &body));
    let public = asked.map(|_| public(c, &body));
    quote!(#public #hidden)
}

/// Says whether the tangent of a parameter is there: a type, in terms of the type parameters of the hidden function.
pub(super) fn mode(c: &Context, k: usize) -> TokenStream {
    let p = &c.private;
    let (i, mode) = (&c.sig.inputs[k], format_ident!("__M{}", k));
    match i.by {
        _ if receives(i, c) => quote!(<#mode as #p::Receiver<Self>>::Mode),
        // It is always there.
        By::Mut => quote!(#p::On),
        By::Value | By::Ref => quote!(#mode),
    }
}

/// Whether a parameter is a `self` whose tangent is taken as it comes.
pub(super) fn receives(i: &crate::sig::Input, c: &Context) -> bool {
    c.sig.has_self && i.name == "self" && i.by != By::Mut
}

/// The statements of a function with its tangents, which are called so in each lane.
pub(super) fn body(c: &Context, func: &Func, lanes: &[Vec<Ident>]) -> TokenStream {
    let own = c.sig.inputs.len();
    let mut func = func.clone();
    let active = || (0..own).filter(|k| c.sig.inputs[*k].active);
    let names = active().flat_map(|k| lanes.iter().filter_map(move |lane| lane.get(k)));
    for (param, name) in func.params.iter_mut().skip(own).zip(names) {
        param.name = name.clone();
    }
    let modes = active().map(|k| mode(c, k)).collect();
    let mut b = body_of(c, &func, Target::Slots);
    b.there = Some(There::of(&func, own, lanes.len(), modes));
    b.twice = c.options.jvp.is_none();
    b.names.reserve(&c.together().to_string());
    b.together = c.together().clone();
    let (items, asserted, preludes) = (c.items(), asserted(c, &func), preludes(c, lanes));
    let body = b.block(&func.body, &results(&func));
    let finals = b.finals();
    let out = func.ret.map(|r| b.value(r).tokens);
    c.uncopied.borrow_mut().extend(b.uncopied.take());
    quote!(#items #asserted #preludes #body #finals #out)
}

/// From what the caller has to tangents of the parameters' types.
pub(super) fn preludes(c: &Context, lanes: &[Vec<Ident>]) -> TokenStream {
    let p = &c.private;
    let mut out = TokenStream::new();
    for (k, i) in c.sig.inputs.iter().enumerate().filter(|(_, i)| i.active) {
        let name = &i.name;
        let ds: Vec<&Ident> = lanes.iter().filter_map(|lane| lane.get(k)).collect();
        if ds.len() > 1 {
            let all = &c.adjoints[k];
            out.extend(quote!(let [#(mut #ds),*] = #all;));
        }
        for d in ds {
            out.extend(match i.by {
                By::Mut => quote!(let #d = #p::lent(#d);),
                By::Value if receives(i, c) => quote!(let mut #d = #p::own(#d, &#name);),
                By::Ref if receives(i, c) => quote!(let #d = #d.of_self(#name);),
                By::Value => quote!(let mut #d = #d.or_zero(&#name);),
                By::Ref => quote!(let #d = #d.or(#name);),
            });
        }
    }
    out
}

/// The hidden functions; without a body, of a method, ones that no caller can use. Of a function without one its type says so. Without the one for
/// several tangents the other is for second derivatives alone.
pub(super) fn hidden(
    c: &Context,
    one: Option<&TokenStream>,
    lanes: Option<&TokenStream>,
) -> TokenStream {
    if one.is_none() && !c.member {
        return TokenStream::new();
    }
    let p = &c.private;
    let name = &c.item.sig.ident;
    let signature = Signature::of(c);
    if c.member {
        let asked = lanes.is_some();
        let one = signature.function(c, &along::hidden(name, false), one, 1, asked);
        let lanes = signature.function(c, &along::hidden(name, true), lanes, LANES, asked);
        return quote!(#one #lanes);
    }
    let free = |together| along::of_free(name.span(), together);
    let one = signature.function(c, &free(false), one, 1, lanes.is_some());
    let attributes = c.attributes();
    let Some(lanes) = lanes else {
        return quote! {
            #[doc(hidden)]
            #attributes
            impl #name { #one }
        };
    };
    let lanes = signature.function(c, &free(true), Some(lanes), LANES, true);
    quote! {
        #[doc(hidden)]
        #attributes
        impl #name { #one #lanes }
        #[diagnostic::do_not_recommend]
        #attributes
        impl #p::HasTangent for #name {}
    }
}

/// What the hidden functions of one primal have in common.
pub(super) struct Signature {
    pub(super) lifetimes: Vec<syn::Lifetime>,
    pub(super) bounds: Vec<TokenStream>,
    /// Each parameter, and the type of its tangent.
    pub(super) arguments: Vec<(TokenStream, TokenStream)>,
}

impl Signature {
    pub(super) fn of(c: &Context) -> Signature {
        let p = &c.private;
        let (mut arguments, mut bounds, mut lifetimes) = (Vec::new(), Vec::new(), Vec::new());
        let inputs = c.item.sig.inputs.iter().zip(&c.sig.inputs);
        for (k, (arg, i)) in inputs.enumerate() {
            let mode = format_ident!("__M{}", k);
            // A value and its tangent live equally long: one may have to stand for the other.
            let mut named = Named {
                k,
                found: Vec::new(),
            };
            let (mut arg, mut ty) = (arg.clone(), i.ty.clone());
            if i.by != By::Mut {
                syn::visit_mut::VisitMut::visit_type_mut(&mut named, &mut ty);
                if let syn::FnArg::Typed(p) = &mut arg {
                    let inner = match &mut *p.ty {
                        syn::Type::Reference(t) => &mut t.elem,
                        _ => &mut p.ty,
                    };
                    **inner = ty.clone();
                }
                lifetimes.extend(named.found);
            }
            let leaves = i.excluded.then(|| quote!(#p::LeavesOut<#ty>));
            let (bound, tangent) = match i.by {
                _ if receives(i, c) => {
                    let leaves = leaves.map(|l| quote!(, Mode: #l));
                    (quote!(#p::Receiver<Self #leaves>), quote!(#mode))
                }
                By::Mut => {
                    let wanted = if i.active {
                        quote!(#p::Wanted)
                    } else {
                        quote!(#p::Mode)
                    };
                    let leaves = leaves.map(|l| quote!(+ #l));
                    (quote!(#wanted #leaves), quote!(#p::Slot<'_, #ty, #mode>))
                }
                By::Value => (
                    leaves.unwrap_or_else(|| quote!(#p::Travels)),
                    quote!(#p::Along<#ty, #mode>),
                ),
                By::Ref => (
                    leaves.unwrap_or_else(|| quote!(#p::Travels)),
                    quote!(#p::Along<&#ty, #mode>),
                ),
            };
            bounds.push(quote!(#mode: #bound));
            arguments.push((plain_arg(&arg, i), tangent));
        }
        Signature {
            lifetimes,
            bounds,
            arguments,
        }
    }

    fn function(
        &self,
        c: &Context,
        name: &Ident,
        body: Option<&TokenStream>,
        lanes: usize,
        asked: bool,
    ) -> TokenStream {
        let Signature {
            lifetimes,
            bounds,
            arguments,
        } = self;
        let p = &c.private;
        let own = &c.item.sig.generics.params;
        let own: Vec<TokenStream> = own.iter().map(|g| quote!(#g,)).collect();
        let clause = &c.item.sig.generics.where_clause;
        let attributes = c.attributes();
        let vis = &c.item.vis;
        let several = |t: &dyn ToTokens| match lanes {
            1 => t.to_token_stream(),
            _ => quote!([#t; #lanes]),
        };
        let arguments = arguments.iter().zip(&c.adjoints).map(|((arg, t), d)| {
            let t = several(t);
            quote!(#arg, mut #d: #t)
        });
        let output = c.ret().map(|t| {
            let ds = several(t);
            quote!(-> (#t, #ds))
        });
        let (bound, body, hint) = match body {
            Some(body) => (
                match lanes {
                    1 if asked => quote!(#p::HasJvp),
                    1 => quote!(#p::AddJvp),
                    _ => quote!(#p::HasLanes),
                },
                body.clone(),
                inlining::of_public(c),
            ),
            None => (
                // Callers have a call of either, and are told once.
                match lanes {
                    1 => quote!(#p::AddJvp),
                    _ => quote!(#p::HasLanes),
                },
                match lanes {
                    1 => quote!(#p::unasked::<__P, _>()),
                    _ => quote!(::core::unreachable!()),
                },
                TokenStream::new(),
            ),
        };
        let last = c.together();
        quote! {
            #[doc(hidden)]
            #attributes
            #hint
            #vis fn #name <#(#lifetimes,)* #(#own)* #(#bounds,)* __P: #bound> (#(#arguments,)* #last: &__P) #output #clause { #body }
        }
    }
}

/// Gives names to lifetimes `'_`.
struct Named {
    k: usize,
    found: Vec<syn::Lifetime>,
}

impl syn::visit_mut::VisitMut for Named {
    fn visit_lifetime_mut(&mut self, l: &mut syn::Lifetime) {
        if l.ident == "_" {
            let name = format!("'__l{}_{}", self.k, self.found.len());
            *l = syn::Lifetime::new(&name, l.span());
            self.found.push(l.clone());
        }
    }
}

/// `f_jvp`: each parameter with its tangent behind it.
fn public(c: &Context, body: &TokenStream) -> TokenStream {
    let name = c.named("jvp");
    let vis = &c.item.vis;
    let (generics, _, clause) = c.item.sig.generics.split_for_impl();
    let generics = generic_params(c, generics.to_token_stream());
    let mut parameters = Vec::new();
    let inputs = c.item.sig.inputs.iter().zip(&c.sig.inputs);
    for ((arg, i), d) in inputs.zip(&c.adjoints) {
        parameters.push(plain_arg(arg, i));
        let ty = &i.ty;
        if i.active {
            parameters.push(match i.by {
                By::Value => quote!(#d: #ty),
                By::Ref => quote!(#d: &#ty),
                By::Mut => quote!(#d: &mut #ty),
            });
        }
    }
    let output = c.ret().map(|t| quote!(-> (#t, #t)));
    let attributes = c.attributes();
    let hint = inlining::of_public(c);
    let doc = doc(c);
    quote! {
        #[doc = #doc]
        #attributes
        #hint
        #vis fn #name #generics (#(#parameters),*) #output #clause { #body }
    }
}

fn wrapper(c: &Context) -> TokenStream {
    let p = &c.private;
    let mut args = Vec::new();
    for (i, d) in c.sig.inputs.iter().zip(&c.adjoints) {
        let name = &i.name;
        if i.name != "self" || !c.sig.has_self {
            args.push(quote!(#name));
        }
        args.push(match (i.active, i.by) {
            (true, By::Value) => quote!(#p::along::<_, #p::On>(#d)),
            (true, By::Ref) => quote!(#p::beside::<_, #p::On>(#d)),
            (true, By::Mut) => quote!(#p::on(#d)),
            (false, By::Ref) if receives(i, c) => quote!(#p::beside::<_, #p::Off>(self)),
            (false, By::Value) if receives(i, c) => quote!(#p::still::<Self>()),
            (false, By::Value | By::Ref) => quote!(#p::still()),
            (false, By::Mut) => quote!(#p::off()),
        });
    }
    let callee = along::of(c, false);
    quote!(#callee(#(#args,)* &#p::Forward))
}

fn doc(c: &Context) -> String {
    let name = &c.item.sig.ident;
    let of = |by: By| {
        let inputs = c.sig.inputs.iter().zip(&c.adjoints);
        let named = inputs.filter(|(i, _)| i.active && i.by == by);
        named.map(|(_, d)| format!("`{d}`")).collect::<Vec<_>>()
    };
    let mut out = match c.ret() {
        Some(_) => format!(
            "The value of `{name}` and its derivative along the given tangents, by forward mode."
        ),
        None => format!(
            "`{name}` with the derivative of what it leaves along the given tangents, by forward mode."
        ),
    };
    let lent = of(By::Mut);
    if !lent.is_empty() {
        out += &format!(
            "\n\n{}: on entry the tangent of what the function finds, on exit of what it leaves.",
            lent.join(", ")
        );
    }
    out + "\n\n# Memory\n\nKeeps nothing: each tangent is computed beside its value."
}
