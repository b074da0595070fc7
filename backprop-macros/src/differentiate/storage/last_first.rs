//! What an iteration takes off the tape right one after the other, in the order in which that lies there: last one first.
//!
//! A call of which the tape keeps what it has found puts that on top of what the iteration began with, and the reverse iteration asks for
//! both at its beginning.

use crate::ir::table::FastMap;
use crate::ir::visit::{blocks, blocks_mut};
use crate::ir::{Block, LoopId, Op, Stmt};

/// When the stores of a loop's iteration are put on the tape: by their numbers, in order.
type Puts = FastMap<LoopId, Vec<usize>>;

pub(super) fn run(body: &mut Block) {
    let mut puts = Puts::default();
    collect(body, &mut puts);
    arrange(body, &puts);
}

fn collect(block: &Block, puts: &mut Puts) {
    for s in &block.stmts {
        if let Stmt::Loop(l) = s {
            let own = l.body.stmts.iter().filter_map(|s| match s {
                Stmt::Save {
                    store, at: None, ..
                } => Some(*store),
                _ => None,
            });
            puts.insert(l.id, own.collect());
        }
        blocks(s).for_each(|b| collect(b, puts));
    }
}

fn arrange(block: &mut Block, puts: &Puts) {
    for s in &mut block.stmts {
        if let Stmt::Loop(l) = s
            && let Some(order) = l.reverses.and_then(|id| puts.get(&id))
        {
            let place = |s: &Stmt| match s {
                Stmt::Let(_, Op::Restore(store, None, _)) => {
                    order.iter().position(|put| put == store)
                }
                _ => None,
            };
            let together = |a: &Stmt, b: &Stmt| place(a).is_some() && place(b).is_some();
            for run in l.body.stmts.chunk_by_mut(together) {
                if !takes_of_itself(run) {
                    run.sort_by_key(|s| core::cmp::Reverse(place(s)));
                }
            }
        }
        blocks_mut(s).for_each(|b| arrange(b, puts));
    }
}

/// Whether one of some statements is of the type of what another one takes off.
fn takes_of_itself(run: &[Stmt]) -> bool {
    run.iter().any(|s| match s {
        Stmt::Let(_, Op::Restore(_, _, like)) => run
            .iter()
            .any(|s| matches!(s, Stmt::Let(v, _) if v == like)),
        _ => false,
    })
}
