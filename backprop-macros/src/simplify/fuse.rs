//! Fusion: a statement and its reverse run together where the reverse does not wait for the result.
//!
//! A reduction whose seed is known before it runs becomes one pass over the data; a call whose cotangent is
//! known becomes one sweep, which returns the value too; two branches on one condition become one.

mod spent;

use core::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use spent::{begins_with_zero, spends};

use super::dce::has_effect;
use crate::ir::parts::{Constants, Parts, constants};
use crate::ir::subst::{Map, block_uses_mut, uses_mut};
use crate::ir::table::Table;
use crate::ir::visit::{all_uses, block_uses, blocks, blocks_mut, decides, outs};
use crate::ir::{
    Adapt, Arg, Bin, Block, Callee, Found, Func, Head, If, Loop, Op, Range, SlotArg, Stmt, V,
    same_path,
};

/// Fuses what can be fused. Returns whether there was anything.
pub(crate) fn run(func: &mut Func) -> bool {
    fuse(func, |_| true)
}

/// The same of calls alone: when it is known where their buffers are kept.
pub(crate) fn run_calls(func: &mut Func) -> bool {
    fuse(func, |s| matches!(s, Stmt::Call(_) | Stmt::Sweep(_)))
}

fn fuse(func: &mut Func, kind: fn(&Stmt) -> bool) -> bool {
    let mut body = core::mem::take(&mut func.body);
    let mut map = Map::default();
    let constants = constants(&body);
    let news = block(&mut body, kind, &constants, &mut map);
    if !map.is_empty() {
        let mut resolve = |v: &mut V| {
            while let Some(&w) = map.get(v) {
                *v = w;
            }
        };
        block_uses_mut(&mut body, &mut resolve);
        let results = func
            .ret
            .iter_mut()
            .chain(func.finals.iter_mut().flatten())
            .chain(func.adjoints.iter_mut().flatten());
        results.for_each(resolve);
    }
    func.body = body;
    news
}

fn block(b: &mut Block, kind: fn(&Stmt) -> bool, constants: &Constants, map: &mut Map) -> bool {
    let mut news = false;
    let mut from = 0;
    while let Some(at) = step(b, kind, constants, map, from) {
        news = true;
        from = at;
    }
    // What has been put into one block is simplified before it is looked into: a call that stands there twice is one call,
    // or a function that calls itself would run itself once more at each depth.
    if news {
        return true;
    }
    for stmt in &mut b.stmts {
        for inner in blocks_mut(stmt) {
            news |= block(inner, kind, constants, map);
        }
    }
    news
}

/// Fuses the nearest pair whose second statement is at `from` or later. Returns where its first one was: what
/// stands before that is as it was, and has been tried.
fn step(
    b: &mut Block,
    kind: fn(&Stmt) -> bool,
    constants: &Constants,
    map: &mut Map,
    from: usize,
) -> Option<usize> {
    let compound: Vec<usize> = (0..b.stmts.len())
        .filter(|&k| !matches!(b.stmts[k], Stmt::Let(..) | Stmt::Accum { .. }) && kind(&b.stmts[k]))
        .collect();
    let mut made_by = None;
    for (n, &second) in compound.iter().enumerate().filter(|(_, k)| **k >= from) {
        for &first in compound[..n].iter().rev() {
            if !pairs(&b.stmts, first, second, constants) || on_kept(&b.stmts[first], &b.stmts) {
                continue;
            }
            let reverse = match (&b.stmts[first], &b.stmts[second]) {
                (Stmt::Loop(f), Stmt::Loop(r)) => Stmt::Loop(beside(f, r, constants)),
                (_, s) => s.clone(),
            };
            let made_by = made_by.get_or_insert_with(|| makers(&b.stmts));
            let Some(before) = needed_between(&b.stmts, made_by, first, second, &reverse) else {
                continue;
            };
            let fused = match (&b.stmts[first], &reverse) {
                (Stmt::Loop(f), Stmt::Loop(r)) => {
                    let any_order = unordered(r, constants) || begins_with_zero(r, &b.stmts);
                    Stmt::Loop(fuse_loops(f, r, !any_order))
                }
                (Stmt::If(f), Stmt::If(r)) => Stmt::If(fuse_branches(f, r)),
                (Stmt::Call(c), Stmt::Sweep(s)) => {
                    let mut s = s.clone();
                    for (old, new) in s.call.args.iter().zip(&c.args) {
                        if let (Arg::Mut(_, _, again), Arg::Mut(_, _, out)) = (old, new) {
                            map.insert(*again, c.last(*out));
                        }
                    }
                    s.call = c.clone();
                    let asks = |found: &&mut Found| **found != Found::Refilled;
                    s.found
                        .iter_mut()
                        .filter(asks)
                        .for_each(|found| *found = Found::Left);
                    Stmt::Sweep(s)
                }
                _ => continue,
            };
            // The result stands at the first of the two, after what the second needs.
            let mut late = vec![fused];
            let mut out = Vec::new();
            for (k, stmt) in (first..).zip(b.stmts.drain(first..=second)) {
                if before.contains(&k) {
                    out.push(stmt);
                } else if k != first && k != second {
                    late.push(stmt);
                }
            }
            out.extend(late);
            b.stmts.splice(first..first, out);
            return Some(first);
        }
    }
    None
}

