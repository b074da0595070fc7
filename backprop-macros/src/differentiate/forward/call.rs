//! Calls of users' functions: the callee's own forward function takes the tangents beside the arguments.

use super::Forward;
use super::Swept;
use crate::ir::{Along, Arg, Beside, By, Call, Found, Op, Shape, SlotArg, Stmt, Sweep, V};

impl Forward {
    pub(super) fn call(&mut self, c: &Call) {
        let mut call = c.clone();
        call.entries = vec![None; c.args.len()];
        if c.through().any(|(_, a)| self.varies(a.root())) {
            self.each_lane(|f| call.along.push(f.along(c)));
        }
        self.b.push(Stmt::Call(call));
    }

    /// In a reverse sweep: the tangents are arguments like others, so that all that concerns the call's buffers concerns theirs.
    pub(super) fn call_beside(&mut self, c: &Call) {
        let varies = c.through().any(|(_, a)| self.varies(a.root()));
        let call = match varies {
            true => self.with_tangents(c),
            false => c.clone(),
        };
        self.b.push(Stmt::Call(call));
    }

    fn with_tangents(&mut self, c: &Call) -> Call {
        let along = self.along(c);
        let mut call = c.clone();
        let mut tangents = vec![None; c.args.len()];
        for (k, d) in along.args.into_iter().enumerate() {
            let Some(d) = d else { continue };
            let entry = c.entries[k].map(|entry| {
                let d = self.b.fresh_like(entry, "d_");
                self.set(entry, d);
                d
            });
            tangents[k] = Some(call.args.len());
            call.args.push(d);
            call.entries.push(entry);
        }
        call.beside = Some(Beside {
            tangents,
            ret: along.ret,
        });
        call
    }

    /// The sweep of a call with tangents: behind the slots of the arguments stand those of the tangents, for the tangents of what the
    /// arguments' slots are for.
    pub(super) fn sweep(&mut self, s: &Sweep) {
        let call = self.with_tangents(&s.call);
        let (mut found, mut slots) = (s.found.clone(), s.slots.clone());
        let tangents = call.beside.iter().flat_map(|b| &b.tangents);
        let varying: Vec<usize> = tangents
            .zip(0..)
            .filter_map(|(d, k)| d.map(|_| k))
            .collect();
        for k in varying {
            found.push(match s.found[k] {
                Found::Entry(v) => self.parts_of(v).map_or(Found::Left, Found::Entry),
                other => other,
            });
            slots.push(match &s.slots[k] {
                SlotArg::Param(param, path) => {
                    SlotArg::Param(self.tangent_of_parameter(*param), path.clone())
                }
                SlotArg::Local(old, path, new) => {
                    let old = self.tangent_or_zero(*old);
                    let d = self.adjoint_like(*new);
                    SlotArg::Local(old, path.clone(), d)
                }
                SlotArg::Fresh(new) => SlotArg::Fresh(self.adjoint_like(*new)),
                SlotArg::Off => SlotArg::Off,
                SlotArg::Spare { early } => SlotArg::Spare { early: *early },
            });
        }
        if self.swept == Swept::Products {
            for slot in &mut slots[..s.slots.len()] {
                if matches!(slot, SlotArg::Param(..)) {
                    *slot = SlotArg::Off;
                }
            }
        }
        let seed = s.seed.map(|d| {
            // What is thrown away is of a type that the callee tells.
            if self.thrown.contains(&d) {
                return d;
            }
            let h = self.tangent_or_zero(d);
            let shape = self.b.func.shape(d).clone();
            let both = Shape::Tuple(vec![shape.clone(), shape]);
            let span = self.b.func.info(d).span;
            self.b.op(Op::Tuple(vec![d, h]), both, span)
        });
        self.b.push(Stmt::Sweep(Sweep {
            call,
            found,
            slots,
            seed,
        }));
    }

    /// The tangent of an adjoint that a sweep makes.
    fn adjoint_like(&mut self, d: V) -> V {
        let h = self.b.fresh_like(d, "d_");
        self.b.func.info_mut(h).deref = self.b.func.info(d).deref;
        self.set(d, h);
        h
    }

    fn along(&mut self, c: &Call) -> Along {
        let mut args = Vec::new();
        let mut spare = Vec::new();
        for (k, a) in c.args.iter().enumerate() {
            let mut fresh = false;
            args.push(match a {
                _ if c.stopped.contains(&k) => None,
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
