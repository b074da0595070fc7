//! Loops that run again, with less to do: what the reverse sweep of a branch runs once more stands behind the branch's own loops as
//! soon as both are one block, and carries only what it needs, while the loops of the function carry all.
//!
//! ```text
//! for i in 0..n { s += t; t = t * x[i]; }  ..  for i in 0..n { t = t * x[i]; }      the second is the first, but for the sum
//! ```
//!
//! Without this both would run, and what the second keeps for its reverse loop would lie on what loops between the two keep for
//! theirs.

use super::key::Writer;
use super::{Func, outs_of, replace, write};
use crate::ir::subst::{Map, uses_mut};
use crate::ir::table::{FastMap, Set, Table};
use crate::ir::visit::{all_uses, blocks_mut, each};
use crate::ir::{Adapt, Bin, Block, Head, If, Info, Loop, Op, Range, Shape, Stmt, V};

/// Merges them. Returns whether there were any.
pub(crate) fn run(func: &mut Func) -> bool {
    let writer = Writer::of(func);
    let mut body = core::mem::take(&mut func.body);
    let mut pass = Pass {
        func,
        writer,
        map: Table::new(),
        loops: FastMap::default(),
        undefined: Set::new(),
    };
    each(&body, &mut |s| {
        if let Stmt::Let(v, Op::Undef) = s {
            pass.undefined.insert(*v);
        }
    });
    pass.block(&mut body);
    let (map, loops) = (pass.map, pass.loops);
    replace(func, body, &map, &loops);
    !loops.is_empty()
}

struct Pass<'a> {
    func: &'a mut Func,
    writer: Writer,
    /// What the later loops make, by what the earlier ones call it.
    map: Table<V>,
    /// The names of the loops, likewise.
    loops: FastMap<u32, u32>,
    /// What nobody has assigned: one is as good as another.
    undefined: Set,
}

/// The values of the later loop by those of the earlier one, and by its number the parameter that has none: a count of iterations.
struct Covered {
    same: Map,
    counter: Option<usize>,
}

/// What blocks that are open have computed, the innermost last.
type Known = Vec<FastMap<Box<[u32]>, Vec<V>>>;

