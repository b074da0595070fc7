//! Which values of a reverse loop are those of its forward loop, in the same iteration of both and of the loops inside them.
//!
//! A value of the reverse loop is computed by an operation; if the forward loop has the same operation on the same
//! operands, they are twins. What a loop carries is taken for the same where it begins the same, until its next version
//! says otherwise: then all is done again without it. So what remains holds by induction over the iterations.

use std::collections::HashSet;

use crate::ir::subst::{op_uses_mut, uses_mut};
use crate::ir::table::FastMap;
use crate::ir::visit::{blocks, outs};
use crate::ir::{
    Adapt, Arg, Block, Call, Func, Head, If, Loop, LoopId, Op, Path, Proj, Range, Shape, Stmt, V,
};
use crate::simplify::cse::key::Writer;

/// How often all is done again.
const ROUNDS: usize = 12;

/// A step from the forward loop's body to a block inside it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Loop(LoopId),
    /// A side of a branch, by its condition.
    Side(V, bool),
}

/// How a value of the forward loop comes about.
pub(super) enum Def {
    Op(Op),
    /// Of a loop that gives each iteration's element to an array, without a look at it: the elements, and what it began
    /// with.
    Filled(V, V),
    /// What the loop itself carries from iteration to iteration.
    Carried,
    /// Which iteration it is.
    Index,
    /// Whatever can only be had by running something again.
    Other,
}

/// A loop inside the forward loop, or that itself.
pub(super) struct Nest {
    pub(super) parent: Option<LoopId>,
    pub(super) index: V,
    pub(super) range: Range,
    /// Every item of its range is an iteration, each at a place that can be computed before.
    pub(super) regular: bool,
    params: Vec<V>,
    inits: Vec<V>,
    yields: Vec<V>,
    outs: Vec<V>,
    stop: Option<V>,
}

pub(super) struct Twins {
    /// By number, what a value is a copy of.
    origins: Vec<Option<V>>,
    /// The forward loop's values, each behind those it is made of.
    pub(super) order: Vec<V>,
    /// Values of both loops by the first value of the forward loop that is the same.
    number: FastMap<V, V>,
    pub(super) defs: FastMap<V, Def>,
    pub(super) homes: FastMap<V, Vec<Step>>,
    /// In which arm of a branch a value is made, by number, since several may be on one condition: 0 is none.
    arms: FastMap<V, usize>,
    /// The arm at hand, and how many there have been.
    arm: (usize, usize),
    pub(super) nests: FastMap<LoopId, Nest>,
    /// Loops of the reverse loop, and that itself, by number.
    partners: FastMap<LoopId, LoopId>,
    ops: FastMap<Vec<u32>, V>,
    branches: FastMap<(V, V, V), V>,
    whole: FastMap<Vec<u32>, Vec<V>>,
    writer: Writer,
    /// The forward loops whose index has a value here.
    open: Vec<LoopId>,
    refuted: HashSet<(V, V)>,
    again: bool,
}

impl Twins {
    /// `None` where it takes too many rounds to find out.
    pub(super) fn of(func: &Func, f: &Loop, r: &Loop) -> Option<Twins> {
        let Head::For { i, .. } = &r.head else {
            return None;
        };
        let mut twins = Twins {
            origins: func.infos.iter().map(|info| info.origin).collect(),
            order: Vec::new(),
            number: FastMap::default(),
            defs: FastMap::default(),
            homes: FastMap::default(),
            arms: FastMap::default(),
            arm: (0, 0),
            nests: FastMap::default(),
            partners: FastMap::default(),
            ops: FastMap::default(),
            branches: FastMap::default(),
            whole: FastMap::default(),
            writer: Writer::default(),
            open: vec![f.id],
            refuted: HashSet::new(),
            again: false,
        };
        twins.enter(f, None, &mut Vec::new());
        let own = twins.nests.get(&f.id)?.index;
        let forward = twins.number.clone();
        for _ in 0..ROUNDS {
            twins.again = false;
            twins.number.clone_from(&forward);
            twins.partners.clear();
            twins.partners.insert(r.id, f.id);
            twins.number.insert(*i, own);
            twins.kept(r);
            twins.back(&r.body);
            if !twins.again {
                return Some(twins);
            }
        }
        None
    }

    /// The forward value that a value of either loop is; what comes from outside is itself.
    pub(super) fn known(&self, v: V) -> Option<V> {
        self.number.get(&v).copied()
    }

    pub(super) fn partner(&self, id: LoopId) -> Option<LoopId> {
        self.partners.get(&id).copied()
    }

