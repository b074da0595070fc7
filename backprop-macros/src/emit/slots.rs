//! The slots of a sweep: where it adds what each argument gets.

use std::collections::BTreeMap;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::body::{Body, Target};
use super::tokens::Tokens;
use crate::ir::{Arg, Path, Proj, Shape, SlotArg, Sweep, V, common_steps};

impl Body<'_> {
    /// Whether a slot is for an integer that was taken for a float before it was known.
    pub(super) fn is_count(&self, s: &Sweep, slot: &SlotArg) -> bool {
        let SlotArg::Fresh(d) = slot else {
            return false;
        };
        let own = |x: &SlotArg| matches!(x, SlotArg::Fresh(e) if e == d);
        let arg = s.slots.iter().position(own).map(|k| &s.call.args[k]);
        matches!(arg, Some(Arg::Value(v)) if *self.func.shape(*v) == Shape::Int)
            && !self.is_used(*d)
    }

    /// What the adjoint `d` of an argument begins with.
    pub(super) fn zero_of(&self, d: V, argument: V) -> TokenStream {
        let neutral = self.neutral.contains(&d);
        // What is only taken for a float may be the integer that the callee asks for.
        if *self.func.shape(argument) == Shape::Float && !self.func.info(argument).assert_real {
            let zero = self.lit(0.0).tokens.stream();
            return match (neutral, &self.real) {
                (true, None) => quote!(-#zero),
                _ => zero,
            };
        }
        let argument = self.borrowed(argument);
        self.zero(neutral, &argument)
    }

    /// The slot of scratch, and before it what it borrows. Types decide whether there is anything to borrow; of a slice, which has no
    /// size, the zero is that of what it is a part of. Of the caller's own there is none.
    pub(super) fn spare(
        &mut self,
        v: V,
        path: &Path,
        out: &mut TokenStream,
    ) -> Option<TokenStream> {
        let p = self.private.clone();
        let whole = path.iter().take_while(|p| !matches!(p, Proj::Range { .. }));
        let whole: Path = whole.cloned().collect();
        let vector = whole.is_empty() && matches!(self.func.shape(v), Shape::Seq(_, None));
        if vector && self.is_reference(v) {
            return None;
        }
        let place = self.reference(v, &whole, false);
        let name = self.names.fresh("d_spare");
        if vector && path.is_empty() {
            // The callee may ask for a slice.
            out.extend(quote!(let mut #name = #p::zero(#place);));
            return Some(quote!(#p::spare(&mut #name)));
        }
        if whole.len() == path.len() {
            out.extend(quote!(let mut #name = { use #p::Unvaried; #p::Scratch(#place).spare() };));
            return Some(quote!(#name.slot()));
        }
        out.extend(quote!(let mut #name = #p::zero(#place);));
        let part = self.projected_mut(name, false, &path[whole.len()..]);
        Some(quote!(#p::spare(&mut #part)))
    }

    /// The slots of several fields of one adjoint, which is taken apart before the call: `let (mut d_w, mut d_b) = d_m.split(|d| (&mut d.w, &mut d.b));`.
    pub(super) fn together(&mut self, s: &Sweep) -> (TokenStream, BTreeMap<usize, TokenStream>) {
        let mut out = TokenStream::new();
        let mut groups: BTreeMap<usize, Vec<(usize, &Path)>> = BTreeMap::new();
        for (k, slot) in s.slots.iter().enumerate() {
            if let SlotArg::Param(param, path) = slot {
                groups.entry(*param).or_default().push((k, path));
            }
        }
        let mut slots = BTreeMap::new();
        for (param, group) in groups {
            let [(_, first), others @ ..] = &group[..] else {
                continue;
            };
            let shared = others
                .iter()
                .map(|(_, path)| common_steps(first, path))
                .min();
            let Some(prefix) = shared.and_then(|shared| first.get(..shared)) else {
                continue;
            };
            let (p, c) = (self.private.clone(), self.closure.clone());
            let (d, rest) = self.adjoint_root(param, prefix);
            let shared = (!rest.is_empty()).then(|| {
                let place = self.projected_mut(c.clone(), true, rest);
                quote!(let #c = &mut #place;)
            });
            let place = |(_, path): &(usize, &Path)| {
                let own = path.get(prefix.len()..).unwrap_or_default();
                self.projected_mut(c.clone(), true, own)
            };
            let places: Vec<Tokens> = group.iter().map(place).collect();
            let names: Vec<Ident> = group.iter().map(|_| self.names.fresh("d_part")).collect();
            out.extend(match self.target {
                Target::Direct => {
                    quote!(let (#(#names,)*) = { let #c = &mut *#d; #shared (#(&mut #places,)*) };)
                }
                Target::Slots => {
                    quote!(let (#(mut #names,)*) = #d.split(|#c| { #shared (#(&mut #places,)*) });)
                }
            });
            for ((k, _), name) in group.iter().zip(names) {
                let slot = match self.target {
                    Target::Direct => quote!(#p::on(&mut *#name)),
                    Target::Slots => {
                        quote!(#name.part_as(::core::marker::PhantomData, |#c| &mut *#c))
                    }
                };
                slots.insert(*k, slot);
            }
        }
        (out, slots)
    }

    pub(super) fn slot(&self, slot: &SlotArg) -> TokenStream {
        let p = &self.private;
        match slot {
            SlotArg::Off | SlotArg::Spare { .. } => quote!(#p::off()),
            SlotArg::Fresh(d) => {
                let d = self.root(*d);
                quote!(#p::on(&mut #d))
            }
            SlotArg::Local(_, path, new) => {
                let d = self.root(*new);
                if path.is_empty() && self.is_reference(*new) {
                    return quote!(#p::on(&mut *#d));
                }
                let place = self.projected_mut(d, self.is_reference(*new), path);
                quote!(#p::on(&mut #place))
            }
            SlotArg::Param(k, path) => {
                let (d, path) = self.adjoint_root(*k, path);
                match self.target {
                    Target::Direct if path.is_empty() => quote!(#p::on(&mut *#d)),
                    Target::Direct => {
                        let place = self.projected_mut(d.clone(), true, path);
                        quote!(#p::on(&mut #place))
                    }
                    Target::Slots => {
                        let c = &self.closure;
                        let place = if path.is_empty() {
                            Tokens::punct("*").then(c.clone())
                        } else {
                            self.projected_mut(c.clone(), true, path)
                        };
                        quote!(#d.part_as(::core::marker::PhantomData, |#c| &mut #place))
                    }
                }
            }
        }
    }
}
