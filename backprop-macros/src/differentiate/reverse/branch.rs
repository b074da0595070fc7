//! The reverse of `if`: the branch taken is run again and reversed.

use super::Reverse;
use super::adjoints::{Frame, Kind};
use crate::ir::subst::{Map, block_uses_mut, copy};
use crate::ir::table::Set;
use crate::ir::visit::outs as outs_of;
use crate::ir::{Block, If, Op, Shape, Stmt, V};

impl Reverse {
    pub(crate) fn branch(&mut self, s: &If) {
        let seeds: Vec<Option<V>> = s.outs.iter().map(|o| self.take(*o)).collect();
        if seeds.iter().all(Option::is_none) {
            return;
        }
        let (mut block1, frame1) = self.side(&s.then_, &seeds);
        let (mut block2, frame2) = self.side(&s.else_, &seeds);
        // What runs again in a reverse block leaves nothing but what it would have to change once more.
        if self.frames.len() == 1 {
            self.read_what_is_left(&s.then_, &s.outs, &mut block1);
            self.read_what_is_left(&s.else_, &s.outs, &mut block2);
        }
        let mut touched = frame1.outer();
        touched.extend(frame2.outer());
        touched.sort();
        touched.dedup();
        for &w in &touched {
            for (block, frame) in [(&mut block1, &frame1), (&mut block2, &frame2)] {
                let d = match frame.adjoints.get(&w) {
                    Some(d) => *d,
                    None => match self.current(w) {
                        Some(d) => d,
                        None => {
                            let z = self.b.fresh_like(w, "d_");
                            block.stmts.push(Stmt::Let(z, Op::ZeroLike(self.like(w))));
                            z
                        }
                    },
                };
                block.yields.push(d);
            }
        }
        let span = self.b.func.info(s.cond).span;
        let outs = self.b.branch(s.cond, block1, block2, span);
        for (w, out) in touched.into_iter().zip(outs) {
            let shape = self.b.func.shape(w).clone();
            let name = self.b.func.info(w).name.as_ref().map(|n| format!("d_{n}"));
            let info = self.b.func.info_mut(out);
            info.shape = shape;
            info.name = name;
            self.set(w, out);
        }
    }

    /// A slice that this side leaves alone, though the other one changes it, is in this side's reverse what the branch has left: the version from before
    /// it need not be there any more.
    fn read_what_is_left(&self, side: &Block, outs: &[V], reverse: &mut Block) {
        let mut left = Map::default();
        for (y, out) in side.yields.iter().zip(outs) {
            if matches!(self.b.func.shape(*out), Shape::Seq(_, None)) {
                left.insert(*y, *out);
            }
        }
        for s in &side.stmts {
            outs_of(s, &mut |v| {
                left.remove(&v);
            });
        }
        if !left.is_empty() {
            block_uses_mut(reverse, &mut |v| *v = *left.get(v).unwrap_or(v));
        }
    }

    /// Runs one side again and reverses it.
    fn side(&mut self, block: &Block, seeds: &[Option<V>]) -> (Block, Frame) {
        self.b.open();
        let mut map = Map::default();
        let stmts = self.again(&block.stmts, &mut map);
        let mut locals = Set::new();
        for s in &stmts {
            outs_of(s, &mut |v| {
                locals.insert(v);
            });
        }
        self.frames.push(Frame::new(Kind::Open, locals));
        for (y, seed) in block.yields.iter().zip(seeds) {
            if let Some(d) = seed {
                let y = *map.get(y).unwrap_or(y);
                self.add(y, *d);
            }
        }
        self.block(&stmts);
        let frame = self.frames.pop().unwrap_or_else(Frame::root);
        (self.b.close(Vec::new()), frame)
    }

    /// Copies statements into the block under construction.
    pub(crate) fn again(&mut self, stmts: &[Stmt], map: &mut Map) -> Vec<Stmt> {
        let stmts = copy(&mut self.b.func, stmts, map);
        for (&from, &to) in map.iter() {
            self.activity.copy(from, to);
            if self.refills.contains(&from) {
                self.refills.insert(to);
            }
        }
        for s in &stmts {
            self.b.push(s.clone());
        }
        stmts
    }
}
