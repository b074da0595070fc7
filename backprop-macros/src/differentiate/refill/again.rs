//! What the function leaves in a buffer, made once more: of a loop that fills it anew in every iteration by the last one.
//!
//! Where no iteration has filled it, the buffer holds some version that it had before. What is assigned may be assigned to any of them once
//! more, and the last one comes of it; what is added may not. So that is only done to what is filled whatever runs.

use super::Roots;
use crate::ir::subst::{Map, copy};
use crate::ir::table::Set;
use crate::ir::visit::{all_uses, block_uses, blocks_mut, each, outs, own_uses};
use crate::ir::{
    Adapt, Arg, Bin, Block, Call, Func, Head, If, Info, Loop, Op, Shape, Stmt, Sweep, V,
};

/// Does once more what made the last version of a buffer.
pub(super) struct Again<'a> {
    func: &'a mut Func,
    primal: &'a Block,
    pub(super) out: Vec<Stmt>,
    /// What has been done, by the versions of the primal.
    done: Map,
    /// The versions that are asked for, and those that they come from: what one loop makes of them is made at once.
    wanted: Set,
    /// What each version was made of.
    before: Roots,
    /// Of what has been done: versions of buffers that have been filled before, whatever runs.
    filled: Set,
    /// Those of `wanted` of which something else is made, too: a copy, in whose place the buffer may be updated.
    forked: Set,
}

