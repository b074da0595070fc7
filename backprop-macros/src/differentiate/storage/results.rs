//! Results that cost more to compute again than to keep: an exponential in a forward loop of which the reverse
//! loop, which could not run together with it, wants the same.
//!
//! They go on the stack where the number of iterations is a constant, else on the tape where there is one; where
//! there is neither they are computed again.

use std::collections::{HashMap, HashSet};

use proc_macro2::TokenStream;
use quote::quote;

use super::Pass;
use crate::ir::visit::{blocks, blocks_mut, each};
use crate::ir::{
    Adapt, Block, Constant, Head, If, Keeps, Loop, Op, Path, Proj, Range, Shape, Stmt, Store, V,
    Why,
};

/// The most results that go on the stack for one operation.
pub(super) const MOST: usize = 4096;

/// A result of the forward loop, what the reverse loop calls it, and there an operand of the same type.
struct Found {
    v: V,
    again: V,
    operand: V,
}

/// The operations of a loop's own block.
pub(super) type Ops<'a> = HashMap<V, &'a Op>;

impl Pass<'_> {
    /// Keeps what is worth it, in a block and those inside it. Returns whether there was anything.
    pub(super) fn keep_results(&mut self, block: &mut Block) -> bool {
        let mut news = false;
        let mut k = 0;
        while k < block.stmts.len() {
            for b in blocks_mut(&mut block.stmts[k]) {
                news |= self.keep_results(b);
            }
            if let Some(forward) = forward_of(&block.stmts, k) {
                // What is taken off the tape between the two may not lie under what they keep there.
                let between = block.stmts[forward..k].iter().any(uses_tape);
                let (head, tail) = block.stmts.split_at_mut(k);
                if let (Stmt::Loop(f), Stmt::Loop(r)) = (&mut head[forward], &mut tail[0]) {
                    let opened = self.keep_results_of(f, r, between);
                    news |= !opened.is_empty();
                    k += opened.len();
                    block.stmts.splice(forward..forward, opened);
                }
            }
            k += 1;
        }
        news
    }

    /// A number that a loop leaves: it is there behind it, and no buffer that may have changed since.
    pub(super) fn scalar_out(&self, f: &Loop) -> Option<V> {
        let mut outs = f.outs.iter().copied();
        outs.find(|out| self.func.shape(*out).is_scalar())
    }

    fn keep_results_of(&mut self, f: &mut Loop, r: &mut Loop, between: bool) -> Vec<Stmt> {
        let mut found = self.found_again(f, r);
        let mut opened = Vec::new();
        if found.is_empty() {
            return opened;
        }
        // Where iterations are counted, the count runs down again.
        let from = match &f.head {
            Head::For { range, .. } => self.constants.get(&range.lo),
            Head::While(_) | Head::Forever => None,
        };
        if from.and_then(Constant::integer).is_none_or(|lo| lo < 0) {
            run_backwards(f, r);
        }
        let place = self.constant_trips(f, r);
        opened.append(&mut self.before);
        r.body.stmts.splice(0..0, core::mem::take(&mut self.first));
        // Where the number is rustc's to know, so is whether there are too many.
        let guard = match &place {
            Some((len, _)) => match len.to_string().parse::<usize>() {
                Ok(n) if n > MOST => return opened,
                Ok(_) => None,
                Err(_) if self.mentions_parameter(len) => None,
                Err(_) => Some(len.clone()),
            },
            None if self.options.tape.is_some() && !between => None,
            None => return opened,
        };
        let cond = guard.as_ref().map(|len| {
            let c = self.flag();
            opened.push(Stmt::Let(c, Op::Const(quote!(((#len) <= #MOST)).into())));
            c
        });
        if place.is_none() {
            run_backwards(f, r);
        }
        // What the reverse loop takes off the tape at its beginning.
        let mut on_top = f.body.stmts.iter().take_while(|s| is_push(s)).count();
        // What calls found lies on top already.
        let mut from_behind = f.body.stmts.iter().rev();
        let last = from_behind.find(|s| !matches!(s, Stmt::Log(_)));
        if place.is_none() && last.is_some_and(is_push) {
            return opened;
        }
        // What inner loops put on the tape before a result is asked for lies on top of it.
        if place.is_none() {
            found.retain(|result| {
                let (before, after) = r.body.stmts.split_at(position(&r.body, result.again));
                !buries(before, after)
            });
        }
        if place.is_none() && !pops_first(f, |v| self.func.shape(v).is_scalar()) {
            return opened;
        }
        for Found { v, again, operand } in found {
            let store = self.func.stores.len();
            let name = self.func.info(v).name.clone();
            self.func.stores.push(Store {
                name: format!("kept_{}", name.as_deref().unwrap_or("value")),
                stack: place.as_ref().map(|(len, _)| capped(len, guard.is_some())),
                keeps: Keeps::Plain,
                why: Why::Costs,
            });
            let (forth, back) = match &place {
                Some((_, (i, back))) => (Some(*i), Some(*back)),
                None => (None, None),
            };
            if place.is_some() {
                opened.push(Stmt::Open(store));
            }
            let save = Stmt::Save {
                store,
                at: forth,
                v,
            };
            // Only what comes from the tape needs something of its type beside it.
            let like = match self.scalar_out(f) {
                Some(out) if back.is_some() => out,
                _ => operand,
            };
            let restore = |v: V| Stmt::Let(v, Op::Restore(store, back, like));
            match place {
                Some(_) => {
                    let at = position(&f.body, v);
                    f.body.stmts.insert(at + 1, guarded(cond, save));
                }
                // The tape gives back first what was put there last.
                None => {
                    let end = f.body.stmts.len() - on_top;
                    f.body.stmts.insert(end, save);
                    on_top += 1;
                }
            }
            let at = position(&r.body, again);
            match cond {
                None => r.body.stmts[at] = restore(again),
                Some(cond) => {
                    let (kept, anew) = (self.fresh(again), self.fresh(again));
                    let Stmt::Let(_, op) = &r.body.stmts[at] else {
                        continue;
                    };
                    let else_ = Block {
                        stmts: vec![Stmt::Let(anew, op.clone())],
                        yields: vec![anew],
                    };
                    let then_ = Block {
                        stmts: vec![restore(kept)],
                        yields: vec![kept],
                    };
                    r.body.stmts[at] = Stmt::If(If {
                        cond,
                        then_,
                        else_,
                        outs: vec![again],
                    });
                }
            }
        }
        opened
    }

    fn flag(&mut self) -> V {
        let v = V(self.func.infos.len() as u32);
        self.func.infos.push(crate::ir::Info {
            span: proc_macro2::Span::call_site(),
            ..crate::ir::Info::new(Shape::Int)
        });
        v
    }

    /// The costly results of the forward loop that the reverse loop computes again, and what it calls them.
    fn found_again(&self, f: &Loop, r: &Loop) -> Vec<Found> {
        let (forward, back) = (ops(&f.body), ops(&r.body));
        let mut alike = Alike {
            forward: &forward,
            back: &back,
            saved: saved(f, &back),
            known: HashMap::new(),
            index: indices(f, r),
        };
        let mut out: Vec<Found> = Vec::new();
        for s in &r.body.stmts {
            let Stmt::Let(again, op @ Op::Fn(_, args)) = s else {
                continue;
            };
            if !costly(op) || *self.func.shape(*again) != Shape::Float {
                continue;
            }
            let same = f.body.stmts.iter().find_map(|s| match s {
                Stmt::Let(v, op) if costly(op) && alike.values(*v, *again) => Some(*v),
                _ => None,
            });
            if let (Some(v), Some(operand)) = (same, args.first())
                && out.iter().all(|other| other.v != v)
            {
                out.push(Found {
                    v,
                    again: *again,
                    operand: *operand,
                });
            }
        }
        out
    }
}

/// The forward loop of a reverse loop that stands behind it.
pub(super) fn forward_of(stmts: &[Stmt], k: usize) -> Option<usize> {
    let Stmt::Loop(r) = &stmts[k] else {
        return None;
    };
    let id = r.reverses?;
    stmts[..k]
        .iter()
        .position(|s| matches!(s, Stmt::Loop(f) if f.id == id))
}

pub(super) fn ops(b: &Block) -> Ops<'_> {
    b.stmts
        .iter()
        .filter_map(|s| match s {
            Stmt::Let(v, op) => Some((*v, op)),
            _ => None,
        })
        .collect()
}

pub(super) fn position(b: &Block, v: V) -> usize {
    b.stmts
        .iter()
        .position(|s| matches!(s, Stmt::Let(w, _) if *w == v))
        .unwrap_or(0)
}

fn capped(len: &TokenStream, guarded: bool) -> TokenStream {
    if guarded {
        quote!({ if (#len) <= #MOST { #len } else { 0 } })
    } else {
        len.clone()
    }
}

fn guarded(cond: Option<V>, stmt: Stmt) -> Stmt {
    match cond {
        None => stmt,
        Some(cond) => Stmt::If(If {
            cond,
            then_: Block {
                stmts: vec![stmt],
                yields: Vec::new(),
            },
            else_: Block::default(),
            outs: Vec::new(),
        }),
    }
}

/// What lies on a stack comes back last one first, even to a loop that could run in either direction.
fn run_backwards(f: &Loop, r: &mut Loop) {
    let flips = |range: &Range| {
        let flips = range.adapt.iter().filter(|a| matches!(a, Adapt::Rev));
        flips.count() % 2
    };
    let forwards = match &f.head {
        Head::For { range, .. } => flips(range),
        Head::While(_) | Head::Forever => 0,
    };
    if let Head::For { range, .. } = &mut r.head {
        let backwards = range.adapt.iter().any(|a| matches!(a, Adapt::Backwards(_)));
        if !backwards && flips(range) == forwards {
            range.adapt.push(Adapt::Rev);
        }
    }
}

fn is_push(stmt: &Stmt) -> bool {
    matches!(stmt, Stmt::Save { at: None, .. })
}

/// Whether a block uses the tape.
pub(super) fn on_tape(b: &Block) -> bool {
    b.stmts
        .iter()
        .any(|s| uses_tape(s) || blocks(s).any(on_tape))
}

/// Whether a statement itself puts something there or takes it off.
fn uses_tape(s: &Stmt) -> bool {
    is_push(s) || matches!(s, Stmt::Let(_, Op::Restore(_, None, _)))
}

/// Whether what lay on top of the tape before some statements may lie under something behind them: what `after` takes off again.
pub(super) fn buries(before: &[Stmt], after: &[Stmt]) -> bool {
    let mut asked = HashSet::new();
    for s in after {
        of_each(s, &mut |s| {
            if let Stmt::Let(_, Op::Kept(id, _)) = s {
                asked.insert(*id);
            }
        });
    }
    let released = |area: usize| {
        let same = |s: &Stmt| matches!(s, Stmt::Release(other) if *other == area);
        before.iter().any(same)
    };
    before.iter().any(|s| {
        // What reverse loops ask for has no place yet.
        let mut waits = false;
        of_each(s, &mut |s| {
            waits |= matches!(s, Stmt::Loop(l) if asked.contains(&l.id))
        });
        let reserves = matches!(s, Stmt::Reserve { area, .. } if !released(*area));
        waits || reserves || blocks(s).any(on_tape)
    })
}

/// A statement, and those inside it.
fn of_each<'a>(stmt: &'a Stmt, f: &mut impl FnMut(&'a Stmt)) {
    f(stmt);
    blocks(stmt).for_each(|b| each(b, f));
}

/// Moves what a loop keeps on the tape at its beginning to its end, so that it lies on top of all else. Only
/// numbers move: of an array, which is updated in place, it would take a copy.
pub(super) fn pops_first(f: &mut Loop, is_scalar: impl Fn(V) -> bool) -> bool {
    let count = f.body.stmts.iter().take_while(|s| is_push(s)).count();
    let scalars = f.body.stmts[..count].iter().all(|s| match s {
        Stmt::Save { v, .. } => is_scalar(*v),
        _ => false,
    });
    if scalars {
        f.body.stmts.rotate_left(count);
    }
    scalars
}

/// Whether an operation takes longer than a store and a load.
pub(super) fn costly(op: &Op) -> bool {
    let Op::Fn(name, _) = op else { return false };
    !matches!(
        *name,
        "abs"
            | "ceil"
            | "clamp"
            | "copysign"
            | "floor"
            | "fract"
            | "max"
            | "midpoint"
            | "min"
            | "mul_add"
            | "powi"
            | "recip"
            | "round"
            | "round_ties_even"
            | "signum"
            | "sin_cos"
            | "sqrt"
            | "to_degrees"
            | "to_radians"
            | "trunc"
    )
}

/// What the reverse loop has restored, by the parameter of the forward loop that was saved.
fn saved(f: &Loop, back: &Ops<'_>) -> HashMap<V, V> {
    let mut out = HashMap::new();
    for (v, op) in back {
        let Op::Restore(store, ..) = op else { continue };
        for s in &f.body.stmts {
            if let Stmt::Save {
                store: own, v: p, ..
            } = s
                && own == store
            {
                out.insert(*v, *p);
            }
        }
    }
    out
}

pub(super) fn indices(f: &Loop, r: &Loop) -> Option<(V, V)> {
    let (Head::For { i, range: a }, Head::For { i: back, range: b }) = (&f.head, &r.head) else {
        return None;
    };
    let adapted = |range: &Range| {
        range
            .adapt
            .iter()
            .filter(|a| !matches!(a, Adapt::Rev | Adapt::Backwards(_)))
            .count()
    };
    (a.lo == b.lo && a.hi == b.hi && adapted(a) == adapted(b)).then_some((*i, *back))
}

/// Whether values of the two bodies are the same in the same iteration.
pub(super) struct Alike<'a> {
    pub(super) forward: &'a Ops<'a>,
    pub(super) back: &'a Ops<'a>,
    pub(super) saved: HashMap<V, V>,
    pub(super) known: HashMap<(V, V), bool>,
    pub(super) index: Option<(V, V)>,
}

impl Alike<'_> {
    pub(super) fn values(&mut self, a: V, b: V) -> bool {
        if a == b || self.index == Some((a, b)) || self.saved.get(&b) == Some(&a) {
            return true;
        }
        if let Some(known) = self.known.get(&(a, b)) {
            return *known;
        }
        let same = match (self.forward.get(&a), self.back.get(&b)) {
            (Some(x), Some(y)) => self.operations(x, y),
            _ => false,
        };
        self.known.insert((a, b), same);
        same
    }

    fn operations(&mut self, x: &Op, y: &Op) -> bool {
        match (x, y) {
            (Op::Const(a), Op::Const(b)) => a.to_string() == b.to_string(),
            (Op::Lit(a), Op::Lit(b)) => a.to_bits() == b.to_bits(),
            (Op::Cast(a, s), Op::Cast(b, t)) => s == t && self.values(*a, *b),
            (Op::Un(s, a), Op::Un(t, b)) => s == t && self.values(*a, *b),
            (Op::Bin(s, a, b), Op::Bin(t, c, d)) => {
                s == t && self.values(*a, *c) && self.values(*b, *d)
            }
            (Op::Fn(s, a), Op::Fn(t, b)) => {
                s == t && a.len() == b.len() && a.iter().zip(b).all(|(a, b)| self.values(*a, *b))
            }
            (Op::Get(a, p), Op::Get(b, q)) => self.values(*a, *b) && self.paths(p, q),
            _ => false,
        }
    }

    fn paths(&mut self, p: &Path, q: &Path) -> bool {
        p.len() == q.len()
            && p.iter().zip(q).all(|(a, b)| match (a, b) {
                (Proj::Field(a), Proj::Field(b)) => a == b,
                (Proj::Deref, Proj::Deref) => true,
                (Proj::Index(a), Proj::Index(b)) => self.values(*a, *b),
                (
                    Proj::Range {
                        lo: a,
                        hi: b,
                        inclusive: x,
                    },
                    Proj::Range {
                        lo: c,
                        hi: d,
                        inclusive: y,
                    },
                ) => x == y && self.ends(*a, *c) && self.ends(*b, *d),
                _ => false,
            })
    }

    fn ends(&mut self, a: Option<V>, b: Option<V>) -> bool {
        match (a, b) {
            (None, None) => true,
            (Some(a), Some(b)) => self.values(a, b),
            _ => false,
        }
    }
}
