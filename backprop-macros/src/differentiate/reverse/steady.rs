//! Buffers left alone: the versions that no statement overwrites, so that the reverse sweep finds in them
//! what the forward sweep put there.

use crate::ir::table::Set;
use crate::ir::visit::blocks;
use crate::ir::{Arg, Block, Op, Stmt};

/// The outs of loops that are never the base of an update.
pub(crate) fn of(body: &Block) -> Set {
    let (mut outs, mut updated) = (Set::new(), Set::new());
    walk(body, &mut outs, &mut updated);
    outs.iter().filter(|v| !updated.contains(v)).collect()
}

fn walk(block: &Block, outs: &mut Set, updated: &mut Set) {
    for stmt in &block.stmts {
        match stmt {
            Stmt::Let(_, Op::Set(a, ..) | Op::AddAt(a, ..) | Op::Refill(a, _)) => {
                updated.insert(*a);
            }
            Stmt::If(s) => {
                // Merged with another version, which may be updated further on.
                updated.extend(s.then_.yields.iter().chain(&s.else_.yields));
            }
            Stmt::Loop(l) => {
                outs.extend(&l.outs);
                updated.extend(l.inits.iter().chain(&l.body.yields));
            }
            Stmt::Call(c) => {
                for a in &c.args {
                    if let Arg::Mut(root, ..) = a {
                        updated.insert(*root);
                    }
                }
            }
            _ => {}
        }
        for b in blocks(stmt) {
            walk(b, outs, updated);
        }
    }
}
