//! A part of a buffer that later calls leave alone is the same in the later version: what was written there
//! can be read in place, and no copy of the buffer is needed.

use crate::ir::table::{FastMap, Table};
use crate::ir::visit::{blocks, blocks_mut};
use crate::ir::{Arg, Bin, Block, Call, Func, Op, Path, Proj, Stmt, V, same_path};
use core::slice::from_ref;

/// How bounds are made.
type Made = Table<Op>;

/// From a version to the next one, and the parts in which they differ.
type Next = FastMap<V, (V, Vec<Path>)>;

/// Lets sweeps of calls that have run refer to the latest version that still holds what the call left.
pub(crate) fn run(func: &mut Func) {
    let mut body = core::mem::take(&mut func.body);
    let mut made = Made::new();
    collect(&body, &mut made);
    block(&mut body, &made);
    func.body = body;
}

/// What bounds are made of: constants, by their text, and sums.
fn collect(b: &Block, made: &mut Made) {
    for s in &b.stmts {
        if let Stmt::Let(v, op @ (Op::Const(_) | Op::Bin(Bin::Add, ..))) = s {
            made.insert(*v, op.clone());
        }
        for inner in blocks(s) {
            collect(inner, made);
        }
    }
}

fn block(b: &mut Block, made: &Made) {
    let mut next = Next::default();
    for s in &mut b.stmts {
        match s {
            Stmt::Call(c) => {
                // Parts that are lent together are one change: what lies between them nobody sees.
                let mut first: FastMap<V, V> = FastMap::default();
                for a in &c.args {
                    if let Arg::Mut(root, path, out) = a {
                        let from = *first.get(root).unwrap_or(root);
                        first.insert(*out, from);
                        let change = next.entry(from).or_insert((*out, Vec::new()));
                        change.0 = *out;
                        change.1.push(path.clone());
                    }
                }
            }
            Stmt::Let(v, Op::Set(a, path, _) | Op::AddAt(a, path, _)) => {
                next.insert(*a, (*v, vec![path.clone()]));
            }
            Stmt::Sweep(s) if s.call.ret.is_none() => later(&mut s.call, &next, made),
            _ => {}
        }
        for inner in blocks_mut(s) {
            block(inner, made);
        }
    }
}

/// Lets what a sweep is lent be of the latest version that has the same in all of these parts.
fn later(c: &mut Call, next: &Next, made: &Made) {
    let mut roots: Vec<V> = Vec::new();
    for a in &c.args {
        if let Arg::Mut(root, ..) = a
            && next.contains_key(root)
            && !roots.contains(root)
        {
            roots.push(*root);
        }
    }
    for root in roots {
        // Parts of it that are lent together: each from the version that the one before leaves.
        let (mut chain, mut parts): (Vec<V>, Vec<&Path>) = (vec![root], Vec::new());
        for a in &c.args {
            match a {
                Arg::Mut(from, path, out) if chain.contains(from) => {
                    chain.push(*out);
                    parts.push(path);
                }
                Arg::Ref(from, path) | Arg::Again(from, path) if *from == root => parts.push(path),
                _ => {}
            }
        }
        let mut last = root;
        while let Some((later, changed)) = next.get(&last)
            && parts
                .iter()
                .all(|part| changed.iter().all(|other| apart(part, other, made)))
        {
            last = *later;
        }
        for a in &mut c.args {
            match a {
                Arg::Mut(from, ..) | Arg::Ref(from, _) | Arg::Again(from, _) if *from == root => {
                    *from = last;
                }
                _ => {}
            }
        }
    }
}

/// Whether two parts surely do not overlap.
fn apart(p: &[Proj], q: &[Proj], made: &Made) -> bool {
    for (a, b) in p.iter().zip(q) {
        match (a, b) {
            (Proj::Field(a), Proj::Field(b)) if a != b => return true,
            (Proj::Field(_), Proj::Field(_)) => {}
            (Proj::Index(a), Proj::Index(b)) if same(*a, *b, made) => {}
            (Proj::Range { .. }, Proj::Range { .. }) if same_path(from_ref(a), from_ref(b)) => {}
            (Proj::Range { .. }, Proj::Range { .. }) => {
                return ends_before(a, b, made) || ends_before(b, a, made);
            }
            _ => return false,
        }
    }
    false
}

/// Whether a range ends where another one begins, or before.
fn ends_before(a: &Proj, b: &Proj, made: &Made) -> bool {
    match (a, b) {
        (
            Proj::Range {
                hi: Some(end),
                inclusive: false,
                ..
            },
            Proj::Range {
                lo: Some(start), ..
            },
        ) => at_most(*end, *start, made, 6),
        _ => false,
    }
}

/// Whether one count is at most another: they are the same, or the other is a sum of which it is a part.
fn at_most(a: V, b: V, made: &Made, depth: usize) -> bool {
    if same(a, b, made) {
        return true;
    }
    match (depth, made.get(&b)) {
        (1.., Some(Op::Bin(Bin::Add, x, y))) => {
            at_most(a, *x, made, depth - 1) || at_most(a, *y, made, depth - 1)
        }
        _ => false,
    }
}

fn same(a: V, b: V, made: &Made) -> bool {
    if a == b {
        return true;
    }
    match (made.get(&a), made.get(&b)) {
        (Some(Op::Const(t)), Some(Op::Const(u))) => t.text() == u.text(),
        (Some(Op::Bin(Bin::Add, a, b)), Some(Op::Bin(Bin::Add, c, d))) => {
            (a, b) == (c, d) || (a, b) == (d, c)
        }
        _ => false,
    }
}
