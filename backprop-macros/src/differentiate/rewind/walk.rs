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
use super::needs::{asked, reads};
use crate::ir::buffers::is_buffer;
use crate::ir::subst::uses_mut;
use crate::ir::table::{FastMap, Set};
use crate::ir::visit::{each, outs};
use crate::ir::{Block, Constant, Func, LoopId, Op, SlotArg, Stmt, V};

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
    pub(super) block: usize,
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
    /// Its number.
    pub(super) id: usize,
    pub(super) pieces: Vec<Piece>,
    /// From which piece to which something lies on the log: one over the other, never across.
    pub(super) spans: Vec<(usize, usize)>,
    /// Loops that have left something there.
    pub(super) open: Vec<(LoopId, usize)>,
    /// Calls that may have, by what they found.
    pub(super) calls: Vec<(V, usize)>,
    /// Those whose sweeps have taken it off again.
    pub(super) found: Vec<usize>,
    /// What versions are called at its beginning.
    pub(super) names: FastMap<V, V>,
    /// Parts of the tape that are in use until its end. Each was reserved before those that stand before it.
    pub(super) areas: Vec<usize>,
    /// What it leaves, if all that it puts on the tape it takes off again, and nothing else: then it can set that aside there.
    pub(super) leaves: Option<Vec<V>>,
}

impl Frame {
    pub(super) fn stmts(self) -> Vec<Stmt> {
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
    pub(super) fn crosses(&self, at: usize) -> bool {
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

/// What is decided without looking ahead. Which is better depends on what comes.
#[derive(Clone, Copy, Default)]
pub(super) struct Plan {
    /// Whether buffers that one statement changes go back one by one, where some are wanted as they are.
    pub(super) apart: bool,
    /// Whether a buffer goes back early that is wanted in the end as it is.
    pub(super) aside: bool,
    /// Whether what the sweep of a call reads goes back with all else that has changed since the call, or behind that.
    pub(super) at_once: bool,
    /// Whether what a buffer has to be made of once more goes back before it: later it may not come off the log.
    pub(super) sources: bool,
}

impl Plan {
    pub(super) fn all() -> impl Iterator<Item = Plan> {
        (0..16).map(|k| Plan {
            apart: k & 1 != 0,
            aside: k & 2 != 0,
            at_once: k & 4 != 0,
            sources: k & 8 != 0,
        })
    }
}

/// What came of a walk, the worst first.
pub(super) struct Faults {
    /// Whether the log is out of order.
    pub(super) unsound: bool,
    /// The versions that are read where a fill has written into them.
    pub(super) gone: Vec<V>,
    /// Those that are read and could not be put back: the emitter sees them, too.
    pub(super) missed: Vec<V>,
}

impl Faults {
    pub(super) fn cost(&self) -> (bool, usize, usize) {
        (self.unsound, self.gone.len(), self.missed.len())
    }
}

pub(super) struct Walk<'a> {
    pub(super) func: &'a mut Func,
    pub(super) constants: &'a HashMap<V, Constant>,
    pub(super) logged: &'a HashSet<LoopId>,
    pub(super) tape: bool,
    pub(super) equal: FastMap<V, V>,
    /// What each version is called now.
    pub(super) names: FastMap<V, V>,
    /// The version that each name is of.
    pub(super) version: FastMap<V, V>,
    pub(super) states: FastMap<V, State>,
    pub(super) links: FastMap<V, Link>,
    /// Versions that are made anew where they are read again.
    pub(super) blank: Set,
    /// Scratch that is about to be filled.
    pub(super) refills: Set,
    /// What fills write into in blocks that do not hand it on, with what they begin with.
    pub(super) filled: Vec<(V, V)>,
    /// Versions that such a fill has written into: they are gone.
    pub(super) spoiled: Set,
    /// What calls find in slices, and their sweeps ask for.
    pub(super) asked: Set,
    /// The buffers read from the statement at hand on.
    pub(super) live: Rc<Set>,
    /// What the loops around carry: their params, with what each begins with, the innermost last.
    pub(super) carried: Vec<(V, V)>,
    /// How many blocks have been begun.
    blocks: usize,
    pub(super) plan: Plan,
    /// The versions that are read and could not be put back, as often as they are.
    pub(super) missed: Vec<V>,
    /// Those of which only the place is there, and something else in it: no name tells.
    pub(super) gone: Vec<V>,
    pub(super) sound: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        func: &'a mut Func,
        constants: &'a HashMap<V, Constant>,
        turns: &'a Turns,
        tape: bool,
        plan: Plan,
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
            filled: Vec::new(),
            spoiled: Set::new(),
            asked: Set::new(),
            live: Rc::default(),
            carried: Vec::new(),
            blocks: 0,
            plan,
            missed: Vec::new(),
            gone: Vec::new(),
            sound: true,
        }
    }

