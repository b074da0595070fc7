//! Where a loop calls or computes what is costly, the numbers that it keeps are put into their places behind it, by a loop
//! of its own: that one has cheap arithmetic only, and vectorises. What it needs waits on the stack, so the number of
//! iterations has to be a constant.
//!
//! ```text
//! for j in 0..N { a = f(x[j]); b = g(a); y[j] = b; kept[i * N + j] = a * (1 - b); }
//! for j in 0..N { a = f(x[j]); b = g(a); y[j] = b; row_a[j] = a; row_b[j] = b; }
//! for j in 0..N { kept[i * N + j] = row_a[j] * (1 - row_b[j]); }
//! ```

use proc_macro2::{Literal, TokenStream};
use quote::ToTokens;

use crate::differentiate::storage::Pass;
use crate::differentiate::storage::results::{MOST, costly};
use crate::ir::subst::{Map, copy};
use crate::ir::table::{FastMap, Set};
use crate::ir::visit::{all_uses, blocks_mut, each, op_uses, outs};
use crate::ir::{Block, Func, Head, Info, Keeps, Loop, LoopId, Op, Shape, Stmt, Store, Un, V, Why};

/// The most numbers that wait for the second loop: each is written and read once more.
const WAITING: usize = 16;

impl Pass<'_> {
    /// Splits the loops inside a forward loop whose numbers have their places. Returns what opens the rows on the stack before
    /// that: opened in its iterations, they would be zeroed in each.
    pub(super) fn put_behind(&mut self, f: &mut Loop, lengths: &[String]) -> Vec<Stmt> {
        let mut before = Vec::new();
        self.behind(&mut f.body, lengths, &mut before);
        before
    }

    fn behind(&mut self, block: &mut Block, lengths: &[String], before: &mut Vec<Stmt>) {
        let mut out = Vec::with_capacity(block.stmts.len());
        for mut stmt in core::mem::take(&mut block.stmts) {
            for b in blocks_mut(&mut stmt) {
                self.behind(b, lengths, before);
            }
            let (mut sums, mut second) = (None, None);
            if let Stmt::Loop(l) = &mut stmt {
                sums = self.sums(l, lengths, before);
                second = self.second(l, lengths, before);
            }
            out.push(stmt);
            out.extend(second.into_iter().chain(sums).map(Stmt::Loop));
        }
        block.stmts = out;
    }

    /// Takes out of a loop what only leads to numbers that are kept. Returns the loop that does it.
    fn second(&mut self, l: &mut Loop, lengths: &[String], before: &mut Vec<Stmt>) -> Option<Loop> {
        let len = self.constant_length(l, lengths)?;
        let moved = only_kept(self.func, l)?;
        let (index, body, _) = self.take_out(l, &len, &moved, before, Map::default())?;
        Some(self.over(l, index, body))
    }

    /// Of a loop over a range from 0 that does what takes time, the number of iterations, if the stack has room for as many.
    pub(super) fn constant_length(&self, l: &Loop, lengths: &[String]) -> Option<TokenStream> {
        let Head::For { range, .. } = &l.head else {
            return None;
        };
        let plain = !range.inclusive && range.adapt.is_empty();
        if !plain || l.stop.is_some() || l.trips.is_some() || !l.body.stmts.iter().any(takes_time) {
            return None;
        }
        self.stack_length(range.lo, range.hi, lengths)
    }

    /// Takes those statements out of a loop that are said to stand elsewhere. Returns the index of another loop, and what stands in
    /// that; `map` says what else is called differently there.
    pub(super) fn take_out(
        &mut self,
        l: &mut Loop,
        len: &TokenStream,
        moved: &[Where],
        before: &mut Vec<Stmt>,
        mut map: Map,
    ) -> Option<(V, Vec<Stmt>, Map)> {
        let Head::For { i, .. } = l.head else {
            return None;
        };
        let waiting = self.waiting(l, i, moved, &map)?;
        let index = self.named_like(i);
        map.insert(i, index);
        let (mut body, mut saves) = (Vec::new(), FastMap::default());
        for v in waiting {
            let store = match row_of(self.func, l, i, v) {
                Some(store) => store,
                None => {
                    let name = self.func.info(v).name.clone();
                    self.func.stores.push(Store {
                        name: format!("row_{}", name.as_deref().unwrap_or("value")),
                        stack: Some(len.clone()),
                        keeps: Keeps::Plain,
                        why: Why::OnTheWay,
                    });
                    let store = self.func.stores.len() - 1;
                    before.push(Stmt::Open(store));
                    let at = Some(i);
                    saves.insert(v, Stmt::Save { store, at, v });
                    store
                }
            };
            let again = self.named_like(v);
            body.push(Stmt::Let(again, Op::Restore(store, Some(index), index)));
            map.insert(v, again);
        }
        // Where they are made, and not at the end: a call in between would make them wait on the stack twice.
        let params = l.params.iter();
        let mut first: Vec<Stmt> = params.filter_map(|p| saves.get(p).cloned()).collect();
        let mut second = Vec::new();
        for (stmt, moved) in core::mem::take(&mut l.body.stmts).into_iter().zip(moved) {
            match moved {
                Where::Nowhere => {}
                Where::First => {
                    let mut waits = Vec::new();
                    outs(&stmt, &mut |v| waits.extend(saves.get(&v).cloned()));
                    first.push(stmt);
                    first.append(&mut waits);
                }
                Where::Second => second.push(stmt),
                Where::Both => {
                    first.push(stmt.clone());
                    second.push(stmt);
                }
            }
        }
        l.body.stmts = first;
        body.extend(copy(self.func, &second, &mut map));
        Some((index, body, map))
    }

    /// Another loop over the same range, which carries nothing.
    pub(super) fn over(&mut self, l: &Loop, index: V, stmts: Vec<Stmt>) -> Loop {
        let id = LoopId(self.func.loops);
        self.func.loops += 1;
        let mut head = l.head.clone();
        if let Head::For { i, .. } = &mut head {
            *i = index;
        }
        Loop {
            id,
            head,
            body: Block {
                stmts,
                yields: Vec::new(),
            },
            params: Vec::new(),
            inits: Vec::new(),
            outs: Vec::new(),
            ..l.clone()
        }
    }

    /// The number of iterations of a range from 0, if the stack has room for as many.
    fn stack_length(&self, lo: V, hi: V, lengths: &[String]) -> Option<TokenStream> {
        let zero = self.constants.get(&lo)?.integer() == Some(0);
        let n = self.constants.get(&hi)?;
        let len = match n.integer() {
            Some(n) => {
                let n = usize::try_from(n).ok().filter(|n| *n <= MOST)?;
                Literal::usize_unsuffixed(n).to_token_stream()
            }
            // The function has arrays of this length of its own.
            None if lengths.iter().any(|len| len == n.text()) => n.tokens().clone(),
            None => return None,
        };
        zero.then_some(len)
    }

    /// The numbers that the second loop has from the first; `None` if there are others than floats among them, or too many.
    fn waiting(&self, l: &Loop, i: V, moved: &[Where], map: &Map) -> Option<Vec<V>> {
        let mut made: Set = l.params.iter().copied().collect();
        for (s, moved) in l.body.stmts.iter().zip(moved) {
            if *moved == Where::First {
                outs(s, &mut |v| {
                    made.insert(v);
                });
            }
        }
        let mut waiting: Vec<V> = Vec::new();
        for (s, moved) in l.body.stmts.iter().zip(moved) {
            if matches!(moved, Where::First | Where::Nowhere) {
                continue;
            }
            all_uses(s, &mut |v| {
                if v != i && made.contains(&v) && !map.contains_key(&v) && !waiting.contains(&v) {
                    waiting.push(v);
                }
            });
        }
        let floats = waiting.iter().all(|v| *self.func.shape(*v) == Shape::Float);
        (floats && waiting.len() <= WAITING).then_some(waiting)
    }

    pub(super) fn named_like(&mut self, v: V) -> V {
        let info = Info {
            origin: None,
            ..self.func.info(v).clone()
        };
        self.func.infos.push(info);
        V(self.func.infos.len() as u32 - 1)
    }
}

