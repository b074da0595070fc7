//! A part of a buffer that later calls leave alone is the same in the later version: what was written there
//! can be read in place, and no copy of the buffer is needed.

use crate::ir::table::{FastMap, Table};
use crate::ir::visit::{blocks, blocks_mut};
use crate::ir::{Arg, Block, Constant, Func, Op, Path, Proj, Stmt, V};

/// From a version to the next one, and the part in which they differ.
type Next = FastMap<V, (V, Path)>;

/// Lets sweeps of calls that have run refer to the latest version that still holds what the call left.
pub(crate) fn run(func: &mut Func) {
    let mut body = core::mem::take(&mut func.body);
    let mut literals = Table::new();
    collect(&body, &mut literals);
    block(&mut body, &literals);
    func.body = body;
}

/// The constants by their text: two of the same text are one bound.
fn collect(b: &Block, literals: &mut Table<Constant>) {
    for s in &b.stmts {
        if let Stmt::Let(v, Op::Const(t)) = s {
            literals.insert(*v, t.clone());
        }
        for inner in blocks(s) {
            collect(inner, literals);
        }
    }
}

fn block(b: &mut Block, literals: &Table<Constant>) {
    let mut next = Next::default();
    for s in &b.stmts {
        match s {
            Stmt::Call(c) => {
                for a in &c.args {
                    if let Arg::Mut(root, path, out) = a {
                        next.insert(*root, (*out, path.clone()));
                    }
                }
            }
            Stmt::Let(v, Op::Set(a, path, _) | Op::AddAt(a, path, _)) => {
                next.insert(*a, (*v, path.clone()));
            }
            _ => {}
        }
    }
    for s in &mut b.stmts {
        if let Stmt::Sweep(s) = s
            && s.call.ret.is_none()
        {
            for a in &mut s.call.args {
                if let Arg::Mut(root, path, _) = a {
                    while let Some((later, part)) = next.get(root) {
                        if !apart(path, part, literals) {
                            break;
                        }
                        *root = *later;
                    }
                }
            }
        }
        for inner in blocks_mut(s) {
            block(inner, literals);
        }
    }
}

/// Whether two parts surely do not overlap.
fn apart(p: &[Proj], q: &[Proj], literals: &Table<Constant>) -> bool {
    let same = |a: &V, b: &V| {
        a == b
            || literals
                .get(a)
                .is_some_and(|t| literals.get(b).is_some_and(|u| t.text() == u.text()))
    };
    for (a, b) in p.iter().zip(q) {
        match (a, b) {
            (Proj::Field(a), Proj::Field(b)) if a != b => return true,
            (Proj::Field(_), Proj::Field(_)) => {}
            (Proj::Index(a), Proj::Index(b)) if same(a, b) => {}
            // `..n` and `n..`.
            (
                Proj::Range {
                    hi: Some(a),
                    inclusive: false,
                    ..
                },
                Proj::Range { lo: Some(b), .. },
            ) if same(a, b) => return true,
            (
                Proj::Range { lo: Some(a), .. },
                Proj::Range {
                    hi: Some(b),
                    inclusive: false,
                    ..
                },
            ) if same(a, b) => return true,
            _ => return false,
        }
    }
    false
}
