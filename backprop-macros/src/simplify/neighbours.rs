//! Additions to one element, and to an element and its neighbour.
//!
//! Several additions to `d[i]` become one. A loop that adds to `d[i]` and to `d[i + 1]` carries what it has
//! for the neighbour in a register: `d[i] += a + carried; carried = b`, and at the end `d[n] += carried`; no
//! iteration then waits for the store of the one before.

use proc_macro2::Span;

use crate::ir::table::{FastMap, Set, Table};
use crate::ir::visit::{block_uses, blocks_mut};
use crate::ir::{
    Bin, Block, Func, Head, If, Info, Loop, Op, Path, Proj, Shape, Stmt, V, same_path,
};

/// Gathers additions.
pub(crate) fn run(func: &mut Func) {
    let mut body = core::mem::take(&mut func.body);
    let mut ops = Table::new();
    collect(&body, &mut ops);
    let mut uses = Table::new();
    let mut count = |v: V| *uses.entry(v).get_or_insert(0) += 1;
    block_uses(&body, &mut count);
    let results = func
        .ret
        .iter()
        .chain(func.finals.iter().flatten())
        .chain(func.adjoints.iter().flatten());
    results.for_each(|v| count(*v));
    block(func, &mut body, &ops, &uses);
    func.body = body;
}

fn collect(b: &Block, ops: &mut Table<Op>) {
    for s in &b.stmts {
        if let Stmt::Let(v, op @ (Op::Const(_) | Op::Bin(Bin::Add, ..))) = s {
            ops.insert(*v, op.clone());
        }
        for inner in crate::ir::visit::blocks(s) {
            collect(inner, ops);
        }
    }
}

fn fresh(func: &mut Func, shape: Shape, name: Option<&str>) -> V {
    let v = V(func.infos.len() as u32);
    func.infos.push(Info {
        shape,
        name: name.map(str::to_owned),
        ty: None,
        span: Span::call_site(),
        deref: false,
        origin: None,
        grows: false,
        assert_real: false,
    });
    v
}

fn block(func: &mut Func, b: &mut Block, ops: &Table<Op>, uses: &Table<u32>) {
    for s in &mut b.stmts {
        for inner in blocks_mut(s) {
            block(func, inner, ops, uses);
        }
    }
    gather(func, &mut b.stmts);
    gather_locals(func, &mut b.stmts, uses);
    hand_on(func, &mut b.stmts, uses);
    let mut k = 0;
    while k < b.stmts.len() {
        if let Stmt::Loop(l) = &mut b.stmts[k]
            && let Some((before, after)) = carry(func, l, ops)
        {
            let (n, m) = (before.len(), after.len());
            b.stmts.splice(k + 1..k + 1, after);
            b.stmts.splice(k..k, before);
            k += n + m;
        }
        k += 1;
    }
}

/// `d[i] += a; d[i] += b` as `d[i] += a + b`.
fn gather(func: &mut Func, stmts: &mut Vec<Stmt>) {
    let additions: Vec<usize> = (0..stmts.len())
        .filter(|&k| matches!(stmts[k], Stmt::Accum { .. }))
        .collect();
    // The sums to go before additions that take an earlier one in; what went into a later one is dropped.
    let mut before: FastMap<usize, Stmt> = FastMap::default();
    let mut dropped = vec![false; stmts.len()];
    for (n, &k) in additions.iter().enumerate() {
        let Stmt::Accum { param, path, v } = &stmts[k] else {
            continue;
        };
        let (param, v) = (*param, *v);
        if *func.shape(v) != Shape::Float {
            continue;
        }
        let next = additions[n + 1..].iter().find(|&&j| matches!(&stmts[j], Stmt::Accum { param: q, path: p, .. } if *q == param && same_path(p, path)));
        if let Some(&at) = next
            && let Stmt::Accum { v: w, .. } = &mut stmts[at]
        {
            let sum = fresh(func, Shape::Float, None);
            before.insert(at, Stmt::Let(sum, Op::Bin(Bin::Add, v, *w)));
            *w = sum;
            dropped[k] = true;
        }
    }
    if before.is_empty() {
        return;
    }
    let old = core::mem::take(stmts);
    for (k, s) in old.into_iter().enumerate() {
        stmts.extend(before.remove(&k));
        if !dropped[k] {
            stmts.push(s);
        }
    }
}

/// The same for the adjoints of what is local: `d1 = add d[i] += a; d2 = add d1[i] += b` as `d2 = add d[i] += a + b`, where nobody
/// else uses `d1`.
fn gather_locals(func: &mut Func, stmts: &mut Vec<Stmt>, uses: &Table<u32>) {
    // What the additions so far make of which version, where, and what they add.
    let mut additions: FastMap<V, (V, Path, V)> = FastMap::default();
    let mut taken_in = Set::new();
    let old = core::mem::take(stmts);
    for mut s in old {
        if let Stmt::Let(v, Op::AddAt(base, path, x)) = &mut s
            && *func.shape(*x) == Shape::Float
        {
            if let Some((from, p, y)) = additions.get(base)
                && same_path(p, path)
                && uses.get(base) == Some(&1)
            {
                let sum = fresh(func, Shape::Float, None);
                stmts.push(Stmt::Let(sum, Op::Bin(Bin::Add, *y, *x)));
                taken_in.insert(*base);
                (*base, *x) = (*from, sum);
            }
            additions.insert(*v, (*base, path.clone(), *x));
        }
        stmts.push(s);
    }
    stmts.retain(|s| !matches!(s, Stmt::Let(v, _) if taken_in.contains(v)));
}

