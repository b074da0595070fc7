//! What lies on the tape and is looked at by nobody: where a result is kept, what it was computed of may not be asked for any more. It is
//! neither put there nor taken off.

use crate::ir::table::Set;
use crate::ir::visit::{block_uses, blocks_mut, each};
use crate::ir::{Block, Func, Op, Stmt, V};

/// Takes it away. Returns whether there was anything.
pub(super) fn run(func: &mut Func) -> bool {
    let mut used = Set::new();
    let results = func.ret.iter().chain(func.finals.iter().flatten());
    used.extend(results.chain(func.adjoints.iter().flatten()));
    block_uses(&func.body, &mut |v| {
        used.insert(v);
    });
    let (mut read, mut all) = (Set::new(), Set::new());
    each(&func.body, &mut |s| {
        if let Stmt::Let(v, Op::Restore(store, None, _)) = s {
            all.insert(number(*store));
            if used.contains(v) {
                read.insert(number(*store));
            }
        }
    });
    let unread: Set = all.iter().filter(|store| !read.contains(store)).collect();
    let any = unread.iter().next().is_some();
    if any {
        remove(&mut func.body, &unread);
    }
    any
}

fn number(store: usize) -> V {
    V(u32::try_from(store).unwrap_or(u32::MAX))
}

fn remove(block: &mut Block, unread: &Set) {
    block.stmts.retain(|s| match s {
        Stmt::Save {
            store, at: None, ..
        }
        | Stmt::Let(_, Op::Restore(store, None, _)) => !unread.contains(&number(*store)),
        _ => true,
    });
    for s in &mut block.stmts {
        blocks_mut(s).for_each(|b| remove(b, unread));
    }
}