impl<'a> Again<'a> {
    pub(super) fn new(func: &'a mut Func, primal: &'a Block, wanted: Set) -> Again<'a> {
        let forked = forked(&func.body, &wanted);
        let before = Roots::of(&func.body);
        Again {
            func,
            primal,
            out: Vec::new(),
            done: Map::default(),
            wanted,
            before,
            filled: Set::new(),
            forked,
        }
    }

    fn fresh(&mut self, like: V) -> V {
        let v = V(self.func.infos.len() as u32);
        self.func.infos.push(self.func.info(like).clone());
        v
    }

    /// Makes a version of the primal once more. `None` where that would take what is gone.
    pub(super) fn version(&mut self, v: V) -> Option<V> {
        if let Some(done) = self.done.get(&v) {
            return Some(*done);
        }
        // It is kept: what the copy changes, it changes elsewhere.
        if self.forked.contains(&v) {
            self.mark(v, true);
            return Some(v);
        }
        let primal = self.primal;
        let made = primal.stmts.iter().find(|s| {
            let mut here = false;
            outs(s, &mut |w| here |= w == v);
            here
        });
        let new = match made {
            None => {
                let out = self.func.params.iter().find(|p| p.v == v)?.out;
                let new = self.fresh(v);
                self.out.push(Stmt::Let(new, Op::Refill(v, 0)));
                // Of an output nothing is read before it has been filled.
                self.mark(new, out);
                new
            }
            Some(Stmt::Let(_, Op::Refill(a, _))) => {
                let base = self.version(*a)?;
                let new = self.fresh(v);
                self.out.push(Stmt::Let(new, Op::Refill(base, 0)));
                self.mark(new, true);
                new
            }
            Some(Stmt::Let(_, Op::Set(a, p, x))) => {
                let base = self.version(*a)?;
                let new = self.fresh(v);
                self.out.push(Stmt::Let(new, Op::Set(base, p.clone(), *x)));
                self.mark(new, self.filled.contains(&base));
                new
            }
            Some(Stmt::Let(_, Op::AddAt(a, p, x))) => {
                let base = self.version(*a)?;
                let new = self.fresh(v);
                self.updated(base, new, Stmt::Let(new, Op::AddAt(base, p.clone(), *x)))?
            }
            Some(Stmt::Call(c)) => self.call(c, v)?,
            Some(Stmt::Loop(l)) => {
                let j = l.outs.iter().position(|o| *o == v)?;
                if self.filled_last(l, j) {
                    return self.last_iteration(l, j);
                }
                return self.all_iterations(l, j);
            }
            Some(_) => return None,
        };
        self.done.insert(v, new);
        Some(new)
    }

    fn mark(&mut self, new: V, filled: bool) {
        if filled {
            self.filled.insert(new);
        }
    }

    /// Makes a version that depends on what was there before. `None` where that may be another one than it was then.
    fn updated(&mut self, base: V, new: V, stmt: Stmt) -> Option<V> {
        if !self.filled.contains(&base) {
            return None;
        }
        self.out.push(stmt);
        self.filled.insert(new);
        Some(new)
    }

    /// What is read of other buffers that are made once more, as far as they can be by now. `inits`: what a loop begins with, which is
    /// another matter.
    fn read_again(&mut self, read: &[V], inits: &[V]) -> Map {
        let mut map = Map::default();
        for v in read {
            if !self.wanted.contains(v) || inits.contains(v) {
                continue;
            }
            let (length, done, filled) = (self.out.len(), self.done.clone(), self.filled.clone());
            match self.version(*v) {
                Some(new) => {
                    map.insert(*v, new);
                }
                None => {
                    self.out.truncate(length);
                    (self.done, self.filled) = (done, filled);
                }
            }
        }
        map
    }

    /// Lets the fills in a copy begin with what the copy begins with: they are other ones than those of the primal.
    fn begin_with(&self, base: V, init: V, stmts: &mut [Stmt]) {
        let own = self.before.back(init);
        fn walk(stmts: &mut [Stmt], own: &[V], base: V) {
            for s in stmts {
                if let Stmt::Let(_, Op::Refill(a, _)) = s
                    && own.contains(a)
                {
                    *a = base;
                }
                blocks_mut(s).for_each(|b| walk(&mut b.stmts, own, base));
            }
        }
        walk(stmts, &own, base);
    }

    fn int(&mut self) -> V {
        let v = V(self.func.infos.len() as u32);
        self.func.infos.push(Info::new(Shape::Int));
        v
    }

    fn call(&mut self, c: &Call, v: V) -> Option<V> {
        let lent = c.args.iter().filter(|a| matches!(a, Arg::Mut(..)));
        let (Some(Arg::Mut(root, path, _)), 1) = (lent.clone().next(), lent.count()) else {
            return None;
        };
        let read: Vec<V> = c.args.iter().map(Arg::root).collect();
        let map = self.read_again(&read, &[*root]);
        let (base, new) = (self.version(*root)?, self.fresh(v));
        let mut call = c.clone();
        call.ret = call.ret.map(|r| self.fresh(r));
        call.entries = vec![None; call.args.len()];
        for a in &mut call.args {
            match a {
                Arg::Mut(..) => *a = Arg::Mut(base, path.clone(), new),
                Arg::Value(v) | Arg::Ref(v, _) | Arg::Again(v, _) => *v = *map.get(v).unwrap_or(v),
            }
        }
        self.updated(base, new, Stmt::Call(call))
    }

    /// Whether the last iteration, if there is any, leaves nothing of what the ones before it did; or none does anything.
    fn filled_last(&self, l: &Loop, j: usize) -> bool {
        filling(l, j, &fixed_in(l)).is_some()
    }

    /// Whether a loop runs, and fills what it carries, whatever its arguments are.
    fn always_fills(&self, l: &Loop, k: usize) -> bool {
        let Head::For { range, .. } = &l.head else {
            return false;
        };
        let inner = filling(l, k, &fixed_in(l));
        let mut bounds =
            core::iter::once((range.lo, range.hi)).chain(inner.iter().flatten().copied());
        inner.is_some()
            && bounds.all(|(lo, hi)| {
                self.integer(lo)
                    .zip(self.integer(hi))
                    .is_some_and(|(lo, hi)| lo < hi)
            })
    }

    fn integer(&self, v: V) -> Option<i64> {
        let mut found = None;
        each(self.primal, &mut |s| {
            if let Stmt::Let(w, Op::Const(c)) = s
                && *w == v
            {
                found = c.integer();
            }
        });
        found
    }

    /// `if lo < hi { the last iteration, as far as it fills the scratch }`.
    fn last_iteration(&mut self, l: &Loop, j: usize) -> Option<V> {
        let Head::For { i, range } = &l.head else {
            return None;
        };
        let asked = (0..l.params.len()).filter(|&k| {
            let aggregate = !self.func.shape(l.params[k]).is_scalar();
            k == j || aggregate && self.wanted.contains(&l.outs[k]) && self.filled_last(l, k)
        });
        let asked: Vec<V> = asked.map(|k| l.body.yields[k]).collect();
        let needed = needed(&l.body, &asked);
        let read: Vec<V> = needed.iter().collect();
        let mut map = self.read_again(&read, &l.inits);
        let mut carried = Vec::new();
        for (k, p) in l.params.iter().enumerate() {
            if !needed.contains(p) && !asked.contains(&l.body.yields[k]) {
                map.insert(*p, l.inits[k]);
                continue;
            }
            // What it needs of the iterations before is gone, but for scratch, of which it needs nothing.
            if self.func.shape(*p).is_scalar() || !self.filled_last(l, k) {
                return None;
            }
            let base = match self.version(l.inits[k]) {
                Some(base) => base,
                None if !self.always_fills(l, k) => return None,
                None => {
                    let base = self.fresh(*p);
                    self.out.push(Stmt::Let(base, Op::Refill(l.inits[k], 0)));
                    base
                }
            };
            map.insert(*p, base);
            carried.push((k, base));
        }
        let (cond, one, last) = (self.int(), self.int(), self.int());
        self.out
            .push(Stmt::Let(cond, Op::Bin(Bin::Lt, range.lo, range.hi)));
        let mut stmts = Vec::new();
        if range.adapt.len() % 2 == 1 {
            map.insert(*i, range.lo);
        } else {
            stmts.push(Stmt::Let(one, Op::Const(quote::quote!(1).into())));
            stmts.push(Stmt::Let(last, Op::Bin(Bin::Sub, range.hi, one)));
            map.insert(*i, last);
        }
        let mut again = copy(self.func, &l.body.stmts, &mut map);
        for (k, base) in &carried {
            self.begin_with(*base, l.inits[*k], &mut again);
        }
        stmts.extend(again);
        let left = |v: V| *map.get(&v).unwrap_or(&v);
        let yields = carried.iter().map(|(k, _)| left(l.body.yields[*k]));
        let then_ = Block {
            yields: yields.collect(),
            stmts,
        };
        let else_ = Block {
            stmts: Vec::new(),
            yields: carried.iter().map(|(_, base)| *base).collect(),
        };
        let outs: Vec<V> = carried
            .iter()
            .map(|(k, _)| self.fresh(l.outs[*k]))
            .collect();
        for ((k, base), out) in carried.iter().zip(&outs) {
            self.done.insert(l.outs[*k], *out);
            let filled = self.filled.contains(base) || self.always_fills(l, *k);
            self.mark(*out, filled);
        }
        self.out.push(Stmt::If(If {
            cond,
            then_,
            else_,
            outs,
        }));
        self.done.get(&l.outs[j]).copied()
    }

    /// The whole loop, as far as it fills a buffer.
    fn all_iterations(&mut self, l: &Loop, j: usize) -> Option<V> {
        // When it ends is as much a matter of it as what it yields.
        let mut asked = vec![l.body.yields[j]];
        asked.extend(l.stop);
        if let Head::While(condition) = &l.head {
            block_uses(condition, &mut |v| asked.push(v));
        }
        let mut wanted = needed(&l.body, &asked);
        loop {
            let more = l.params.iter().zip(&l.body.yields);
            let more: Vec<V> = more
                .filter(|(p, y)| wanted.contains(p) && !wanted.contains(y))
                .map(|(_, y)| *y)
                .collect();
            if more.is_empty() {
                break;
            }
            for v in needed(&l.body, &more).iter() {
                wanted.insert(v);
            }
        }
        let others = l.params.iter().enumerate();
        let aggregate = |p: &V| !self.func.shape(*p).is_scalar();
        if others
            .clone()
            .any(|(k, p)| k != j && wanted.contains(p) && aggregate(p))
        {
            return None;
        }
        // What else it carries is not asked for, or numbers.
        let read: Vec<V> = wanted.iter().collect();
        let mut map = self.read_again(&read, &l.inits);
        let base = self.version(l.inits[j])?;
        let copied = copy(self.func, &[Stmt::Loop(l.clone())], &mut map);
        let (Some(Stmt::Loop(mut again)), Some(new)) =
            (copied.into_iter().next(), map.get(&l.outs[j]).copied())
        else {
            return None;
        };
        again.inits[j] = base;
        self.begin_with(base, l.inits[j], &mut again.body.stmts);
        let again = Stmt::Loop(again);
        let mut old = Set::new();
        old.insert(l.params[j]);
        let reads = reads_in_loop(l, &wanted, &mut old);
        if reads {
            self.updated(base, new, again)?;
        } else {
            self.out.push(again);
            self.mark(new, self.filled.contains(&base));
        }
        self.done.insert(l.outs[j], new);
        Some(new)
    }
}

