//! Whether the tape gives back what lies on it in the order in which it was put there, last one first.
//!
//! Every rule of this stage sees to that for itself. A mistake would be a wrong number without a word, so it is looked at once more, from
//! the outside.

use super::results::forward_of;
use crate::ir::visit::blocks;
use crate::ir::{Block, Op, Stmt};

/// Looks at all pairs of loops, each in its own block.
pub(super) fn is_kept(block: &Block) -> bool {
    (0..block.stmts.len()).all(|k| {
        let fine = match (forward_of(&block.stmts, k), &block.stmts[k]) {
            (Some(forward), Stmt::Loop(r)) => match &block.stmts[forward] {
                Stmt::Loop(f) => mirrors(&f.body, &r.body),
                _ => true,
            },
            _ => true,
        };
        fine && blocks(&block.stmts[k]).all(is_kept)
    })
}

/// Whether what both bodies put on the tape and take off it, in every iteration, is in mirrored order.
fn mirrors(forward: &Block, back: &Block) -> bool {
    let pushed = forward.stmts.iter().filter_map(|s| match s {
        Stmt::Save {
            store, at: None, ..
        } => Some(*store),
        _ => None,
    });
    let popped = back.stmts.iter().filter_map(|s| match s {
        Stmt::Let(_, Op::Restore(store, None, _)) => Some(*store),
        _ => None,
    });
    let (mut pushed, mut popped): (Vec<usize>, Vec<usize>) = (pushed.collect(), popped.collect());
    pushed.retain(|store| popped.contains(store));
    popped.retain(|store| pushed.contains(store));
    pushed.iter().rev().eq(&popped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::V;

    fn pushes(stores: &[usize]) -> Block {
        let save = |store: &usize| Stmt::Save {
            store: *store,
            at: None,
            v: V(0),
        };
        Block {
            stmts: stores.iter().map(save).collect(),
            yields: Vec::new(),
        }
    }

    fn pops(stores: &[usize]) -> Block {
        let restore = |store: &usize| Stmt::Let(V(1), Op::Restore(*store, None, V(0)));
        Block {
            stmts: stores.iter().map(restore).collect(),
            yields: Vec::new(),
        }
    }

    #[test]
    fn last_one_first() {
        assert!(mirrors(&pushes(&[0, 1, 2]), &pops(&[2, 1, 0])));
        assert!(!mirrors(&pushes(&[0, 1, 2]), &pops(&[2, 0, 1])));
        assert!(!mirrors(&pushes(&[0, 1]), &pops(&[0, 1])));
        assert!(mirrors(&pushes(&[0, 3, 1]), &pops(&[1, 0])));
    }
}
