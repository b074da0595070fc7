//! Row after row: a loop whose inner loops run over one row of a matrix each takes the rows off what is left of it.
//!
//! ```text
//! for i in 0..m { let row = &w[i * n..i * n + n]; for j in 0..n { .. row[j] .. } }
//! let mut rows = &w[..]; for i in 0..m { let row; (row, rows) = rows.split_at(n); for j in 0..n { .. row[j] .. } }
//! ```
//!
//! One comparison for each row instead of a product and three.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::body::{Body, Target};
use super::lanes::defined;
use super::tokens::Tokens;
use super::views::Source;
use crate::ir::table::Set;
use crate::ir::visit::each;
use crate::ir::{Bin, By, Head, Loop, Op, Path, Proj, Range, SlotArg, Stmt, V, same_path};

/// What is left of a matrix, while the loop over its rows is emitted.
pub(crate) struct Rows {
    source: Source,
    prefix: Path,
    /// Where the row at hand starts.
    start: V,
    /// The index of the inner loop: another one that runs over the same row takes it for itself.
    inner: V,
    name: Ident,
}

impl Body<'_> {
    /// Names what is left of the matrices that a loop reaches row by row. They last until [`close_rows`](Self::close_rows) is told
    /// how many there were.
    pub(super) fn open_rows(&mut self, l: &Loop) -> (usize, TokenStream) {
        let before = self.rows.len();
        let mut out = TokenStream::new();
        let Head::For { i, range } = &l.head else {
            return (before, out);
        };
        let nested = l.body.stmts.iter().any(|s| matches!(s, Stmt::Loop(_)));
        if !self.lanes || !nested || !self.counts_up(range) {
            return (before, out);
        }
        let inside = defined(l, *i);
        for stmt in &l.body.stmts {
            let Stmt::Loop(inner) = stmt else { continue };
            let Head::For { i: j, .. } = &inner.head else {
                continue;
            };
            for (source, prefix, start) in self.rows_of(l, *i, inner, &inside) {
                let known = |r: &Rows| {
                    (r.source, r.start, r.inner) == (source, start, *j)
                        && same_path(&r.prefix, &prefix)
                };
                if self.rows[before..].iter().any(known) {
                    continue;
                }
                let name = self.names.fresh("rows");
                out.extend(self.all_rows(source, &prefix, &name));
                // Nobody but the row needs it, as a rule.
                self.inline.insert(start);
                self.rows.push(Rows {
                    source,
                    prefix,
                    start,
                    inner: *j,
                    name,
                });
            }
        }
        (before, out)
    }

    pub(super) fn close_rows(&mut self, count: usize) {
        self.rows.truncate(count);
    }

    /// The matrices of which an inner loop runs over one row: where each stands, and where its row starts.
    fn rows_of(&self, l: &Loop, i: V, inner: &Loop, inside: &Set) -> Vec<(Source, Path, V)> {
        let mut found = Vec::new();
        let Head::For { i: j, range } = &inner.head else {
            return found;
        };
        let changes = inside.contains(&range.hi) && self.count(range.hi).is_none();
        // What is not emitted over slices takes no rows.
        if !self.counts_up(range) || changes || !self.straight(inner) {
            return found;
        }
        for s in &inner.body.stmts {
            let (source, path) = match s {
                Stmt::Let(_, Op::Get(root, path)) if self.params.get(root) == Some(&By::Ref) => {
                    (Source::Value(*root), path)
                }
                Stmt::Accum { param, path, .. } if self.once(l, *param) => {
                    (Source::Adjoint(*param), path)
                }
                _ => continue,
            };
            let Some((Proj::Index(at), prefix)) = path.split_last() else {
                continue;
            };
            let steady = |p: &Proj| matches!(p, Proj::Field(_) | Proj::Deref);
            let start = self.row_start(*at, *j, i, range.hi);
            if let Some(start) = start.filter(|_| prefix.iter().all(steady)) {
                found.push((source, prefix.to_vec(), start));
            }
        }
        found
    }

    /// `start` of `start + j`, where it is `i * n`.
    fn row_start(&self, at: V, j: V, i: V, n: V) -> Option<V> {
        let Some(Op::Bin(Bin::Add, a, b)) = self.op_of(at) else {
            return None;
        };
        let start = match (*a == j, *b == j) {
            (true, false) => *b,
            (false, true) => *a,
            _ => return None,
        };
        let Some(Op::Bin(Bin::Mul, x, y)) = self.op_of(start) else {
            return None;
        };
        let is_n = |v: V| v == n || self.count(n).is_some_and(|c| self.count(v) == Some(c));
        ((*x == i && is_n(*y)) || (*y == i && is_n(*x))).then_some(start)
    }

    /// Whether a range is `0..n`.
    fn counts_up(&self, range: &Range) -> bool {
        !range.inclusive && range.adapt.is_empty() && self.count(range.lo) == Some(0)
    }

    /// The integer that a value is, if it is a literal.
    fn count(&self, v: V) -> Option<i64> {
        match self.constant(v)? {
            Op::Const(c) => c.integer(),
            _ => None,
        }
    }

    /// Whether a loop reaches the adjoint of a parameter in one place only: who takes it row by row holds all of it.
    fn once(&self, l: &Loop, param: usize) -> bool {
        let mut places = 0;
        each(&l.body, &mut |s| match s {
            Stmt::Accum { param: k, .. } => places += usize::from(*k == param),
            Stmt::Sweep(s) => {
                let of_param =
                    |slot: &&SlotArg| matches!(slot, SlotArg::Param(k, _) if *k == param);
                places += s.slots.iter().filter(of_param).count();
            }
            _ => {}
        });
        places == 1
    }

    /// All rows, before the first is taken.
    fn all_rows(&self, source: Source, prefix: &Path, name: &Ident) -> TokenStream {
        match source {
            Source::Value(v) => {
                let place = self.projected(self.root(v), prefix);
                quote!(let mut #name = &#place[..];)
            }
            Source::Adjoint(k) => {
                let (d, rest) = self.adjoint_root(k, prefix);
                match self.target {
                    Target::Direct => {
                        let place = self.projected(d, rest);
                        quote!(let mut #name = &mut #place[..];)
                    }
                    Target::Slots => {
                        let c = &self.closure;
                        let place = self.projected(c.clone(), rest);
                        quote!(let mut #name = #d.part(|#c| &mut #place[..]);)
                    }
                }
            }
        }
    }

    /// Takes the row that an operand of an inner loop is, if it is one.
    pub(super) fn take_row(
        &self,
        source: Source,
        prefix: &Path,
        offset: &[V],
        inner: V,
        n: &Tokens,
        row: &Ident,
    ) -> Option<TokenStream> {
        let [start] = offset else { return None };
        let rows = self.rows.iter().find(|r| {
            (r.source, r.start, r.inner) == (source, *start, inner) && same_path(&r.prefix, prefix)
        })?;
        let (rows, p) = (&rows.name, &self.private);
        Some(match (source, self.target) {
            (Source::Value(_), _) => quote!(let #row; (#row, #rows) = #rows.split_at(#n);),
            (Source::Adjoint(_), Target::Direct) => quote!(let #row = #p::front(&mut #rows, #n);),
            (Source::Adjoint(_), Target::Slots) => quote!(let mut #row = #rows.front(#n);),
        })
    }
}