/// The versions of which another one is made that is not among them.
fn forked(body: &Block, versions: &Set) -> Set {
    let mut found = Set::new();
    let mut made = |of: V, new: V| {
        if versions.contains(&of) && !versions.contains(&new) {
            found.insert(of);
        }
    };
    each(body, &mut |s| match s {
        Stmt::Let(v, Op::Set(a, ..) | Op::AddAt(a, ..) | Op::ClearAt(a, _)) => made(*a, *v),
        Stmt::Loop(l) => {
            for (init, out) in l.inits.iter().zip(&l.outs) {
                made(*init, *out);
            }
        }
        Stmt::If(i) => {
            for (k, out) in i.outs.iter().enumerate() {
                made(i.then_.yields[k], *out);
                made(i.else_.yields[k], *out);
            }
        }
        Stmt::Call(c) | Stmt::Sweep(Sweep { call: c, .. }) => {
            for a in &c.args {
                if let Arg::Mut(root, _, out) = a {
                    made(*root, *out);
                }
            }
        }
        _ => {}
    });
    found
}

/// Whether what a loop leaves in its parameters that are in `old` depends on what was there before.
fn reads_in_loop(l: &Loop, wanted: &Set, old: &mut Set) -> bool {
    let mut reads = false;
    if let Head::While(cond) = &l.head {
        for s in &cond.stmts {
            all_uses(s, &mut |v| reads |= old.contains(&v));
        }
    }
    reads | self::reads(&l.body, wanted, old)
}

