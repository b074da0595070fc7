//! Hoisting: what does not change in a loop is computed before it, so that indices show what they are and
//! sums over one element are seen to be that.
//!
//! Only operations that cannot fail where the loop would not have run: no subtraction of integers, no
//! division of them, no reading of elements.

use crate::ir::table::{FastMap, Set};
use crate::ir::visit::{blocks_mut, op_uses};
use crate::ir::{Bin, Block, Func, Head, Info, Op, Shape, Stmt, V};

/// Moves invariant operations out of loops.
pub(crate) fn run(func: &mut Func) {
    let mut body = core::mem::take(&mut func.body);
    let mut literals = Set::new();
    collect(&body, &mut literals);
    block(func, &mut body, &literals);
    func.body = body;
}

/// The literals of ours.
fn collect(b: &Block, literals: &mut Set) {
    for s in &b.stmts {
        if let Stmt::Let(v, Op::Lit(_)) = s {
            literals.insert(*v);
        }
        for inner in crate::ir::visit::blocks(s) {
            collect(inner, literals);
        }
    }
}

fn block(func: &mut Func, b: &mut Block, literals: &Set) {
    let mut k = 0;
    while k < b.stmts.len() {
        for inner in blocks_mut(&mut b.stmts[k]) {
            block(func, inner, literals);
        }
        if let Stmt::Loop(l) = &mut b.stmts[k] {
            let mut inside: Set = l.params.iter().copied().collect();
            if let Head::For { i, .. } = &l.head {
                inside.insert(*i);
            }
            for s in &l.body.stmts {
                crate::ir::visit::outs(s, &mut |v| {
                    inside.insert(v);
                });
            }
            let mut moved = Vec::new();
            regroup(func, &mut l.body.stmts, &inside, literals);
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

/// `2 * (d * w)` as `(2 * d) * w` where `d` does not change: adjoints alone have literals of ours in them.
fn regroup(func: &mut Func, stmts: &mut Vec<Stmt>, inside: &Set, literals: &Set) {
    let mut products = FastMap::default();
    let mut k = 0;
    while k < stmts.len() {
        if let Stmt::Let(v, op) = &stmts[k] {
            let v = *v;
            match op {
                Op::Bin(Bin::Mul, a, b) if *func.shape(v) == Shape::Float => {
                    let (a, b) = (*a, *b);
                    match products.get(&b).copied() {
                        Some((x, y))
                            if literals.contains(&a)
                                && !literals.contains(&x)
                                && (inside.contains(&x) != inside.contains(&y)) =>
                        {
                            let (fixed, varying) =
                                if inside.contains(&x) { (y, x) } else { (x, y) };
                            let factor = V(func.infos.len() as u32);
                            func.infos.push(Info {
                                span: func.info(v).span,
                                ..Info::new(Shape::Float)
                            });
                            stmts[k] = Stmt::Let(v, Op::Bin(Bin::Mul, factor, varying));
                            stmts.insert(k, Stmt::Let(factor, Op::Bin(Bin::Mul, a, fixed)));
                            k += 1;
                        }
                        _ => {
                            products.insert(v, (a, b));
                        }
                    }
                }
                _ => {}
            }
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
