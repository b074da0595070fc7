//! The generated functions: signatures, results, and the hidden sweep that callers use.
//!
//! ```text
//! fn f_grad(x: f64, w: &[f64], d_w: &mut [f64]) -> (f64, f64) { .. }
//! fn f_vjp(x: f64, w: &[f64], d_w: &mut [f64], d_ret: f64) -> (f64, f64) { f::sweep(..) }
//! struct f {}
//! impl f { fn sweep<M0: Mode, M1: Mode, K: Keep, P: Part>(x: f64, d_x: Slot<f64, M0>, w: &[f64], d_w: Slot<[f64], M1>, d_ret: f64, keep: &mut K, _: P) -> P::Value<f64> { .. } }
//! ```

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{FnArg, GenericParam, ItemFn};

use super::body::{Body, Target};
use super::names::{Names, idents};
use super::{call, custom, docs};
use crate::ir::table::Set;
use crate::ir::{By, Func, Shape};
use crate::options::Options;
use crate::sig::{Input, Sig};

/// The two reverse functions of one primal.
pub(crate) struct Sweeps {
    /// Seeded with 1; for functions that return a float.
    pub(crate) grad: Option<Func>,
    /// Seeded by an argument.
    pub(crate) vjp: Func,
    /// The same after the function has run: its results are not computed again. None where the function updates a
    /// parameter in place.
    pub(crate) pull: Option<Func>,
}

/// What the generated functions have in common.
pub(crate) struct Context<'a> {
    pub(crate) item: &'a ItemFn,
    pub(crate) sig: &'a Sig,
    pub(crate) options: &'a Options,
    pub(crate) private: TokenStream,
    pub(crate) krate: TokenStream,
    /// In an `impl` block.
    pub(crate) member: bool,
    /// All names that mean something in the user's function.
    names: Names,
    /// The adjoint's name of each parameter, clear of those.
    adjoints: Vec<Ident>,
    /// What the seed and the store are called.
    seed: Ident,
    store: Ident,
}

