//! Hoisting: what does not change in a loop is computed before it, so that indices show what they are and
//! sums over one element are seen to be that.
//!
//! Only operations that cannot fail where the loop would not have run: no subtraction of integers, no
//! division of them, no reading of elements.

use std::collections::HashSet;

use crate::ir::visit::{blocks_mut, op_uses};
use crate::ir::{Bin, Block, Func, Head, Op, Shape, Stmt, V};

/// Moves invariant operations out of loops.
pub(crate) fn run(func: &mut Func) {
    let mut body = core::mem::take(&mut func.body);
    block(func, &mut body);
    func.body = body;
}

fn block(func: &Func, b: &mut Block) {
    let mut k = 0;
    while k < b.stmts.len() {
        for inner in blocks_mut(&mut b.stmts[k]) {
            block(func, inner);
        }
        if let Stmt::Loop(l) = &mut b.stmts[k] {
            let mut inside: HashSet<V> = l.params.iter().copied().collect();
            if let Head::For { i, .. } = &l.head {
                inside.insert(*i);
            }
            for s in &l.body.stmts {
                crate::ir::visit::outs(s, &mut |v| {
                    inside.insert(v);
                });
            }
            let mut moved = Vec::new();
            let stmts = core::mem::take(&mut l.body.stmts);
            for s in stmts {
                let goes = match &s {
                    Stmt::Let(v, op) if total(func, *v, op) => {
                        let mut fixed = true;
                        op_uses(op, &mut |u| fixed &= !inside.contains(&u));
                        fixed.then_some(*v)
                    }
                    _ => None,
                };
                match goes {
                    Some(v) => {
                        inside.remove(&v);
                        moved.push(s);
                    }
                    None => l.body.stmts.push(s),
                }
            }
            let n = moved.len();
            b.stmts.splice(k..k, moved);
            k += n;
        }
        k += 1;
    }
}

fn total(func: &Func, v: V, op: &Op) -> bool {
    let float = *func.shape(v) == Shape::Float;
    match op {
        // A named constant takes its type from its uses, which stay where they are.
        Op::Const(_) => true,
        Op::Lit(_) | Op::Cast(..) | Op::Convert(..) | Op::CastBack { .. } => true,
        Op::Un(..) => float,
        Op::Bin(Bin::Add | Bin::Mul, ..) => true,
        Op::Bin(op, ..) => float || op.is_comparison(),
        Op::Fn(..) | Op::Helper(..) | Op::Chain(..) => float,
        _ => false,
    }
}
