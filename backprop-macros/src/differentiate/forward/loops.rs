//! Loops carry tangents beside what varies from iteration to iteration.

use super::Forward;
use crate::ir::{Loop, Stmt, V};

impl Forward {
    pub(super) fn loop_(&mut self, l: &Loop) {
        let varying: Vec<usize> = (0..l.params.len())
            .filter(|&k| self.varies(l.params[k]) || self.varies(l.outs[k]))
            .collect();
        let mut copy = l.clone();
        self.each_lane(|f| {
            for &k in &varying {
                let init = f.tangent_or_zero(l.inits[k]);
                let param = f.b.fresh_like(l.params[k], "d_");
                let out = f.b.fresh_like(l.outs[k], "d_");
                f.set(l.params[k], param);
                copy.inits.push(init);
                copy.params.push(param);
                copy.outs.push(out);
            }
        });
        self.b.open();
        self.statements(&l.body.stmts);
        let mut yields = l.body.yields.clone();
        let yielded: Vec<V> = varying.iter().map(|&k| l.body.yields[k]).collect();
        yields.extend(self.in_lanes(&yielded));
        copy.body = self.b.close(yields);
        let mut outs = copy.outs.iter().skip(l.outs.len());
        self.each_lane(|f| {
            for (&k, d) in varying.iter().zip(outs.by_ref()) {
                f.set(l.outs[k], *d);
            }
        });
        self.b.push(Stmt::Loop(copy));
    }
}
