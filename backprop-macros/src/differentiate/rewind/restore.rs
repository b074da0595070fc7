//! Brings a buffer to another version than it holds.

use super::log::{Log, element, fresh, overwritten, record, snapshot};
use super::needs::reads;
use super::walk::{By, Frame, Link, State, Walk};
use crate::ir::subst::{Map, copy};
use crate::ir::table::Set;
use crate::ir::visit::blocks_mut;
use crate::ir::{Block, Op, Proj, Shape, Stmt, V};
use crate::simplify::dce;

impl Walk<'_> {
    /// Lets a buffer hold a version. Returns whether it does.
    pub(super) fn fetch(&mut self, v: V, frame: &mut Frame) -> bool {
        let version = self.of(v);
        match self.state(version) {
            State::Held => true,
            State::Lost => false,
            State::Overwritten(next) => self.fetch(next, frame) && self.back(next, version, frame),
            State::Undone(before) => {
                self.fetch(before, frame)
                    && !self.spoiled.contains(&before)
                    && self.again(version, frame)
            }
        }
    }

    /// Goes back, from the latest change to earlier ones, whatever buffer it was of, until buffers hold versions, or as far as possible:
    /// what was put on the log last comes off first.
    pub(super) fn go_back(&mut self, versions: &[V], frame: &mut Frame) {
        let mut versions = versions.to_vec();
        let mut failed: Vec<V> = Vec::new();
        loop {
            let changed = versions.iter().filter_map(|v| {
                let version = self.of(*v);
                let State::Overwritten(_) = self.state(version) else {
                    return None;
                };
                let held = self.held(version).filter(|held| !failed.contains(held))?;
                let link = self.links.get(&held)?;
                // What the buffer holds was made of it, not the other way round.
                let later = core::iter::successors(Some(held), |v| {
                    self.links.get(v).map(|link| link.before)
                });
                let later = later.skip(1).any(|v| v == version);
                (link.block == frame.id && later).then_some((link.at, held, link.before))
            });
            let Some((at, held, before)) = changed.max() else {
                return;
            };
            if self.plan.sources && self.runs_again(held) {
                let more = reads(self.func, &frame.pieces[at].stmt);
                let known = versions.len();
                versions.extend(more.into_iter().filter(|v| {
                    matches!(self.state(self.of(*v)), State::Overwritten(_)) && *v != before
                }));
                versions.sort();
                versions.dedup();
                if versions.len() > known {
                    continue;
                }
            }
            if !self.back(held, before, frame) {
                failed.push(held);
            }
        }
    }

    /// From a version, which is held, to the one before.
    fn back(&mut self, from: V, to: V, frame: &mut Frame) -> bool {
        let Some(link) = self.links.get(&from).cloned() else {
            return false;
        };
        if link.block != frame.id || link.before != to {
            return false;
        }
        match &link.by {
            By::Part(op) => self.put_back(from, &link, op, frame),
            By::Blocks | By::Call => self.undo(&link, frame),
            By::Refill => {
                // The buffer is the same, and what is in it.
                let name = self.name(from);
                self.call(to, name);
                self.went_back(from, to);
                true
            }
            By::Sweep => false,
        }
    }

    /// Whether a loop, a branch or a call is all that makes a version again, and it will be asked for.
    pub(super) fn runs_again(&self, version: V) -> bool {
        let by = self.links.get(&version).map(|link| &link.by);
        matches!(by, Some(By::Blocks | By::Call))
            && !self.can_set_aside(version)
            && self.live.iter().any(|v| self.of(v) == version)
    }

    fn went_back(&mut self, from: V, to: V) {
        self.states.insert(from, State::Undone(to));
        self.states.insert(to, State::Held);
    }

    /// What one operation has overwritten lies in a variable.
    fn put_back(&mut self, from: V, link: &Link, op: &Op, frame: &mut Frame) -> bool {
        let (Op::Set(_, path, _) | Op::AddAt(_, path, _) | Op::ClearAt(_, path)) = op else {
            return false;
        };
        let shape = match path.last() {
            Some(Proj::Index(_)) => element(self.func.shape(from), path),
            Some(Proj::Field(_)) => Shape::Unknown,
            _ => return false,
        };
        if matches!(shape, Shape::Seq(_, None) | Shape::Named | Shape::Option(_)) {
            return false;
        }
        let old = fresh(self.func, shape, Some("old".into()));
        let Some(held) = overwritten(self.func, from, op) else {
            return false;
        };
        frame.pieces[link.at].before.push(Stmt::Let(old, held));
        let back = self.like(link.before);
        let name = self.name(from);
        frame.push(Stmt::Let(back, Op::Set(name, path.clone(), old)));
        self.call(link.before, back);
        self.went_back(from, link.before);
        true
    }

    /// What a loop, a branch or a callee has overwritten is put on the log; all of its buffers that are wanted again go back at once,
    /// but for those that are wanted as they are now, if that cannot be made of the others a second time.
    fn undo(&mut self, link: &Link, frame: &mut Frame) -> bool {
        let at = link.at;
        let mut group: Vec<(V, Link)> = self
            .links
            .iter()
            .filter(|(_, l)| l.block == frame.id && l.at == at && !matches!(l.by, By::Sweep))
            .map(|(v, l)| (*v, l.clone()))
            .filter(|(v, l)| self.state(l.before) == State::Overwritten(*v))
            .filter(|(_, l)| l.before == link.before || self.wanted(l.before, &self.live))
            .collect();
        group.sort_by_key(|(v, _)| *v);
        if self.plan.apart || !without_log(&mut frame.pieces[at].stmt.clone()) {
            let now: Set = self.live.iter().map(|v| self.of(v)).collect();
            group.retain(|(v, l)| l.before == link.before || !now.contains(v));
        }
        // The others may have been changed since.
        if !self.tape || !group.iter().all(|(v, _)| self.fetch(*v, frame)) {
            return false;
        }
        let bases: Vec<V> = group.iter().map(|(_, l)| l.base).collect();
        let versions: Vec<V> = group.iter().map(|(v, _)| *v).collect();
        let mark = fresh(self.func, Shape::Int, Some("mark".into()));
        let Some(log) = self
            .each_change(at, &bases, &versions, mark, frame)
            .or_else(|| self.all_before(at, &bases, mark, frame))
        else {
            return false;
        };
        let held: Vec<V> = versions.iter().map(|v| self.name(*v)).collect();
        let mut out = Vec::new();
        let before = if log.is_empty() {
            held
        } else {
            log.undo(self.func, mark, &held, &mut out)
        };
        let now = frame.pieces.len();
        frame.spans.push((at, now));
        out.into_iter().for_each(|s| frame.push(s));
        for ((v, l), name) in group.iter().zip(before) {
            self.call(l.before, name);
            self.went_back(*v, l.before);
        }
        true
    }

    /// Lets a piece log every change that it makes to some buffers.
    fn each_change(
        &mut self,
        at: usize,
        bases: &[V],
        versions: &[V],
        mark: V,
        frame: &mut Frame,
    ) -> Option<Log> {
        if !self.nests(at, frame) {
            return None;
        }
        let mut block = Block {
            stmts: vec![frame.pieces[at].stmt.clone()],
            yields: Vec::new(),
        };
        let log = record(self.func, self.constants, &mut block, bases)?;
        let stmt = block.stmts.pop()?;
        let mut own = versions.iter().enumerate();
        if !own.all(|(k, v)| log.buffer_of.get(v) == Some(&k)) {
            return None;
        }
        let piece = &mut frame.pieces[at];
        piece.stmt = stmt;
        // What a callee is lent is put there before the call, and what goes back later lies under what went back before.
        let put = core::iter::once(Stmt::Let(mark, Op::Logged)).chain(block.stmts);
        piece.before.splice(0..0, put);
        Some(log)
    }

    /// Lets all that some buffers hold before a piece be put on the log. That is possible where the piece keeps a log of its own.
    fn all_before(&mut self, at: usize, bases: &[V], mark: V, frame: &mut Frame) -> Option<Log> {
        let across = |(begin, end): &(usize, usize)| *begin < at && at < *end;
        if frame.open.iter().any(|(_, begin)| *begin >= at)
            || frame.pending(at)
            || frame.spans.iter().any(across)
        {
            return None;
        }
        let (stmts, log) = snapshot(self.func, self.constants, bases)?;
        let all = core::iter::once(Stmt::Let(mark, Op::Logged)).chain(stmts);
        frame.pieces.get_mut(at)?.before.splice(0..0, all);
        Some(log)
    }

    /// Whether what a piece puts on the log would be on top of it here.
    fn nests(&self, at: usize, frame: &Frame) -> bool {
        let logs = |s: &Stmt| matches!(s, Stmt::Loop(l) if self.logged.contains(&l.id));
        // What a callee found lies on top of what is put there for this.
        let across = |(begin, end): &(usize, usize)| {
            (*begin == at && !frame.found.contains(begin)) || (*begin < at && at < *end)
        };
        !logs(&frame.pieces[at].stmt)
            && !frame.open.iter().any(|(_, begin)| *begin > at)
            && !frame.pending(at)
            && !frame.spans.iter().any(across)
    }

    /// From a version, which is held, to the one that was made of it before.
    fn again(&mut self, version: V, frame: &mut Frame) -> bool {
        let Some(link) = self.links.get(&version).cloned() else {
            return false;
        };
        if link.block != frame.id {
            return false;
        }
        match &link.by {
            By::Part(op) => self.change_again(version, &link, op.clone(), frame),
            By::Blocks | By::Call => self.run_again(&link, frame),
            By::Refill | By::Sweep => false,
        }
    }

    fn change_again(&mut self, version: V, link: &Link, mut op: Op, frame: &mut Frame) -> bool {
        let base = self.name(link.before);
        if let Op::Set(a, ..) | Op::AddAt(a, ..) | Op::ClearAt(a, _) = &mut op {
            *a = base;
        }
        let new = self.like(version);
        self.made_again(version, (link, base), new, frame);
        if let Some(link) = self.links.get_mut(&version) {
            link.by = By::Part(op.clone());
        }
        frame.push(Stmt::Let(new, op));
        true
    }

    /// Runs a loop, a branch or a call once more.
    fn run_again(&mut self, link: &Link, frame: &mut Frame) -> bool {
        let mut stmt = frame.pieces[link.at].stmt.clone();
        if !without_log(&mut stmt) {
            return false;
        }
        let mut group: Vec<(V, Link)> = self
            .links
            .iter()
            .filter(|(_, l)| l.block == frame.id && l.at == link.at)
            .map(|(v, l)| (*v, l.clone()))
            .collect();
        group.sort_by_key(|(v, _)| *v);
        let read = reads(self.func, &stmt);
        // Fetching one may take another one away.
        let there = |walk: &Self| {
            let mut versions = read.iter().map(|v| walk.of(*v));
            versions.all(|v| walk.state(v) == State::Held && !walk.spoiled.contains(&v))
        };
        if !read.iter().all(|v| self.fetch(*v, frame)) || !there(self) {
            return false;
        }
        let mut map: Map = read.iter().map(|v| (*v, self.name(*v))).collect();
        let copies = copy(self.func, &[stmt], &mut map);
        for (v, l) in &group {
            let base = *map.get(&l.base).unwrap_or(&l.base);
            let Some(new) = map.get(v).copied() else {
                return false;
            };
            self.made_again(*v, (l, base), new, frame);
        }
        copies.into_iter().for_each(|s| frame.push(s));
        true
    }

    /// A version has been made once more, by the piece that comes next.
    fn made_again(&mut self, version: V, (link, base): (&Link, V), new: V, frame: &Frame) {
        let again = Link {
            base,
            at: frame.pieces.len(),
            ..link.clone()
        };
        self.links.insert(version, again);
        self.call(version, new);
        self.states.insert(link.before, State::Overwritten(version));
        self.states.insert(version, State::Held);
        self.spoiled.remove(&version);
    }
}

/// Takes out what keeps something for the reverse sweep. Returns whether nothing is left that must not run twice.
fn without_log(stmt: &mut Stmt) -> bool {
    let mut pure = match &*stmt {
        Stmt::Effect(..) => true,
        Stmt::Sweep(_) | Stmt::Let(_, Op::Restore(..)) => false,
        s => !dce::has_effect(s),
    };
    for b in blocks_mut(stmt) {
        b.stmts
            .retain(|s| !matches!(s, Stmt::Log(_) | Stmt::Save { .. } | Stmt::Open(_)));
        for s in &mut b.stmts {
            pure &= without_log(s);
        }
    }
    pure
}
