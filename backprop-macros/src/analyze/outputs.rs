//! Whether a function may read what it found behind a `&mut` parameter: it updates a buffer in place.
//!
//! What only writes comes out the same however often it runs, so its reverse sweep may run on what it left. One that
//! updates in place has to begin with what it found, and callers keep that (`backprop-runtime/src/private/part.rs`).
//! So this asks for every use that is not seen to be a write: a function of somebody else's that the buffer is handed
//! on to may read it, too.

use crate::ir::table::Set;
use crate::ir::visit::{all_uses, blocks, own_uses, path_uses};
use crate::ir::{Arg, Block, By, Func, Op, Stmt, V};
use crate::sig::Sig;

/// Whether any `&mut` parameter that is not `#[out]` may be read before it is written.
pub(crate) fn in_place(func: &Func, sig: &Sig) -> bool {
    let inputs = func.params.iter().zip(&sig.inputs).enumerate();
    inputs
        .filter(|(_, (p, input))| p.by == By::Mut && !input.out)
        .any(|(k, (p, _))| {
            let mut versions = Set::new();
            versions.insert(p.v);
            while grow(&func.body, &mut versions) {}
            // What is behind a scalar's reference is the version itself: it may be returned, or left elsewhere.
            let others = func.finals.iter().enumerate().filter(|(j, _)| *j != k);
            let mut results = others.filter_map(|(_, v)| *v).chain(func.ret);
            results.any(|v| versions.contains(&v)) || read(&func.body, &versions)
        })
}

/// Adds the versions that follow from those known. Returns whether there were any.
fn grow(block: &Block, versions: &mut Set) -> bool {
    let mut news = false;
    for stmt in &block.stmts {
        match stmt {
            Stmt::Let(v, Op::Set(a, ..)) if versions.contains(a) => news |= versions.insert(*v),
            Stmt::If(s) => {
                for (k, out) in s.outs.iter().enumerate() {
                    if versions.contains(&s.then_.yields[k])
                        || versions.contains(&s.else_.yields[k])
                    {
                        news |= versions.insert(*out);
                    }
                }
            }
            Stmt::Loop(l) => {
                for (k, p) in l.params.iter().enumerate() {
                    if versions.contains(&l.inits[k]) || versions.contains(&l.body.yields[k]) {
                        news |= versions.insert(*p) | versions.insert(l.outs[k]);
                    }
                }
            }
            Stmt::Call(c) => {
                for a in &c.args {
                    if let Arg::Mut(root, _, out) = a
                        && versions.contains(root)
                    {
                        news |= versions.insert(*out);
                    }
                }
            }
            _ => {}
        }
        for b in blocks(stmt) {
            news |= grow(b, versions);
        }
    }
    news
}

/// Whether a version is used for anything but its length and as the base of the next one.
fn read(block: &Block, versions: &Set) -> bool {
    block.stmts.iter().any(|stmt| {
        let mut hit = false;
        let mut look = |v: V| hit |= versions.contains(&v);
        match stmt {
            Stmt::Let(_, Op::Len(_, path)) => path_uses(path, &mut look),
            Stmt::Let(_, Op::Set(_, path, value)) => {
                look(*value);
                path_uses(path, &mut look);
            }
            Stmt::Loop(l) => {
                l.stop.iter().for_each(|v| look(*v));
                // The carried buffers themselves are versions, not reads.
                own_uses(stmt, &mut |v| {
                    if !l.inits.contains(&v) {
                        look(v);
                    }
                });
            }
            Stmt::If(s) => look(s.cond),
            stmt => all_uses(stmt, &mut look),
        }
        hit || blocks(stmt).any(|b| read(b, versions))
    })
}
