//! `a[i] += x`: recognised as an addition, which is linear in what it overwrites.
//!
//! Lowering reads the element, adds, and writes. The old value is needed by no derivative, and its adjoint
//! stays where it is; as one operation that is plain to see.

use crate::ir::table::FastMap;
use crate::ir::visit::blocks_mut;
use crate::ir::{Bin, Block, Func, Info, Op, Path, Shape, Stmt, Un, V, same_path};

/// Turns every read–add–write of one element into one operation.
pub(crate) fn recognise(func: &mut Func) {
    let mut body = core::mem::take(&mut func.body);
    block(func, &mut body);
    func.body = body;
}

fn block(func: &mut Func, b: &mut Block) {
    let mut ops: FastMap<V, Op> = FastMap::default();
    let mut k = 0;
    while k < b.stmts.len() {
        for inner in blocks_mut(&mut b.stmts[k]) {
            block(func, inner);
        }
        let mut negation = None;
        if let Stmt::Let(v, op) = &mut b.stmts[k] {
            if let Op::Set(a, path, value) = op
                && let Some((term, sign)) =
                    added(&ops, *a, path, *value).filter(|_| *func.shape(*value) == Shape::Float)
            {
                let mut term = term;
                if sign == Bin::Sub {
                    let n = V(func.infos.len() as u32);
                    let span = func.info(*value).span;
                    func.infos.push(Info {
                        span,
                        ..Info::new(Shape::Float)
                    });
                    negation = Some(Stmt::Let(n, Op::Un(Un::Neg, term)));
                    term = n;
                }
                *op = Op::AddAt(*a, path.clone(), term);
            }
            ops.insert(*v, op.clone());
        }
        if let Some(s) = negation {
            b.stmts.insert(k, s);
            k += 1;
        }
        k += 1;
    }
}

/// If `value` is `a[path] + term` or `a[path] - term`: the term.
fn added(ops: &FastMap<V, Op>, a: V, path: &Path, value: V) -> Option<(V, Bin)> {
    let Op::Bin(op @ (Bin::Add | Bin::Sub), x, y) = ops.get(&value)? else {
        return None;
    };
    let reads = |v: &V| matches!(ops.get(v), Some(Op::Get(b, p)) if *b == a && same_path(p, path));
    match op {
        _ if reads(x) => Some((*y, *op)),
        Bin::Add if reads(y) => Some((*x, Bin::Add)),
        _ => None,
    }
}
