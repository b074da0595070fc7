//! Walks the function in the order in which it runs, knows which version each buffer holds, and has others put back where they are
//! read.
//!
//! A block inside another may leave a buffer in another version than it found it in: if that is yielded, it is what the construct
//! makes of the buffer; if not, and what was there is read later, it is put back at the end of the block. A loop's iteration puts it
//! back in any case. What has been put back has a new name, which is carried out of branches and loops.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::Turns;
use super::log::fresh;
use super::needs::{asked, changes, reads};
use crate::ir::buffers::is_buffer;
use crate::ir::subst::uses_mut;
use crate::ir::table::{FastMap, Set};
use crate::ir::visit::{all_defs, each, outs};
use crate::ir::{
    Arg, Block, Call, Constant, Found, Func, Head, If, Loop, LoopId, Op, SlotArg, Stmt, Sweep, V,
};

/// Where a version is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum State {
    /// In its buffer.
    Held,
    /// Overwritten: the buffer holds the given one, or a later one.
    Overwritten(V),
    /// Not any more: the buffer holds the given one before it, or another one made of that.
    Undone(V),
    /// Nobody knows.
    Lost,
}

/// How a version was made of the one before.
#[derive(Clone)]
pub(super) struct Link {
    pub(super) before: V,
    /// What the one before was called there.
    pub(super) base: V,
    /// In which block, and by which of its pieces.
    pub(super) depth: usize,
    pub(super) at: usize,
    pub(super) by: By,
}

#[derive(Clone)]
pub(super) enum By {
    /// An operation that changes one part.
    Part(Op),
    /// A loop or a branch.
    Blocks,
    /// Nothing: the contents do not matter.
    Refill,
    /// A callee.
    Call,
    /// The sweep of one: an adjoint, which nobody asks for again.
    Sweep,
}

/// A statement, and what is written around it.
pub(super) struct Piece {
    pub(super) before: Vec<Stmt>,
    pub(super) stmt: Stmt,
    pub(super) after: Vec<Stmt>,
}

/// A block under construction.
#[derive(Default)]
pub(super) struct Frame {
    pub(super) pieces: Vec<Piece>,
    /// From which piece to which something lies on the log: one over the other, never across.
    pub(super) spans: Vec<(usize, usize)>,
    /// Loops that have left something there.
    pub(super) open: Vec<(LoopId, usize)>,
    /// Calls that may have, by what they found.
    calls: Vec<(V, usize)>,
    /// Those whose sweeps have taken it off again.
    pub(super) found: Vec<usize>,
    /// What versions are called at its beginning.
    pub(super) names: FastMap<V, V>,
    /// Parts of the tape that are in use until its end. Each was reserved before those that stand before it.
    pub(super) areas: Vec<usize>,
}

impl Frame {
    fn stmts(self) -> Vec<Stmt> {
        let all = self.pieces.into_iter();
        let all = all.flat_map(|p| p.before.into_iter().chain([p.stmt]).chain(p.after));
        // The tape is a stack: what was reserved last comes off first.
        all.chain(self.areas.into_iter().map(Stmt::Release))
            .collect()
    }

    /// Whether calls from a piece on have left something there.
    pub(super) fn pending(&self, from: usize) -> bool {
        self.calls.iter().any(|(_, at)| *at >= from)
    }

    /// Whether what a piece has put on the log lies under something that is still there.
    fn crosses(&self, at: usize) -> bool {
        let mut spans = self.spans.iter();
        spans.any(|(begin, end)| *begin < at && at < *end)
    }

    pub(super) fn push(&mut self, stmt: Stmt) {
        self.pieces.push(Piece {
            before: Vec::new(),
            stmt,
            after: Vec::new(),
        });
    }
}

