//! Buffers of which each iteration fills a part of its own through a call: after the loop every part is as its
//! iteration left it, so nothing has to be kept. A call that left only such parts is not run again.

use std::collections::{HashMap, HashSet};

use crate::differentiate::left::drop_idle_calls;
use crate::differentiate::reverse::steady;
use crate::ir::parts::Parts;
use crate::ir::subst::block_uses_mut;
use crate::ir::visit::{all_uses, blocks_mut};
use crate::ir::{Arg, Block, Func, Loop, Op, Stmt, V};

/// Lets such buffers stand for what reverse loops ask to be kept of them. Returns whether there were any.
pub(crate) fn resolve(func: &mut Func) -> bool {
    let steady = steady::of(&func.body);
    let news = block(&mut func.body, &steady);
    if news {
        drop_idle_calls(func);
    }
    news
}

fn block(b: &mut Block, steady: &HashSet<V>) -> bool {
    let mut news = false;
    for k in 0..b.stmts.len() {
        if let Some((forward, kept)) = super::asked(&b.stmts, k) {
            let (head, tail) = b.stmts.split_at_mut(k);
            if let (Stmt::Loop(f), Stmt::Loop(r)) = (&head[forward], &mut tail[0]) {
                let buffers = filled(f, steady);
                let found: HashMap<V, V> = kept
                    .into_iter()
                    .filter_map(|(v, p)| Some((v, *buffers.get(&p)?)))
                    .collect();
                if !found.is_empty() {
                    news = true;
                    read_back(&mut r.body, &found);
                }
            }
        }
        for inner in blocks_mut(&mut b.stmts[k]) {
            news |= block(inner, steady);
        }
    }
    news
}

/// The buffers that a loop fills part by part, each part by one call: as carried, and as left.
fn filled(f: &Loop, steady: &HashSet<V>) -> HashMap<V, V> {
    let Some(parts) = Parts::of(f) else {
        return HashMap::new();
    };
    let mut out = HashMap::new();
    for (k, (p, y)) in f.params.iter().zip(&f.body.yields).enumerate() {
        let mut users = f.body.stmts.iter().filter(|s| {
            let mut uses = false;
            all_uses(s, &mut |v| uses |= v == *p);
            uses && !matches!(s, Stmt::Let(_, Op::Len(..)))
        });
        let one_call = match (users.next(), users.next()) {
            (Some(Stmt::Call(c)), None) => c
                .args
                .iter()
                .any(|a| matches!(a, Arg::Mut(root, _, out) if root == p && out == y)),
            _ => false,
        };
        if one_call && steady.contains(&f.outs[k]) && parts.own(*p, *y).is_some() {
            out.insert(*p, f.outs[k]);
        }
    }
    out
}

/// Reads the buffers as they were left, in the body of a reverse loop.
fn read_back(body: &mut Block, found: &HashMap<V, V>) {
    body.stmts
        .retain(|s| !matches!(s, Stmt::Let(v, Op::Kept(..)) if found.contains_key(v)));
    let mut map = found.clone();
    for s in &mut body.stmts {
        let Stmt::Call(c) = s else { continue };
        for a in &mut c.args {
            if let Arg::Mut(root, path, out) = a
                && let Some(buffer) = found.get(root)
            {
                map.insert(*out, *buffer);
                *a = Arg::Again(*buffer, core::mem::take(path));
            }
        }
    }
    block_uses_mut(body, &mut |v| *v = *map.get(v).unwrap_or(v));
}