/// `d1 = add d[i] += a; x = get d1[i]; d2 = clear d1[i]` as `x = get d[i] + a; d2 = clear d[i]`: what is handed on at once is not stored
/// before.
fn hand_on(func: &mut Func, stmts: &mut Vec<Stmt>, uses: &Table<u32>) {
    // By the version that the addition makes: what it adds to, where, what, and who reads the sum.
    let mut additions: FastMap<V, (V, Path, V)> = FastMap::default();
    let mut read: FastMap<V, usize> = FastMap::default();
    let mut pairs = Vec::new();
    for (k, s) in stmts.iter().enumerate() {
        match s {
            Stmt::Let(v, Op::AddAt(a, path, x))
                if uses.get(v) == Some(&2) && *func.shape(*x) == Shape::Float =>
            {
                additions.insert(*v, (*a, path.clone(), *x));
            }
            Stmt::Let(_, Op::Get(a, path)) => {
                let same = additions.get(a).is_some_and(|(_, p, _)| same_path(p, path));
                if same && !read.contains_key(a) {
                    read.insert(*a, k);
                }
            }
            Stmt::Let(_, Op::ClearAt(a, path)) => {
                if let (Some((_, p, _)), Some(at)) = (additions.get(a), read.get(a))
                    && same_path(p, path)
                {
                    pairs.push((*a, *at, k));
                }
            }
            _ => {}
        }
    }
    let mut sums: FastMap<usize, V> = FastMap::default();
    let mut gone = Set::new();
    for (v, at, clear) in pairs {
        let Some((from, _, x)) = additions.get(&v) else {
            continue;
        };
        if let Stmt::Let(_, Op::Get(a, _)) = &mut stmts[at] {
            *a = *from;
        }
        if let Stmt::Let(_, Op::ClearAt(a, _)) = &mut stmts[clear] {
            *a = *from;
        }
        sums.insert(at, *x);
        gone.insert(v);
    }
    if sums.is_empty() {
        return;
    }
    for (k, s) in core::mem::take(stmts).into_iter().enumerate() {
        match (s, sums.get(&k)) {
            (Stmt::Let(v, _), _) if gone.contains(&v) => {}
            (Stmt::Let(v, op), Some(x)) => {
                let before = fresh(func, Shape::Float, None);
                stmts.push(Stmt::Let(before, op));
                stmts.push(Stmt::Let(v, Op::Bin(Bin::Add, before, *x)));
            }
            (s, _) => stmts.push(s),
        }
    }
}

/// Carries what is for the neighbour. Returns what goes before and after the loop.
fn carry(func: &mut Func, l: &mut Loop, ops: &Table<Op>) -> Option<(Vec<Stmt>, Vec<Stmt>)> {
    let Head::For { i, range } = &l.head else {
        return None;
    };
    if l.stop.is_some() || range.inclusive || !range.adapt.is_empty() {
        return None;
    }
    let (i, hi) = (*i, range.hi);
    let one = |v: &V| matches!(ops.get(v), Some(Op::Const(t)) if t.integer() == Some(1));
    let next = |v: &V| matches!(ops.get(v), Some(Op::Bin(Bin::Add, a, b)) if *a == i && one(b) || *b == i && one(a));
    let accum = |s: &Stmt| match s {
        Stmt::Accum { param, path, v } => match &path[..] {
            [Proj::Index(at)] if *func.shape(*v) == Shape::Float => Some((*param, *at, *v)),
            _ => None,
        },
        _ => None,
    };
    let at = l
        .body
        .stmts
        .iter()
        .position(|s| accum(s).is_some_and(|(_, at, _)| next(&at)))?;
    let (param, _, later) = accum(&l.body.stmts[at])?;
    let own = l
        .body
        .stmts
        .iter()
        .position(|s| accum(s).is_some_and(|(p, at, _)| p == param && at == i))?;
    let (_, _, now) = accum(&l.body.stmts[own])?;
    let others = l
        .body
        .stmts
        .iter()
        .filter(|s| matches!(s, Stmt::Accum { param: p, .. } if *p == param))
        .count();
    if others != 2 {
        return None;
    }
    let zero = fresh(func, Shape::Float, None);
    let (p, out) = (
        fresh(func, Shape::Float, Some("carried")),
        fresh(func, Shape::Float, Some("carried")),
    );
    let sum = fresh(func, Shape::Float, None);
    l.body.stmts[own] = Stmt::Accum {
        param,
        path: vec![Proj::Index(i)],
        v: sum,
    };
    l.body
        .stmts
        .insert(own, Stmt::Let(sum, Op::Bin(Bin::Add, p, now)));
    let at = if at > own { at + 1 } else { at };
    l.body.stmts.remove(at);
    l.params.push(p);
    l.inits.push(zero);
    l.body.yields.push(later);
    l.outs.push(out);
    let before = vec![Stmt::Let(zero, Op::Lit(0.0))];
    // The last iteration's neighbour is the end of the range; where there was none, nothing is carried.
    let (null, cond) = (
        fresh(func, Shape::Float, None),
        fresh(func, Shape::Int, None),
    );
    let then_ = Block {
        stmts: vec![Stmt::Accum {
            param,
            path: vec![Proj::Index(hi)],
            v: out,
        }],
        yields: Vec::new(),
    };
    let after = vec![
        Stmt::Let(null, Op::Lit(0.0)),
        Stmt::Let(cond, Op::Bin(Bin::Ne, out, null)),
        Stmt::If(If {
            cond,
            then_,
            else_: Block::default(),
            outs: Vec::new(),
        }),
    ];
    Some((before, after))
}
