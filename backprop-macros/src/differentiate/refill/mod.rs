//! Scratch, after differentiation.
//!
//! A fill begins with `refill`, of what the iteration found (see `analyze/refill/`). In the reverse sweep that is a value
//! that would have to be kept; since its contents do not matter, what the loop itself began with does as well. Then the
//! buffers of `&mut` parameters end with what some iteration of a reverse loop filled in, and are brought to what the function
//! leaves: the last iteration fills its scratch once more.

mod again;

use again::Again;

use crate::ir::subst::{Map, block_uses_mut};
use crate::ir::table::{FastMap, Set, Table};
use crate::ir::visit::{blocks, blocks_mut, each};
use crate::ir::{Arg, Block, By, Func, LoopId, Op, Stmt, V};

/// The values that fills begin with.
pub(crate) fn begun(body: &Block) -> Set {
    let mut found = Set::new();
    each(body, &mut |s| {
        if let Stmt::Let(v, Op::Refill(..)) = s {
            found.insert(*v);
        }
    });
    found
}

/// Lets fills begin with what is in scope, and `&mut` parameters end with what the function leaves. `asked` has the calls whose
/// callees are asked whether they fill all of what they get. Gives the parameters of which it cannot: they are no scratch.
pub(super) fn settle(func: &mut Func, primal: &Block, asked: &Set) -> Vec<V> {
    let refills = begun(&func.body);
    if refills.iter().next().is_none() {
        return Vec::new();
    }
    let mut map = Map::default();
    each(&func.body, &mut |s| {
        let Stmt::Call(c) = s else { return };
        for a in &c.args {
            let Arg::Mut(root, _, out) = a else { continue };
            let origin = func.info(*out).origin.unwrap_or(*out);
            if refills.contains(root) && !asked.contains(&origin) {
                map.insert(*root, *root);
            }
        }
    });
    each(&func.body, &mut |s| {
        if let Stmt::Let(v, Op::Refill(a, _)) = s
            && map.contains_key(v)
        {
            map.insert(*v, *a);
        }
    });
    forget(&mut func.body, &map);
    let n = primal.stmts.len() - forgotten(&primal.stmts, &map);
    let left = func.finals.iter().flatten().copied().collect();
    outside(&mut func.body, n, &left);
    restore(func, n)
}

/// How many statements of a list are `refill`s that have been taken away.
fn forgotten(stmts: &[Stmt], map: &Map) -> usize {
    let gone = |s: &&Stmt| matches!(s, Stmt::Let(v, Op::Refill(..)) if map.contains_key(v));
    stmts.iter().filter(gone).count()
}

/// Lets values stand for the `refill`s of them.
fn forget(body: &mut Block, map: &Map) {
    fn remove(b: &mut Block, map: &Map) {
        b.stmts
            .retain(|s| !matches!(s, Stmt::Let(v, Op::Refill(..)) if map.contains_key(v)));
        for s in &mut b.stmts {
            blocks_mut(s).for_each(|b| remove(b, map));
        }
    }
    if map.is_empty() {
        return;
    }
    remove(body, map);
    block_uses_mut(body, &mut |v| {
        while let Some(a) = map.get(v) {
            *v = *a;
        }
    });
}

/// Lets fills in loops begin with what the loops began with; but in the primal, the first `n` statements, not with what the function
/// leaves: that would be copied for each fill.
fn outside(body: &mut Block, n: usize, left: &Set) {
    let mut inits = Map::default();
    let mut carried: FastMap<(LoopId, V), V> = FastMap::default();
    each(body, &mut |s| {
        if let Stmt::Loop(l) = s {
            for (p, init) in l.params.iter().zip(&l.inits) {
                inits.insert(*p, *init);
                carried.insert((l.id, *p), *init);
            }
        }
    });
    let mut kept = Map::default();
    each(body, &mut |s| {
        if let Stmt::Let(v, Op::Kept(id, p)) = s
            && let Some(init) = carried.get(&(*id, *p))
        {
            kept.insert(*v, *init);
        }
        if let Stmt::Let(v, Op::Refill(a, _)) = s {
            inits.insert(*v, *a);
        }
    });
    fn walk(stmts: &mut [Stmt], outer: &impl Fn(V) -> V) {
        for s in stmts {
            if let Stmt::Let(_, Op::Refill(a, _)) = s {
                *a = outer(*a);
            }
            blocks_mut(s).for_each(|b| walk(&mut b.stmts, outer));
        }
    }
    let outer = |mut v| {
        while let Some(init) = inits.get(&v).or_else(|| kept.get(&v)) {
            v = *init;
        }
        v
    };
    let (primal, sweep) = body.stmts.split_at_mut(n);
    walk(sweep, &outer);
    walk(primal, &|v| {
        let first = outer(v);
        if left.contains(&first) { v } else { first }
    });
}

/// From versions of aggregates to the one before.
struct Roots(Table<V>);

