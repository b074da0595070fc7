//! Loops carry tangents beside what varies from iteration to iteration.

use super::Forward;
use crate::ir::{Loop, Stmt, V};

impl Forward {
    pub(super) fn loop_(&mut self, l: &Loop) {
        let varying: Vec<usize> = (0..l.params.len())
            .filter(|&k| self.varies(l.params[k]) || self.varies(l.outs[k]))
            .collect();
        let mut copy = l.clone();
        for &k in &varying {
            let init = self.tangent_or_zero(l.inits[k]);
            let param = self.b.fresh_like(l.params[k], "d_");
            let out = self.b.fresh_like(l.outs[k], "d_");
            self.set(l.params[k], param);
            copy.inits.push(init);
            copy.params.push(param);
            copy.outs.push(out);
        }
        self.b.open();
        self.statements(&l.body.stmts);
        let mut yields = l.body.yields.clone();
        let tangents: Vec<V> = varying
            .iter()
            .map(|&k| self.tangent_or_zero(l.body.yields[k]))
            .collect();
        yields.extend(tangents);
        copy.body = self.b.close(yields);
        let outs = copy.outs[l.outs.len()..].to_vec();
        for (&k, d) in varying.iter().zip(outs) {
            self.set(l.outs[k], d);
        }
        self.b.push(Stmt::Loop(copy));
    }
}
