//! What inner loops read of the tape, cut to the loop's length before it.
//!
//! ```text
//! for j in 0..n { d[j] += kept.get(tape, i * n + j) * y[j]; }
//! if 0 < n { let kept1 = kept.cut(tape, i * n, n); .. for j in 0..n { d[j] += kept1.at(j) * y[j]; } }
//! ```

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::body::Body;
use crate::ir::table::Set;
use crate::ir::{Bin, Loop, Op, Stmt, V};

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