/// Whether a call is lent a buffer that a loop is asked to keep. Where that is kept, or read back as it was left, is not decided yet, and
/// a sweep that runs with its call could only begin with what the call found.
fn on_kept(call: &Stmt, stmts: &[Stmt]) -> bool {
    let Stmt::Call(c) = call else { return false };
    let lent = |v: V| {
        c.args
            .iter()
            .any(|a| matches!(a, Arg::Mut(root, ..) if *root == v))
    };
    let mut kept = stmts.iter().filter_map(|s| match s {
        Stmt::Let(v, Op::Kept(..)) => Some(*v),
        _ => None,
    });
    kept.any(lent)
}

/// For each value which statement makes it; a loop makes its parameters too.
fn makers(stmts: &[Stmt]) -> Table<usize> {
    let mut made_by = Table::new();
    for (k, s) in stmts.iter().enumerate() {
        outs(s, &mut |v| {
            made_by.insert(v, k);
        });
        if let Stmt::Loop(l) = s {
            l.params.iter().for_each(|p| {
                made_by.insert(*p, k);
            });
        }
    }
    made_by
}

/// Whether two statements are of a kind to be fused.
fn pairs(stmts: &[Stmt], first: usize, second: usize, constants: &Constants) -> bool {
    match (&stmts[first], &stmts[second]) {
        (Stmt::Loop(f), Stmt::Loop(r)) => {
            r.reverses == Some(f.id)
                && same_iterations(f, r)
                && !keeps(r, f, constants)
                && (unordered(r, constants)
                    || spends(r, constants)
                        && (begins_with_zero(r, stmts) || unordered(f, constants)))
        }
        (Stmt::If(f), Stmt::If(r)) => f.cond == r.cond,
        (Stmt::Call(c), Stmt::Sweep(s)) => s.call.ret.is_none() && same_call(c, s),
        _ => false,
    }
}

fn same_iterations(f: &Loop, r: &Loop) -> bool {
    let (Head::For { range: a, .. }, Head::For { range: b, .. }) = (&f.head, &r.head) else {
        return false;
    };
    f.stop.is_none()
        && r.stop.is_none()
        && a.lo == b.lo
        && a.hi == b.hi
        && a.inclusive == b.inclusive
        && plain(a)
        && plain(b)
}

/// Whether a range has no adaptor but `rev`: forwards or backwards it has the same items.
fn plain(r: &Range) -> bool {
    r.adapt.iter().all(|a| matches!(a, Adapt::Rev))
}

/// Runs reverse loops that only sum up in the order of memory: forwards.
pub(crate) fn forwards(b: &mut Block, constants: &Constants) {
    for stmt in &mut b.stmts {
        if let Stmt::Loop(l) = stmt {
            let free = l.reverses.is_some_and(|id| !asks(&l.body, id.0, &|_| true))
                && l.stop.is_none()
                && unordered(l, constants);
            if let (true, Head::For { range, .. }) = (free, &mut l.head)
                && plain(range)
                && range.adapt.len() % 2 == 1
            {
                range.adapt.clear();
            }
        }
        for inner in blocks_mut(stmt) {
            forwards(inner, constants);
        }
    }
}

