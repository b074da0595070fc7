//! One division instead of two: where the reverse sweep wants `1 / m`, the primal's `a / m` becomes `a * (1 / m)`.
//!
//! Only where `m` is seen to be at least some positive number, or is a square root, which lies well inside the range of its
//! type: then `1 / m` neither overflows nor is it the reciprocal of a number that has lost its digits, and the quotient
//! changes in its last bits alone. What is divided by `|m|` is multiplied by `|1 / m|`. Where the reverse sweep waits for the function's result, the two stand in arms of
//! two branches on one condition: both do the same then, so that the second has nothing to compute again (`cse/arms.rs`).

use std::collections::{HashMap, HashSet};

use super::algebra::{Known, is_one, least};
use super::cse::arms;
use crate::ir::subst::{Map, block_uses_mut};
use crate::ir::visit::{blocks_mut, each};
use crate::ir::{Bin, Block, Func, Op, Shape, Stmt, V};

/// What a denominator has to be at least.
const LEAST: f64 = 1e-3;

/// Shares reciprocals, block by block.
pub(crate) fn run(func: &mut Func) {
    let mut ops = HashMap::new();
    each(&func.body, &mut |s| {
        if let Stmt::Let(v, op) = s {
            ops.insert(*v, op.clone());
        }
    });
    let mut pass = Pass {
        func,
        ops,
        later: HashSet::new(),
        map: Map::default(),
    };
    pass.later = pass.wanted_later();
    let mut body = core::mem::take(&mut pass.func.body);
    pass.block(&mut body);
    let map = pass.map;
    if !map.is_empty() {
        let mut resolve = |v: &mut V| {
            if let Some(w) = map.get(v) {
                *v = *w;
            }
        };
        block_uses_mut(&mut body, &mut resolve);
        let results = func
            .ret
            .iter_mut()
            .chain(func.finals.iter_mut().flatten())
            .chain(func.adjoints.iter_mut().flatten());
        results.for_each(resolve);
    }
    func.body = body;
}

struct Pass<'a> {
    func: &'a mut Func,
    ops: HashMap<V, Op>,
    /// Denominators in arms of which a later arm under the same condition wants the reciprocal.
    later: HashSet<V>,
    /// Reciprocals that another one stands for.
    map: Map,
}

impl Known for Pass<'_> {
    fn op(&self, v: V) -> Option<&Op> {
        self.ops.get(&v)
    }
}

impl Pass<'_> {
    fn block(&mut self, block: &mut Block) {
        let shared = self.shared(block);
        let mut made: HashMap<V, V> = HashMap::new();
        for mut stmt in core::mem::take(&mut block.stmts) {
            for inner in blocks_mut(&mut stmt) {
                self.block(inner);
            }
            if let Stmt::Let(v, Op::Bin(Bin::Div, a, by)) = stmt
                && let (m, absolute) = self.denominator(by)
                && shared.contains(&m)
            {
                // That of a literal is of the type of its use, and costs nothing.
                let known = made.get(&m).filter(|_| !self.is_constant(m)).copied();
                let reciprocal = known.unwrap_or_else(|| {
                    let (one, r) = (self.fresh(m), self.fresh(m));
                    block.stmts.push(Stmt::Let(one, Op::Lit(1.0)));
                    block.stmts.push(Stmt::Let(r, Op::Bin(Bin::Div, one, m)));
                    r
                });
                made.insert(m, reciprocal);
                let reciprocal = match absolute {
                    false => reciprocal,
                    true => {
                        let r = self.fresh(m);
                        let abs = Op::Fn("abs", vec![reciprocal]);
                        block.stmts.push(Stmt::Let(r, abs));
                        r
                    }
                };
                if is_one(self, a) {
                    let name = self.func.info_mut(v).name.take();
                    let own = &mut self.func.info_mut(reciprocal).name;
                    if own.is_none() {
                        *own = name;
                    }
                    self.map.insert(v, reciprocal);
                } else {
                    block
                        .stmts
                        .push(Stmt::Let(v, Op::Bin(Bin::Mul, a, reciprocal)));
                }
                continue;
            }
            block.stmts.push(stmt);
        }
    }

    fn fresh(&mut self, like: V) -> V {
        let span = self.func.info(like).span;
        self.func.infos.push(crate::ir::Info {
            span,
            ..crate::ir::Info::new(Shape::Float)
        });
        V(self.func.infos.len() as u32 - 1)
    }

    /// Whose reciprocal a quotient may be made of, and whether of its absolute value.
    fn denominator(&self, by: V) -> (V, bool) {
        match self.ops.get(&by) {
            Some(Op::Fn("abs", args)) => match args[..] {
                [root] if self.is_root(root) => (root, true),
                _ => (by, false),
            },
            _ => (by, false),
        }
    }

    /// Whether a value is a square root: zero or infinite, or far from both.
    fn is_root(&self, v: V) -> bool {
        matches!(self.ops.get(&v), Some(Op::Fn("sqrt", _)))
    }

    fn is_constant(&self, v: V) -> bool {
        matches!(self.ops.get(&v), Some(Op::Const(_) | Op::Lit(_)))
    }

    /// The denominators of a block that have both a quotient and a reciprocal.
    fn shared(&self, block: &Block) -> HashSet<V> {
        let (mut quotients, mut reciprocals) = (HashSet::new(), HashSet::new());
        for stmt in &block.stmts {
            if let Stmt::Let(_, Op::Bin(Bin::Div, a, by)) = stmt {
                let (m, absolute) = self.denominator(*by);
                if is_one(self, *a) || absolute {
                    // Two of them are one.
                    if !reciprocals.insert(m) {
                        quotients.insert(m);
                    }
                } else if *self.func.shape(m) == Shape::Float {
                    quotients.insert(m);
                }
            }
        }
        let wanted = |m: &V| reciprocals.contains(m) || self.later.contains(m);
        let mut shared = quotients;
        shared.retain(|m| wanted(m) && (least(self, *m, 8) >= LEAST || self.is_root(*m)));
        shared
    }

    /// The denominators of which a later arm shares the reciprocal.
    fn wanted_later(&self) -> HashSet<V> {
        let mut wanted = HashSet::new();
        arms::each_pair(self.func, &mut |_, later, same| {
            let shared = self.shared(later);
            wanted.extend(shared.iter().filter_map(|m| same.get(m)));
        });
        wanted
    }
}
