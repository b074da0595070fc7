//! Calls of users' functions, and of their sweeps.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::PathArguments;

use super::along;
use super::body::Body;
use super::disjoint;
use super::found::chooses;
use super::names::idents;
use super::tokens::Tokens;
use crate::ir::table::Set;
use crate::ir::{Arg, Call, Callee, Found, Path, Proj, SlotArg, Sweep, V};

/// The hidden sweep of a method or associated function.
pub(crate) fn hidden(name: &Ident) -> Ident {
    let mut hidden = format_ident!("__derivative_of_{}", name);
    hidden.set_span(name.span());
    hidden
}

/// What tells which part of the sweep of a method or associated function runs after a call: asked of the type, and
/// of a receiver.
pub(crate) fn parts(name: &Ident) -> [Ident; 2] {
    [
        format_ident!("__part_of_{}", name),
        format_ident!("__part_by_self_of_{}", name),
    ]
}

impl Body<'_> {
    pub(crate) fn primal_call(&mut self, c: &Call, live: &Set) -> TokenStream {
        if !c.along.is_empty() {
            return self.call_along(c, live);
        }
        if let Some(beside) = &c.beside {
            return self.call_beside(c, beside, live);
        }
        let mut out = self.lend(c, live);
        out.extend(self.keep_found(c));
        let mut cuts = TokenStream::new();
        let args = self.arguments(c, &[], &mut out, &mut cuts);
        out.extend(cuts);
        let call = match &c.callee {
            Callee::Function(p) | Callee::Associated(p) => quote!(#p(#(#args),*)),
            Callee::Method(name, turbofish) => {
                let (receiver, args) = self.receiver_of(c, &args, &[]);
                quote!(#receiver.#name #turbofish(#(#args),*))
            }
        };
        out.extend(self.bind_result(c, call));
        out
    }

    pub(super) fn bind_result(&mut self, c: &Call, call: TokenStream) -> TokenStream {
        match c.ret {
            Some(r) if self.is_used(r) => {
                let (ty, real) = (self.func.info(r).ty.clone(), self.func.info(r).assert_real);
                let ty = ty.map(|t| quote!(: #t));
                let p = self.private.clone();
                let name = self.name_result(r, "t");
                if real {
                    let mutable = self.tracked.contains(&r).then(|| quote!(mut));
                    quote!(let #mutable #name #ty = #p::real(#call);)
                } else {
                    quote!(let mut #name #ty = #call;)
                }
            }
            _ => quote!(#call;),
        }
    }

    /// The receiver as written, and the arguments after it.
    pub(super) fn receiver_of(
        &self,
        c: &Call,
        args: &[TokenStream],
        lent: &[SlotArg],
    ) -> (TokenStream, Vec<TokenStream>) {
        let receiver = match &c.args[0] {
            Arg::Ref(v, p) if !args.is_empty() && self.is_lent(c, lent, *v, p) => {
                let old = &args[0];
                Tokens::from(quote!((#old)))
            }
            Arg::Value(v) => self.place(*v, &Vec::new()),
            Arg::Ref(v, p) => self.method_place(*v, p),
            Arg::Mut(_, p, v) | Arg::Again(v, p) if has_payload(p) => self.changed_place(*v, p),
            Arg::Mut(_, p, v) | Arg::Again(v, p) => self.method_place(*v, p),
        };
        (receiver.stream(), args.iter().skip(1).cloned().collect())
    }

    fn method_place(&self, v: V, path: &Path) -> Tokens {
        if path.is_empty() && self.is_reference(v) {
            return self.root(v);
        }
        self.place(v, path)
    }

    /// A part that a callee may change.
    fn changed_place(&self, v: V, path: &Path) -> Tokens {
        if has_payload(path) {
            self.projected_mut(self.root(v), self.is_reference(v), path)
        } else {
            self.place(v, path)
        }
    }

    /// What is borrowed mutably becomes the version that the call leaves.
    pub(super) fn lend(&mut self, c: &Call, live: &Set) -> TokenStream {
        let lent = c.args.iter().filter_map(|a| match a {
            Arg::Mut(root, _, new) => Some((*root, *new)),
            Arg::Value(_) | Arg::Ref(..) | Arg::Again(..) => None,
        });
        self.update_each(&lent.collect::<Vec<_>>(), live)
    }

    /// Lets values become their next versions, each in a variable of its own: two may have started from one value.
    pub(super) fn update_each(&mut self, lent: &[(V, V)], live: &Set) -> TokenStream {
        let mut out = TokenStream::new();
        for (k, (root, new)) in lent.iter().enumerate() {
            let again = lent.iter().skip(k + 1).any(|(other, _)| other == root);
            let (copy, _) = match again {
                true => {
                    let mut live = live.clone();
                    live.insert(*root);
                    self.update(*root, *new, &live)
                }
                false => self.update(*root, *new, live),
            };
            out.extend(copy);
        }
        out
    }

    /// `&y[..]` or `&mut y[..]`.
    pub(super) fn reference(&self, v: V, path: &Path, mutable: bool) -> TokenStream {
        let borrow = if mutable { quote!(&mut) } else { quote!(&) };
        if path.is_empty() && self.is_reference(v) {
            let name = self.root(v);
            return quote!(#borrow *#name);
        }
        let place = if mutable {
            self.changed_place(v, path)
        } else {
            self.place(v, path)
        };
        quote!(#borrow #place)
    }

    /// The arguments. `lent`: what the call borrows besides. `cuts` comes last before the call.
    pub(super) fn arguments(
        &mut self,
        c: &Call,
        lent: &[SlotArg],
        out: &mut TokenStream,
        cuts: &mut TokenStream,
    ) -> Vec<TokenStream> {
        let parts = self.disjoint(&disjoint::of_arguments(c), cuts);
        let mut list = Vec::new();
        for (a, part) in c.args.iter().zip(parts) {
            if let Some(part) = part {
                list.push(part);
                continue;
            }
            list.push(match a {
                Arg::Value(v) if self.is_lent(c, lent, *v, &Vec::new()) => {
                    let old = self.old(*v, *v, out);
                    quote!(#old)
                }
                Arg::Value(v) => self.value(*v).tokens.stream(),
                Arg::Ref(v, path) if self.is_lent(c, lent, *v, path) => {
                    let old = self.old(*v, *v, out);
                    let part = self.projected(old, path);
                    quote!(&#part)
                }
                Arg::Ref(v, p) if p.is_empty() => self.borrowed(*v).stream(),
                Arg::Ref(v, p) => {
                    let place = self.place(*v, p);
                    quote!(&#place)
                }
                Arg::Mut(_, p, new) | Arg::Again(new, p) => self.reference(*new, p, true),
            });
        }
        list
    }

    /// Whether the call borrows mutably what it also reads: in `let old = *y; step(&old, y);` nobody needed a copy
    /// before.
    pub(super) fn is_lent(&self, c: &Call, lent: &[SlotArg], v: V, path: &Path) -> bool {
        let Some(name) = self.variable(v) else {
            return false;
        };
        let overlaps = |w: V, part: &Path| self.variable(w) == Some(name) && !apart(path, part);
        let slots = lent.iter().filter_map(|slot| match slot {
            SlotArg::Local(_, part, new) => Some((*new, part)),
            _ => None,
        });
        let buffers = c.args.iter().filter_map(|a| match a {
            Arg::Mut(_, part, new) | Arg::Again(new, part) => Some((*new, part)),
            Arg::Value(_) | Arg::Ref(..) => None,
        });
        slots.chain(buffers).any(|(w, part)| overlaps(w, part))
    }

    /// `let old = y;`, before the call.
    pub(super) fn old(&mut self, v: V, by: V, out: &mut TokenStream) -> Ident {
        let copy = self.fresh_copy(v, by);
        let name = self.names.fresh("old");
        out.extend(quote!(let #name = #copy;));
        name
    }

    /// A call of the sweep: the arguments, each followed by its slot, then seed and store.
    pub(crate) fn sweep(&mut self, s: &Sweep, live: &Set) -> TokenStream {
        let c = &s.call;
        let mut out = TokenStream::new();
        if c.ret.is_none() {
            // What the primal call left is handed over as it is, or as the call found it: then it is left so again.
            for a in &c.args {
                if let Arg::Mut(root, _, new) = a {
                    self.alias(*root, *new);
                }
            }
        } else {
            out.extend(self.lend(c, live));
            out.extend(self.keep_found(c));
        }
        let mut busy = live.clone();
        for a in &c.args {
            busy.insert(a.root());
            if let Arg::Mut(_, _, new) = a {
                busy.insert(*new);
            }
        }
        let local = s.slots.iter().filter_map(|slot| match slot {
            SlotArg::Local(a, _, new) => Some((*a, *new)),
            _ => None,
        });
        // A cotangent may be a number that the call is lent: then it is copied.
        out.extend(self.update_each(&local.collect::<Vec<_>>(), &busy));
        for slot in &s.slots {
            match slot {
                SlotArg::Fresh(_) if self.is_count(s, slot) => {}
                SlotArg::Fresh(d) => {
                    let k = s
                        .slots
                        .iter()
                        .position(|x| matches!(x, SlotArg::Fresh(e) if e == d))
                        .unwrap_or(0);
                    let zero = match &c.args[k] {
                        Arg::Value(v) => self.zero_of(*d, *v),
                        _ => quote!(()),
                    };
                    let name = self.name_result(*d, "d");
                    out.extend(quote!(let mut #name = #zero;));
                }
                SlotArg::Off | SlotArg::Param(..) | SlotArg::Local(..) | SlotArg::Spare { .. } => {}
            }
        }
        let mut cuts = TokenStream::new();
        let args = self.arguments(c, &s.slots, &mut out, &mut cuts);
        let parts = self.disjoint(&disjoint::of_slots(&s.slots), &mut cuts);
        let spares: Vec<Option<TokenStream>> = s
            .slots
            .iter()
            .zip(&c.args)
            .map(|(slot, arg)| match (slot, arg) {
                (SlotArg::Spare { .. }, Arg::Mut(_, path, v)) => self.spare(*v, path, &mut out),
                _ => None,
            })
            .collect();
        let (apart, mut together) = self.together(s);
        // What is ours stands at the callee's name, so that what rustc says of it points there.
        let span = c.callee.span();
        let slots: Vec<TokenStream> = s
            .slots
            .iter()
            .zip(spares.into_iter().zip(parts))
            .zip(&s.found)
            .enumerate()
            .map(|(k, ((slot, (spare, part)), found))| {
                // The callee has to promise that it writes all of it.
                let p = &self.private;
                let slot = match found {
                    Found::Refilled => {
                        let slot = self.slot(slot);
                        quote!(#p::refilled(#slot))
                    }
                    Found::Left | Found::Entry(_) | Found::Any => {
                        let off = spare.is_none() && self.is_count(s, slot);
                        let slot = if off { &SlotArg::Off } else { slot };
                        let part = part.map(|part| quote!(#p::on(#part)));
                        let lent = spare.or(part).or_else(|| together.remove(&k));
                        lent.unwrap_or_else(|| self.slot(slot))
                    }
                };
                respanned(&slot, span)
            })
            .collect();
        let pull = self.pullback_of(s);
        let (args, slots) = match &c.beside {
            Some(beside) => self.with_tangents(c, beside, args, Some(slots)),
            None => (args, slots),
        };
        let p = &self.private;
        let seed = s
            .seed
            .map_or_else(|| quote!(()).into(), |v| self.value(v).tokens);
        // A seed that is read from what the call borrows is read before.
        let buffers = c.args.iter().filter_map(|a| match a {
            Arg::Mut(_, _, v) | Arg::Again(v, _) => self.variable(*v).cloned(),
            Arg::Value(_) | Arg::Ref(..) => None,
        });
        let lent: Vec<Ident> = s
            .slots
            .iter()
            .filter_map(|slot| match slot {
                SlotArg::Local(_, _, new) => self.variable(*new).cloned(),
                _ => None,
            })
            .chain(buffers)
            .collect();
        let mut read = Vec::new();
        idents(&seed.to_token_stream(), &mut read);
        let seed = if read.iter().any(|name| lent.contains(name)) {
            let name = self.names.fresh("seed");
            out.extend(quote!(let #name = #seed;));
            quote!(#name)
        } else {
            seed.to_token_stream()
        };

        out.extend(self.put_back(s));
        out.extend(cuts);

        // A call that has run leaves its value and its outputs where they are.
        let part = respanned(
            &if c.ret.is_some() {
                quote!(#p::Whole)
            } else if chooses(s) {
                self.part(c)
            } else {
                quote!(#p::Rest)
            },
            span,
        );
        let keep = &self.keep;
        let store = if self.tape {
            quote!(&mut *#keep)
        } else {
            quote!(&mut #p::NoTape)
        };
        let store = respanned(&store, span);
        if let Some(pull) = pull {
            let call = quote_spanned!(span=> #pull(#(#args, #slots,)* #seed, #store));
            let call = within(&apart, call);
            out.extend(quote!(#call;));
            return out;
        }
        if let Some(beside) = &c.beside {
            // A part that is named here is nobody's variable.
            let part = match c.ret.is_some() || !chooses(s) {
                true => along::placed(&part, span),
                false => part,
            };
            let seed = quote!(#seed, #store, #part);
            let call = self.companion_call(c, &args, &slots, &seed, &s.slots);
            out.extend(self.bind_all(c, &[beside.ret], &call));
            return out;
        }
        let call = match &c.callee {
            Callee::Function(path) => {
                let (path, generics) = take_generics(path);
                let turbofish = turbofish(generics, args.len() + 2);
                if args.len() > FALLBACKS {
                    quote_spanned!(span=> #path::sweep #turbofish(#(#args, #slots,)* #seed, #store, #part))
                } else {
                    let fallback = format_ident!("of_{}", args.len());
                    let callee = Ident::new("__callee", span);
                    let found = respanned(&quote!(<#callee as #p::HasDerivative>::FOUND), span);
                    quote_spanned!(span=> { use #p::missing::#fallback::*; use #path as #callee; let () = #found; #callee::sweep #turbofish(#(#args, #slots,)* #seed, #store, #part) })
                }
            }
            Callee::Associated(path) => {
                let (mut path, generics) = take_generics(path);
                if let Some(last) = path.segments.last_mut() {
                    last.ident = hidden(&last.ident);
                }
                let turbofish = turbofish(generics, args.len() + 2);
                quote_spanned!(span=> #path #turbofish(#(#args, #slots,)* #seed, #store, #part))
            }
            Callee::Method(name, generics) => {
                let name = hidden(name);
                let (receiver, rest) = self.receiver_of(c, &args, &s.slots);
                let (first, others) = (&slots[0], &slots[1..]);
                let generics = generics.as_ref().map(generic_list);
                let turbofish = turbofish(generics, args.len() + 2);
                let receiver = respanned(&receiver, span);
                let list =
                    quote_spanned!(span=> (#first, #(#rest, #others,)* #seed, #store, #part));
                quote!(#receiver.#name #turbofish #list)
            }
        };
        out.extend(self.bind_result(c, within(&apart, call)));
        out
    }
}

/// The largest number of arguments for which the runtime has a fallback.
pub(super) const FALLBACKS: usize = 12;

/// A call behind what it needs alone, in a block: slots end with it.
fn within(before: &TokenStream, call: TokenStream) -> TokenStream {
    if before.is_empty() {
        return call;
    }
    quote!({ #before #call })
}

/// Whether rustc sees that two parts of one thing do not overlap: it tells fields apart, and no indices.
fn apart(p: &[Proj], q: &[Proj]) -> bool {
    for (a, b) in p.iter().zip(q) {
        match (a, b) {
            (Proj::Field(a), Proj::Field(b)) if a != b => return true,
            (Proj::Field(_), Proj::Field(_)) | (Proj::Index(_), Proj::Index(_)) => {}
            _ => return false,
        }
    }
    false
}

fn has_payload(path: &Path) -> bool {
    path.iter().any(|p| matches!(p, Proj::Payload(..)))
}

/// The same tokens at another place. Names keep their hygiene: the place may be in another macro's definition.
pub(crate) fn respanned(tokens: &TokenStream, span: Span) -> TokenStream {
    let respan = |mut t: TokenTree| {
        if let TokenTree::Group(g) = &t {
            t = TokenTree::Group(Group::new(g.delimiter(), respanned(&g.stream(), span)));
        }
        t.set_span(if let TokenTree::Ident(i) = &t {
            i.span().located_at(span)
        } else {
            span
        });
        t
    };
    tokens.clone().into_iter().map(respan).collect()
}

/// A path without the turbofish of its last segment, and that.
pub(super) fn take_generics(path: &syn::Path) -> (syn::Path, Option<Vec<TokenStream>>) {
    let mut path = path.clone();
    let Some(last) = path.segments.last_mut() else {
        return (path, None);
    };
    let arguments = core::mem::replace(&mut last.arguments, PathArguments::None);
    match arguments {
        PathArguments::AngleBracketed(a) => {
            let generics = a
                .args
                .iter()
                .filter(|a| !matches!(a, syn::GenericArgument::Lifetime(_)))
                .map(|a| quote!(#a))
                .collect();
            (path, Some(generics))
        }
        _ => (path, None),
    }
}

/// The arguments of `::<A, B>`.
pub(super) fn generic_list(turbofish: &TokenStream) -> Vec<TokenStream> {
    match syn::parse2::<syn::AngleBracketedGenericArguments>(turbofish.clone()) {
        Ok(a) => a.args.iter().map(|a| quote!(#a)).collect(),
        Err(_) => Vec::new(),
    }
}

/// The user's generic arguments, then so many to be inferred.
pub(super) fn turbofish(
    generics: Option<Vec<TokenStream>>,
    inferred: usize,
) -> Option<TokenStream> {
    let generics = generics?;
    let inferred = (0..inferred).map(|_| quote!(_));
    Some(quote!(::<#(#generics,)* #(#inferred),*>))
}
