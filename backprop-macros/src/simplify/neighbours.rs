//! Additions to one element, and to an element and its neighbour.
//!
//! Several additions to `d[i]` become one. A loop that adds to `d[i]` and to `d[i + 1]` carries what it has
//! for the neighbour in a register: `d[i] += a + carried; carried = b`, and at the end `d[n] += carried`; no
//! iteration then waits for the store of the one before.

use proc_macro2::Span;

use crate::ir::table::{FastMap, Table};
use crate::ir::visit::blocks_mut;
use crate::ir::{Bin, Block, Func, Head, If, Info, Loop, Op, Proj, Shape, Stmt, V, same_path};

/// Gathers additions.
pub(crate) fn run(func: &mut Func) {
    let mut body = core::mem::take(&mut func.body);
    let mut ops = Table::new();
    collect(&body, &mut ops);
    block(func, &mut body, &ops);
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
        assert_real: false,
    });
    v
}

fn block(func: &mut Func, b: &mut Block, ops: &Table<Op>) {
    for s in &mut b.stmts {
        for inner in blocks_mut(s) {
            block(func, inner, ops);
        }
    }
    gather(func, &mut b.stmts);
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