pub(super) struct Walk<'a> {
    pub(super) func: &'a mut Func,
    pub(super) constants: &'a HashMap<V, Constant>,
    pub(super) logged: &'a HashSet<LoopId>,
    pub(super) tape: bool,
    equal: FastMap<V, V>,
    /// What each version is called now.
    pub(super) names: FastMap<V, V>,
    /// The version that each name is of.
    pub(super) version: FastMap<V, V>,
    pub(super) states: FastMap<V, State>,
    pub(super) links: FastMap<V, Link>,
    /// Versions that are made anew where they are read again.
    blank: Set,
    /// Scratch that is about to be filled.
    refills: Set,
    /// What calls find in slices, and their sweeps ask for.
    asked: Set,
    /// The buffers read from the statement at hand on.
    pub(super) live: Rc<Set>,
    pub(super) depth: usize,
    sound: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        func: &'a mut Func,
        constants: &'a HashMap<V, Constant>,
        turns: &'a Turns,
        tape: bool,
    ) -> Walk<'a> {
        Walk {
            func,
            constants,
            logged: &turns.logged,
            tape,
            equal: turns.equal.iter().copied().collect(),
            names: FastMap::default(),
            version: FastMap::default(),
            states: FastMap::default(),
            links: FastMap::default(),
            blank: Set::new(),
            refills: Set::new(),
            asked: Set::new(),
            live: Rc::default(),
            depth: 0,
            sound: true,
        }
    }

    pub(super) fn run(mut self) -> bool {
        let body = core::mem::take(&mut self.func.body);
        each(&body, &mut |s| self.asked.extend(asked(self.func, s)));
        let results = self
            .func
            .ret
            .iter()
            .chain(self.func.finals.iter().flatten());
        let results: Set = results
            .chain(self.func.adjoints.iter().flatten())
            .copied()
            .collect();
        let mut frame = self.block(body.stmts, &results);
        self.leave(&mut frame);
        self.func.body = Block {
            stmts: frame.stmts(),
            yields: body.yields,
        };
        self.sound
    }

    pub(super) fn of(&self, name: V) -> V {
        *self.version.get(&name).unwrap_or(&name)
    }

    pub(super) fn state(&self, version: V) -> State {
        *self.states.get(&version).unwrap_or(&State::Held)
    }

    /// What a value is called now.
    pub(super) fn name(&self, v: V) -> V {
        let version = self.of(v);
        *self.names.get(&version).unwrap_or(&v)
    }

    pub(super) fn call(&mut self, version: V, name: V) {
        self.names.insert(version, name);
        self.version.insert(name, version);
    }

    pub(super) fn like(&mut self, v: V) -> V {
        let info = self.func.info(v);
        let (shape, name, span) = (info.shape.clone(), info.name.clone(), info.span);
        let new = fresh(self.func, shape, name);
        self.func.info_mut(new).span = span;
        new
    }

    /// The version that the buffer of another one holds.
    pub(super) fn held(&self, mut version: V) -> Option<V> {
        loop {
            match self.state(version) {
                State::Held => return Some(version),
                State::Overwritten(next) => version = next,
                State::Undone(before) => version = before,
                State::Lost => return None,
            }
        }
    }

    /// Walks statements. `live`: the buffers read behind them.
    pub(super) fn block(&mut self, stmts: Vec<Stmt>, live: &Set) -> Frame {
        let mut after = Rc::new(live.clone());
        let mut lives = Vec::with_capacity(stmts.len());
        for stmt in stmts.iter().rev() {
            lives.push(after.clone());
            outs(stmt, &mut |v| {
                if after.contains(&v) {
                    Rc::make_mut(&mut after).remove(&v);
                }
            });
            for v in reads(self.func, stmt) {
                if !after.contains(&v) {
                    Rc::make_mut(&mut after).insert(v);
                }
            }
        }
        let mut frame = Frame {
            names: self.names.clone(),
            ..Frame::default()
        };
        for (stmt, live) in stmts.into_iter().zip(lives.iter().rev()) {
            self.live = live.clone();
            self.stmt(stmt, live, &mut frame);
        }
        self.live = Rc::new(live.clone());
        frame
    }

    fn stmt(&mut self, mut stmt: Stmt, live: &Set, frame: &mut Frame) {
        if let Stmt::Sweep(s) = &mut stmt {
            self.before_sweep(s, frame);
        }
        let read = reads(self.func, &stmt);
        if !read.is_empty() {
            Rc::make_mut(&mut self.live).extend(&read);
        }
        self.go_back(&read, frame);
        for v in read {
            self.fetch(v, frame);
        }
        self.rename(&mut stmt);
        match &mut stmt {
            Stmt::Let(v, op) => self.made(*v, op.clone(), frame),
            Stmt::If(s) => self.branch(s, live, frame),
            Stmt::Loop(l) => self.loop_(l, live, frame),
            Stmt::Call(c) => self.called(c, frame),
            Stmt::Sweep(s) => {
                if s.call.ret.is_some() {
                    self.called(&s.call, frame);
                } else {
                    self.swept(s, frame);
                }
                for slot in &s.slots {
                    if let SlotArg::Local(a, _, new) = slot {
                        self.overwrite(*a, *new, By::Sweep, frame);
                    }
                }
            }
            _ => {}
        }
        frame.push(stmt);
    }

    /// Lets a statement use the present names. Of what is asked for its length alone any version will do.
    fn rename(&mut self, stmt: &mut Stmt) {
        if let Stmt::Let(_, Op::Len(v, path)) = stmt
            && path.is_empty()
            && is_buffer(self.func, *v)
        {
            *v = self.any(*v);
        }
        if let Stmt::Let(_, Op::ZeroLike(v)) = stmt
            && is_buffer(self.func, *v)
        {
            *v = self.any(*v);
        }
        uses_mut(stmt, &mut |v| *v = self.name(*v));
    }

    fn any(&self, v: V) -> V {
        self.held(self.of(v)).map_or(v, |held| self.name(held))
    }

    fn called(&mut self, c: &Call, frame: &mut Frame) {
        let at = frame.pieces.len();
        // Parts of one buffer that are lent together are one change.
        let mut first: FastMap<V, V> = FastMap::default();
        for (root, new) in lent(&c.args) {
            let base = *first.get(&root).unwrap_or(&root);
            first.insert(new, base);
            if c.last(new) == new {
                self.overwrite(base, new, By::Call, frame);
            }
        }
        if self.tape {
            let found = c.entries.iter().flatten();
            let asked = found.filter(|entry| self.asked.contains(entry));
            frame.calls.extend(asked.map(|entry| (*entry, at)));
        }
    }

    /// The sweep of a call that was lent a part runs on any version that has the same in that part. If one from before the call is
    /// wanted afterwards, what later calls have put on the log has to be off it by now: it lies on what this call has found.
    fn before_sweep(&mut self, s: &mut Sweep, frame: &mut Frame) {
        for k in 0..s.found.len() {
            let (Some(Arg::Mut(root, ..)), Found::Entry(entry)) = (s.call.args.get(k), s.found[k])
            else {
                continue;
            };
            let (root, origin) = (*root, self.origin(*root));
            let Some(at) = frame.calls.iter().find(|(v, _)| *v == entry).map(|c| c.1) else {
                continue;
            };
            let made = self.links.iter().find(|(v, link)| {
                let here = link.depth == self.depth && link.at == at;
                here && matches!(link.by, By::Call) && self.origin(**v) == origin
            });
            let Some((left, before)) = made.map(|(v, link)| (*v, link.before)) else {
                continue;
            };
            if self.wanted(before, &self.live) && self.fetch(left, frame) {
                for a in &mut s.call.args {
                    match a {
                        Arg::Mut(from, ..) | Arg::Ref(from, _) if *from == root => *from = left,
                        _ => {}
                    }
                }
            }
        }
    }

    /// A sweep after its call takes off the log what the call has found.
    fn swept(&mut self, s: &Sweep, frame: &mut Frame) {
        let end = frame.pieces.len();
        let mut begins = Vec::new();
        for (a, found) in s.call.args.iter().zip(&s.found) {
            let Arg::Mut(root, path, again) = a else {
                continue;
            };
            let version = self.of(*root);
            self.version.insert(*again, version);
            let Found::Entry(entry) = found else { continue };
            if !self.tape || !self.func.is_slice(*root, path) {
                continue;
            }
            match frame.calls.iter().position(|(v, _)| v == entry) {
                Some(k) => begins.push(frame.calls.swap_remove(k).1),
                // It would be taken off under a condition, or twice.
                None => self.sound = false,
            }
        }
        begins.dedup();
        for begin in begins {
            self.sound &= !frame.open.iter().any(|(_, open)| *open > begin);
            self.sound &= !frame.crosses(begin) && !frame.pending(begin);
            frame.spans.push((begin, end));
            frame.found.push(begin);
        }
    }

    fn made(&mut self, v: V, op: Op, frame: &mut Frame) {
        if !is_buffer(self.func, v) {
            return;
        }
        match op {
            Op::Filled(..) | Op::ZeroLike(_) | Op::Array(_) | Op::Const(_) => {
                self.blank.insert(v);
            }
            Op::Set(a, ..) | Op::AddAt(a, ..) | Op::ClearAt(a, _) => {
                self.overwrite(a, v, By::Part(op), frame);
            }
            Op::Refill(a, _) => {
                self.refills.insert(v);
                self.overwrite(a, v, By::Refill, frame);
            }
            Op::Spent(a) => self.overwrite(a, v, By::Refill, frame),
            _ => {}
        }
    }

    /// A version has been made of another one, by the piece that comes next.
    fn overwrite(&mut self, base: V, new: V, by: By, frame: &Frame) {
        if !is_buffer(self.func, new) || self.blank.contains(&base) {
            return;
        }
        let before = self.of(base);
        self.states.insert(before, State::Overwritten(new));
        self.links.insert(
            new,
            Link {
                before,
                base,
                depth: self.depth,
                at: frame.pieces.len(),
                by,
            },
        );
    }

    /// The version from outside this block that one was made of.
    pub(super) fn origin(&self, name: V) -> V {
        let mut v = self.of(name);
        while let Some(link) = self.links.get(&v)
            && link.depth == self.depth
        {
            v = link.before;
        }
        v
    }

    fn branch(&mut self, s: &mut If, live: &Set, frame: &Frame) {
        let (names, states) = (self.names.clone(), self.states.clone());
        self.depth += 1;
        let arms = [&mut s.then_, &mut s.else_].map(|arm| {
            let found = self.arm(arm, live);
            self.names = names.clone();
            self.states = states.clone();
            found
        });
        self.depth -= 1;
        let [then_, else_] = arms;
        // What one of them has put back has a name that holds for both.
        let mut back: Vec<V> = then_.back.iter().chain(&else_.back).map(|b| b.0).collect();
        back.sort();
        back.dedup();
        for version in back {
            let name = |arm: &Arm| {
                let own = arm.back.iter().find(|b| b.0 == version);
                own.map_or(self.name(version), |b| b.1)
            };
            let (a, b) = (name(&then_), name(&else_));
            let out = self.like(version);
            s.then_.yields.push(a);
            s.else_.yields.push(b);
            s.outs.push(out);
            self.call(version, out);
        }
        for lost in then_.lost.iter().chain(&else_.lost) {
            self.states.insert(*lost, State::Lost);
        }
        for (k, origin) in then_.origins.iter().enumerate() {
            let (Some(origin), Some(other)) = (origin, else_.origins[k]) else {
                continue;
            };
            if *origin == other {
                let base = self.name(*origin);
                self.overwrite(base, s.outs[k], By::Blocks, frame);
            } else {
                for v in [*origin, other] {
                    self.states.insert(v, State::Lost);
                }
            }
        }
    }

    fn arm(&mut self, arm: &mut Block, live: &Set) -> Arm {
        let mut own = Set::new();
        for s in &arm.stmts {
            all_defs(s, &mut |v| {
                own.insert(v);
            });
        }
        let mut inner = live.clone();
        inner.extend(&arm.yields);
        let held: Vec<V> = self.held_outside(&own, arm);
        let mut frame = self.block(core::mem::take(&mut arm.stmts), &inner);
        let made_of: Vec<V> = arm.yields.iter().map(|y| self.origin(*y)).collect();
        let asked = held.iter().filter(|v| !made_of.contains(v));
        let asked = asked.filter(|v| self.wanted(**v, live));
        let ends: Vec<V> = arm.yields.iter().chain(asked).copied().collect();
        self.go_back(&ends, &mut frame);
        let mut origins = Vec::new();
        for y in &mut arm.yields {
            if !is_buffer(self.func, *y) {
                origins.push(None);
                continue;
            }
            *y = self.settle(*y, &mut frame);
            origins.push(Some(self.origin(*y)));
        }
        let (mut back, mut lost) = (Vec::new(), Vec::new());
        for version in held {
            if self.state(version) == State::Held || origins.contains(&Some(version)) {
                // Undone and done again it has another name.
                if self.state(version) == State::Held && own_name(self, version, &frame) {
                    back.push((version, self.name(version)));
                }
            } else if self.wanted(version, live) && self.fetch(version, &mut frame) {
                back.push((version, self.name(version)));
            } else {
                lost.push(version);
            }
        }
        arm.stmts = frame.stmts();
        Arm {
            origins,
            back,
            lost,
        }
    }

    /// The versions from outside that a block changes.
    fn held_outside(&self, own: &Set, block: &Block) -> Vec<V> {
        let mut found: Vec<V> = changes(self.func, block)
            .into_iter()
            .map(|v| self.of(v))
            .filter(|v| {
                !own.contains(v) && !self.blank.contains(v) && self.state(*v) == State::Held
            })
            .collect();
        found.sort();
        found.dedup();
        found
    }

    /// Whether a version, or one before it, is read later; or one is that has to be made of it again.
    pub(super) fn wanted(&self, version: V, live: &Set) -> bool {
        let before = |v: &V| self.links.get(v).map(|link| link.before);
        let comes_of = |v: V, of: V| core::iter::successors(Some(v), before).any(|w| w == of);
        live.iter().map(|v| self.of(v)).any(|v| {
            let undone = matches!(self.state(v), State::Undone(_)) && !self.can_set_aside(v);
            comes_of(version, v) || (undone && comes_of(v, version))
        })
    }

    fn loop_(&mut self, l: &mut Loop, live: &Set, frame: &mut Frame) {
        let at = frame.pieces.len();
        if self.logged.contains(&l.id) {
            frame.open.push((l.id, at));
        }
        if let Some(id) = l.reverses.filter(|id| self.logged.contains(id)) {
            // What was put on the log last comes off first.
            match frame.open.pop() {
                Some((last, begin)) if last == id && !frame.pending(begin) => {
                    frame.spans.push((begin, at));
                }
                _ => self.sound = false,
            }
        }
        let mut own: Set = l.params.iter().copied().collect();
        each_block(l, &mut |b| {
            for s in &b.stmts {
                all_defs(s, &mut |v| {
                    own.insert(v);
                });
            }
        });
        let inits: Vec<V> = l.inits.iter().map(|v| self.of(*v)).collect();
        let mut through = self.held_outside(&own, &l.body);
        through.retain(|v| !inits.contains(v));
        // Each iteration fills its scratch anew.
        let (scratch, through): (Vec<V>, Vec<V>) =
            through.into_iter().partition(|v| self.refills.contains(v));
        let carried = l.params.len();
        for version in &through {
            let param = self.like(*version);
            l.params.push(param);
            l.inits.push(self.name(*version));
        }
        let (names, states) = (self.names.clone(), self.states.clone());
        for (version, param) in through.iter().zip(&l.params[carried..]) {
            self.call(*version, *param);
        }
        let mut around = live.clone();
        each_block(l, &mut |b| {
            for s in &b.stmts {
                let outside = reads(self.func, s).into_iter();
                around.extend(outside.filter(|v| !own.contains(v)));
            }
            around.extend(&b.yields);
        });
        self.depth += 1;
        if let Head::While(cond) = &mut l.head {
            let frame = self.block(core::mem::take(&mut cond.stmts), &around);
            cond.stmts = frame.stmts();
        }
        let mut inner = self.block(core::mem::take(&mut l.body.stmts), &around);
        let ends: Vec<V> = l.body.yields.iter().chain(&through).copied().collect();
        self.go_back(&ends, &mut inner);
        let mut origins = Vec::new();
        for y in &mut l.body.yields {
            if !is_buffer(self.func, *y) {
                origins.push(None);
                continue;
            }
            *y = self.settle(*y, &mut inner);
            let origin = self.origin(*y);
            origins.push(l.params[..carried].iter().position(|p| *p == origin));
        }
        let mut back = Vec::new();
        for version in &through {
            self.fetch(*version, &mut inner);
            l.body.yields.push(self.name(*version));
            let out = self.like(*version);
            l.outs.push(out);
            back.push((*version, out));
        }
        l.body.stmts = inner.stmts();
        self.depth -= 1;
        self.names = names;
        self.states = states;
        for version in scratch {
            self.states.insert(version, State::Lost);
        }
        for (version, out) in back {
            self.call(version, out);
        }
        for (k, origin) in origins.into_iter().enumerate() {
            let Some(from) = origin else { continue };
            let (init, out) = (l.inits[from], l.outs[k]);
            match self.equal.get(&out) {
                Some(equal) => {
                    let (before, left) = (self.of(*equal), self.of(init));
                    self.states.insert(left, State::Undone(before));
                    self.states.insert(before, State::Held);
                    self.call(before, out);
                }
                None => self.overwrite(init, out, By::Blocks, frame),
            }
        }
    }
}

/// Calls `f` on the blocks of a loop.
fn each_block(l: &Loop, f: &mut impl FnMut(&Block)) {
    if let Head::While(cond) = &l.head {
        f(cond);
    }
    f(&l.body);
}

/// What has become of the buffers in a branch.
struct Arm {
    /// For each yield the version that it was made of.
    origins: Vec<Option<V>>,
    /// The versions that have been put back, and what they are called.
    back: Vec<(V, V)>,
    /// Those that have not.
    lost: Vec<V>,
}

/// Whether a version was put back in a block.
fn own_name(walk: &Walk<'_>, version: V, frame: &Frame) -> bool {
    let name = walk.name(version);
    frame.pieces.iter().any(|p| {
        let mut here = false;
        outs(&p.stmt, &mut |v| here |= v == name);
        here
    })
}

fn lent(args: &[Arg]) -> impl Iterator<Item = (V, V)> {
    args.iter().filter_map(|a| match a {
        Arg::Mut(root, _, new) => Some((*root, *new)),
        _ => None,
    })
}
