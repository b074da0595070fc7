//! What inner loops read of the tape, and what they put there, cut to the loop's length before it.
//!
//! ```text
//! for j in 0..n { d[j] += kept.get(tape, i * n + j) * y[j]; }
//! if 0 < n { let kept1 = kept.cut(tape, i * n, n); .. for j in 0..n { d[j] += kept1.at(j) * y[j]; } }
//! ```

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::body::Body;
use crate::ir::table::Set;
use crate::ir::visit::own_uses;
use crate::ir::{Bin, Head, Loop, Op, Stmt, V};

/// A value that a loop reads of the tape, word after word.
pub(super) struct KeptRow {
    pub(super) v: V,
    store: usize,
    /// Where the first iteration's word is.
    first: V,
    name: Ident,
}

impl KeptRow {
    pub(super) fn read(&self, index: &Ident) -> TokenStream {
        let name = &self.name;
        quote!(#name.at(#index))
    }
}

impl Body<'_> {
    /// The values that a loop reads of the tape; `None` if one is not where its iteration is.
    pub(super) fn kept_rows(&mut self, l: &Loop, i: V, inside: &Set) -> Option<Vec<KeptRow>> {
        let mut rows = Vec::new();
        for s in &l.body.stmts {
            let Stmt::Let(v, Op::Restore(store, at, _)) = s else {
                continue;
            };
            let first = self.row_of((*at)?, i, inside)?;
            let hint = self.stores[*store].to_string();
            let name = self.names.fresh(&hint);
            rows.push(KeptRow {
                v: *v,
                store: *store,
                first,
                name,
            });
        }
        Some(rows)
    }

    /// What the index of an iteration's word begins with, where the rest is the number of the iteration.
    fn row_of(&self, at: V, i: V, inside: &Set) -> Option<V> {
        let Some(Op::Bin(Bin::Add, row, position)) = self.op_of(at) else {
            return None;
        };
        let counts =
            matches!(self.op_of(*position), Some(Op::Helper("trips", vs)) if vs.get(1) == Some(&i));
        (counts && !inside.contains(row)).then_some(*row)
    }

    /// A loop that puts numbers on the tape and does nothing else but cheap arithmetic for them. The words of each number are a
    /// slice of their own, so that iterations are seen to be independent.
    ///
    /// ```text
    /// let mut rows = Cutter::new(tape, a.start(), b.start(), i * n, n);
    /// let (w, w1) = (rows.cut(a.start(), n), rows.cut(b.start(), n));
    /// for j in 0..n { a.set(&mut w[j], row_a[j]); b.set(&mut w1[j], row_a[j] * row_b[j]); }
    /// ```
    pub(super) fn puts_loop(&mut self, l: &Loop, live: &Set) -> Option<TokenStream> {
        let Head::For { i, range } = &l.head else {
            return None;
        };
        let plain = !range.inclusive && range.adapt.is_empty() && l.stop.is_none();
        let from_zero =
            matches!(self.constant(range.lo), Some(Op::Const(t)) if t.integer() == Some(0));
        if !self.lanes || !plain || !from_zero || !l.params.is_empty() {
            return None;
        }
        let inside = super::lanes::defined(l, *i);
        let mut places: Vec<(usize, V)> = Vec::new();
        let mut indices = Set::new();
        for s in &l.body.stmts {
            match s {
                Stmt::Save { store, at, .. } if self.is_row(*store) => {
                    let at = (*at)?;
                    places.push((*store, self.row_of(at, *i, &inside)?));
                    indices.insert(at);
                }
                Stmt::Let(_, Op::Restore(k, Some(at), _)) if !self.is_row(*k) && at == i => {}
                Stmt::Let(
                    _,
                    Op::Bin(..) | Op::Chain(..) | Op::Un(..) | Op::Const(_) | Op::Lit(_),
                ) => {}
                Stmt::Let(v, Op::Helper("trips", _)) => {
                    indices.insert(*v);
                }
                _ => return None,
            }
        }
        let area = |k: usize| self.rows_in_order.iter().position(|(row, _)| *row == k);
        places.sort_by_key(|(store, _)| area(*store));
        let (first_store, first) = *places.first()?;
        let home = self.rows_in_order[area(first_store)?].1;
        let alike = |(store, at): &(usize, V)| {
            let place = area(*store).map(|k| self.rows_in_order[k].1);
            place == Some(home) && *at == first
        };
        let once = places.windows(2).all(|w| w[0].0 != w[1].0);
        // The index, which may be of another type than `usize`, counts words and nothing else.
        let counts = |v: &V| v == i || indices.contains(v);
        let used = |s: &Stmt| match s {
            Stmt::Let(v, _) if indices.contains(v) => false,
            Stmt::Let(_, Op::Restore(..)) => false,
            Stmt::Save { v, .. } => counts(v),
            s => {
                let mut used = false;
                own_uses(s, &mut |v| used |= counts(&v));
                used
            }
        };
        if !places.iter().all(alike) || !once || l.body.stmts.iter().any(used) {
            return None;
        }
        let last_store = places.last()?.0;
        let names: Vec<Ident> = places.iter().map(|_| self.names.fresh("w")).collect();
        let index = self.name_result(*i, "i");
        let saved = core::mem::take(&mut self.sliced);
        for ((store, _), name) in places.iter().zip(&names) {
            self.sliced.saves.insert(*store, quote!(#name[#index]));
        }
        self.sliced.skipped = indices;
        let body = self.block(&l.body, live);
        self.sliced = saved;
        let (p, keep) = (&self.private, &self.keep);
        let (start, end) = (&self.stores[first_store], &self.stores[last_store]);
        let at = self.value(first).tokens;
        let (lo, hi) = (self.value(range.lo).tokens, self.value(range.hi).tokens);
        let (n, rows) = (self.names.fresh("n"), self.names.fresh("rows"));
        let cuts = places.iter().zip(&names).map(|((store, _), name)| {
            let row = &self.stores[*store];
            quote!(let #name = #rows.cut(#row.start(), #n);)
        });
        Some(quote! {{
            let #n = #p::rule::trips(#lo, #hi);
            let mut #rows = #p::Cutter::new(&mut *#keep, #start.start(), #end.start(), #at, #n);
            #(#cuts)*
            for #index in 0..#n { #body }
        }})
    }

    pub(super) fn cut_kept(&self, rows: &[KeptRow], n: &TokenStream) -> TokenStream {
        let keep = &self.keep;
        rows.iter()
            .map(|row| {
                let (name, store) = (&row.name, &self.stores[row.store]);
                let first = self.value(row.first).tokens;
                quote!(let #name = #store.cut(&*#keep, #first, (#n) as usize);)
            })
            .collect()
    }
}