    /// Says that there is a new value in the forward loop, made where another one is.
    pub(super) fn add(&mut self, forward: V, like: V) {
        self.number.insert(forward, forward);
        self.defs.insert(forward, Def::Other);
        self.order.push(forward);
        if let Some(home) = self.homes.get(&like).cloned() {
            self.homes.insert(forward, home);
        }
        self.arms.insert(forward, self.arm(like));
    }

    /// The arm of a branch that a value of the forward loop is made in.
    pub(super) fn arm(&self, v: V) -> usize {
        self.arms.get(&v).copied().unwrap_or_default()
    }

    /// The value of the forward loop that an operation on its values is, a new one if there is none.
    pub(super) fn lift(&mut self, new: V, op: &Op, home: Vec<Step>, arm: usize) -> V {
        let key = self.key(op);
        if let Some(number) = self.ops.get(&key) {
            return *number;
        }
        let mut op = op.clone();
        op_uses_mut(&mut op, &mut |v| *v = self.canonical(*v));
        self.ops.insert(key, new);
        self.define(new, new, Def::Op(op), &home);
        self.arms.insert(new, arm);
        new
    }

    /// Says that a value of the reverse loop is one of the forward loop.
    pub(super) fn same(&mut self, back: V, forward: V) {
        self.number.insert(back, forward);
    }

    /// The result that the forward loop has of a call.
    pub(super) fn result_of(&mut self, call: &Call) -> Option<V> {
        let mut call = call.clone();
        call.ret = call.ret.or(call.args.first().map(Arg::root));
        let key = self.whole_key(&Stmt::Call(call))?;
        match self.whole.get(&key)?[..] {
            [result] => Some(result),
            _ => None,
        }
    }

    pub(super) fn canonical(&self, v: V) -> V {
        *self.number.get(&v).unwrap_or(&v)
    }

    /// What an operation computes, as words.
    pub(super) fn key(&mut self, op: &Op) -> Vec<u32> {
        let mut op = op.clone();
        op_uses_mut(&mut op, &mut |v| *v = self.canonical(*v));
        self.writer.clear();
        self.writer.op(&op);
        core::mem::take(&mut self.writer.out)
    }

    /// The same for a call or a loop, if such are the same whenever their words are.
    pub(super) fn whole_key(&mut self, stmt: &Stmt) -> Option<Vec<u32>> {
        let mut stmt = stmt.clone();
        uses_mut(&mut stmt, &mut |v| *v = self.canonical(*v));
        self.writer.clear();
        let ok = self.writer.stmt(&stmt);
        let mut words = core::mem::take(&mut self.writer.out);
        // What is defined stands in the words by its order alone.
        if let Stmt::Call(c) = &stmt {
            words.push(u32::from(c.ret.is_some()));
            let entries = c.entries.iter().zip(0..);
            words.extend(entries.filter_map(|(e, k)| e.map(|_| k)));
        }
        ok.then_some(words)
    }

    // ------------------------------------------------------------ forwards

    fn define(&mut self, v: V, number: V, def: Def, path: &[Step]) {
        self.number.insert(v, number);
        self.homes.insert(v, path.to_vec());
        self.arms.insert(v, self.arm.0);
        self.defs.insert(v, def);
        self.order.push(v);
    }

    fn forward(&mut self, block: &Block, path: &mut Vec<Step>) {
        for stmt in &block.stmts {
            match stmt {
                Stmt::Let(
                    v,
                    Op::Undef | Op::Kept(..) | Op::Restore(..) | Op::Unlog(_) | Op::Logged,
                ) => {
                    self.define(*v, *v, Def::Other, path);
                }
                Stmt::Let(v, op) => {
                    let key = self.key(op);
                    let number = *self.ops.entry(key).or_insert(*v);
                    self.define(*v, number, Def::Op(op.clone()), path);
                }
                Stmt::If(s) => self.branch(s, path),
                Stmt::Loop(l) => {
                    if !matches!(l.head, Head::For { .. }) {
                        self.as_a_whole(stmt, path);
                        continue;
                    }
                    let parent = path.iter().rev().find_map(|s| match s {
                        Step::Loop(id) => Some(*id),
                        Step::Side(..) => None,
                    });
                    self.enter(l, parent, path);
                }
                stmt => self.as_a_whole(stmt, path),
            }
        }
    }

