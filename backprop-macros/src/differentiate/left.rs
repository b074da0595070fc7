//! The sweep of a function that has run before: its value is not asked for, and what it wrote into `&mut`
//! parameters is there to be read.

use crate::ir::visit::blocks;
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
}

/// Whether a buffer is read as it was left and written again: then it has to be computed after all.
pub(crate) fn clashes(func: &Func) -> bool {
    func.params
        .iter()
        .any(|p| p.by == By::Mut && updated(&func.body, p.v) && read(&func.body, p.v))
}

/// Whether a version is the base of another one.
fn updated(b: &Block, v: V) -> bool {
    b.yields.contains(&v)
        || b.stmts.iter().any(|s| match s {
            Stmt::Let(_, Op::Set(a, ..) | Op::AddAt(a, ..) | Op::ClearAt(a, _)) => *a == v,
            Stmt::Loop(l) => l.inits.contains(&v) || updated(&l.body, v),
            Stmt::Call(c) => c
                .args
                .iter()
                .any(|a| matches!(a, Arg::Mut(root, ..) if *root == v)),
            s => blocks(s).any(|b| updated(b, v)),
        })
}

fn read(b: &Block, v: V) -> bool {
    b.stmts.iter().any(|s| match s {
        Stmt::Let(_, Op::Get(a, _)) => *a == v,
        Stmt::Call(c) => c
            .args
            .iter()
            .any(|a| matches!(a, Arg::Ref(root, _) if *root == v)),
        Stmt::Sweep(s) => s.call.args.iter().any(|a| a.root() == v),
        s => blocks(s).any(|b| read(b, v)),
    })
}