/// Whether what `wanted` comes of depends on what was there before. `old`: versions in which something of that may be.
fn reads(b: &Block, wanted: &Set, old: &mut Set) -> bool {
    let mut reads = false;
    for s in &b.stmts {
        let mut here = false;
        outs(s, &mut |v| here |= wanted.contains(&v));
        if !here {
            continue;
        }
        match s {
            Stmt::Let(_, Op::Refill(..) | Op::Len(..)) => {}
            Stmt::Let(v, Op::Set(a, _, x)) if old.contains(a) => {
                reads |= old.contains(x);
                old.insert(*v);
            }
            Stmt::If(i) => {
                reads |= self::reads(&i.then_, wanted, old) | self::reads(&i.else_, wanted, old);
                for (k, out) in i.outs.iter().enumerate() {
                    if old.contains(&i.then_.yields[k]) || old.contains(&i.else_.yields[k]) {
                        old.insert(*out);
                    }
                }
            }
            Stmt::Loop(l) => {
                for (k, init) in l.inits.iter().enumerate() {
                    if old.contains(init) {
                        old.extend([l.params[k], l.outs[k]]);
                    }
                }
                reads |= reads_in_loop(l, wanted, old);
            }
            s => all_uses(s, &mut |v| reads |= old.contains(&v)),
        }
    }
    reads
}

/// All that values made in a block need of it, and of what is around it.
fn needed(b: &Block, values: &[V]) -> Set {
    let mut found: Set = values.iter().copied().collect();
    for s in b.stmts.iter().rev() {
        let mut here = false;
        outs(s, &mut |v| here |= found.contains(&v));
        if !here {
            continue;
        }
        match s {
            Stmt::Loop(l) if matches!(l.head, Head::For { .. }) && l.stop.is_none() => {
                let mut wanted: Vec<bool> = l.outs.iter().map(|o| found.contains(o)).collect();
                loop {
                    let yields = l.body.yields.iter().zip(&wanted);
                    let yields = yields.filter(|(_, w)| **w).map(|(y, _)| *y);
                    let inner = needed(&l.body, &yields.collect::<Vec<V>>());
                    let more = l.params.iter().map(|p| inner.contains(p));
                    let more: Vec<bool> = more.zip(&wanted).map(|(p, w)| p || *w).collect();
                    if more == wanted {
                        inner.iter().for_each(|v| {
                            found.insert(v);
                        });
                        break;
                    }
                    wanted = more;
                }
                let mut own = Vec::new();
                own_uses(s, &mut |v| own.push(v));
                let (inits, head) = own.split_at(l.inits.len());
                let inits = inits.iter().zip(&wanted).filter(|(_, w)| **w);
                found.extend(inits.map(|(v, _)| v).chain(head));
            }
            Stmt::If(i) => {
                for side in [&i.then_, &i.else_] {
                    let yields = i.outs.iter().zip(&side.yields);
                    let yields = yields.filter(|(o, _)| found.contains(o)).map(|(_, y)| *y);
                    let inner = needed(side, &yields.collect::<Vec<V>>());
                    inner.iter().for_each(|v| {
                        found.insert(v);
                    });
                }
                found.insert(i.cond);
            }
            s => all_uses(s, &mut |v| {
                found.insert(v);
            }),
        }
    }
    found
}