impl Pass<'_> {
    fn block(&mut self, block: &mut Block) {
        let mut k = 0;
        while k < block.stmts.len() {
            let map = &self.map;
            uses_mut(&mut block.stmts[k], &mut |v| *v = *map.get(v).unwrap_or(v));
            let covered = self.first_run(block, k);
            let Some((first, covered)) = covered else {
                for inner in blocks_mut(&mut block.stmts[k]) {
                    self.block(inner);
                }
                k += 1;
                continue;
            };
            let again = block.stmts.remove(k);
            if let (Stmt::Loop(a), Stmt::Loop(b)) = (&mut block.stmts[first], &again) {
                self.loops.insert(b.id.0, a.id.0);
                for v in b.params.iter().chain(&b.outs) {
                    if let Some(same) = covered.same.get(v) {
                        self.map.insert(*v, *same);
                    }
                }
                if let Some(counter) = covered.counter {
                    let before = self.count(a, b, counter);
                    k += before.len();
                    block.stmts.splice(first..first, before);
                }
            }
        }
        let map = &self.map;
        let yields = block.yields.iter_mut();
        yields.for_each(|v| *v = *map.get(v).unwrap_or(v));
    }

    /// Lets the earlier loop count its iterations as the later one does. Returns what goes before it.
    fn count(&mut self, a: &mut Loop, b: &Loop, counter: usize) -> Vec<Stmt> {
        let (zero, one) = (self.integer(), self.integer());
        let (p, next) = (b.params[counter], b.body.yields[counter]);
        a.trips = Some(a.params.len());
        a.params.push(p);
        a.inits.push(zero);
        a.body
            .stmts
            .push(Stmt::Let(next, Op::Bin(Bin::Add, p, one)));
        a.body.yields.push(next);
        a.outs.push(b.outs[counter]);
        let constant = |v, tokens| Stmt::Let(v, Op::Const(tokens));
        vec![
            constant(zero, quote::quote!(0usize).into()),
            constant(one, quote::quote!(1usize).into()),
        ]
    }

    fn integer(&mut self) -> V {
        let v = V(self.func.infos.len() as u32);
        self.func.infos.push(Info::new(Shape::Int));
        v
    }

    /// The loop that does all that the one at `k` does, if it is one.
    fn first_run(&mut self, block: &Block, k: usize) -> Option<(usize, Covered)> {
        let Stmt::Loop(b) = &block.stmts[k] else {
            return None;
        };
        // What the reverse sweep runs again is a copy.
        let begun = |l: &Loop| -> Vec<(V, V)> {
            let params = l.params.iter().map(|p| self.origin(*p));
            params.zip(l.inits.iter().copied()).collect()
        };
        let own = begun(b);
        let candidate = |a: &Loop| {
            a.reverses.is_none()
                && core::mem::discriminant(&a.head) == core::mem::discriminant(&b.head)
                && begun(a).iter().any(|pair| own.contains(pair))
        };
        if b.reverses.is_some() {
            return None;
        }
        let candidates: Vec<usize> = (0..k)
            .filter(|j| matches!(&block.stmts[*j], Stmt::Loop(a) if candidate(a)))
            .collect();
        if candidates.is_empty() {
            return None;
        }
        // What the first loop computes in each iteration may be known outside by now.
        let mut known = vec![FastMap::default()];
        self.learn(&block.stmts[..k], &mut Map::default(), &mut known);
        candidates.into_iter().find_map(|j| match &block.stmts[j] {
            Stmt::Loop(a) => Some((j, self.same_loop(a, b, &Map::default(), &mut known)?)),
            _ => None,
        })
    }

    /// Learns what statements compute: what is known already has a name.
    fn learn(&mut self, stmts: &[Stmt], same: &mut Map, known: &mut Known) {
        for s in stmts {
            let mut s = s.clone();
            uses_mut(&mut s, &mut |v| *v = *same.get(v).unwrap_or(v));
            if !self.write(&s) {
                continue;
            }
            let words = &self.writer.out[..];
            if let Some(found) = known.iter().find_map(|own| own.get(words)) {
                same.extend(outs_of(&s).into_iter().zip(found.iter().copied()));
            } else if let Some(own) = known.last_mut() {
                own.insert(words.into(), outs_of(&s));
            }
        }
    }

    fn same_loop(
        &mut self,
        a: &Loop,
        b: &Loop,
        around: &Map,
        known: &mut Known,
    ) -> Option<Covered> {
        let mut same = around.clone();
        // What both begin with decides most cases.
        let mut partners = Vec::new();
        let mut counter = None;
        for (k, (p, init)) in b.params.iter().zip(&b.inits).enumerate() {
            let init = *same.get(init).unwrap_or(init);
            let blank = self.undefined.contains(&init);
            let begins = |j: &usize| {
                let own = *same.get(&a.inits[*j]).unwrap_or(&a.inits[*j]);
                (own == init || blank && self.undefined.contains(&own))
                    && !partners.contains(&Some(*j))
            };
            let copies = |j: &usize| self.origin(a.params[*j]) == self.origin(*p);
            let all = 0..a.params.len();
            let found = all.clone().filter(begins).find(copies);
            let found = found.or_else(|| all.clone().find(begins));
            if found.is_none() {
                if b.trips != Some(k) || a.trips.is_some() {
                    return None;
                }
                counter = Some(k);
            }
            partners.push(found);
        }
        for (p, partner) in b.params.iter().zip(&partners) {
            if let Some(j) = partner {
                same.insert(*p, a.params[*j]);
            }
        }
        known.push(FastMap::default());
        let body = self.same_head(a, b, &mut same, known)
            && self.same_block(
                &a.body,
                &b.body,
                &mut same,
                known,
                counter.map(|k| b.body.yields[k]),
            );
        known.pop();
        let now = |v: &V| *same.get(v).unwrap_or(v);
        let next = |(k, partner): (usize, &Option<usize>)| {
            partner.is_none_or(|j| now(&b.body.yields[k]) == now(&a.body.yields[j]))
        };
        let alike = body
            && partners.iter().enumerate().all(next)
            && a.stop.as_ref().map(now) == b.stop.as_ref().map(now)
            && counter.is_none_or(|k| counts(b, k));
        if !alike {
            return None;
        }
        for (out, partner) in b.outs.iter().zip(&partners) {
            if let Some(j) = partner {
                same.insert(*out, a.outs[*j]);
            }
        }
        Some(Covered { same, counter })
    }

    /// Writes what a statement computes. Where all of a loop is the same, so is what it adds to the buffers that it carries.
    fn write(&mut self, stmt: &Stmt) -> bool {
        if let Stmt::Let(_, op @ (Op::AddAt(..) | Op::ClearAt(..))) = stmt {
            self.writer.clear();
            self.writer.op(op);
            return true;
        }
        let ok = write(self.func, &mut self.writer, stmt);
        // What a call defines has no words, and is taken in its order.
        if let Stmt::Call(c) = stmt {
            self.writer.out.push(u32::from(c.ret.is_some()));
        }
        ok
    }

    fn origin(&self, v: V) -> V {
        self.func.info(v).origin.unwrap_or(v)
    }

    fn same_head(&mut self, a: &Loop, b: &Loop, same: &mut Map, known: &mut Known) -> bool {
        match (&a.head, &b.head) {
            (Head::For { i, range: r }, Head::For { i: j, range: s }) => {
                same.insert(*j, *i);
                same_range(r, s, same)
            }
            (Head::While(c), Head::While(d)) => {
                self.same_block(c, d, same, known, None)
                    && d.yields
                        .iter()
                        .zip(&c.yields)
                        .all(|(d, c)| same.get(d).unwrap_or(d) == same.get(c).unwrap_or(c))
            }
            (Head::Forever, Head::Forever) => true,
            _ => false,
        }
    }

    /// Finds all that a block computes, but for one value, in another one.
    fn same_block(
        &mut self,
        a: &Block,
        b: &Block,
        same: &mut Map,
        known: &mut Known,
        but: Option<V>,
    ) -> bool {
        self.learn(&a.stmts, same, known);
        b.stmts.iter().all(|s| {
            if but.is_some() && outs_of(s).first() == but.as_ref() {
                return true;
            }
            let mut s = s.clone();
            uses_mut(&mut s, &mut |v| *v = *same.get(v).unwrap_or(v));
            if self.write(&s) {
                let words = &self.writer.out[..];
                if let Some(found) = known.iter().rev().find_map(|own| own.get(words)) {
                    same.extend(outs_of(&s).into_iter().zip(found.iter().copied()));
                    return true;
                }
            }
            match &s {
                Stmt::If(later) => a.stmts.iter().any(|first| match first {
                    Stmt::If(first) => self.same_branch(first, later, same, known),
                    _ => false,
                }),
                Stmt::Loop(later) => a.stmts.iter().any(|first| match first {
                    Stmt::Loop(first) => {
                        let found = self.same_loop(first, later, same, known);
                        let found = found.filter(|covered| covered.counter.is_none());
                        found.is_some_and(|covered| {
                            same.extend(covered.same);
                            true
                        })
                    }
                    _ => false,
                }),
                // A number takes no time, and what nobody has assigned is nothing in particular. What is made of one that the other
                // block does not have is not found there.
                Stmt::Let(_, Op::Undef | Op::Const(_) | Op::Lit(_)) => true,
                _ => false,
            }
        })
    }

    fn same_branch(&mut self, a: &If, b: &If, same: &mut Map, known: &mut Known) -> bool {
        let mut inside = same.clone();
        if inside.get(&a.cond).unwrap_or(&a.cond) != &b.cond {
            return false;
        }
        for (first, later) in [(&a.then_, &b.then_), (&a.else_, &b.else_)] {
            known.push(FastMap::default());
            let alike = self.same_block(first, later, &mut inside, known, None);
            known.pop();
            if !alike {
                return false;
            }
        }
        let now = |v: V| *inside.get(&v).unwrap_or(&v);
        let mut outs = Vec::new();
        for (k, out) in b.outs.iter().enumerate() {
            let (x, y) = (now(b.then_.yields[k]), now(b.else_.yields[k]));
            let found = (0..a.outs.len())
                .find(|j| now(a.then_.yields[*j]) == x && now(a.else_.yields[*j]) == y);
            let Some(j) = found else {
                return false;
            };
            outs.push((*out, a.outs[j]));
        }
        same.extend(outs);
        true
    }
}

