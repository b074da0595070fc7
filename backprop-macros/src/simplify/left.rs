//! What a loop has left in a buffer, each iteration in a part of its own, is read there: a reverse loop need not make it again.
//!
//! ```text
//! w = loop k { w[k] := g(k); s += h(w[k]) };  ..s..;  loop k reversed { w' = g(k) again; d += h'(w'[k]) }
//! w = loop k { w[k] := g(k); s += h(w[k]) };  ..s..;  loop k reversed { d += h'(w[k]) }
//! ```
//!
//! Where the two loops are not one, because what stands between them needs all of the first. Only where the first runs in any case: run for this
//! alone it would cost what it saves. Buffers that calls fill are the business of `storage/part.rs`.

use crate::ir::parts::{Constants, Parts, constants};
use crate::ir::subst::Map;
use crate::ir::table::Set;
use crate::ir::visit::{all_uses, blocks_mut, each, outs};
use crate::ir::{Arg, Block, Func, Loop, Op, Stmt, Sweep, V};

/// Lets reverse loops read what their forward loops left. Returns whether there were any.
pub(crate) fn run(func: &mut Func) -> bool {
    let mut body = core::mem::take(&mut func.body);
    let constants = constants(&body);
    let results: Set = func
        .ret
        .iter()
        .chain(func.finals.iter().flatten())
        .copied()
        .collect();
    let news = block(&mut body, &constants, &results);
    func.body = body;
    news
}

/// `results`: what is used beyond the block's end and its yields.
fn block(b: &mut Block, constants: &Constants, results: &Set) -> bool {
    let mut news = false;
    for k in 0..b.stmts.len() {
        let map = match &b.stmts[k] {
            Stmt::Loop(r) => left(b, r, k, constants, results),
            _ => Map::default(),
        };
        if let (false, Stmt::Loop(r)) = (map.is_empty(), &mut b.stmts[k]) {
            news = true;
            read(&mut r.body, &map);
        }
        for inner in blocks_mut(&mut b.stmts[k]) {
            news |= block(inner, constants, &Set::new());
        }
    }
    news
}

/// The versions that iterations of a reverse loop make again, with the buffers that hold them.
fn left(b: &Block, r: &Loop, at: usize, constants: &Constants, results: &Set) -> Map {
    let mut map = Map::default();
    let forward = b.stmts[..at].iter().enumerate().find_map(|(k, s)| match s {
        Stmt::Loop(f) if r.reverses == Some(f.id) => Some((k, f)),
        _ => None,
    });
    let Some((first, f)) = forward else {
        return map;
    };
    let Some(parts) = Parts::of(f, constants) else {
        return map;
    };
    for (k, (p, y)) in f.params.iter().zip(&f.body.yields).enumerate() {
        let kept = r.body.stmts.iter().find_map(|s| match s {
            Stmt::Let(v, Op::Kept(id, of)) if *id == f.id && of == p => Some(*v),
            _ => None,
        });
        let Some(kept) = kept else { continue };
        let (Some(made), Some(again)) = (versions(&f.body, *p), versions(&r.body, kept)) else {
            continue;
        };
        // The same steps lead to the same versions.
        let alike = made.len() == again.len() && made.iter().zip(&again).all(|(a, b)| a.1 == b.1);
        let (Some((last, _)), Some((version, _))) = (made.last(), again.last()) else {
            continue;
        };
        let steady = !b.stmts[first + 1..=at]
            .iter()
            .any(|s| updates(s, f.outs[k]));
        if alike
            && last == y
            && steady
            && parts.own(*p, *y).is_some()
            && runs_anyway(b, f, k, at, results)
        {
            map.insert(*version, f.outs[k]);
        }
    }
    map
}

/// How a version comes from the one before it.
#[derive(Clone, Copy, PartialEq)]
enum Step {
    Set,
    Add,
    Loop,
}

