//! What the generated functions of one primal have in common: its item, names clear of the user's, parameters.

use std::cell::RefCell;
use std::collections::HashSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{FnArg, ItemFn};

use super::names::{Names, idents};
use crate::differentiate::forward::LANES;
use crate::ir::By;
use crate::options::Options;
use crate::sig::{Input, Sig};

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
    pub(super) adjoints: Vec<Ident>,
    /// Slices that a body would have to copy.
    pub(super) uncopied: RefCell<Vec<(Span, String)>>,
    /// What the seed and the store are called.
    seed: Ident,
    store: Ident,
    /// What callees of a function of several tangents are handed last.
    together: Ident,
    /// The names of tangents in the lanes behind the first.
    lanes: Vec<Vec<Ident>>,
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
            || sig.member
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
        let (seed, store) = (own.fresh("d_ret"), own.fresh("tape"));
        let together = own.fresh("together");
        let mut lane = || {
            let inputs = sig.inputs.iter();
            inputs
                .map(|i| own.fresh(&format!("d_{}", i.name)))
                .collect()
        };
        let lanes = (0..LANES).map(|_| lane()).collect();
        Context {
            item,
            sig,
            options,
            private: quote!(#krate::__private),
            krate,
            member,
            names,
            adjoints,
            uncopied: RefCell::default(),
            seed,
            store,
            together,
            lanes,
        }
    }

    /// What callees of a function of several tangents are handed last.
    pub(super) fn together(&self) -> &Ident {
        &self.together
    }

    /// The names of the tangents in each of some lanes; of the only one they are those of the adjoints.
    pub(super) fn adjoints_in(&self, lanes: usize) -> Vec<Vec<Ident>> {
        match lanes {
            1 => vec![self.adjoints.clone()],
            _ => self.lanes.iter().take(lanes).cloned().collect(),
        }
    }

    pub(super) fn named(&self, suffix: &str) -> Ident {
        let mut name = format_ident!("{}_{}", self.item.sig.ident, suffix);
        name.set_span(self.item.sig.ident.span());
        name
    }

    pub(crate) fn names(&self) -> Names {
        self.names.clone()
    }

    pub(super) fn ret(&self) -> Option<&syn::Type> {
        self.sig.ret.as_ref()
    }

    /// The value and the gradients of what is passed by value.
    pub(super) fn output(&self) -> TokenStream {
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
    pub(super) fn parameters(&self) -> Vec<TokenStream> {
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

    pub(super) fn tape(&self) -> Option<TokenStream> {
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
pub(super) fn plain_arg(arg: &FnArg, input: &Input) -> TokenStream {
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
