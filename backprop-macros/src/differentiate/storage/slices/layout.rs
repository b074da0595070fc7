//! Where on the tape everything lies that an iteration of the outermost loop keeps: side by side, in the order in which it is
//! written, because memory that is walked through from end to end is fetched ahead.
//!
//! ```text
//! for i in 0..n { a; for j in 0..m { b; c; } d; }      i: [a, d, [b; m], [c; m]], i + 1: [a, d, ..
//! for i in 0..n { for l in 0..k { for j in 0..m { b; c; } } }      i: [b; m], [c; m] for each l; i + 1: ..
//! ```
//!
//! The numbers of one kind that an inner loop keeps are a row, one behind the other, and the rows of a loop lie end to end: so
//! it reads and writes slices, and rustc sees how far they are apart wherever it knows how many iterations there are.

use super::place::Keeping;
use super::twins::{Step, Twins};
use crate::differentiate::storage::Pass;
use crate::ir::table::FastMap;
use crate::ir::{Bin, Head, Keeps, Loop, LoopId, Op, Stmt, V};

/// What is kept, by the innermost loop around it, and which loops inside a loop keep something.
#[derive(Default)]
struct Nests {
    own: FastMap<LoopId, Vec<V>>,
    inside: FastMap<LoopId, Vec<LoopId>>,
}

impl Nests {
    fn of(twins: &Twins, root: LoopId, kept: &[V]) -> Option<Nests> {
        let mut nests = Nests::default();
        for v in kept {
            let mut last = root;
            for step in twins.homes.get(v)? {
                let Step::Loop(id) = step else { continue };
                if *id != root {
                    let inside = nests.inside.entry(last).or_default();
                    if !inside.contains(id) {
                        inside.push(*id);
                    }
                }
                last = *id;
            }
            nests.own.entry(last).or_default().push(*v);
        }
        Some(nests)
    }

    fn own(&self, id: LoopId) -> &[V] {
        self.own.get(&id).map_or(&[], Vec::as_slice)
    }

    fn inside(&self, id: LoopId) -> &[LoopId] {
        self.inside.get(&id).map_or(&[], Vec::as_slice)
    }
}

struct Layout<'l, 'p, 'a> {
    pass: &'l mut Pass<'p>,
    twins: &'a Twins,
    nests: Nests,
    /// What is computed before the outermost loop.
    before: Vec<Stmt>,
    rows: Vec<(usize, V)>,
    keeping: Keeping,
}

impl Pass<'_> {
    /// Reserves the words: what goes before the forward loop, and where everything is.
    pub(super) fn reserve(
        &mut self,
        twins: &Twins,
        f: &Loop,
        kept: &[V],
    ) -> Option<(Keeping, Vec<Stmt>)> {
        let Head::For { range, .. } = &f.head else {
            return None;
        };
        let nests = Nests::of(twins, f.id, kept)?;
        let area = self.store("slice", Keeps::Area);
        let mut before = Vec::new();
        let one = self.int(&mut before, Op::Const(quote::quote!(1usize).into()));
        let zero = self.int(&mut before, Op::Const(quote::quote!(0usize).into()));
        let mut layout = Layout {
            pass: self,
            twins,
            nests,
            before,
            rows: Vec::new(),
            keeping: Keeping {
                area,
                root: f.id,
                strides: FastMap::default(),
                stores: FastMap::default(),
            },
        };
        let own = layout.rows(f.id, zero, one);
        let stride = layout.loops_inside(f.id, own)?;
        layout.keeping.strides.insert(f.id, Some(stride));
        let trips = layout.int(Op::Helper("trips", vec![range.lo, range.hi]));
        let words = layout.int(Op::Bin(Bin::Mul, stride, trips));
        let Layout {
            mut before,
            rows,
            keeping,
            ..
        } = layout;
        before.push(Stmt::Reserve { area, words, rows });
        Some((keeping, before))
    }
}

impl Layout<'_, '_, '_> {
    /// Rows of so many words from a place on, for what a loop keeps itself. Returns where they end.
    fn rows(&mut self, id: LoopId, mut start: V, words: V) -> V {
        for v in self.nests.own(id).to_vec() {
            let name = self.pass.func.info(v).name.clone();
            let name = format!("kept_{}", name.as_deref().unwrap_or("value"));
            let row = self.pass.store(&name, Keeps::Row);
            self.rows.push((row, start));
            self.keeping.stores.insert(v, (row, id));
            start = self.int(Op::Bin(Bin::Add, start, words));
        }
        start
    }

    /// What the loops inside a loop keep in one of its iterations, from a place on. Returns where it ends.
    fn loops_inside(&mut self, id: LoopId, mut start: V) -> Option<V> {
        for inner in self.nests.inside(id).to_vec() {
            let range = &self.twins.nests.get(&inner)?.range;
            let lo = self.before_the_loop(range.lo);
            let hi = self.before_the_loop(range.hi);
            let trips = self.int(Op::Helper("trips", vec![lo, hi]));
            let rows = self.rows(inner, start, trips);
            start = self.loops_inside(inner, rows)?;
            let mut stride = None;
            if !self.nests.inside(inner).is_empty() {
                // Of its first iteration; all of them have as many.
                let words = self.int(Op::Bin(Bin::Sub, start, rows));
                stride = Some(words);
                let all = self.int(Op::Bin(Bin::Mul, words, trips));
                start = self.int(Op::Bin(Bin::Add, rows, all));
            }
            self.keeping.strides.insert(inner, stride);
        }
        Some(start)
    }

    /// A value from outside, or a constant written once more.
    fn before_the_loop(&mut self, v: V) -> V {
        match self.pass.constants.get(&v).cloned() {
            Some(constant) if self.twins.homes.contains_key(&v) => self.int(Op::Const(constant)),
            _ => v,
        }
    }

    fn int(&mut self, op: Op) -> V {
        self.pass.int(&mut self.before, op)
    }
}