    /// Returns what of it is not as it should be.
    pub(super) fn run(mut self) -> Faults {
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
        let finals = self.func.finals.iter().flatten().copied().collect();
        let mut frame = self.block(body.stmts, &results, Some(finals));
        self.leave(&mut frame);
        self.func.body = Block {
            stmts: frame.stmts(),
            yields: body.yields,
        };
        Faults {
            unsound: !self.sound,
            gone: self.gone,
            missed: self.missed,
        }
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

    /// Walks statements. `live`: the buffers read behind them. `leaves`: see there.
    pub(super) fn block(&mut self, stmts: Vec<Stmt>, live: &Set, leaves: Option<Vec<V>>) -> Frame {
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
        let id = self.blocks;
        self.blocks += 1;
        let mut frame = Frame {
            id,
            names: self.names.clone(),
            leaves,
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
        let behind = self.live.clone();
        if self.plan.at_once && matches!(stmt, Stmt::Sweep(_)) {
            Rc::make_mut(&mut self.live).extend(&reads(self.func, &stmt));
        }
        if let Stmt::Sweep(s) = &mut stmt {
            self.before_sweep(s, frame);
        }
        self.live = behind;
        let read = reads(self.func, &stmt);
        if !read.is_empty() {
            Rc::make_mut(&mut self.live).extend(&read);
        }
        if let Stmt::Loop(l) = &stmt {
            self.before_reverse(l, frame);
        }
        self.go_back(&read, frame);
        for v in read {
            self.read(v, frame);
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

    /// Lets a buffer hold a version that is read next.
    pub(super) fn read(&mut self, version: V, frame: &mut Frame) {
        let version = self.of(version);
        let leaves = |v: &V| self.of(*v) == version;
        let there = frame.leaves.iter().flatten().any(leaves) && self.brought_back(version, frame);
        if !there && !self.fetch(version, frame) {
            self.missed.push(version);
        }
        if self.spoiled.contains(&version) {
            self.gone.push(version);
        }
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
                let begun = self.in_its_buffer(a);
                // What is there by now goes on being there, until it is filled.
                let base = self.held(self.of(begun)).map_or(begun, |v| self.name(v));
                if !self.blank.contains(&base) {
                    self.filled.push((self.of(base), self.of(a)));
                }
                self.overwrite(base, v, By::Refill, frame);
            }
            Op::Spent(a) => self.overwrite(a, v, By::Refill, frame),
            _ => {}
        }
    }

    /// Scratch in a loop says what the loop began with. What the buffer holds there is what has become of that.
    fn in_its_buffer(&self, begun: V) -> V {
        let (mut version, mut now) = (self.of(begun), begun);
        for (param, init) in &self.carried {
            if *init == version {
                version = *param;
                now = self.held(*param).unwrap_or(*param);
            }
        }
        now
    }

    /// A block ends, the fills of which have written into what is around it, but for what it hands on or puts back. `begin`: how many fills
    /// there were before it.
    pub(super) fn spoil(&mut self, begin: usize, kept: impl Fn(V) -> bool) {
        for (mut version, begun) in self.filled.split_off(begin) {
            if kept(version) {
                continue;
            }
            // What has been made of what the fills begin with is gone with it; that itself comes back with all that the fills change.
            while version != begun && self.spoiled.insert(version) {
                match self.links.get(&version) {
                    Some(link) => version = link.before,
                    None => break,
                }
            }
        }
    }

    /// A version has been made of another one, by the piece that comes next.
    pub(super) fn overwrite(&mut self, base: V, new: V, by: By, frame: &Frame) {
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
                block: frame.id,
                at: frame.pieces.len(),
                by,
            },
        );
    }

    /// The version from outside this block that one was made of.
    pub(super) fn origin(&self, name: V, frame: &Frame) -> V {
        let mut v = self.of(name);
        while let Some(link) = self.links.get(&v)
            && link.block == frame.id
        {
            v = link.before;
        }
        v
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
}
