//! Zeros that adjoints begin with, and to which sweeps and statements add: −0.0, which leaves any number as it is that is added to it.
//!
//! ```text
//! let mut d_t = neutral(&t); pull(&x, d_x, on(&mut d_t), ..);         // where `zero(&t)` would cost an addition for each element
//! ```
//!
//! To rustc `0.0 + x` is not `x`, because of `x = −0.0`. What the function returns begins with 0.0 all the same: where nothing was added,
//! nobody wants to read `-0.0`.

use crate::ir::table::{Set, Table};
use crate::ir::visit::each;
use crate::ir::{Func, Op, SlotArg, Stmt, V};

/// The zeros of a reverse sweep that something is added to, and that no result shows.
pub(super) fn of(func: &Func) -> Set {
    let mut pass = Pass::default();
    if func.adjoints.is_empty() {
        return Set::new();
    }
    each(&func.body, &mut |s| pass.statement(s));
    let results = func
        .ret
        .iter()
        .chain(func.finals.iter().flatten())
        .chain(func.adjoints.iter().flatten());
    let shown = pass.made_of(results.copied().collect());
    let added_to = pass.made_of(pass.added_to.clone());
    let zeros = pass.zeros.into_iter();
    zeros
        .filter(|v| added_to.contains(v) && !shown.contains(v))
        .collect()
}

#[derive(Default)]
struct Pass {
    /// What adjoints begin with.
    zeros: Vec<V>,
    /// What something is added to.
    added_to: Vec<V>,
    /// The values of which a value has parts as they are.
    from: Table<Vec<V>>,
}

impl Pass {
    fn statement(&mut self, s: &Stmt) {
        match s {
            Stmt::Let(v, Op::ZeroLike(_)) => self.zeros.push(*v),
            Stmt::Let(v, Op::Set(a, _, x)) => self.has(*v, [*a, *x]),
            Stmt::Let(v, Op::AddAt(a, _, x)) => {
                self.added_to.push(*a);
                self.has(*v, [*a, *x]);
            }
            Stmt::Let(v, Op::Get(a, _) | Op::ClearAt(a, _) | Op::Repeat(a, _)) => {
                self.has(*v, [*a]);
            }
            Stmt::Let(v, Op::Array(parts) | Op::Tuple(parts)) => {
                self.has(*v, parts.iter().copied());
            }
            Stmt::Let(v, Op::Struct(_, parts, _)) => self.has(*v, parts.iter().map(|(_, x)| *x)),
            Stmt::If(s) => {
                let arms = s.then_.yields.iter().zip(&s.else_.yields);
                for (out, (a, b)) in s.outs.iter().zip(arms) {
                    self.has(*out, [*a, *b]);
                }
            }
            Stmt::Loop(l) => {
                let carried = l.params.iter().zip(&l.outs);
                let values = l.inits.iter().zip(&l.body.yields);
                for ((param, out), (init, next)) in carried.zip(values) {
                    self.has(*param, [*init, *next]);
                    self.has(*out, [*init, *next]);
                }
            }
            Stmt::Sweep(s) => {
                for slot in &s.slots {
                    match slot {
                        SlotArg::Local(a, _, out) => {
                            self.added_to.push(*a);
                            self.has(*out, [*a]);
                        }
                        SlotArg::Fresh(d) => {
                            self.added_to.push(*d);
                            self.zeros.push(*d);
                        }
                        SlotArg::Off | SlotArg::Param(..) | SlotArg::Spare { .. } => {}
                    }
                }
            }
            _ => {}
        }
    }

    /// Values, and those that they have parts of.
    fn made_of(&self, mut open: Vec<V>) -> Set {
        let mut found = Set::new();
        while let Some(v) = open.pop() {
            if found.insert(v)
                && let Some(from) = self.from.get(&v)
            {
                open.extend(from);
            }
        }
        found
    }

    fn has(&mut self, v: V, parts: impl IntoIterator<Item = V>) {
        self.from.entry(v).get_or_insert_default().extend(parts);
    }
}