/// Which values are the same in all iterations of a loop: what is not made in it, and constants.
fn fixed_in(l: &Loop) -> impl Fn(V) -> bool + use<> {
    let mut changes = Set::new();
    crate::ir::visit::all_defs(&Stmt::Loop(l.clone()), &mut |v| {
        changes.insert(v);
    });
    let mut constants = Set::new();
    each(&l.body, &mut |s| {
        if let Stmt::Let(v, Op::Const(_)) = s {
            constants.insert(*v);
        }
    });
    move |v| !changes.contains(&v) || constants.contains(&v)
}

/// The bounds of the loops inside that have to run, so that an iteration fills what a loop carries; none where it always does. `None` where
/// something of what iterations before did may be left.
fn filling(l: &Loop, j: usize, fixed: &impl Fn(V) -> bool) -> Option<Vec<(V, V)>> {
    let Head::For { range, .. } = &l.head else {
        return None;
    };
    let plain = !range.inclusive && range.adapt.iter().all(|a| matches!(a, Adapt::Rev));
    if !plain || l.stop.is_some() || l.trips.is_some() {
        return None;
    }
    let mut found = Set::new();
    found.insert(l.params[j]);
    survives(&l.body, &mut found);
    if !found.contains(&l.body.yields[j]) {
        return Some(Vec::new());
    }
    // A loop inside that is all that happens to it, and runs as often in each iteration.
    let inner = l.body.stmts.iter().find_map(|s| match s {
        Stmt::Loop(m) => {
            let k = m.outs.iter().position(|o| *o == l.body.yields[j])?;
            (m.inits[k] == l.params[j]).then_some((m, k))
        }
        _ => None,
    });
    let (m, k) = inner?;
    let Head::For { range, .. } = &m.head else {
        return None;
    };
    let bounds = (range.lo, range.hi);
    if !fixed(bounds.0) || !fixed(bounds.1) {
        return None;
    }
    let mut all = filling(m, k, fixed)?;
    all.push(bounds);
    Some(all)
}

/// Adds the versions in which something of the given ones may have survived.
fn survives(b: &Block, found: &mut Set) {
    for s in &b.stmts {
        match s {
            Stmt::Let(v, Op::Set(a, ..) | Op::AddAt(a, ..) | Op::ClearAt(a, _))
                if found.contains(a) =>
            {
                found.insert(*v);
            }
            Stmt::Call(c) => {
                for a in &c.args {
                    if let Arg::Mut(root, _, out) = a
                        && found.contains(root)
                    {
                        found.insert(*out);
                    }
                }
            }
            Stmt::If(i) => {
                survives(&i.then_, found);
                survives(&i.else_, found);
                for (k, out) in i.outs.iter().enumerate() {
                    if found.contains(&i.then_.yields[k]) || found.contains(&i.else_.yields[k]) {
                        found.insert(*out);
                    }
                }
            }
            Stmt::Loop(l) => {
                let carried = l.params.iter().zip(&l.inits);
                let carried: Vec<V> = carried
                    .filter(|(_, init)| found.contains(init))
                    .map(|(p, _)| *p)
                    .collect();
                found.extend(&carried);
                survives(&l.body, found);
                for (k, out) in l.outs.iter().enumerate() {
                    if found.contains(&l.inits[k]) || found.contains(&l.body.yields[k]) {
                        found.insert(*out);
                    }
                }
            }
            _ => {}
        }
    }
}
