//! Blocks inside another: the sides of a branch and the body of a loop.

use super::needs::{changes, reads};
use super::walk::{By, Frame, State, Walk};
use crate::differentiate::storage::order;
use crate::ir::buffers::is_buffer;
use crate::ir::table::Set;
use crate::ir::visit::{all_defs, outs};
use crate::ir::{Block, Head, If, Loop, V};

impl Walk<'_> {
    pub(super) fn branch(&mut self, s: &mut If, live: &Set, frame: &Frame) {
        let (names, states) = (self.names.clone(), self.states.clone());
        let arms = [&mut s.then_, &mut s.else_].map(|arm| {
            let found = self.arm(arm, live);
            self.names = names.clone();
            self.states = states.clone();
            found
        });
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
                // As it was called before the branch.
                let base = *names.get(origin).unwrap_or(origin);
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
        let filled = self.filled.len();
        let leaves = order::is_kept(arm).then(|| arm.yields.clone());
        let mut frame = self.block(core::mem::take(&mut arm.stmts), &inner, leaves);
        let made_of: Vec<V> = arm.yields.iter().map(|y| self.origin(*y, &frame)).collect();
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
            origins.push(Some(self.origin(*y, &frame)));
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
        self.check_all(&arm.yields);
        self.spoil(filled, |v| {
            own.contains(&v) || origins.contains(&Some(v)) || back.iter().any(|b| b.0 == v)
        });
        arm.stmts = frame.stmts();
        Arm {
            origins,
            back,
            lost,
        }
    }

    /// Counts what a block yields and does not hold at its end: bringing one buffer back may have taken another one away.
    pub(super) fn check_all(&mut self, yields: &[V]) {
        let away = |v: &&V| is_buffer(self.func, **v) && self.state(self.of(**v)) != State::Held;
        let missed: Vec<V> = yields.iter().filter(away).copied().collect();
        self.missed.extend(missed);
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

    /// What a loop has put on the log comes off when it is reversed.
    pub(super) fn before_reverse(&mut self, l: &Loop, frame: &mut Frame) {
        let mut open = frame.open.iter();
        if let Some((_, begin)) = open.find(|(id, _)| l.reverses == Some(*id)).copied() {
            self.back_since(begin, frame);
        }
    }

    /// What a piece has put on the log is about to come off. What loops, branches and calls have changed since lies on top of it: if it is to
    /// go back at all, then now.
    pub(super) fn back_since(&mut self, begin: usize, frame: &mut Frame) {
        let mut live: Set = self.live.iter().map(|v| self.of(v)).collect();
        if self.plan.sources {
            let made = live.iter().filter(|v| self.runs_again(*v));
            let made: Vec<usize> = made
                .filter_map(|v| self.links.get(&v))
                .filter(|link| link.block == frame.id)
                .map(|link| link.at)
                .collect();
            for at in made {
                let read = reads(self.func, &frame.pieces[at].stmt);
                live.extend(
                    read.into_iter()
                        .map(|v| self.of(v))
                        .collect::<Vec<V>>()
                        .iter(),
                );
            }
        }
        // What a parameter is left with, or a branch leaves, is set aside on the tape, if need be.
        let left = |v: V| {
            let mut leaves = frame.leaves.iter().flatten();
            leaves.any(|left| self.of(*left) == v)
        };
        let aside = |v: V| self.plan.aside && left(v);
        let since = |version: V| {
            let held = self.held(version)?;
            if live.contains(&held) && !(aside(held) && self.can_set_aside(held)) {
                return None;
            }
            let link = self.links.get(&held)?;
            let blocks = matches!(link.by, By::Blocks | By::Call);
            (blocks && link.block == frame.id && link.at > begin).then_some(version)
        };
        let mut changed: Vec<V> = live.iter().filter_map(since).collect();
        changed.sort();
        self.go_back(&changed, frame);
    }

    pub(super) fn loop_(&mut self, l: &mut Loop, live: &Set, frame: &mut Frame) {
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
        let mut read: Vec<V> = Vec::new();
        let mut around = live.clone();
        each_block(l, &mut |b| {
            for s in &b.stmts {
                let outside = reads(self.func, s).into_iter();
                read.extend(outside.filter(|v| !own.contains(v)));
            }
            around.extend(&b.yields);
        });
        around.extend(&read);
        let (around_carried, filled) = (self.carried.len(), self.filled.len());
        for (param, init) in l.params.iter().zip(&l.inits) {
            if is_buffer(self.func, *param) {
                self.carried.push((*param, self.of(*init)));
            }
        }
        if let Head::While(cond) = &mut l.head {
            let frame = self.block(core::mem::take(&mut cond.stmts), &around, None);
            cond.stmts = frame.stmts();
        }
        let mut inner = self.block(core::mem::take(&mut l.body.stmts), &around, None);
        let ends: Vec<V> = l.body.yields.iter().chain(&through).copied().collect();
        self.go_back(&ends, &mut inner);
        let mut origins = Vec::new();
        for y in &mut l.body.yields {
            if !is_buffer(self.func, *y) {
                origins.push(None);
                continue;
            }
            *y = self.settle(*y, &mut inner);
            let origin = self.origin(*y, &inner);
            let from = l.params[..carried].iter().position(|p| *p == origin);
            // It may be one from outside that is carried as well, under another name.
            let outside = *names.get(&origin).unwrap_or(&origin);
            let made_of = from.map_or(outside, |k| l.inits[k]);
            origins.push((from.is_some() || !own.contains(&origin)).then_some(made_of));
        }
        let mut back = Vec::new();
        for version in &through {
            self.read(*version, &mut inner);
            l.body.yields.push(self.name(*version));
            let out = self.like(*version);
            l.outs.push(out);
            back.push((*version, out));
        }
        self.check_all(&l.body.yields);
        l.body.stmts = inner.stmts();
        self.carried.truncate(around_carried);
        // The next iteration would find it filled.
        let read: Vec<V> = read.into_iter().map(|v| self.of(v)).collect();
        let gone = self.filled[filled..].iter().map(|f| f.0);
        self.gone
            .extend(gone.filter(|v| read.contains(v) && !own.contains(v)));
        self.spoil(filled, |v| own.contains(&v) || through.contains(&v));
        self.names = names;
        self.states = states;
        for version in scratch {
            self.states.insert(version, State::Lost);
        }
        for (version, out) in back {
            self.call(version, out);
        }
        for (k, origin) in origins.into_iter().enumerate() {
            let (Some(init), out) = (origin, l.outs[k]) else {
                continue;
            };
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
