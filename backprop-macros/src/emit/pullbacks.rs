//! A call and its sweep in two halves that share what the first one found.
//!
//! A sweep that runs after its function has to compute again what it needs of it, in every callee once more for each
//! function above it. So the hidden item of a free function has its run with a pullback, too:
//!
//! ```text
//! fn forward<..>(x: &[f64], primal: F) -> (f64, impl FnOnce(&[f64], Slot<[f64], M0>, f64, &mut K)) { .. }
//! ```
//!
//! The pullback owns what it needs of the run. It is handed the arguments once more: it borrows nothing meanwhile.
//! Where a function has nothing worth keeping, or keeps it on a tape, the run is the function as it stands, and the
//! pullback its sweep.
//!
//! A pullback owns those of the calls that the function always makes, and no others: it has a size in a recursion, too.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::FnArg;

use super::bodies::{Halves, halves};
use super::body::Body;
use super::call::{FALLBACKS, respanned, take_generics, turbofish};
use super::context::Context;
use super::hidden::Parameters;
use super::item::{callee, own_generics};
use crate::ir::{Arg, Call, Callee, Func, Stmt, Sweep, same_path};

/// What runs before the cotangent is there.
pub(super) enum Run<'a> {
    /// The beginning of a sweep that waits for it.
    Sweep(&'a Func),
    /// The function.
    Plain,
    /// Nothing: something is wrong in the function.
    Refused,
}

impl Run<'_> {
    fn halves(&self, c: &Context) -> Option<Halves> {
        match self {
            Run::Sweep(f) => halves(c, f),
            Run::Plain | Run::Refused => None,
        }
    }
}

