//! Activity: which values vary with an active parameter.
//!
//! The other half, which values the result depends on, falls out of the reverse sweep: what no cotangent
//! reaches gets no adjoint. A forward fixpoint, since loops carry values around (A. Griewank and A. Walther,
//! *Evaluating Derivatives*, 2nd ed., 2008, §6.2).

use crate::ir::{Arg, Block, Func, Op, SlotArg, Stmt, V};

/// For each value whether it varies.
pub(crate) struct Activity(Vec<bool>);

impl Activity {
    pub(crate) fn of(func: &Func) -> Activity {
        let mut a = Activity(vec![false; func.infos.len()]);
        for p in &func.params {
            a.0[p.v.0 as usize] = p.active;
        }
        a.block(func, &func.body);
        a
    }

    /// Of a reverse sweep: cotangents vary, too, and what callees add to adjoints.
    pub(crate) fn of_sweep(func: &Func) -> Activity {
        let mut a = Activity(vec![false; func.infos.len()]);
        for p in &func.params {
            a.0[p.v.0 as usize] = p.active;
        }
        for d in func.cotangents.iter().flatten().chain(&func.seed) {
            a.0[d.0 as usize] = true;
        }
        a.block(func, &func.body);
        a
    }

    pub(crate) fn varies(&self, v: V) -> bool {
        self.0.get(v.0 as usize).copied().unwrap_or(false)
    }

    /// A copy varies as its original does.
    pub(crate) fn copy(&mut self, from: V, to: V) {
        let varies = self.varies(from);
        self.set(to, varies);
    }

    fn set(&mut self, v: V, varies: bool) -> bool {
        let k = v.0 as usize;
        if self.0.len() <= k {
            self.0.resize(k + 1, false);
        }
        let news = varies && !self.0[k];
        self.0[k] |= varies;
        news
    }

    /// Returns whether anything new was learned.
    fn block(&mut self, func: &Func, block: &Block) -> bool {
        let mut news = false;
        for stmt in &block.stmts {
            news |= self.stmt(func, stmt);
        }
        news
    }

    fn stmt(&mut self, func: &Func, stmt: &Stmt) -> bool {
        match stmt {
            Stmt::Let(v, op) => {
                let varies = !func.shape(*v).is_inactive() && self.op(op);
                self.set(*v, varies)
            }
            Stmt::If(s) => {
                let mut news = self.block(func, &s.then_) | self.block(func, &s.else_);
                for (k, out) in s.outs.iter().enumerate() {
                    let varies = self.varies(s.then_.yields[k]) || self.varies(s.else_.yields[k]);
                    news |= self.set(*out, varies && !func.shape(*out).is_inactive());
                }
                news
            }
            Stmt::Loop(l) => {
                let mut news = false;
                loop {
                    let mut more = false;
                    for (k, p) in l.params.iter().enumerate() {
                        let varies = self.varies(l.inits[k])
                            || self.varies(l.body.yields.get(k).copied().unwrap_or(*p));
                        let varies = varies && !func.shape(*p).is_inactive();
                        more |= self.set(*p, varies);
                        more |= self.set(l.outs[k], varies);
                    }
                    more |= self.block(func, &l.body);
                    if !more {
                        return news;
                    }
                    news = true;
                }
            }
            Stmt::Call(c) => {
                let varies = c.through().any(|(_, a)| self.varies(a.root()));
                let mut news = false;
                if let Some(ret) = c.ret {
                    news |= self.set(ret, varies && !func.shape(ret).is_inactive());
                }
                for a in &c.args {
                    if let Arg::Mut(root, _, out) = a {
                        let varies =
                            (varies || self.varies(*root)) && !func.shape(*out).is_inactive();
                        news |= self.set(*out, varies);
                    }
                }
                // What it found is of the type of what it left.
                for (a, entry) in c.args.iter().zip(&c.entries) {
                    if let (Arg::Mut(_, _, out), Some(entry)) = (a, entry) {
                        let varies = self.varies(*out);
                        news |= self.set(*entry, varies);
                    }
                }
                news
            }
            Stmt::Sweep(s) => {
                let mut news = false;
                for a in &s.call.args {
                    if let Arg::Mut(root, _, again) = a {
                        let varies = self.varies(*root);
                        news |= self.set(*again, varies);
                    }
                }
                for slot in &s.slots {
                    if let SlotArg::Local(_, _, d) | SlotArg::Fresh(d) = slot {
                        news |= self.set(*d, !func.shape(*d).is_inactive());
                    }
                }
                news
            }
            _ => false,
        }
    }

    fn op(&self, op: &Op) -> bool {
        match op {
            Op::Const(_)
            | Op::Undef
            | Op::Logged
            | Op::ZeroLike(_)
            | Op::Lit(_)
            | Op::Method(..)
            | Op::Len(..)
            | Op::Is(..)
            | Op::Opaque(..) => false,
            Op::Bin(b, x, y) => !b.is_comparison() && (self.varies(*x) || self.varies(*y)),
            Op::Get(a, _) | Op::Kept(_, a) => self.varies(*a),
            op => {
                let mut any = false;
                crate::ir::visit::op_uses(op, &mut |v| any |= self.varies(v));
                any
            }
        }
    }
}