/// Whether a reverse loop asks for something that is gone by the time, if it runs beside its forward loop. What
/// an iteration finds in a part of its own, nobody has written before.
fn keeps(r: &Loop, f: &Loop, constants: &Constants) -> bool {
    let parts = Parts::of(f, constants);
    asks(&r.body, f.id.0, &|p| {
        // What a call found is no parameter, and at hand beside it.
        let Some(k) = f.params.iter().position(|q| *q == p) else {
            return false;
        };
        let own = parts.as_ref().map(|s| s.own(p, f.body.yields[k]));
        own.flatten().is_none()
    })
}

/// Whether a block has values kept of a loop, of those for which `gone` holds.
fn asks(b: &Block, id: u32, gone: &impl Fn(V) -> bool) -> bool {
    b.stmts
        .iter()
        .any(|s| matches!(s, Stmt::Let(_, Op::Kept(l, p)) if l.0 == id && gone(*p)))
}

/// Whether the iterations of a loop can run in any order: it only sums up, or each has a part of its own.
fn unordered(l: &Loop, constants: &Constants) -> bool {
    let parts = Parts::of(l, constants);
    (0..l.params.len()).all(|k| {
        let (p, y) = (l.params[k], l.body.yields[k]);
        only_sums(l, k) || parts.as_ref().is_some_and(|s| s.own(p, y).is_some())
    })
}

/// A reverse loop as it stands in its forward loop's body: what it reads of a buffer that the forward loop left,
/// each iteration in its own part, is there as soon as the iteration has run.
fn beside(f: &Loop, r: &Loop, constants: &Constants) -> Loop {
    let (Some(forward), Some(back)) = (Parts::of(f, constants), Parts::of(r, constants)) else {
        return r.clone();
    };
    let mut map = Map::default();
    for (k, out) in f.outs.iter().enumerate() {
        let left = forward.own(f.params[k], f.body.yields[k]);
        if let (Some(left), Some(read)) = (left, back.read(*out))
            && left.same(&read)
        {
            map.insert(*out, f.body.yields[k]);
        }
    }
    // What the iteration found there stands in the parameter.
    for s in &r.body.stmts {
        if let Stmt::Let(v, Op::Kept(id, p)) = s
            && *id == f.id
        {
            map.insert(*v, *p);
        }
    }
    let mut r = r.clone();
    r.body
        .stmts
        .retain(|s| !matches!(s, Stmt::Let(v, Op::Kept(..)) if map.contains_key(v)));
    block_uses_mut(&mut r.body, &mut |v| *v = *map.get(v).unwrap_or(v));
    r
}

/// Whether a loop does nothing with the value that it carries at a position but add to it, and does not ask it whether to go on.
pub(crate) fn only_sums(l: &Loop, k: usize) -> bool {
    let p = l.params[k];
    !decides(l, p) && sums(p, l.body.yields[k], &l.body)
}

/// Whether `to` is `from` with things added to it, and nothing else looks at what lies between.
fn sums(from: V, to: V, b: &Block) -> bool {
    let mut at = from;
    loop {
        let yielded = b.yields.iter().filter(|y| **y == at).count();
        let mut users = b.stmts.iter().filter(|s| {
            let mut used = false;
            all_uses(s, &mut |v| used |= v == at);
            used
        });
        let (user, more) = (users.next(), users.next());
        if at == to {
            return yielded == 1 && user.is_none();
        }
        let (Some(user), None, 0) = (user, more, yielded) else {
            return false;
        };
        match added(at, user) {
            Some(next) => at = next,
            None => return false,
        }
    }
}

