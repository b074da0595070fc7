//! Loops of the user's that compute what an earlier one has computed, before they are differentiated.
//!
//! ```text
//! let a = x.iter().fold(x[0], |s, v| s + v * s);  ..  let b = x.iter().fold(x[0], |s, v| s + v * s);      `b` is `a`
//! ```
//!
//! Found only afterwards, there would be one loop, which keeps once what two reverse loops ask it for.

use super::{Pass, Scope, Table, Writer, outs_of};
use crate::ir::buffers::is_buffer;
use crate::ir::subst::block_uses_mut;
use crate::ir::table::{FastMap, Set};
use crate::ir::visit::{blocks_mut, each};
use crate::ir::{Block, Func, Stmt, V};

/// Lets such a loop be the earlier one, where it leaves no buffer.
pub(crate) fn run(func: &mut Func) {
    let (mut loops, mut outs) = (0, Set::new());
    each(&func.body, &mut |s| {
        if matches!(s, Stmt::Loop(_)) {
            loops += 1;
            outs.extend(&outs_of(s));
        }
    });
    if loops < 2 {
        return;
    }
    let mut trial = func.clone();
    let mut body = core::mem::take(&mut trial.body);
    let mut pass = Pass {
        writer: Writer::of(func),
        known: Scope::new(func.infos.len()),
        func: &mut trial,
        map: Table::new(),
        loops: FastMap::default(),
    };
    pass.block(&mut body);
    let (map, repeated) = (pass.map, pass.loops);
    if repeated.is_empty() {
        return;
    }
    let mut same = Table::new();
    let mut gone = |s: &Stmt| {
        let Stmt::Loop(l) = s else { return false };
        let merged = |v: &V| {
            let first = map.get(v).filter(|first| outs.contains(first));
            first.is_some() && !is_buffer(func, *v)
        };
        let gone = repeated.contains_key(&l.id.0) && l.outs.iter().all(merged);
        if gone {
            let firsts = l.outs.iter().filter_map(|v| Some((*v, *map.get(v)?)));
            firsts.for_each(|(v, first)| {
                same.insert(v, first);
            });
        }
        gone
    };
    let mut body = func.body.clone();
    remove(&mut body, &mut gone);
    let mut resolve = |v: &mut V| {
        while let Some(first) = same.get(v) {
            *v = *first;
        }
    };
    block_uses_mut(&mut body, &mut resolve);
    func.body = body;
    let results = func.ret.iter_mut().chain(func.finals.iter_mut().flatten());
    results.for_each(resolve);
}

fn remove(block: &mut Block, gone: &mut impl FnMut(&Stmt) -> bool) {
    block.stmts.retain(|s| !gone(s));
    for s in &mut block.stmts {
        blocks_mut(s).for_each(|b| remove(b, gone));
    }
}