/// The versions of a buffer that a block makes, from one it begins with. `None` where a call or a branch makes one, or where they are no chain.
fn versions(b: &Block, from: V) -> Option<Vec<(V, Step)>> {
    let mut found: Vec<(V, Step)> = Vec::new();
    let mut at = from;
    for s in &b.stmts {
        let (next, step) = match s {
            Stmt::Let(v, Op::Set(a, ..)) if *a == at => (*v, Step::Set),
            Stmt::Let(v, Op::AddAt(a, ..)) if *a == at => (*v, Step::Add),
            Stmt::Loop(l) => match l.inits.iter().position(|i| *i == at) {
                Some(k) => (l.outs[k], Step::Loop),
                None => continue,
            },
            Stmt::Let(..) => continue,
            s => {
                let mut used = false;
                all_uses(s, &mut |v| used |= v == at || v == from);
                if used && !matches!(s, Stmt::Call(c) if only_read(&c.args, at)) {
                    return None;
                }
                continue;
            }
        };
        found.push((next, step));
        at = next;
    }
    let by_calls = b.stmts.iter().any(|s| {
        let mut ours = false;
        outs(s, &mut |v| ours |= found.iter().any(|(w, _)| *w == v));
        ours && calls(s)
    });
    (!by_calls).then_some(found)
}

fn only_read(args: &[Arg], v: V) -> bool {
    let mut args = args.iter().filter(|a| a.root() == v);
    args.all(|a| matches!(a, Arg::Ref(..)))
}

/// Whether something is lent in a statement for a callee to write.
fn calls(s: &Stmt) -> bool {
    let whole = Block {
        stmts: vec![s.clone()],
        yields: Vec::new(),
    };
    let mut found = false;
    each(&whole, &mut |s| {
        if let Stmt::Call(c) = s {
            found |= c.args.iter().any(|a| matches!(a, Arg::Mut(..)));
        }
    });
    found
}

/// Whether a statement makes a new version of a value.
fn updates(s: &Stmt, v: V) -> bool {
    let whole = Block {
        stmts: vec![s.clone()],
        yields: Vec::new(),
    };
    let mut found = false;
    each(&whole, &mut |s| match s {
        Stmt::Let(_, Op::Set(a, ..) | Op::AddAt(a, ..) | Op::ClearAt(a, _) | Op::Refill(a, _)) => {
            found |= *a == v
        }
        Stmt::Loop(l) => found |= l.inits.contains(&v),
        Stmt::If(i) => found |= i.then_.yields.contains(&v) || i.else_.yields.contains(&v),
        Stmt::Call(c) | Stmt::Sweep(Sweep { call: c, .. }) => {
            let lent = |a: &Arg| matches!(a, Arg::Mut(root, ..) if *root == v);
            found |= c.args.iter().any(lent);
        }
        _ => {}
    });
    found
}

/// Whether a forward loop makes its result number `k` whether its reverse asks for it or not: somebody else uses that, or another result that
/// it leads to.
fn runs_anyway(b: &Block, f: &Loop, k: usize, reverse: usize, results: &Set) -> bool {
    let mut used: Set = b.yields.iter().copied().collect();
    used.extend(results.iter());
    for (j, s) in b.stmts.iter().enumerate() {
        // The reverse reads, and asks for the zeros of, what it may as well make again.
        if j != reverse && !matches!(s, Stmt::Let(_, Op::ZeroLike(_))) {
            all_uses(s, &mut |v| {
                used.insert(v);
            });
        }
    }
    if used.contains(&f.outs[k]) {
        return true;
    }
    let mut needed: Set = f
        .outs
        .iter()
        .zip(&f.body.yields)
        .filter(|(out, _)| used.contains(out))
        .map(|(_, y)| *y)
        .collect();
    for s in f.body.stmts.iter().rev() {
        let mut leads = matches!(s, Stmt::Sweep(_) | Stmt::Accum { .. });
        outs(s, &mut |v| leads |= needed.contains(&v));
        if leads {
            all_uses(s, &mut |v| {
                needed.insert(v);
            });
        }
    }
    needed.contains(&f.body.yields[k])
}

/// Lets reads of versions be reads of the buffers that hold them.
fn read(b: &mut Block, map: &Map) {
    let found = |v: &mut V| *v = *map.get(v).unwrap_or(v);
    for s in &mut b.stmts {
        match s {
            Stmt::Let(_, Op::Get(root, _) | Op::Len(root, _)) => found(root),
            Stmt::Call(c) | Stmt::Sweep(Sweep { call: c, .. }) => {
                for a in &mut c.args {
                    if let Arg::Ref(root, _) = a {
                        found(root);
                    }
                }
            }
            _ => {}
        }
        for inner in blocks_mut(s) {
            read(inner, map);
        }
    }
}
