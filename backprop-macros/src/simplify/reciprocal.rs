//! One division instead of two: where the reverse sweep wants `1 / m`, the primal's `a / m` becomes `a * (1 / m)`.
//!
//! Only where `m` is seen to be at least some positive number, or is a square root, which lies well inside the range of its
//! type: then `1 / m` neither overflows nor is it the reciprocal of a number that has lost its digits, and the quotient
//! changes in its last bits alone. What is divided by `|m|` is multiplied by `|1 / m|`.

use std::collections::{HashMap, HashSet};

use super::algebra::{Known, is_one, least};
use crate::ir::subst::{Map, block_uses_mut};
use crate::ir::visit::blocks_mut;
use crate::ir::{Bin, Block, Func, Op, Shape, Stmt, V};

/// What a denominator has to be at least.
const LEAST: f64 = 1e-3;

/// Shares reciprocals, block by block.
pub(crate) fn run(func: &mut Func) {
    let mut body = core::mem::take(&mut func.body);
    let mut pass = Pass {
        func,
        ops: HashMap::new(),
        map: Map::default(),
    };
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
    /// Definitions in sight.
    ops: HashMap<V, Op>,
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
        for stmt in &block.stmts {
            if let Stmt::Let(v, op) = stmt {
                self.ops.insert(*v, op.clone());
            }
        }
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
                let reciprocal = *made.entry(m).or_insert_with(|| {
                    let (one, r) = (self.fresh(m), self.fresh(m));
                    block.stmts.push(Stmt::Let(one, Op::Lit(1.0)));
                    block.stmts.push(Stmt::Let(r, Op::Bin(Bin::Div, one, m)));
                    r
                });
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
        quotients
            .intersection(&reciprocals)
            .copied()
            .filter(|m| least(self, *m, 8) >= LEAST || self.is_root(*m))
            .collect()
    }
}
