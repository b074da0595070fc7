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
        for &k in &varying {
            let d = self.b.fresh_like(s.outs[k], "d_");
            self.set(s.outs[k], d);
            outs.push(d);
        }
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
        let tangents: Vec<V> = varying
            .iter()
            .map(|&k| self.tangent_or_zero(block.yields[k]))
            .collect();
        yields.extend(tangents);
        self.b.close(yields)
    }
}