/// `forward`, beside the sweep. Nothing for functions whose calls are not taken apart.
pub(super) fn forward(
    c: &Context,
    parameters: &Parameters,
    run: &Run,
    hint: &TokenStream,
) -> Option<TokenStream> {
    let ret = c.ret().filter(|_| taken_apart(c))?;
    let p = &c.private;
    let (seed, store) = c.seed_and_store();
    let types = c.item.sig.inputs.iter().map(|arg| match arg {
        FnArg::Typed(t) => t.ty.to_token_stream(),
        FnArg::Receiver(_) => TokenStream::new(),
    });
    let types: Vec<TokenStream> = types.collect();
    // The pullback takes arguments of any lifetime: then it owns none.
    let free: Vec<String> = c
        .item
        .sig
        .generics
        .lifetimes()
        .map(|l| l.lifetime.ident.to_string())
        .collect();
    let freed = |tokens: &TokenStream| any_lifetime(tokens, &free);
    let taken_types: Vec<TokenStream> = types.iter().map(freed).collect();
    let slot_types: Vec<TokenStream> = parameters.slot_types.iter().map(freed).collect();
    let names = &parameters.mode_names;
    let taken = quote!(#(#taken_types, #slot_types,)* #ret, &mut __K);
    let (arguments, body) = match run.halves(c) {
        Some(Halves { run, value, pull }) => {
            let arguments = &parameters.arguments;
            let again = arguments.iter().map(freed);
            let slots = parameters.slots.iter().map(freed);
            let body = quote! {
                #run
                let value = #value;
                (value, move |#(#again, #slots,)* mut #seed: #ret, #store: &mut __K| { #pull })
            };
            (quote!(#(#arguments,)*), body)
        }
        None => {
            // Other names: a parameter may be called like the function.
            let number = |k: usize| (format_ident!("a{}", k), format_ident!("d{}", k));
            let (a, d): (Vec<Ident>, Vec<Ident>) = (0..types.len()).map(number).unzip();
            let sweep = callee(c);
            let value = match run {
                Run::Refused => quote!(::core::unimplemented!()),
                _ => {
                    let primal = primal(c);
                    quote!(#primal(#(#a),*))
                }
            };
            let body = quote! {
                (#value, |#(#a: #taken_types, #d: #slot_types,)* seed: #ret, store: &mut __K| {
                    #sweep(#(#a, #d,)* seed, store, #p::Rest)
                })
            };
            (quote!(#(#a: #types,)*), body)
        }
    };
    let own = &c.item.sig.generics.params;
    let own: Vec<TokenStream> = own.iter().map(|g| quote!(#g,)).collect();
    let captured = own_generics(c);
    let (modes, keeps) = (&parameters.modes, &parameters.store);
    let clause = &c.item.sig.generics.where_clause;
    let attributes = c.attributes();
    let vis = &c.item.vis;
    Some(quote! {
        #[doc(hidden)]
        #attributes
        #hint
        #vis fn forward<#(#own)* #(#modes,)* __K: #keeps>(#arguments _: #p::ResultOf<#ret>)
            -> (#ret, impl ::core::ops::FnOnce(#taken) + use<#(#captured,)* #(#names,)* __K>) #clause
        { #body }
    })
}

/// The same tokens with `'_` for some lifetimes.
fn any_lifetime(tokens: &TokenStream, names: &[String]) -> TokenStream {
    let mut behind = false;
    let token = |t: TokenTree| {
        let name = core::mem::replace(
            &mut behind,
            matches!(&t, TokenTree::Punct(p) if p.as_char() == '\''),
        );
        match t {
            TokenTree::Group(g) => {
                let mut inner = Group::new(g.delimiter(), any_lifetime(&g.stream(), names));
                inner.set_span(g.span());
                inner.into()
            }
            TokenTree::Ident(i) if name && names.contains(&i.to_string()) => {
                Ident::new("_", i.span()).into()
            }
            t => t,
        }
    };
    tokens.clone().into_iter().map(token).collect()
}

/// The function as its own pullback calls it.
fn primal(c: &Context) -> TokenStream {
    let name = &c.item.sig.ident;
    let own = own_generics(c);
    let turbofish = (!own.is_empty()).then(|| quote!(::<#(#own),*>));
    quote!(#name #turbofish)
}

/// Free functions that return a value and change no argument.
fn taken_apart(c: &Context) -> bool {
    let inputs = c.sig.inputs.iter();
    !c.member && inputs.clone().all(|i| i.by != crate::ir::By::Mut)
}

/// A call whose pullback is called later in the same block.
pub(crate) struct Pullback {
    call: Call,
    name: Ident,
    /// How deep the block lies.
    depth: usize,
}

/// Whether a sweep is that of a call which has run on the same arguments.
fn belongs(s: &Sweep, c: &Call) -> bool {
    let (Callee::Function(f), Callee::Function(g)) = (&s.call.callee, &c.callee) else {
        return false;
    };
    let same = |pair: (&Arg, &Arg)| match pair {
        (Arg::Value(v), Arg::Value(w)) => v == w,
        (Arg::Ref(v, p), Arg::Ref(w, q)) => v == w && same_path(p, q),
        _ => false,
    };
    c.ret.is_some()
        && c.beside.is_none()
        && s.call.ret.is_none()
        && s.call.args.len() == c.args.len()
        && s.call.args.iter().zip(&c.args).all(same)
        && f.to_token_stream().to_string() == g.to_token_stream().to_string()
}

impl Body<'_> {
    /// Whether the sweep of a call stands among the statements behind it, and is not that of an equal call before.
    pub(super) fn is_pulled(&self, c: &Call, behind: &[Stmt]) -> bool {
        let sweeps: Vec<&Sweep> = behind
            .iter()
            .filter_map(|s| match s {
                Stmt::Sweep(s) if belongs(s, c) => Some(s),
                _ => None,
            })
            .collect();
        let taken = |s: &Sweep| {
            let open = self.pullbacks.iter();
            let of_this = open.filter(|p| p.depth == self.depth && belongs(s, &p.call));
            of_this.count()
        };
        sweeps.first().is_some_and(|s| sweeps.len() > taken(s))
    }

    /// `let (value, pull) = f::forward(..);`
    pub(super) fn forward_call(&mut self, c: &Call) -> TokenStream {
        let (Callee::Function(path), Some(r)) = (&c.callee, c.ret) else {
            return TokenStream::new();
        };
        let p = self.private.clone();
        let mut out = TokenStream::new();
        let mut cuts = TokenStream::new();
        let args = self.arguments(c, &[], &mut out, &mut cuts);
        out.extend(cuts);
        // At the callee's name: what rustc says of the two halves is said of one place, and so once.
        let span = c.callee.span();
        let mut pull = self.names.fresh("pull");
        pull.set_span(span);
        self.pullbacks.push(Pullback {
            call: c.clone(),
            name: pull.clone(),
            depth: self.depth,
        });
        // Of a callee without derivative nothing is known but what it returns.
        let primal = quote!(#p::result_of(|| #path(#(#args),*)));
        let (path, generics) = take_generics(path);
        let turbofish = turbofish(generics, args.len() + 1);
        let call = if args.len() > FALLBACKS {
            quote_spanned!(span=> #path::forward #turbofish(#(#args,)* #primal))
        } else {
            let fallback = format_ident!("of_{}", args.len());
            let callee = Ident::new("__callee", span);
            let found = respanned(&quote!(<#callee as #p::HasDerivative>::FOUND), span);
            quote_spanned!(span=> { use #p::missing::#fallback::*; use #path as #callee; let () = #found; #callee::forward #turbofish(#(#args,)* #primal) })
        };
        let info = self.func.info(r);
        let (ty, real) = (info.ty.clone(), info.assert_real);
        let ty = ty.map(|t| quote!(: (#t, _)));
        let mutable = (!real || self.tracked.contains(&r)).then(|| quote!(mut));
        let name = self.name_result(r, "t");
        let real = real.then(|| quote!(let #mutable #name = #p::real(#name);));
        quote!(#out let (#mutable #name, #pull) #ty = #call; #real)
    }

    /// The pullback of the call that a sweep belongs to.
    pub(super) fn pullback_of(&mut self, s: &Sweep) -> Option<Ident> {
        let depth = self.depth;
        let mut open = self.pullbacks.iter();
        let at = open.position(|p| p.depth == depth && belongs(s, &p.call))?;
        Some(self.pullbacks.remove(at).name)
    }
}