impl Roots {
    fn of(body: &Block) -> Roots {
        let mut before = Table::new();
        each(body, &mut |s| match s {
            Stmt::Let(v, op) => {
                if let Some(a) = made_of(op) {
                    before.insert(*v, a);
                }
            }
            Stmt::If(s) => {
                for (out, y) in s.outs.iter().zip(&s.then_.yields) {
                    before.insert(*out, *y);
                }
            }
            Stmt::Loop(l) => {
                for (k, init) in l.inits.iter().enumerate() {
                    before.insert(l.params[k], *init);
                    before.insert(l.outs[k], *init);
                }
            }
            Stmt::Call(c) => {
                for a in &c.args {
                    if let Arg::Mut(root, _, out) = a {
                        before.insert(*out, *root);
                    }
                }
            }
            _ => {}
        });
        Roots(before)
    }

    /// A version and those before it.
    fn back(&self, mut v: V) -> Vec<V> {
        let mut chain = vec![v];
        while let Some(before) = self.0.get(&v) {
            v = *before;
            chain.push(v);
        }
        chain
    }

    fn first(&self, mut v: V) -> V {
        while let Some(before) = self.0.get(&v) {
            v = *before;
        }
        v
    }
}

/// Takes `refill` away from all that is made of these parameters; from everything, if that is not seen.
pub(super) fn keep(body: &mut Block, params: &[V]) {
    let roots = Roots::of(body);
    let mut map = Map::default();
    each(body, &mut |s| {
        if let Stmt::Let(v, Op::Refill(a, _)) = s
            && params.contains(&roots.first(*a))
        {
            map.insert(*v, *a);
        }
    });
    if map.is_empty() {
        each(body, &mut |s| {
            if let Stmt::Let(v, Op::Refill(a, _)) = s {
                map.insert(*v, *a);
            }
        });
    }
    forget(body, &map);
}

/// A version and all that it may have been made of, in loops and branches, too.
fn comes_of(body: &Block, last: V) -> Set {
    let mut before: FastMap<V, Vec<V>> = FastMap::default();
    each(body, &mut |s| match s {
        Stmt::Let(v, op) => before.entry(*v).or_default().extend(made_of(op)),
        Stmt::If(s) => {
            for (k, out) in s.outs.iter().enumerate() {
                let sides = [s.then_.yields[k], s.else_.yields[k]];
                before.entry(*out).or_default().extend(sides);
            }
        }
        Stmt::Loop(l) => {
            for (k, out) in l.outs.iter().enumerate() {
                let begun = [l.inits[k], l.body.yields[k]];
                before.entry(*out).or_default().extend(begun);
                before.entry(l.params[k]).or_default().extend(begun);
            }
        }
        Stmt::Call(c) => {
            for a in &c.args {
                if let Arg::Mut(root, _, out) = a {
                    before.entry(*out).or_default().push(*root);
                }
            }
        }
        _ => {}
    });
    let (mut found, mut next) = (Set::new(), vec![last]);
    while let Some(v) = next.pop() {
        if found.insert(v) {
            next.extend(before.get(&v).into_iter().flatten());
        }
    }
    found
}

/// The version that an operation makes another one of.
fn made_of(op: &Op) -> Option<V> {
    match op {
        Op::Set(a, ..)
        | Op::AddAt(a, ..)
        | Op::ClearAt(a, _)
        | Op::Refill(a, _)
        | Op::Kept(_, a) => Some(*a),
        _ => None,
    }
}

/// Brings `&mut` parameters that the reverse sweep uses as scratch to what the function leaves in them, and gives those where that would
/// take what is gone. The first `n` statements are the primal.
fn restore(func: &mut Func, n: usize) -> Vec<V> {
    let roots = Roots::of(&func.body);
    let mut used = Set::new();
    for s in &func.body.stmts[n..] {
        for b in blocks(s) {
            each(b, &mut |s| {
                if let Stmt::Let(_, Op::Refill(a, _)) = s {
                    used.insert(roots.first(*a));
                }
            });
        }
    }
    let primal = Block {
        stmts: func.body.stmts[..n].to_vec(),
        yields: Vec::new(),
    };
    // What is filled may be a copy of a parameter, which is left as it is.
    let fills = begun(&primal);
    let own = |last: V| {
        let of = comes_of(&primal, last);
        fills.iter().any(|v| of.contains(&v))
    };
    let lasts: Vec<(usize, V)> = func
        .params
        .iter()
        .enumerate()
        .filter(|(_, p)| p.by == By::Mut && used.contains(&p.v))
        .filter_map(|(k, _)| Some((k, func.finals[k]?)))
        .filter(|(_, last)| own(*last))
        .collect();
    let mut chain = Set::new();
    for (_, last) in &lasts {
        chain.extend(&roots.back(*last));
    }
    let mut again = Again::new(func, &primal, chain);
    let restored: Vec<Option<V>> = lasts.iter().map(|(_, v)| again.version(*v)).collect();
    let stmts = again.out;
    func.body.stmts.extend(stmts);
    let mut gone = Vec::new();
    for ((k, _), v) in lasts.into_iter().zip(restored) {
        match v {
            Some(v) => func.finals[k] = Some(v),
            None => gone.push(func.params[k].v),
        }
    }
    gone
}
