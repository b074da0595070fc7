//! A loop that only its reverse loop waits for runs right before that, where it would stand between two others.
//!
//! ```text
//! p: push p;  t: push t;  p back: pop p;  t back: pop t
//! p: push p;  p back: pop p;  t: push t;  t back: pop t
//! ```
//!
//! The reverse sweep of a branch runs the branch's loops once more. Of those that the function has itself there is one in the end, in its
//! place; one whose result it has no use for is left behind the others.

use crate::ir::table::{FastMap, Set};
use crate::ir::visit::{all_uses, blocks_mut, outs};
use crate::ir::{Block, Stmt, V};
use crate::simplify::fuse::{acts, bases, kept};

pub(super) fn run(block: &mut Block) {
    let mut partners = partners(&block.stmts);
    for k in 0..block.stmts.len() {
        if let Some(first) = partners[k] {
            // Whether an earlier loop is reversed between the two.
            let crosses = |other: &Option<usize>| other.is_some_and(|other| other < first);
            if partners[first + 1..k].iter().any(crosses) && can_wait(&block.stmts, first, k) {
                block.stmts[first..k].rotate_left(1);
                partners = self::partners(&block.stmts);
            }
        }
        for inner in blocks_mut(&mut block.stmts[k]) {
            run(inner);
        }
    }
}

/// Where the forward loop of each reverse loop stands.
fn partners(stmts: &[Stmt]) -> Vec<Option<usize>> {
    let mut at: FastMap<u32, usize> = FastMap::default();
    let partner = |(k, s): (usize, &Stmt)| {
        let Stmt::Loop(l) = s else { return None };
        at.insert(l.id.0, k);
        at.get(&l.reverses?.0).copied()
    };
    stmts.iter().enumerate().map(partner).collect()
}

/// Whether the first of two statements can stand right before the second.
fn can_wait(stmts: &[Stmt], first: usize, second: usize) -> bool {
    let loop_ = &stmts[first];
    let mut made = Set::new();
    outs(loop_, &mut |v| {
        made.insert(v);
    });
    if let Stmt::Loop(l) = loop_ {
        made.extend(l.params.iter().copied());
    }
    let mut read: Vec<V> = Vec::new();
    all_uses(loop_, &mut |v| read.push(v));
    let stays = |s: &Stmt| {
        let mut uses = Vec::new();
        all_uses(s, &mut |v| uses.push(v));
        kept(s, &mut uses);
        uses.iter().any(|v| made.contains(v)) || bases(s).iter().any(|v| read.contains(v))
    };
    !acts(loop_) && !stmts[first + 1..second].iter().any(stays)
}
