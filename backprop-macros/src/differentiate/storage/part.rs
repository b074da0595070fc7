//! Buffers of which each iteration fills a part of its own through a call: after the loop every part is as its
//! iteration left it, so nothing has to be kept. A call that left only such parts is not run again.

use crate::differentiate::left::drop_idle_calls;
use crate::differentiate::reverse::steady;
use crate::ir::parts::{Constants, Parts, constants};
use crate::ir::subst::{Map, block_uses_mut};
use crate::ir::table::Set;
use crate::ir::visit::{all_uses, blocks_mut};
use crate::ir::{Arg, Block, Func, Loop, Op, Stmt, Sweep, V};

/// Lets such buffers stand for what reverse loops ask to be kept of them. Returns whether there were any.
pub(crate) fn resolve(func: &mut Func) -> bool {
    let steady = steady::of(&func.body);
    let pass = Pass {
        steady,
        constants: constants(&func.body),
    };
    let news = pass.block(&mut func.body);
    if news {
        drop_idle_calls(func);
    }
    news
}

struct Pass {
    steady: Set,
    constants: Constants,
}

impl Pass {
    fn block(&self, b: &mut Block) -> bool {
        let mut news = false;
        for k in 0..b.stmts.len() {
            if let Some((forward, kept)) = super::asked(&b.stmts, k) {
                let (head, tail) = b.stmts.split_at_mut(k);
                if let (Stmt::Loop(f), Stmt::Loop(r)) = (&head[forward], &mut tail[0]) {
                    let buffers = self.filled(f);
                    let found: Map = kept
                        .into_iter()
                        .filter(|(v, _)| has_sweep(&r.body, *v))
                        .filter_map(|(v, p)| Some((v, *buffers.get(&p)?)))
                        .collect();
                    if !found.is_empty() {
                        news = true;
                        read_back(&mut r.body, &found);
                    }
                }
            }
            for inner in blocks_mut(&mut b.stmts[k]) {
                news |= self.block(inner);
            }
        }
        news
    }

    /// The buffers that a loop fills part by part, each part by one call: as carried, and as left. A call that runs
    /// again writes the same again.
    fn filled(&self, f: &Loop) -> Map {
        let Some(parts) = Parts::of(f, &self.constants) else {
            return Map::default();
        };
        let mut out = Map::default();
        for (k, (p, y)) in f.params.iter().zip(&f.body.yields).enumerate() {
            if one_call(f, *p, *y)
                && self.steady.contains(&f.outs[k])
                && parts.own(*p, *y).is_some()
            {
                out.insert(*p, f.outs[k]);
            }
        }
        out
    }
}

/// Whether all that a loop's body does with a buffer before it is written is to lend it to one call.
fn one_call(f: &Loop, p: V, y: V) -> bool {
    let mut users = f.body.stmts.iter().filter(|s| {
        let mut uses = false;
        all_uses(s, &mut |v| uses |= v == p);
        uses && !matches!(s, Stmt::Let(_, Op::Len(..)))
    });
    match (users.next(), users.next()) {
        (Some(Stmt::Call(c)), None) => c
            .args
            .iter()
            .any(|a| matches!(a, Arg::Mut(root, _, out) if *root == p && *out == y)),
        _ => false,
    }
}

/// Whether the call that fills a buffer is differentiated: then what it gets by `&mut` is an output. A function
/// without derivative may count in it.
fn has_sweep(body: &Block, buffer: V) -> bool {
    let filled = body.stmts.iter().find_map(|s| match s {
        Stmt::Call(c) => c.args.iter().find_map(|a| match a {
            Arg::Mut(root, _, out) if *root == buffer => Some(*out),
            _ => None,
        }),
        _ => None,
    });
    body.stmts.iter().any(|s| match s {
        Stmt::Sweep(s) => {
            s.call.args.iter().any(
                |a| matches!(a, Arg::Mut(root, ..) if *root == buffer || Some(*root) == filled),
            )
        }
        _ => false,
    })
}

/// Reads the buffers as they were left, in the body of a reverse loop.
fn read_back(body: &mut Block, found: &Map) {
    body.stmts
        .retain(|s| !matches!(s, Stmt::Let(v, Op::Kept(..)) if found.contains_key(v)));
    let mut map = found.clone();
    for s in &mut body.stmts {
        let (Stmt::Call(c) | Stmt::Sweep(Sweep { call: c, .. })) = s else {
            continue;
        };
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
