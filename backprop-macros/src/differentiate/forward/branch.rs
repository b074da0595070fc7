//! Branches hand on tangents beside what varies.

use super::Forward;
use crate::ir::{Block, If, V};

impl Forward {
    pub(super) fn branch(&mut self, s: &If) {
        let varying: Vec<usize> = (0..s.outs.len())
            .filter(|&k| self.varies(s.outs[k]))
            .collect();
        let then_ = self.side(&s.then_, &varying);
        let else_ = self.side(&s.else_, &varying);
        let mut outs = s.outs.clone();
        self.each_lane(|f| {
            for &k in &varying {
                let d = f.b.fresh_like(s.outs[k], "d_");
                f.set(s.outs[k], d);
                outs.push(d);
            }
        });
        self.b.push(crate::ir::Stmt::If(If {
            cond: s.cond,
            then_,
            else_,
            outs,
        }));
    }

    fn side(&mut self, block: &Block, varying: &[usize]) -> Block {
        self.b.open();
        self.statements(&block.stmts);
        let mut yields = block.yields.clone();
        let varying: Vec<V> = varying.iter().map(|&k| block.yields[k]).collect();
        yields.extend(self.in_lanes(&varying));
        self.b.close(yields)
    }
}
