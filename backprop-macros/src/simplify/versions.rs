//! A part of a buffer that later calls leave alone is the same in the later version: what was written there
//! can be read in place, and no copy of the buffer is needed.

use std::collections::HashMap;

use crate::ir::visit::blocks_mut;
use crate::ir::{Arg, Block, Func, Op, Path, Proj, Stmt, V};

/// From a version to the next one, and the part in which they differ.
type Next = HashMap<V, (V, Path)>;

/// Lets sweeps of calls that have run refer to the latest version that still holds what the call left.
pub(crate) fn run(func: &mut Func) {
    let mut body = core::mem::take(&mut func.body);
    block(&mut body);
    func.body = body;
}

fn block(b: &mut Block) {
    let mut next = Next::new();
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
        if let Stmt::Sweep(s) = s {
            if s.call.ret.is_none() {
                for a in &mut s.call.args {
                    if let Arg::Mut(root, path, _) = a {
                        while let Some((later, part)) = next.get(root) {
                            if !apart(path, part) {
                                break;
                            }
                            *root = *later;
                        }
                    }
                }
            }
        }
        for inner in blocks_mut(s) {
            block(inner);
        }
    }
}

/// Whether two parts surely do not overlap.
fn apart(p: &[Proj], q: &[Proj]) -> bool {
    for (a, b) in p.iter().zip(q) {
        match (a, b) {
            (Proj::Field(a), Proj::Field(b)) if a != b => return true,
            (Proj::Field(_), Proj::Field(_)) => {}
            (Proj::Index(a), Proj::Index(b)) if a == b => {}
            // `..n` and `n..`.
            (Proj::Range { hi: Some(a), inclusive: false, .. }, Proj::Range { lo: Some(b), .. }) if a == b => return true,
            (Proj::Range { lo: Some(a), .. }, Proj::Range { hi: Some(b), inclusive: false, .. }) if a == b => return true,
            _ => return false,
        }
    }
    false
}
