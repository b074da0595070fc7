//! The sweep of a function that has run before: its value is not asked for, and what it wrote into `&mut`
//! parameters is there to be read.

use std::collections::HashSet;

use crate::ir::visit::{blocks, blocks_mut, own_uses};
use crate::ir::{Arg, Block, By, Func, Op, Stmt, V};

/// Drops the results, and lets the first version of each buffer stand for the last one.
pub(crate) fn drop_results(func: &mut Func) {
    let last: Vec<(V, V)> = func
        .finals
        .iter()
        .zip(&func.params)
        .filter_map(|(last, p)| last.map(|v| (v, p.v)))
        .collect();
    let steady: Vec<(V, V)> = last
        .into_iter()
        .filter(|(v, p)| v != p && !updated(&func.body, *v))
        .collect();
    func.ret = None;
    func.finals = vec![None; func.params.len()];
    crate::ir::subst::block_uses_mut(&mut func.body, &mut |v| {
        if let Some((_, p)) = steady.iter().find(|(last, _)| last == v) {
            *v = *p;
        }
    });
    drop_idle_calls(func);
}

/// Drops the calls that only write again what is there, and whose result nobody takes.
pub(crate) fn drop_idle_calls(func: &mut Func) {
    let mut used: HashSet<V> = func
        .ret
        .iter()
        .chain(func.finals.iter().flatten())
        .chain(func.adjoints.iter().flatten())
        .copied()
        .collect();
    let mut results = HashSet::new();
    crate::ir::visit::each(&func.body, &mut |s| {
        if let Stmt::Call(c) = s {
            results.extend(c.results());
        }
    });
    crate::ir::visit::each(&func.body, &mut |s| match s {
        // The zero of an output has its length; that of a result is a seed, of which the callee knows the type.
        Stmt::Let(_, Op::ZeroLike(of)) if results.contains(of) => {}
        s => {
            own_uses(s, &mut |v| {
                used.insert(v);
            });
            for b in blocks(s) {
                used.extend(&b.yields);
            }
            if let Stmt::Loop(l) = s {
                used.extend(l.stop);
            }
        }
    });
    let mut ignored = HashSet::new();
    remove(&mut func.body, &used, &mut ignored);
    if !ignored.is_empty() {
        blanks(&mut func.body, &ignored);
    }
}

fn remove(b: &mut Block, used: &HashSet<V>, ignored: &mut HashSet<V>) {
    b.stmts.retain(|s| {
        let Stmt::Call(c) = s else { return true };
        let outs = c.args.iter().filter_map(|a| match a {
            Arg::Mut(_, _, out) => Some(out),
            _ => None,
        });
        let mut taken = outs.chain(c.entries.iter().flatten());
        let taken = taken.any(|v| used.contains(v));
        let writes = c
            .args
            .iter()
            .any(|a| matches!(a, Arg::Mut(..) | Arg::Again(..)));
        if taken || !writes || c.results().any(|r| used.contains(&r)) {
            return true;
        }
        ignored.extend(c.results());
        false
    });
    for s in &mut b.stmts {
        for inner in blocks_mut(s) {
            remove(inner, used, ignored);
        }
    }
}

/// The cotangent of a result that nobody takes is a placeholder of whatever type it has.
fn blanks(b: &mut Block, ignored: &HashSet<V>) {
    for s in &mut b.stmts {
        if let Stmt::Let(_, op @ Op::ZeroLike(_)) = s
            && matches!(op, Op::ZeroLike(of) if ignored.contains(of))
        {
            *op = Op::Undef;
        }
        for inner in blocks_mut(s) {
            blanks(inner, ignored);
        }
    }
}

/// Whether a buffer is written again: then it holds an older version, and has to be brought to the last one after all.
pub(crate) fn clashes(func: &Func) -> bool {
    func.params
        .iter()
        .any(|p| p.by == By::Mut && updated(&func.body, p.v))
}

/// Whether a version is the base of another one.
fn updated(b: &Block, v: V) -> bool {
    b.yields.contains(&v)
        || b.stmts.iter().any(|s| match s {
            Stmt::Let(
                _,
                Op::Set(a, ..) | Op::AddAt(a, ..) | Op::ClearAt(a, _) | Op::Refill(a, _),
            ) => *a == v,
            Stmt::Loop(l) => l.inits.contains(&v) || updated(&l.body, v),
            Stmt::Call(c) => c
                .args
                .iter()
                .any(|a| matches!(a, Arg::Mut(root, ..) if *root == v)),
            s => blocks(s).any(|b| updated(b, v)),
        })
}
