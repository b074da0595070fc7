//! Fills begin with `refill`.

use super::Fills;
use crate::ir::table::Set;
use crate::ir::visit::{blocks_mut, outs, own_uses};
use crate::ir::{Arg, Block, Func, Head, Op, Stmt, V};

/// Lets fills begin with `refill`.
pub(super) fn begin(func: &mut Func, b: &mut Block, fills: &Fills) {
    let mut k = 0;
    while k < b.stmts.len() {
        let mut defines = None;
        outs(&b.stmts[k], &mut |v| {
            defines = defines.or(fills.iter().find(|(out, _)| *out == v).copied());
        });
        if let Some((_, root)) = defines {
            let blank = V(func.infos.len() as u32);
            let info = func.info(root).clone();
            func.infos.push(info);
            match &mut b.stmts[k] {
                Stmt::Call(c) => {
                    for a in &mut c.args {
                        if let Arg::Mut(r, ..) = a
                            && *r == root
                        {
                            *r = blank;
                        }
                    }
                }
                Stmt::Loop(l) => {
                    for init in &mut l.inits {
                        if *init == root {
                            *init = blank;
                        }
                    }
                }
                _ => {}
            }
            b.stmts.insert(k, Stmt::Let(blank, Op::Refill(root, 0)));
            k += 1;
        }
        for inner in blocks_mut(&mut b.stmts[k]) {
            begin(func, inner, fills);
        }
        k += 1;
    }
}

/// Whether a block reads any version of an aggregate, besides lending it by `&mut`. `versions` are those from outside, and then all.
pub(super) fn reads_any(block: &Block, versions: &mut Set) -> bool {
    block.stmts.iter().any(|s| match s {
        Stmt::Let(v, Op::Set(a, ..)) if versions.contains(a) => {
            versions.insert(*v);
            false
        }
        Stmt::Let(_, Op::Len(..) | Op::ZeroLike(_)) => false,
        Stmt::Call(c) => c.args.iter().any(|a| match a {
            Arg::Mut(root, _, out) if versions.contains(root) => {
                versions.insert(*out);
                false
            }
            a => versions.contains(&a.root()),
        }),
        Stmt::If(s) => {
            let read = reads_any(&s.then_, versions) | reads_any(&s.else_, versions);
            for (k, out) in s.outs.iter().enumerate() {
                if versions.contains(&s.then_.yields[k]) || versions.contains(&s.else_.yields[k]) {
                    versions.insert(*out);
                }
            }
            read
        }
        Stmt::Loop(l) => {
            for (k, init) in l.inits.iter().enumerate() {
                if versions.contains(init) {
                    versions.extend([l.params[k], l.outs[k]]);
                }
            }
            let condition = match &l.head {
                Head::While(cond) => reads_any(cond, versions),
                Head::For { .. } | Head::Forever => false,
            };
            condition || reads_any(&l.body, versions)
        }
        s => {
            let mut read = false;
            own_uses(s, &mut |v| read |= versions.contains(&v));
            read
        }
    })
}