/// The sum that a statement makes of `at`, if adding is all it does with it.
fn added(at: V, stmt: &Stmt) -> Option<V> {
    let mut count = 0;
    all_uses(stmt, &mut |v| count += usize::from(v == at));
    match stmt {
        Stmt::Let(v, Op::Bin(Bin::Add, a, b)) if count == 1 && (*a == at || *b == at) => Some(*v),
        Stmt::Let(v, Op::Bin(Bin::Sub, a, _)) if count == 1 && *a == at => Some(*v),
        Stmt::Let(v, Op::AddAt(a, _, _)) if count == 1 && *a == at => Some(*v),
        // What is borrowed mutably is overwritten by the callee, not added to.
        Stmt::Sweep(s) if count == 1 => {
            s.slots
                .iter()
                .zip(&s.call.args)
                .find_map(|(slot, arg)| match (slot, arg) {
                    (SlotArg::Local(a, _, out), Arg::Ref(..)) if *a == at => Some(*out),
                    _ => None,
                })
        }
        Stmt::If(s) => {
            // One out must be what both sides make of it.
            let k = (0..s.outs.len()).find(|&k| {
                sums(at, s.then_.yields[k], &s.then_) && sums(at, s.else_.yields[k], &s.else_)
            })?;
            Some(s.outs[k])
        }
        Stmt::Loop(l) if count == 1 => {
            let k = l.inits.iter().position(|i| *i == at)?;
            only_sums(l, k).then_some(l.outs[k])
        }
        _ => None,
    }
}

fn same_call(c: &crate::ir::Call, s: &crate::ir::Sweep) -> bool {
    let callee = match (&c.callee, &s.call.callee) {
        (Callee::Function(a), Callee::Function(b))
        | (Callee::Associated(a), Callee::Associated(b)) => a == b,
        (Callee::Method(a, t), Callee::Method(b, u)) => {
            a == b && t.as_ref().map(ToString::to_string) == u.as_ref().map(ToString::to_string)
        }
        _ => false,
    };
    // The sweep lends the parts of one root one after the other, too, all of them as the call left them.
    let mut left = Map::default();
    let late = |slot: &SlotArg| matches!(slot, SlotArg::Spare { early: false });
    callee
        && !s.slots.iter().any(late)
        && c.args.len() == s.call.args.len()
        && c.args.iter().zip(&s.call.args).all(|(a, b)| match (a, b) {
            (Arg::Value(a), Arg::Value(b)) => a == b,
            (Arg::Ref(a, p), Arg::Ref(b, q)) => a == b && same_path(p, q),
            (Arg::Mut(_, p, out), Arg::Mut(b, q, again)) => {
                let last = c.last(*out);
                let from = left.insert(last, *again).unwrap_or(last);
                from == *b && same_path(p, q)
            }
            _ => false,
        })
}

/// The statements between two that the second one needs, if they can go before the first.
fn needed_between(
    stmts: &[Stmt],
    made_by: &Table<usize>,
    first: usize,
    second: usize,
    reverse: &Stmt,
) -> Option<BTreeSet<usize>> {
    // What the second sees of the first directly is resolved by the fusion itself, for some kinds.
    let mut uses = Vec::new();
    match (&stmts[first], reverse) {
        (Stmt::If(f), Stmt::If(r)) => {
            for b in [&r.then_, &r.else_] {
                block_uses(b, &mut |v| {
                    if !f.outs.contains(&v) {
                        uses.push(v);
                    }
                });
            }
        }
        (Stmt::Call(_), Stmt::Sweep(s)) => {
            uses.extend(s.seed);
            for slot in &s.slots {
                match slot {
                    SlotArg::Local(a, p, _) => {
                        uses.push(*a);
                        crate::ir::visit::path_uses(p, &mut |v| uses.push(v));
                    }
                    SlotArg::Param(_, p) => crate::ir::visit::path_uses(p, &mut |v| uses.push(v)),
                    SlotArg::Off | SlotArg::Fresh(_) | SlotArg::Spare { .. } => {}
                }
            }
        }
        (Stmt::Loop(f), r) => all_uses(r, &mut |v| {
            if !f.params.contains(&v) {
                uses.push(v);
            }
        }),
        (_, s) => all_uses(s, &mut |v| uses.push(v)),
    }
    kept(reverse, &mut uses);
    let mut needed = BTreeSet::new();
    let mut work = BinaryHeap::new();
    loop {
        loop {
            for v in uses.drain(..) {
                let made = made_by.get(&v).filter(|k| (first..second).contains(*k));
                let Some(&k) = made else { continue };
                if k == first || acts(&stmts[k]) {
                    return None;
                }
                if needed.insert(k) {
                    work.push(Reverse(k));
                }
            }
            // The earliest one first: where the second waits for the first, that shows after a few steps, while the
            // way through all that the function does behind them is long.
            let Some(Reverse(k)) = work.pop() else { break };
            all_uses(&stmts[k], &mut |v| uses.push(v));
            kept(&stmts[k], &mut uses);
        }
        // What reads a buffer before it is updated goes before the update.
        let mut readers = Vec::new();
        for &k in needed.iter().chain([&second]) {
            let bases = bases(&stmts[k]);
            if bases.is_empty() {
                continue;
            }
            for (j, stmt) in stmts.iter().enumerate().take(k).skip(first + 1) {
                let mut reads = false;
                all_uses(stmt, &mut |v| reads |= bases.contains(&v));
                if reads && !needed.contains(&j) {
                    readers.push(j);
                }
            }
        }
        if readers.is_empty() {
            return Some(needed);
        }
        for j in readers {
            // The reader itself, under a name it defines or by what it uses.
            if acts(&stmts[j]) {
                return None;
            }
            needed.insert(j);
            all_uses(&stmts[j], &mut |v| uses.push(v));
            kept(&stmts[j], &mut uses);
        }
    }
}

