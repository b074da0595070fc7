//! What is read of the versions that one variable holds one after the other.

use crate::ir::visit::{blocks, own_uses};
use crate::ir::{Block, Func, Op, Shape, Stmt, V};

/// Calls `f` on each value whose contents a statement reads. Of a `Vec` whose zero is asked for that is none: all versions in
/// its variable have its length.
pub(super) fn reads(func: &Func, stmt: &Stmt, f: &mut impl FnMut(V)) {
    match stmt {
        // Nobody asks what was in a thing that is only about to be filled.
        Stmt::Let(_, Op::Refill(..)) => {}
        Stmt::Let(_, Op::ZeroLike(a)) if matches!(func.shape(*a), Shape::Seq(_, None)) => {}
        stmt => own_uses(stmt, f),
    }
    for b in blocks(stmt) {
        block_reads(func, b, f);
    }
    if let Stmt::Loop(l) = stmt {
        l.stop.iter().for_each(|v| f(*v));
    }
}

/// Calls `f` on each value whose contents a block reads.
pub(super) fn block_reads(func: &Func, block: &Block, f: &mut impl FnMut(V)) {
    for s in &block.stmts {
        reads(func, s, f);
    }
    block.yields.iter().for_each(|v| f(*v));
}
