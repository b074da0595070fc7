//! Adjoints under construction: from each value to the sum of what it has received so far.

use super::Reverse;
use crate::ir::subst::Map;
use crate::ir::table::Set;
use crate::ir::{Bin, Op, Path, Shape, Stmt, V};

/// Where the block being reversed stands.
pub(crate) enum Kind {
    /// The function's own block, or a branch: adjoints of outer values go on from the values they have.
    Open,
    /// A loop's body: what outer values receive is carried, in a parameter of the reverse loop.
    Loop,
}

/// The adjoints of one block.
pub(crate) struct Frame {
    pub(crate) kind: Kind,
    /// Values defined in the block.
    pub(crate) locals: Set,
    pub(crate) adjoints: Map,
    /// Outer values that have received something, with the loop parameter that stands for it.
    pub(crate) incoming: Vec<(V, V)>,
}

impl Frame {
    pub(crate) fn root() -> Frame {
        Frame::new(Kind::Open, Set::new())
    }

    pub(crate) fn new(kind: Kind, locals: Set) -> Frame {
        Frame {
            kind,
            locals,
            adjoints: Map::default(),
            incoming: Vec::new(),
        }
    }

    /// Outer values that the block has added to, in a fixed order.
    pub(crate) fn outer(&self) -> Vec<V> {
        let mut outer: Vec<V> = self
            .adjoints
            .keys()
            .copied()
            .filter(|v| !self.locals.contains(v))
            .collect();
        outer.sort();
        outer
    }
}

impl Reverse {
    /// The adjoint of `v` so far.
    pub(crate) fn current(&mut self, v: V) -> Option<V> {
        self.current_in(self.frames.len() - 1, v)
    }

    pub(crate) fn current_in(&mut self, k: usize, v: V) -> Option<V> {
        let frame = &self.frames[k];
        if let Some(d) = frame.adjoints.get(&v) {
            return Some(*d);
        }
        if k == 0 || frame.locals.contains(&v) {
            return None;
        }
        match frame.kind {
            Kind::Open => self.current_in(k - 1, v),
            Kind::Loop => {
                let p = self.b.fresh_like(v, "d_");
                self.frames[k].incoming.push((v, p));
                self.frames[k].adjoints.insert(v, p);
                Some(p)
            }
        }
    }

    /// The adjoint of a value whose definition is being reversed: nothing adds to it any more.
    pub(crate) fn take(&mut self, v: V) -> Option<V> {
        self.frames.last_mut().and_then(|f| f.adjoints.remove(&v))
    }

    pub(crate) fn set(&mut self, v: V, d: V) {
        self.name(d, v);
        if let Some(f) = self.frames.last_mut() {
            f.adjoints.insert(v, d);
        }
    }

    /// Adds `d` to the adjoint of `v`.
    pub(crate) fn add(&mut self, v: V, d: V) {
        if !self.activity.varies(v) {
            return;
        }
        if let Some(&param) = self.by_ref.get(&v) {
            self.b.push(Stmt::Accum {
                param,
                path: Vec::new(),
                v: d,
            });
            return;
        }
        let span = self.b.func.info(d).span;
        let new = match self.current(v) {
            None => d,
            Some(old) if self.is_scalar(v) => {
                self.b.op(Op::Bin(Bin::Add, old, d), Shape::Float, span)
            }
            Some(old) => {
                let shape = self.b.func.shape(v).clone();
                self.b.op(Op::AddAt(old, Vec::new(), d), shape, span)
            }
        };
        self.set(v, new);
    }

    /// Adds `d` to a part of the adjoint of `v`.
    pub(crate) fn add_at(&mut self, v: V, path: &Path, d: V) {
        if path.is_empty() {
            return self.add(v, d);
        }
        if !self.activity.varies(v) {
            return;
        }
        if let Some(&param) = self.by_ref.get(&v) {
            self.b.push(Stmt::Accum {
                param,
                path: path.clone(),
                v: d,
            });
            return;
        }
        let old = self.current_or_zero(v);
        let (shape, span) = (self.b.func.shape(v).clone(), self.b.func.info(d).span);
        let new = self.b.op(Op::AddAt(old, path.clone(), d), shape, span);
        self.set(v, new);
    }

    pub(crate) fn current_or_zero(&mut self, v: V) -> V {
        match self.current(v) {
            Some(d) => d,
            None => self.zero(v),
        }
    }
}