    fn branch(&mut self, s: &If, path: &mut Vec<Step>) {
        let cond = self.canonical(s.cond);
        for (side, block) in [(true, &s.then_), (false, &s.else_)] {
            let around = self.arm.0;
            self.arm = (self.arm.1 + 1, self.arm.1 + 1);
            path.push(Step::Side(cond, side));
            self.forward(block, path);
            path.pop();
            self.arm.0 = around;
        }
        for (k, out) in s.outs.iter().enumerate() {
            let (a, b) = (s.then_.yields[k], s.else_.yields[k]);
            let key = (cond, self.canonical(a), self.canonical(b));
            let number = *self.branches.entry(key).or_insert(*out);
            self.define(*out, number, Def::Other, path);
        }
    }

    fn as_a_whole(&mut self, stmt: &Stmt, path: &[Step]) {
        let mut made = Vec::new();
        outs(stmt, &mut |v| made.push(v));
        for v in &made {
            self.define(*v, *v, Def::Other, path);
        }
        if !matches!(stmt, Stmt::Call(_) | Stmt::Loop(_)) {
            return;
        }
        if let Some(key) = self.whole_key(stmt) {
            let first = self
                .whole
                .entry(key)
                .or_insert_with(|| made.clone())
                .clone();
            for (v, first) in made.into_iter().zip(first) {
                self.number.insert(v, first);
            }
        }
    }

    fn enter(&mut self, l: &Loop, parent: Option<LoopId>, path: &mut Vec<Step>) {
        let Head::For { i, range } = &l.head else {
            return;
        };
        path.push(Step::Loop(l.id));
        self.define(*i, *i, Def::Index, path);
        for p in &l.params {
            let def = if parent.is_none() {
                Def::Carried
            } else {
                Def::Other
            };
            self.define(*p, *p, def, path);
        }
        self.forward(&l.body, path);
        path.pop();
        for (k, out) in l.outs.iter().enumerate() {
            let def = match filled(l, *i, k) {
                Some(element) => Def::Filled(element, l.inits[k]),
                None => Def::Other,
            };
            self.define(*out, *out, def, path);
        }
        let nest = Nest {
            parent,
            index: *i,
            range: range.clone(),
            regular: l.stop.is_none() && l.trips.is_none() && plain(range),
            params: l.params.clone(),
            inits: l.inits.clone(),
            yields: l.body.yields.clone(),
            outs: l.outs.clone(),
            stop: l.stop,
        };
        self.nests.insert(l.id, nest);
    }

    // ------------------------------------------------------------ backwards

    fn back(&mut self, block: &Block) {
        for stmt in &block.stmts {
            match stmt {
                Stmt::Let(
                    _,
                    Op::Undef | Op::Kept(..) | Op::Restore(..) | Op::Unlog(_) | Op::Logged,
                ) => {}
                Stmt::Let(v, op) => {
                    let key = self.key(op);
                    if let Some(number) = self.ops.get(&key) {
                        self.number.insert(*v, *number);
                    }
                }
                Stmt::If(s) => {
                    self.back(&s.then_);
                    self.back(&s.else_);
                    let cond = self.canonical(s.cond);
                    for (k, out) in s.outs.iter().enumerate() {
                        let (a, b) = (s.then_.yields[k], s.else_.yields[k]);
                        let key = (cond, self.canonical(a), self.canonical(b));
                        if let Some(number) = self.branches.get(&key) {
                            self.number.insert(*out, *number);
                        }
                    }
                }
                Stmt::Loop(l) => self.back_loop(stmt, l),
                Stmt::Call(_) => self.found_whole(stmt),
                // A sweep that runs together with its call.
                Stmt::Sweep(s) => {
                    if let (Some(v), Some(result)) = (s.call.ret, self.result_of(&s.call)) {
                        self.number.insert(v, result);
                    }
                }
                stmt => {
                    for b in blocks(stmt) {
                        self.back(b);
                    }
                }
            }
        }
    }

    fn found_whole(&mut self, stmt: &Stmt) {
        if let Some(key) = self.whole_key(stmt)
            && let Some(first) = self.whole.get(&key).cloned()
        {
            let mut made = Vec::new();
            outs(stmt, &mut |v| made.push(v));
            for (v, first) in made.into_iter().zip(first) {
                self.number.insert(v, first);
            }
        }
    }

    /// What a reverse loop asks to be kept of the loop that it reverses is what that carries.
    fn kept(&mut self, r: &Loop) {
        for s in &r.body.stmts {
            if let Stmt::Let(v, Op::Kept(id, p)) = s
                && r.reverses == Some(*id)
                && let Some(number) = self.known(*p)
            {
                self.number.insert(*v, number);
            }
        }
    }

