//! Buffers of which each iteration fills a part of its own through a call, or by a loop that writes one element after the other: after the
//! loop every part is as its iteration left it, so nothing has to be kept. A call that left only such parts is not run again, nor is such a loop.

use crate::differentiate::left::drop_idle_calls;
use crate::differentiate::reverse::steady;
use crate::ir::parts::{Constants, Parts, constants};
use crate::ir::subst::{Map, block_uses_mut};
use crate::ir::table::{FastMap, Set};
use crate::ir::visit::{all_uses, blocks, blocks_mut, each, own_uses};
use crate::ir::{Arg, Block, Found, Func, Info, Loop, LoopId, Op, Stmt, Sweep, V};
use crate::simplify::dce;

/// Lets such buffers stand for what reverse loops ask to be kept of them. Returns whether there were any.
pub(crate) fn resolve(func: &mut Func) -> bool {
    let read = read(func);
    let mut body = core::mem::take(&mut func.body);
    let mut pass = Pass {
        steady: steady::of(&body),
        constants: constants(&body),
        read,
        func,
    };
    let news = pass.block(&mut body);
    func.body = body;
    if news {
        drop_idle_calls(func);
    }
    news
}

/// A buffer that a loop fills.
#[derive(Clone, Copy)]
struct Filled {
    /// As it is left.
    buffer: V,
    /// What the call in the forward loop found.
    entry: Option<V>,
    /// It is an `#[out]` parameter: nobody reads what is found in it.
    out: bool,
    /// By a loop: nobody reads what is found in it then, either.
    by_loop: bool,
}

struct Pass<'f> {
    func: &'f mut Func,
    steady: Set,
    constants: Constants,
    /// What somebody reads who is not dead, for more than its type.
    read: Set,
}

/// The values that are read, for more than their types, where it matters.
fn read(func: &Func) -> Set {
    let mut func = func.clone();
    dce::run(&mut func);
    let mut read = Set::new();
    each(&func.body, &mut |s| {
        if !matches!(s, Stmt::Let(_, Op::ZeroLike(_))) {
            own_uses(s, &mut |v| {
                read.insert(v);
            });
        }
        for b in blocks(s) {
            read.extend(&b.yields);
        }
        if let Stmt::Loop(l) = s {
            read.extend(&l.stop);
        }
    });
    read
}

impl Pass<'_> {
    fn block(&mut self, b: &mut Block) -> bool {
        let mut news = false;
        for k in 0..b.stmts.len() {
            if let Some((forward, kept)) = super::asked(&b.stmts, k) {
                let (head, tail) = b.stmts.split_at_mut(k);
                if let (Stmt::Loop(f), Stmt::Loop(r)) = (&head[forward], &mut tail[0]) {
                    let buffers = self.filled(f);
                    let found: FastMap<V, Filled> = kept
                        .into_iter()
                        .filter_map(|(v, p)| Some((v, *buffers.get(&p)?)))
                        .filter(|(v, filled)| filled.by_loop || has_sweep(&r.body, *v))
                        .collect();
                    if !found.is_empty() {
                        news = true;
                        let id = f.id;
                        read_back(r, id, &found, &self.read, &mut self.func.infos);
                    }
                }
            }
            for inner in blocks_mut(&mut b.stmts[k]) {
                news |= self.block(inner);
            }
        }
        news
    }

    /// The buffers that a loop fills part by part, each part by one call or loop: as carried, and as left. A call that runs
    /// again writes the same again.
    fn filled(&self, f: &Loop) -> FastMap<V, Filled> {
        let mut out = FastMap::default();
        let Some(parts) = Parts::of(f, &self.constants) else {
            return out;
        };
        for (k, (p, y)) in f.params.iter().zip(&f.body.yields).enumerate() {
            let by_loop = one_loop(f, *p, *y);
            if let Some(entry) = one_call(f, *p, *y).or(by_loop.then_some(None))
                && self.steady.contains(&f.outs[k])
                && parts.own(*p, *y).is_some()
            {
                let mut params = self.func.params.iter();
                let filled = Filled {
                    buffer: f.outs[k],
                    entry,
                    out: params.any(|q| q.out && q.v == f.inits[k]),
                    by_loop,
                };
                out.insert(*p, filled);
            }
        }
        out
    }
}