fn same_range(a: &Range, b: &Range, same: &Map) -> bool {
    let equal = |a: &V, b: &V| same.get(a).unwrap_or(a) == same.get(b).unwrap_or(b);
    let adapted = |(a, b): (&Adapt, &Adapt)| match (a, b) {
        (Adapt::Rev, Adapt::Rev) => true,
        (Adapt::StepBy(a), Adapt::StepBy(b)) => equal(a, b),
        _ => false,
    };
    equal(&a.lo, &b.lo)
        && equal(&a.hi, &b.hi)
        && a.inclusive == b.inclusive
        && a.adapt.len() == b.adapt.len()
        && a.adapt.iter().zip(&b.adapt).all(adapted)
}

/// Whether what a loop carries goes up by one in each iteration, and is looked at nowhere else.
fn counts(l: &Loop, k: usize) -> bool {
    let (p, next) = (l.params[k], l.body.yields[k]);
    let mut users = 0;
    let mut adds = false;
    for s in &l.body.stmts {
        all_uses(s, &mut |v| users += usize::from(v == p || v == next));
        adds |= matches!(s, Stmt::Let(v, Op::Bin(Bin::Add, a, b)) if *v == next && (*a == p) != (*b == p));
    }
    adds && users == 1 && l.stop != Some(next)
}