/// The values that a statement makes new versions of.
pub(crate) fn bases(stmt: &Stmt) -> Vec<V> {
    match stmt {
        Stmt::Let(_, Op::Set(a, ..) | Op::AddAt(a, ..) | Op::ClearAt(a, _)) => vec![*a],
        Stmt::Loop(l) => l.inits.clone(),
        Stmt::Call(c) => c
            .args
            .iter()
            .chain(c.along.iter().flat_map(|a| a.args.iter().flatten()))
            .filter(|a| matches!(a, Arg::Mut(..)))
            .map(Arg::root)
            .collect(),
        Stmt::Sweep(s) => {
            let lent = s.slots.iter().filter_map(|s| match s {
                SlotArg::Local(a, ..) => Some(*a),
                _ => None,
            });
            lent.chain(
                s.call
                    .args
                    .iter()
                    .filter(|a| matches!(a, Arg::Mut(..)))
                    .map(Arg::root),
            )
            .collect()
        }
        Stmt::If(s) => {
            let mut all = Vec::new();
            for b in [&s.then_, &s.else_] {
                all.extend(b.stmts.iter().flat_map(bases));
            }
            all
        }
        _ => Vec::new(),
    }
}

/// What a statement asks forward loops to keep: it comes after them.
pub(crate) fn kept(stmt: &Stmt, uses: &mut Vec<V>) {
    for b in blocks(stmt) {
        for s in &b.stmts {
            if let Stmt::Let(_, Op::Kept(_, p)) = s {
                uses.push(*p);
            }
            kept(s, uses);
        }
    }
}

/// Whether a statement may not move.
pub(crate) fn acts(stmt: &Stmt) -> bool {
    has_effect(stmt) || blocks(stmt).any(|b| b.stmts.iter().any(acts))
}

/// Both loops as one, `backwards` in the order of the reverse loop.
fn fuse_loops(f: &Loop, r: &Loop, backwards: bool) -> Loop {
    let mut r = r.clone();
    if let (Head::For { i, .. }, Head::For { i: index, .. }) = (&f.head, &r.head) {
        let (i, index) = (*i, *index);
        block_uses_mut(&mut r.body, &mut |v| {
            if *v == index {
                *v = i;
            }
        });
    }
    let mut out = f.clone();
    if let (Head::For { range, .. }, Head::For { range: back, .. }) = (&mut out.head, r.head)
        && backwards
    {
        *range = back;
    }
    out.params.extend(r.params);
    out.inits.extend(r.inits);
    out.outs.extend(r.outs);
    out.body.stmts.extend(r.body.stmts);
    out.body.yields.extend(r.body.yields);
    out
}

fn fuse_branches(f: &If, r: &If) -> If {
    let mut out = f.clone();
    for (own, other) in [(&mut out.then_, &r.then_), (&mut out.else_, &r.else_)] {
        let map: Map = f
            .outs
            .iter()
            .copied()
            .zip(own.yields.iter().copied())
            .collect();
        let mut other = other.clone();
        let resolve = |v: &mut V| *v = *map.get(v).unwrap_or(v);
        for s in &mut other.stmts {
            uses_mut(s, &mut { resolve });
        }
        other.yields.iter_mut().for_each(resolve);
        own.stmts.extend(other.stmts);
        own.yields.extend(other.yields);
    }
    out.outs.extend(&r.outs);
    out
}
