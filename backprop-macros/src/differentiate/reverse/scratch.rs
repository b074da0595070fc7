//! Scratch that is filled and then updated: before the reverse sweep reads what an update has overwritten, the fill is done once more.

use super::Reverse;
use crate::ir::subst::{Map, defs_mut, uses_mut};
use crate::ir::table::{FastMap, Set};
use crate::ir::visit::outs;
use crate::ir::{Arg, Op, Stmt, V};

/// The versions of scratch that a block fills.
pub(super) struct Scratch(Set);

impl Scratch {
    /// `None` where there is nothing that is filled and then updated.
    pub(super) fn of(stmts: &[Stmt]) -> Option<Scratch> {
        let (mut begun, mut made) = (Set::new(), Set::new());
        let mut updated = false;
        for s in stmts {
            if let Stmt::Let(v, Op::Refill(..)) = s {
                begun.insert(*v);
            }
            if let Some((base, out)) = step(s, |v| begun.contains(&v) || made.contains(&v)) {
                updated |= made.contains(&base);
                made.insert(out);
            }
        }
        updated.then_some(Scratch(made))
    }

    /// The version that a statement updates, where there is something in it, and the one that it makes.
    pub(super) fn update(&self, s: &Stmt) -> Option<(V, V)> {
        step(s, |v| self.0.contains(&v))
    }
}

/// If a statement makes a version of one of some aggregates: from which, and what.
fn step(s: &Stmt, of: impl Fn(V) -> bool) -> Option<(V, V)> {
    match s {
        Stmt::Let(v, Op::Set(a, ..) | Op::AddAt(a, ..)) if of(*a) => Some((*a, *v)),
        Stmt::Call(c) => {
            let mut lent = c.args.iter().filter_map(|a| match a {
                Arg::Mut(root, _, out) => Some((*root, *out)),
                _ => None,
            });
            match (lent.next(), lent.next()) {
                (Some((root, out)), None) if of(root) => Some((root, out)),
                _ => None,
            }
        }
        Stmt::Loop(l) => {
            let k = l.inits.iter().position(|v| of(*v))?;
            Some((l.inits[k], l.outs[k]))
        }
        _ => None,
    }
}

impl Reverse {
    /// Makes a version of scratch once more, from the fill on, and lets the first `n` statements mean that.
    pub(super) fn anew(&mut self, stmts: &mut [Stmt], n: usize, version: V) {
        let mut made: FastMap<V, usize> = FastMap::default();
        for (k, s) in stmts[..n].iter().enumerate() {
            outs(s, &mut |v| {
                made.insert(v, k);
            });
        }
        let mut way = Vec::new();
        let mut at = version;
        loop {
            let Some(&k) = made.get(&at) else { return };
            way.push(stmts[k].clone());
            match &stmts[k] {
                Stmt::Let(_, Op::Refill(..)) => break,
                s => match step(s, |_| true) {
                    // A loop may carry several.
                    Some(_) if matches!(s, Stmt::Loop(_)) => {
                        let Stmt::Loop(l) = s else { return };
                        let Some(j) = l.outs.iter().position(|o| *o == at) else {
                            return;
                        };
                        at = l.inits[j];
                    }
                    Some((base, out)) if out == at => at = base,
                    _ => return,
                },
            }
        }
        way.reverse();
        self.times += 1;
        for s in &mut way {
            if let Stmt::Let(_, Op::Refill(_, time)) = s {
                *time = self.times;
            }
        }
        let mut map = Map::default();
        self.again(&way, &mut map);
        let Some(&new) = map.get(&version) else {
            return;
        };
        if let Some(d) = self.take(version) {
            self.set(new, d);
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.locals.insert(new);
        }
        for s in &mut stmts[..n] {
            uses_mut(s, &mut |v| {
                if *v == version {
                    *v = new;
                }
            });
            defs_mut(s, &mut |v| {
                if *v == version {
                    *v = new;
                }
            });
        }
    }
}