    fn back_loop(&mut self, stmt: &Stmt, l: &Loop) {
        let Head::For { i, range } = &l.head else {
            return self.found_whole(stmt);
        };
        // One index cannot have two values.
        let partner = self.find(l, *i, range);
        let Some(partner) = partner.filter(|id| !self.open.contains(id)) else {
            return self.back(&l.body);
        };
        self.open.push(partner);
        self.partners.insert(l.id, partner);
        let nest = &self.nests[&partner];
        let in_order = flips(&nest.range) == flips(range)
            && !range.adapt.iter().any(|a| matches!(a, Adapt::Backwards(_)));
        let (index, stop) = (nest.index, nest.stop);
        let mut pairs = Vec::new();
        if in_order {
            for (k, p) in l.params.iter().enumerate() {
                let init = self.canonical(l.inits[k]);
                let origin = self.origin(*p);
                let begins = |j: &usize| {
                    self.canonical(nest.inits[*j]) == init
                        && !self.refuted.contains(&(*p, nest.params[*j]))
                };
                let named = |j: &usize| origin.is_some_and(|o| self.is_copy(nest.params[*j], o));
                let all = 0..nest.params.len();
                let found = all.clone().filter(named).find(begins);
                if let Some(j) = found.or_else(|| all.clone().find(begins)) {
                    pairs.push((k, *p, nest.params[j], nest.yields[j], nest.outs[j]));
                }
            }
        }
        for (_, p, own, ..) in &pairs {
            self.number.insert(*p, *own);
        }
        self.number.insert(*i, index);
        self.kept(l);
        self.back(&l.body);
        self.open.pop();
        let ends = match (l.stop, stop) {
            (None, None) => true,
            (Some(a), Some(b)) => self.canonical(a) == self.canonical(b),
            _ => false,
        };
        for (k, p, own, next, out) in pairs {
            if self.canonical(l.body.yields[k]) != self.canonical(next) {
                self.refuted.insert((p, own));
                self.again = true;
            } else if ends {
                self.number.insert(l.outs[k], self.canonical(out));
            }
        }
    }

    fn origin(&self, v: V) -> Option<V> {
        self.origins.get(v.0 as usize).copied().flatten()
    }

    fn is_copy(&self, v: V, origin: V) -> bool {
        v == origin || self.origin(v) == Some(origin)
    }

    /// The loop of the forward loop that runs over the same items.
    fn find(&self, l: &Loop, i: V, range: &Range) -> Option<LoopId> {
        let candidate = match l.reverses {
            Some(id) => self.partner(id)?,
            None => {
                let origin = self.origin(i)?;
                let found = self
                    .nests
                    .iter()
                    .filter(|(_, nest)| self.is_copy(nest.index, origin))
                    .map(|(id, _)| *id);
                found.min()?
            }
        };
        let own = &self.nests.get(&candidate)?.range;
        let rev = |a: &Adapt| matches!(a, Adapt::Rev);
        let same = self.canonical(own.lo) == self.canonical(range.lo)
            && self.canonical(own.hi) == self.canonical(range.hi)
            && own.inclusive == range.inclusive
            && own.adapt.iter().all(rev)
            && range
                .adapt
                .iter()
                .all(|a| rev(a) || matches!(a, Adapt::Backwards(_)));
        same.then_some(candidate)
    }
}

fn flips(range: &Range) -> usize {
    range
        .adapt
        .iter()
        .filter(|a| matches!(a, Adapt::Rev))
        .count()
        % 2
}

/// A range that runs through all its items.
fn plain(range: &Range) -> bool {
    !range.inclusive && range.adapt.iter().all(|a| matches!(a, Adapt::Rev))
}

/// If all that a loop does with what it carries is to write the element of its index: what it writes.
fn filled(l: &Loop, i: V, k: usize) -> Option<V> {
    let (p, y) = (l.params[k], l.body.yields[k]);
    let mut users = l.body.stmts.iter().filter(|s| {
        let mut used = false;
        crate::ir::visit::all_uses(s, &mut |v| used |= v == p || v == y);
        used
    });
    let (user, more) = (users.next()?, users.next());
    let own = |path: &Path| matches!(&path[..], [Proj::Index(at)] if *at == i);
    match user {
        Stmt::Let(v, Op::Set(a, path, x))
            if more.is_none() && *v == y && *a == p && *x != p && own(path) =>
        {
            Some(*x)
        }
        _ => None,
    }
}

/// Whether a value is one word that every iteration can keep.
pub(super) fn is_number(func: &Func, v: V, def: Option<&Def>) -> bool {
    match func.shape(v) {
        Shape::Float => true,
        Shape::Int => {
            matches!(def, Some(Def::Op(Op::Bin(op, ..))) if op.is_comparison())
        }
        _ => false,
    }
}
