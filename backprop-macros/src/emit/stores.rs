//! What is written where a value's own variable is not: to stores for the reverse sweep, and to the adjoints of
//! parameters.

use proc_macro2::TokenStream;
use quote::quote;

use super::body::{Body, Target};
use super::expr::Expr;
use super::lanes::Place;
use super::tokens::Tokens;
use crate::ir::{Keeps, Path, Shape, V};

impl Body<'_> {
    pub(super) fn open(&mut self, k: usize) -> TokenStream {
        let (name, p) = (&self.stores[k], &self.private);
        match &self.func.stores[k].stack {
            Some(n) if self.func.stores[k].keeps == Keeps::Plain => {
                quote!(let mut #name = [#p::blank(); #n];)
            }
            Some(n) => quote!(let mut #name = [const { ::core::option::Option::None }; #n];),
            None => TokenStream::new(),
        }
    }

    /// Reserves part of the tape, and opens what is kept there.
    pub(super) fn reserve(&mut self, area: usize, words: V, rows: &[(usize, V)]) -> TokenStream {
        let (name, p, keep) = (&self.stores[area], &self.private, &self.keep);
        let words = self.value(words).tokens;
        self.rows_in_order
            .extend(rows.iter().map(|(row, _)| (*row, area)));
        let rows = rows.iter().map(|(row, start)| {
            let (row, start) = (&self.stores[*row], self.value(*start).within_sum());
            quote!(let #row = #p::Row::new(#name + #start);)
        });
        quote!(let #name = #p::reserve(&mut *#keep, #words); #(#rows)*)
    }

    pub(super) fn release(&self, area: usize) -> TokenStream {
        let (name, p, keep) = (&self.stores[area], &self.private, &self.keep);
        quote!(#p::Store::rewind(&mut *#keep, #name);)
    }

    /// What a buffer holds, before it changes.
    pub(super) fn log(&self, v: V) -> TokenStream {
        let (p, keep, value) = (&self.private, &self.keep, self.value(v).tokens);
        quote!(#p::rule::log(&mut *#keep, #value);)
    }

    pub(super) fn unlog(&self, like: V) -> Expr {
        let (p, keep, like) = (&self.private, &self.keep, self.borrowed(like));
        Expr::atom(quote!(#p::rule::unlog(&mut *#keep, #like)))
    }

    pub(super) fn logged(&self) -> Expr {
        let (p, keep) = (&self.private, &self.keep);
        Expr::atom(quote!(#p::Store::logged(&*#keep)))
    }

    pub(super) fn is_row(&self, k: usize) -> bool {
        self.func.stores[k].keeps == Keeps::Row
    }

    pub(super) fn save(&mut self, k: usize, at: Option<V>, v: V) -> TokenStream {
        let value = self.value(v).tokens;
        match at {
            Some(i) if self.is_row(k) => {
                let name = &self.stores[k];
                if let Some(word) = self.sliced.saves.get(&k) {
                    return quote!(#name.set(&mut #word, #value););
                }
                let (keep, i) = (&self.keep, self.value(i).tokens);
                quote!(#name.put(&mut *#keep, #i, #value);)
            }
            Some(i) => {
                let (name, i) = (&self.stores[k], self.value(i).within_cast());
                match self.func.stores[k].keeps {
                    Keeps::Plain | Keeps::Area | Keeps::Row => quote!(#name[#i as usize] = #value;),
                    Keeps::Entries => {
                        quote!(#name[#i as usize] = ::core::option::Option::Some(#value);)
                    }
                    Keeps::Copies => {
                        let (p, value) = (&self.private, self.borrowed(v));
                        quote!(#name[#i as usize] = ::core::option::Option::Some(#p::duplicate(#value));)
                    }
                }
            }
            None => {
                let (p, keep, value) = (&self.private, &self.keep, self.borrowed(v));
                quote!(#p::rule::push(&mut *#keep, #value);)
            }
        }
    }

    pub(crate) fn restore(&self, k: usize, at: Option<V>, like: V) -> Expr {
        match at {
            Some(i) if self.is_row(k) => {
                let (name, keep, i) = (&self.stores[k], &self.keep, self.value(i).tokens);
                Expr::atom(quote!(#name.get(&*#keep, #i)))
            }
            Some(i) => {
                let (name, i) = (&self.stores[k], self.value(i).within_cast());
                let p = &self.private;
                match self.func.stores[k].keeps {
                    Keeps::Plain | Keeps::Area | Keeps::Row => {
                        Expr::atom(quote!(#name[#i as usize]))
                    }
                    Keeps::Entries => Expr::atom(quote!(#p::rule::found(&#name[#i as usize]))),
                    Keeps::Copies => {
                        let like = self.borrowed(like);
                        Expr::atom(quote!(#p::rule::kept(&#name[#i as usize], #like)))
                    }
                }
            }
            None => {
                let (p, keep) = (&self.private, &self.keep);
                if self.func.stores[k].keeps == Keeps::Entries {
                    return Expr::atom(quote!(#p::rule::pop_found(&mut *#keep)));
                }
                let like = self.borrowed(like);
                Expr::atom(quote!(#p::rule::pop(&mut *#keep, #like)))
            }
        }
    }

    pub(super) fn accumulate(&mut self, param: usize, path: &Path, v: V) -> TokenStream {
        let e = self.value(v).tokens;
        let scalar = *self.func.shape(v) == Shape::Float;
        let p = self.private.clone();
        if let Some(crate::ir::Proj::Index(at)) = path.last()
            && let Some(place) = self.sliced.accums.get(&(param, *at))
        {
            return match (self.target, place) {
                (Target::Slots, Place::At(slice, index)) => {
                    let c = &self.closure;
                    quote!(#slice.with(|#c| { #c[#index] += #e; });)
                }
                (_, place) => quote!(#place += #e;),
            };
        }
        let (d, path) = self.adjoint_root(param, path);
        let add = |place: Tokens| {
            if scalar {
                quote!(#place += #e;)
            } else {
                quote!(#p::acc(&mut #place, #e);)
            }
        };
        match self.target {
            Target::Direct if path.is_empty() => add(Tokens::punct("*").then(d)),
            Target::Direct => add(self.projected_mut(d, true, path)),
            Target::Slots => {
                let c = self.closure.clone();
                let place = if path.is_empty() {
                    Tokens::punct("*").then(c.clone())
                } else {
                    self.projected_mut(c.clone(), true, path)
                };
                let add = add(place);
                quote!(#d.with(|#c| { #add });)
            }
        }
    }
}
