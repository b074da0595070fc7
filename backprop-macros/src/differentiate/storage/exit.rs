//! The iteration that leaves the loop: what it does not change is what the loop ends with.
//!
//! `loop { if c { break } ..; i += 1 }` runs its last iteration only as far as the exit. Run backwards, that
//! iteration comes first; its values are the loop's results, and need not be kept.

use std::collections::HashMap;

use crate::ir::visit::{all_uses, block_uses, blocks};
use crate::ir::{Bin, Block, Constant, Func, Loop, Op, Stmt, Un, V};

/// Which sides of branches were taken, by their conditions.
type Choices = HashMap<V, bool>;

enum Def {
    Op(Op),
    Out(V, V, V),
}

/// The sides of branches in a loop's body that surely leave it.
pub(crate) struct Exits {
    defs: HashMap<V, Def>,
    leaving: Vec<(V, Choices)>,
    /// The way through the body that goes on.
    going_on: Choices,
    stop: V,
}

impl Exits {
    /// `None` for a loop that does not leave from its body.
    pub(crate) fn of(l: &Loop, constants: &HashMap<V, Constant>) -> Option<Exits> {
        let stop = l.stop?;
        let defs = constants
            .iter()
            .map(|(v, t)| (*v, Def::Op(Op::Const(t.clone()))))
            .collect();
        let mut exits = Exits {
            defs,
            leaving: Vec::new(),
            going_on: Choices::new(),
            stop,
        };
        exits.collect(&l.body);
        exits.walk(&l.body, &Choices::new());
        (!exits.leaving.is_empty()).then_some(exits)
    }

    fn collect(&mut self, b: &Block) {
        for s in &b.stmts {
            match s {
                Stmt::Let(v, op) => {
                    self.defs.insert(*v, Def::Op(op.clone()));
                }
                Stmt::If(i) => {
                    for (k, o) in i.outs.iter().enumerate() {
                        self.defs
                            .insert(*o, Def::Out(i.cond, i.then_.yields[k], i.else_.yields[k]));
                    }
                }
                _ => {}
            }
            for inner in blocks(s) {
                self.collect(inner);
            }
        }
    }

    fn walk(&mut self, b: &Block, so_far: &Choices) {
        for s in &b.stmts {
            let Stmt::If(i) = s else { continue };
            for (side, block) in [(true, &i.then_), (false, &i.else_)] {
                let mut choices = so_far.clone();
                choices.insert(i.cond, side);
                if self.truth(self.stop, &choices) == Some(true) {
                    self.leaving.push((i.cond, choices));
                    self.going_on.insert(i.cond, !side);
                } else {
                    self.walk(block, &choices);
                }
            }
        }
    }

    /// What a value is where the choices have been made.
    fn resolve(&self, mut v: V, choices: &Choices) -> V {
        while let Some(Def::Out(cond, a, b)) = self.defs.get(&v) {
            match choices.get(cond) {
                Some(side) => v = if *side { *a } else { *b },
                None => break,
            }
        }
        v
    }

    fn truth(&self, v: V, choices: &Choices) -> Option<bool> {
        if let Some(side) = choices.get(&v) {
            return Some(*side);
        }
        let v = self.resolve(v, choices);
        if let Some(side) = choices.get(&v) {
            return Some(*side);
        }
        let text = |v: V| match self.defs.get(&self.resolve(v, choices)) {
            Some(Def::Op(Op::Const(t))) => Some(t.to_string()),
            _ => None,
        };
        match self.defs.get(&v)? {
            Def::Op(Op::Const(t)) => match t.text() {
                "true" => Some(true),
                "false" => Some(false),
                _ => None,
            },
            Def::Op(Op::Un(Un::Not, a)) => self.truth(*a, choices).map(|b| !b),
            Def::Op(Op::Bin(Bin::And, a, b)) => {
                match (self.truth(*a, choices), self.truth(*b, choices)) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    _ => None,
                }
            }
            Def::Op(Op::Bin(Bin::Or, a, b)) => {
                match (self.truth(*a, choices), self.truth(*b, choices)) {
                    (Some(true), _) | (_, Some(true)) => Some(true),
                    (Some(false), Some(false)) => Some(false),
                    _ => None,
                }
            }
            Def::Op(Op::Bin(op @ (Bin::Eq | Bin::Ne), a, b)) => {
                Some((text(*a)? == text(*b)?) == (*op == Bin::Eq))
            }
            _ => None,
        }
    }

    /// Whether every way out leaves `p` as it was: `next` is what the body makes of it.
    pub(crate) fn unchanged(&self, p: V, next: V) -> bool {
        self.leaving
            .iter()
            .all(|(_, choices)| self.resolve(next, choices) == p)
    }

    /// What the body makes of a value where the loop goes on; `None` if it may leave that way too.
    pub(crate) fn going_on(&self, next: V) -> Option<V> {
        (self.truth(self.stop, &self.going_on) == Some(false))
            .then(|| self.resolve(next, &self.going_on))
    }

    pub(crate) fn op(&self, v: V) -> Option<&Op> {
        match self.defs.get(&v) {
            Some(Def::Op(op)) => Some(op),
            _ => None,
        }
    }

    /// Whether the reverse loop uses `v` only where it runs an exit again.
    pub(crate) fn only(&self, func: &Func, v: V, reverse: &Block) -> bool {
        let origin = |v: V| func.info(v).origin.unwrap_or(v);
        if reverse.yields.contains(&v) {
            return false;
        }
        reverse.stmts.iter().all(|s| {
            let Stmt::If(i) = s else {
                let mut used = false;
                all_uses(s, &mut |u| used |= u == v);
                return !used;
            };
            let leaves = |side: bool| {
                self.leaving.iter().any(|(c, choices)| {
                    origin(*c) == origin(i.cond) && choices.get(c) == Some(&side)
                })
            };
            let fine = |side: bool, b: &Block| {
                let mut used = false;
                block_uses(b, &mut |u| used |= u == v);
                !used || leaves(side) || self.only(func, v, b)
            };
            i.cond != v && fine(true, &i.then_) && fine(false, &i.else_)
        })
    }
}
