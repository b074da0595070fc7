//! Where a loop of constant length calls or computes what is costly, what it adds up is added up behind it, by a loop of its own:
//! sums are added in order, one iteration after the other, and without them the iterations have nothing to do with each other. So
//! functions without branches, those of `math` above all, vectorise there.
//!
//! ```text
//! for j in 0..N { a = f(x[j]); s += a; t += y[j]; }
//! for j in 0..N { row_a[j] = f(x[j]); }  for j in 0..N { s += row_a[j]; t += y[j]; }
//! ```

use super::behind::{Where, cheap};
use crate::differentiate::storage::Pass;
use crate::ir::subst::Map;
use crate::ir::table::{FastMap, Set};
use crate::ir::visit::{all_uses, block_uses, each, op_uses, outs, own_uses, path_uses};
use crate::ir::{Bin, Head, Loop, Op, Shape, Stmt, V};

/// A sum that a loop carries.
struct Sum {
    /// Which of the loop's parameters it is.
    k: usize,
    /// What each iteration adds.
    addend: V,
}

impl Pass<'_> {
    /// Takes the sums out of a loop. Returns the loop that adds them up.
    pub(super) fn sums(
        &mut self,
        l: &mut Loop,
        lengths: &[String],
        before: &mut Vec<Stmt>,
    ) -> Option<Loop> {
        let len = self.constant_length(l, lengths)?;
        let sums = self.added_up(l);
        let is_sum = |k: usize| sums.iter().any(|s| s.k == k);
        // With another number that is carried there is no iteration without the one before it.
        let carried = |(k, p): (usize, &V)| {
            is_sum(k) || matches!(self.func.shape(*p), Shape::Seq(..) | Shape::Int)
        };
        if sums.is_empty() || !l.params.iter().enumerate().all(carried) {
            return None;
        }
        let moved = only_added(l, &sums);
        let mut map = Map::default();
        let mut params = Vec::new();
        for s in &sums {
            let param = self.named_like(l.params[s.k]);
            map.insert(l.params[s.k], param);
            params.push(param);
        }
        let (index, body, map) = self.take_out(l, &len, &moved, before, map)?;
        let mut third = self.over(l, index, body);
        third.params = params;
        for s in &sums {
            let y = l.body.yields[s.k];
            third.body.yields.push(*map.get(&y).unwrap_or(&y));
            third.inits.push(l.inits[s.k]);
            third.outs.push(l.outs[s.k]);
        }
        for list in [&mut l.params, &mut l.inits, &mut l.outs, &mut l.body.yields] {
            let mut k = 0..;
            list.retain(|_| !k.next().is_some_and(is_sum));
        }
        Some(third)
    }

    /// The numbers to which a loop adds, and does nothing else with them.
    fn added_up(&self, l: &Loop) -> Vec<Sum> {
        let mut uses: FastMap<V, usize> = FastMap::default();
        block_uses(&l.body, &mut |v| *uses.entry(v).or_default() += 1);
        let once = |v: &V| uses.get(v) == Some(&1);
        let sum = |(k, p): (usize, &V)| {
            let y = l.body.yields.get(k)?;
            let float = *self.func.shape(*p) == Shape::Float;
            let addend = l.body.stmts.iter().find_map(|s| match s {
                Stmt::Let(v, Op::Bin(Bin::Add | Bin::Sub, a, b)) if v == y && a == p => Some(*b),
                Stmt::Let(v, Op::Bin(Bin::Add, a, b)) if v == y && b == p => Some(*a),
                _ => None,
            })?;
            (float && once(p) && once(y)).then_some(Sum { k, addend })
        };
        l.params.iter().enumerate().filter_map(sum).collect()
    }
}

/// Where each statement of a loop stands when its sums are added up elsewhere.
fn only_added(l: &Loop, sums: &[Sum]) -> Vec<Where> {
    let there = Outside::of(l);
    let (mut needed, mut wanted): (Set, Set) = (Set::new(), Set::new());
    let yields = l.body.yields.iter().enumerate();
    let others = yields.filter(|(k, _)| sums.iter().all(|s| s.k != *k));
    needed.extend(others.map(|(_, y)| y));
    let mut moved = Vec::new();
    for s in l.body.stmts.iter().rev() {
        moved.push(match s {
            Stmt::Let(v, _) if sums.iter().any(|s| l.body.yields[s.k] == *v) => {
                wanted.extend(
                    sums.iter()
                        .filter(|s| l.body.yields[s.k] == *v)
                        .map(|s| &s.addend),
                );
                Where::Second
            }
            Stmt::Let(v, Op::Lit(_) | Op::Const(_)) if wanted.contains(v) => Where::Both,
            Stmt::Let(v, op)
                if wanted.contains(v) && !needed.contains(v) && (cheap(op) || there.has(op)) =>
            {
                op_uses(op, &mut |u| {
                    wanted.insert(u);
                });
                Where::Second
            }
            s => {
                all_uses(s, &mut |v| {
                    needed.insert(v);
                });
                Where::First
            }
        });
    }
    moved.reverse();
    moved
}

/// What a loop finds and leaves alone.
struct Outside {
    index: Option<V>,
    made: Set,
    /// Of what it reads, what may change.
    changed: Set,
}

impl Outside {
    fn of(l: &Loop) -> Outside {
        let (mut made, mut changed) = (Set::new(), Set::new());
        made.extend(&l.params);
        changed.extend(&l.inits);
        each(&l.body, &mut |s| {
            outs(s, &mut |v| {
                made.insert(v);
            });
            if !matches!(s, Stmt::Let(_, Op::Get(..) | Op::Len(..))) {
                own_uses(s, &mut |v| {
                    changed.insert(v);
                });
            }
        });
        let index = match &l.head {
            Head::For { i, .. } => Some(*i),
            _ => None,
        };
        Outside {
            index,
            made,
            changed,
        }
    }

    /// Whether an operation reads an element of what is the same after the loop.
    fn has(&self, op: &Op) -> bool {
        let Op::Get(a, path) = op else {
            return false;
        };
        let mut there = !self.made.contains(a) && !self.changed.contains(a);
        path_uses(path, &mut |v| {
            there &= Some(v) == self.index || !self.made.contains(&v)
        });
        there
    }
}