impl<'a> Context<'a> {
    pub(crate) fn new(item: &'a ItemFn, sig: &'a Sig, options: &'a Options) -> Context<'a> {
        let krate = options
            .krate
            .as_ref()
            .map_or_else(|| quote!(::backprop), ToTokens::to_token_stream);
        let mut found = Vec::new();
        idents(&item.sig.to_token_stream(), &mut found);
        idents(&item.block.to_token_stream(), &mut found);
        let member = sig.has_self
            || found.iter().any(|i| i == "Self")
            || crate::surroundings::in_impl(item.sig.ident.span());
        let names = names(found, &item.block);
        let mut own = names.clone();
        for i in &sig.inputs {
            own.reserve(&i.name.to_string());
        }
        let adjoints = sig.inputs.iter();
        let adjoints = adjoints
            .map(|i| own.fresh(&format!("d_{}", i.name)))
            .collect();
        Context {
            item,
            sig,
            options,
            private: quote!(#krate::__private),
            krate,
            member,
            names,
            adjoints,
            seed: own.fresh("d_ret"),
            store: own.fresh("tape"),
        }
    }

    fn named(&self, suffix: &str) -> Ident {
        let mut name = format_ident!("{}_{}", self.item.sig.ident, suffix);
        name.set_span(self.item.sig.ident.span());
        name
    }

    pub(crate) fn names(&self) -> Names {
        self.names.clone()
    }

    fn ret(&self) -> Option<&syn::Type> {
        self.sig.ret.as_ref()
    }

    /// The value and the gradients of what is passed by value.
    fn output(&self) -> TokenStream {
        let by_value = self
            .sig
            .inputs
            .iter()
            .filter(|i| i.active && i.by == By::Value)
            .map(|i| i.ty.to_token_stream());
        let all: Vec<TokenStream> = self
            .ret()
            .map(ToTokens::to_token_stream)
            .into_iter()
            .chain(by_value)
            .collect();
        match &all[..] {
            [] => TokenStream::new(),
            [one] => quote!(-> #one),
            all => quote!(-> (#(#all),*)),
        }
    }

    /// The parameters of `f_grad` and `f_vjp`, without seed and tape.
    fn parameters(&self) -> Vec<TokenStream> {
        let mut out = Vec::new();
        for ((arg, i), d) in self
            .item
            .sig
            .inputs
            .iter()
            .zip(&self.sig.inputs)
            .zip(&self.adjoints)
        {
            out.push(plain_arg(arg, i));
            if i.active && i.by != By::Value {
                let ty = &i.ty;
                out.push(quote!(#d: &mut #ty));
            }
        }
        out
    }

    pub(crate) fn seed_and_store(&self) -> (&Ident, &Ident) {
        (&self.seed, &self.store)
    }

    fn tape(&self) -> Option<TokenStream> {
        let krate = &self.krate;
        let (_, store) = self.seed_and_store();
        self.options
            .tape
            .map(|_| quote!(#store: &mut #krate::Tape<'_>))
    }

    /// The attributes of every generated item: those of the user's that decide whether it exists.
    pub(crate) fn attributes(&self) -> TokenStream {
        let cfg = self
            .item
            .attrs
            .iter()
            .filter(|a| a.path().is_ident("cfg") || a.path().is_ident("cfg_attr"));
        quote!(#(#cfg)* #[allow(unused, clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction, non_snake_case, unused_qualifications, unreachable_pub, elided_lifetimes_in_paths, single_use_lifetimes)])
    }

    /// Constants and imports that the body declares for itself.
    pub(crate) fn items(&self) -> TokenStream {
        let items = self.item.block.stmts.iter().filter_map(|s| match s {
            syn::Stmt::Item(i) => Some(i),
            _ => None,
        });
        quote!(#(#items)*)
    }
}

/// The names among `found` that the body does not declare itself.
fn names(found: Vec<Ident>, body: &syn::Block) -> Names {
    let mut names = Names::default();
    let locals = locals(body);
    for i in found {
        let name = i.to_string();
        if !locals.contains(&name) {
            names.reserve(&name);
        }
    }
    names
}

/// The names that a body declares.
fn locals(block: &syn::Block) -> HashSet<String> {
    struct Find(HashSet<String>);
    impl<'ast> syn::visit::Visit<'ast> for Find {
        fn visit_pat_ident(&mut self, p: &'ast syn::PatIdent) {
            self.0.insert(p.ident.to_string());
            syn::visit::visit_pat_ident(self, p);
        }
    }
    let mut find = Find(HashSet::new());
    syn::visit::Visit::visit_block(&mut find, block);
    find.0
}

/// A parameter without the attributes that are ours, free to be updated in place.
fn plain_arg(arg: &FnArg, input: &Input) -> TokenStream {
    match arg {
        FnArg::Receiver(r) => {
            let mut r = r.clone();
            r.attrs.clear();
            r.to_token_stream()
        }
        FnArg::Typed(p) => {
            let mut p = p.clone();
            p.attrs.clear();
            if let syn::Pat::Ident(i) = &mut *p.pat {
                i.mutability =
                    (input.by == By::Value && !input.shape.is_scalar()).then(Default::default);
            }
            p.to_token_stream()
        }
    }
}

/// The items beside the user's function.
pub(crate) fn beside(
    item: &ItemFn,
    sig: &Sig,
    options: &Options,
    sweeps: Option<Sweeps>,
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
    let hidden = hidden(&c, &sweep_body, pull_body.as_ref());
    quote!(#grad #vjp #hidden)
}

/// The signatures alone, for a function in which something is wrong.
pub(crate) fn stubs(item: &ItemFn, sig: &Sig, options: &Options) -> TokenStream {
    let c = Context::new(item, sig, options);
    let body = quote!(::core::unimplemented!());
    let grad = sig
        .is_scalar()
        .then(|| public(&c, "grad", "", &body, false));
    let vjp = public(&c, "vjp", "", &body, true);
    let hidden = hidden(&c, &body, Some(&body));
    quote!(#grad #vjp #hidden)
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
    quote! {
        #[doc = #doc]
        #attributes
        #[inline]
        #vis fn #name #generics (#(#parameters,)* #(#extra),*) #output #clause { #body }
    }
}

fn generic_params(c: &Context, _: TokenStream) -> TokenStream {
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

fn tuple(results: &[TokenStream]) -> TokenStream {
    match results {
        [] => TokenStream::new(),
        [one] => one.clone(),
        all => quote!((#(#all),*)),
    }
}

/// The hidden sweep as its own wrapper calls it.
fn callee(c: &Context) -> TokenStream {
    let name = &c.item.sig.ident;
    let own: Vec<TokenStream> = c
        .item
        .sig
        .generics
        .params
        .iter()
        .filter_map(|g| match g {
            GenericParam::Type(t) => Some(t.ident.to_token_stream()),
            GenericParam::Const(k) => Some(k.ident.to_token_stream()),
            GenericParam::Lifetime(_) => None,
        })
        .collect();
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

/// The sweep that callers use: a slot after every argument. And which part of it they run after the call.
fn hidden(c: &Context, body: &TokenStream, pull: Option<&TokenStream>) -> TokenStream {
    let p = &c.private;
    let name = &c.item.sig.ident;
    let vis = &c.item.vis;
    let ds = &c.adjoints;
    let mut parameters = Vec::new();
    let mut modes = Vec::new();
    for (k, ((arg, i), d)) in c
        .item
        .sig
        .inputs
        .iter()
        .zip(&c.sig.inputs)
        .zip(ds)
        .enumerate()
    {
        parameters.push(plain_arg(arg, i));
        let mode = format_ident!("__M{}", k);
        let ty = elided(i);
        if i.excluded {
            modes.push(quote!(#mode: #p::Excluded<#ty>));
            parameters.push(quote!(#d: #mode));
        } else {
            let wanted = i.active && i.by == By::Mut;
            let bound = if wanted {
                quote!(#p::Wanted)
            } else {
                quote!(#p::Mode)
            };
            modes.push(quote!(#mode: #bound));
            parameters.push(quote!(mut #d: #p::Slot<'_, #ty, #mode>));
        }
    }
    let store = if c.options.tape.is_some() {
        quote!(#p::Store)
    } else {
        quote!(#p::Keep)
    };
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
            #[inline]
            #vis fn #name <#(#own)* #(#modes,)* __K: #store, __P: #bound> (#(#parameters,)* #seed, #tape: &mut __K, _: __P) #output #clause { #body }
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
    quote! {
        #[doc(hidden)]
        #attributes
        #[allow(non_camel_case_types, dead_code)]
        #vis struct #name {}
        #[doc(hidden)]
        #attributes
        impl #name {
            #sweep_item
            #[doc(hidden)]
            #[inline(always)]
            #vis fn part() -> #part { #part }
        }
        #[diagnostic::do_not_recommend]
        #attributes
        impl #p::HasDerivative for #name {}
    }
}

fn elided(i: &Input) -> TokenStream {
    i.ty.to_token_stream()
}

fn body_of<'f>(c: &Context, func: &'f Func, target: Target) -> Body<'f> {
    let mut body = Body::new(
        func,
        target,
        c.private.clone(),
        real(c, func),
        c.names(),
        c.options.on("lanes"),
    );
    body.tape = c.options.tape.is_some();
    body
}

/// The type of our literals where the function is generic.
fn real(c: &Context, func: &Func) -> Option<TokenStream> {
    if c.sig.reals.is_empty() {
        // A parameter of the `impl` block, or an alias: the type of the result, where no float is named.
        let mut found = Vec::new();
        idents(&c.item.sig.to_token_stream(), &mut found);
        let plain = found.iter().any(|i| i == "f64" || i == "f32");
        let float = c.sig.ret_shape == Shape::Named
            && func.params.iter().any(|p| func.info(p.v).assert_real);
        return c
            .ret()
            .filter(|_| !plain && float)
            .map(ToTokens::to_token_stream);
    }
    let ret = c
        .ret()
        .map(|t| t.to_token_stream().to_string())
        .unwrap_or_default();
    let mut names: Vec<&String> = c.sig.reals.iter().collect();
    names.sort();
    let name = names.iter().find(|n| ***n == ret).or(names.first())?;
    name.parse().ok()
}

/// The body of `f_grad`.
fn direct(c: &Context, func: &Func) -> TokenStream {
    let mut b = body_of(c, func, Target::Direct);
    let p = &c.private;
    let items = c.items();
    let store = c.options.tape.is_none().then(|| {
        let keep = b.keep.clone();
        quote!(let #keep = &mut #p::NoTape;)
    });
    let body = b.block(&func.body, &results(func));
    let finals = b.finals();
    let mut out: Vec<TokenStream> = {
        let value = func.ret.map(|r| b.value(r).tokens.stream());
        value.into_iter().collect()
    };
    for (k, i) in c.sig.inputs.iter().enumerate() {
        if let (true, By::Value, Some(d)) = (i.active, i.by, func.adjoints[k]) {
            out.push(b.value(d).tokens.stream());
        }
    }
    let out = tuple(&out);
    let uses_store = mentions(&body, &b.keep);
    let store = store.filter(|_| uses_store);
    quote!(#items #store #body #finals #out)
}

fn mentions(tokens: &TokenStream, name: &Ident) -> bool {
    let mut found = Vec::new();
    idents(tokens, &mut found);
    found.contains(name)
}

/// The body of the hidden sweep.
fn slots(c: &Context, func: &Func) -> TokenStream {
    let mut b = body_of(c, func, Target::Slots);
    let p = &c.private;
    let mut lent = TokenStream::new();
    for (k, i) in c.sig.inputs.iter().enumerate() {
        if i.active && i.by == By::Mut {
            let d = &b.adjoints[k];
            lent.extend(quote!(let #d = #p::lent(#d);));
        }
    }
    let items = c.items();
    let asserted = asserted(c, func);
    let body = b.block(&func.body, &results(func));
    let finals = b.finals();
    let mut adds = TokenStream::new();
    for (k, i) in c.sig.inputs.iter().enumerate() {
        if let (true, By::Value, Some(d)) = (i.active, i.by, func.adjoints[k]) {
            let (slot, d) = (&b.adjoints[k], b.value(d).tokens);
            let add = Ident::new("add", i.name.span());
            adds.extend(quote!(#slot.#add(#d);));
        }
    }
    let out = func.ret.map(|r| b.value(r).tokens);
    quote!(#items #asserted #lent #body #finals #adds #out)
}

/// Asserts that a parameter of a named type is the float it is used as.
fn asserted(c: &Context, func: &Func) -> TokenStream {
    let p = &c.private;
    func.params
        .iter()
        .filter(|x| func.info(x.v).assert_real)
        .map(|x| {
            let name = &x.name;
            let star = (x.by != By::Value).then(|| quote!(*));
            quote!(#p::real(#star #name);)
        })
        .collect()
}

fn results(func: &Func) -> Set {
    func.ret
        .iter()
        .chain(func.finals.iter().flatten())
        .chain(func.adjoints.iter().flatten())
        .copied()
        .collect()
}

impl Body<'_> {
    /// Leaves the last versions of `&mut` parameters, and of their adjoints, in the caller's buffers.
    fn finals(&mut self) -> TokenStream {
        let func = self.func;
        let mut puts = Vec::new();
        for (k, p) in func.params.iter().enumerate() {
            if p.by == By::Mut {
                let d = func.adjoints[k].filter(|_| p.active);
                puts.extend(func.finals[k].map(|v| (p.name.clone(), v)));
                puts.extend(d.map(|v| (self.adjoints[k].clone(), v)));
            }
        }
        puts.retain(|(name, v)| *name != self.root(*v).to_string());
        let mut out = TokenStream::new();
        // A result that still lies in a buffer is taken out before the buffer gets its new contents.
        let finals = func.finals.iter().flatten();
        let adjoints = func.adjoints.iter().flatten();
        for v in func.ret.iter().chain(finals).chain(adjoints) {
            if puts.iter().any(|(name, _)| Some(name) == self.variable(*v)) {
                out.extend(self.set_aside(*v));
            }
        }
        for (name, v) in puts {
            let value = self.value(v).tokens;
            out.extend(quote!(*#name = #value;));
        }
        out
    }
}
