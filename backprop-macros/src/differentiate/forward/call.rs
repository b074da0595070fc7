//! Calls of users' functions: the callee's own forward function takes the tangents beside the arguments.

use super::Forward;
use crate::ir::{Along, Arg, By, Call, Op, Shape, Stmt, V};

impl Forward {
    pub(super) fn call(&mut self, c: &Call) {
        let mut call = c.clone();
        call.entries = vec![None; c.args.len()];
        if c.args.iter().any(|a| self.varies(a.root())) {
            self.each_lane(|f| call.along.push(f.along(c)));
        }
        self.b.push(Stmt::Call(call));
    }

    fn along(&mut self, c: &Call) -> Along {
        let mut args = Vec::new();
        let mut spare = Vec::new();
        for a in &c.args {
            let mut fresh = false;
            args.push(match a {
                Arg::Value(v) => self.tangent(*v).map(Arg::Value),
                Arg::Ref(root, path) => self.parts_of(*root).map(|d| Arg::Ref(d, path.clone())),
                Arg::Mut(root, path, out) => {
                    fresh = self.parts_of(*root).is_none();
                    self.lent_mutably(*root, *out)
                        .map(|(d, after)| Arg::Mut(d, path.clone(), after))
                }
                // Only the reverse sweep has those.
                Arg::Again(..) => None,
            });
            spare.push(fresh);
        }
        let ret = c.ret.filter(|r| self.varies(*r));
        let ret = ret.map(|r| {
            let d = self.b.fresh_like(r, "d_");
            self.set(r, d);
            d
        });
        Along { args, spare, ret }
    }

    /// The tangent of what is lent by `&mut`, and what the call makes of it. What the caller's own function excludes has none.
    fn lent_mutably(&mut self, root: V, out: V) -> Option<(V, V)> {
        if self.b.func.shape(root).is_inactive() || !self.varies(out) {
            return None;
        }
        let before = match self.parts_of(root) {
            Some(d) => d,
            None => {
                let shape: Shape = self.b.func.shape(root).clone();
                let span = self.b.func.info(root).span;
                self.b.op(Op::ZeroLike(root), shape, span)
            }
        };
        let after = self.b.fresh_like(out, "d_");
        let by_mut = |p: &crate::ir::Param| p.by == By::Mut && p.v == before;
        if self.b.func.params.iter().any(by_mut) || self.b.func.info(before).deref {
            self.b.func.info_mut(after).deref = true;
        }
        self.set(out, after);
        Some((before, after))
    }
}