/// In which of the two loops a statement stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Where {
    Nowhere,
    First,
    Second,
    Both,
}

fn only_kept(func: &Func, l: &Loop) -> Option<Vec<Where>> {
    // What the loop itself wants, and what the second one does.
    let (mut needed, mut wanted): (Set, Set) = (Set::new(), Set::new());
    needed.extend(&l.body.yields);
    let mut moved = Vec::new();
    let mut kept = 0;
    for s in l.body.stmts.iter().rev() {
        moved.push(match s {
            Stmt::Save { store, v, at } if func.stores[*store].keeps == Keeps::Row => {
                kept += 1;
                wanted.insert(*v);
                wanted.extend(at);
                Where::Second
            }
            Stmt::Let(v, Op::Lit(_) | Op::Const(_)) if wanted.contains(v) => Where::Both,
            // Of the place of an iteration, what a loop inside it would ask for.
            Stmt::Let(v, op) if !wanted.contains(v) && !needed.contains(v) && cheap(op) => {
                Where::Nowhere
            }
            Stmt::Let(v, op) if wanted.contains(v) && !needed.contains(v) && cheap(op) => {
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
    (kept > 1).then_some(moved)
}

/// The row on the stack in which a number of a loop waits already.
fn row_of(func: &Func, l: &Loop, i: V, v: V) -> Option<usize> {
    l.body.stmts.iter().find_map(|s| match s {
        Stmt::Save {
            store,
            at: Some(at),
            v: w,
        } if (*at, *w) == (i, v) && func.stores[*store].stack.is_some() => Some(*store),
        _ => None,
    })
}

fn takes_time(s: &Stmt) -> bool {
    match s {
        Stmt::Call(_) | Stmt::Sweep(_) => true,
        Stmt::Let(_, op) => costly(op),
        _ => false,
    }
}

pub(super) fn cheap(op: &Op) -> bool {
    matches!(
        op,
        Op::Bin(..) | Op::Chain(..) | Op::Un(Un::Neg, _) | Op::Helper("trips", _)
    )
}

/// The lengths of the arrays that a function makes.
pub(super) fn lengths(body: &Block) -> Vec<String> {
    let mut all = Vec::new();
    each(body, &mut |s| {
        if let Stmt::Let(_, Op::Repeat(_, n)) = s {
            all.push(n.to_string());
        }
    });
    all.sort();
    all.dedup();
    all
}