/// What a loop's body does with a buffer before it is written, if that is one thing.
fn one_user(f: &Loop, p: V) -> Option<&Stmt> {
    let mut users = f.body.stmts.iter().filter(|s| {
        let mut uses = false;
        all_uses(s, &mut |v| uses |= v == p);
        uses && !matches!(s, Stmt::Let(_, Op::Len(..)))
    });
    users.next().filter(|_| users.next().is_none())
}

/// If that is to lend it to one call: what the call finds.
fn one_call(f: &Loop, p: V, y: V) -> Option<Option<V>> {
    let Some(Stmt::Call(c)) = one_user(f, p) else {
        return None;
    };
    c.args
        .iter()
        .zip(&c.entries)
        .find_map(|(a, entry)| match a {
            Arg::Mut(root, _, out) if *root == p && *out == y => Some(*entry),
            _ => None,
        })
}

/// Whether that is to write its elements in a loop, which does nothing else and reads none of them.
fn one_loop(f: &Loop, p: V, y: V) -> bool {
    let Some(Stmt::Loop(inner)) = one_user(f, p) else {
        return false;
    };
    let ([init], [param], [out], [last]) = (
        &inner.inits[..],
        &inner.params[..],
        &inner.outs[..],
        &inner.body.yields[..],
    ) else {
        return false;
    };
    let writes = |s: &Stmt| matches!(s, Stmt::Let(v, Op::Set(a, ..)) if a == param && v == last);
    let mut others = false;
    for s in inner.body.stmts.iter().filter(|s| !writes(s)) {
        all_uses(s, &mut |v| others |= v == *param || v == *last || v == p);
    }
    let mut inside = 0;
    for s in inner.body.stmts.iter().filter(|s| writes(s)) {
        all_uses(s, &mut |v| inside += usize::from(v == *param || v == p));
    }
    *init == p && *out == y && inner.stop.is_none() && !others && inside == 1
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

/// Reads the buffers as they were left, in the body of a reverse loop. What the calls found in them is asked for as
/// kept, beside.
fn read_back(
    r: &mut Loop,
    id: LoopId,
    found: &FastMap<V, Filled>,
    read: &Set,
    infos: &mut Vec<Info>,
) {
    let body = &mut r.body;
    body.stmts
        .retain(|s| !matches!(s, Stmt::Let(v, Op::Kept(..)) if found.contains_key(v)));
    let mut map: Map = found.iter().map(|(v, f)| (*v, f.buffer)).collect();
    let mut entries: FastMap<V, Found> = FastMap::default();
    let mut kept = Vec::new();
    for s in &mut body.stmts {
        if let Stmt::Loop(l) = s {
            // It has only to be said that its result is there: then nobody needs the loop.
            let filled = |v: &V| found.get(v).filter(|filled| filled.by_loop);
            let written = l.inits.iter().zip(&l.outs);
            map.extend(written.filter_map(|(v, out)| Some((*out, filled(v)?.buffer))));
        }
        let (Stmt::Call(c) | Stmt::Sweep(Sweep { call: c, .. })) = s else {
            continue;
        };
        let returns = c.results().any(|r| read.contains(&r));
        for (a, entry) in c.args.iter_mut().zip(&mut c.entries) {
            let Arg::Mut(root, path, out) = a else {
                continue;
            };
            let Some(filled) = found.get(root) else {
                continue;
            };
            map.insert(*out, filled.buffer);
            *a = Arg::Again(filled.buffer, core::mem::take(path));
            let Some(entry) = entry.take() else { continue };
            let what = match filled.entry {
                _ if filled.out => Found::Any,
                // It runs again on what it left, which gives the same result only if it had not read what it found.
                _ if returns => Found::Left,
                None => Found::Left,
                Some(forward) => {
                    let v = V(infos.len() as u32);
                    infos.push(infos[forward.0 as usize].clone());
                    kept.push(Stmt::Let(v, Op::Kept(id, forward)));
                    Found::Entry(v)
                }
            };
            entries.insert(entry, what);
        }
    }
    content(body, &entries);
    body.stmts.splice(0..0, kept);
    block_uses_mut(body, &mut |v| *v = *map.get(v).unwrap_or(v));
}

/// Tells sweeps where the entries are that they asked for.
fn content(body: &mut Block, entries: &FastMap<V, Found>) {
    for s in &mut body.stmts {
        if let Stmt::Sweep(s) = s {
            for found in &mut s.found {
                if let Found::Entry(v) = found {
                    *found = *entries.get(v).unwrap_or(found);
                }
            }
        }
        for inner in blocks_mut(s) {
            content(inner, entries);
        }
    }
}
