//! Reverse mode on structured control flow.
//!
//! The body becomes its statements, then for each, last one first, what it contributes to the adjoints of
//! its operands. A block inside another is run again in the reverse sweep, on what is in scope there, and
//! then reversed: so every value that a rule asks for is at hand, and what no rule asked for is dead code.
//! Only what a loop carries cannot be had that way: it is `kept` (see `storage`).
//!
//! Adjoints of scalars and aggregates are values like all others. What is added to the adjoint of a
//! parameter passed by reference goes straight to the caller's buffer: such additions commute.

mod adjoints;
mod branch;
mod call;
mod loops;
mod op;
mod scratch;
pub(crate) mod steady;

use proc_macro2::Span;

use super::refill;
use crate::analyze::activity::Activity;
use crate::ir::build::Builder;
use crate::ir::subst::Map;
use crate::ir::table::{FastMap, Set};
use crate::ir::visit::block_uses;
use crate::ir::{Block, By, Func, Op, Shape, Stmt, V};
use crate::simplify::dce;
use adjoints::Frame;
use scratch::Scratch;

/// The cotangent that the sweep starts from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Seed {
    /// 1: for the gradient of a float.
    One,
    /// An argument.
    Argument,
    /// What the caller makes of the result: nothing that depends on it runs before the result is there.
    Later,
}

/// The operation that gives [`Seed::Later`]: before it stands what runs with the function, after it its pullback.
pub(crate) const LATER: &str = "later";

struct Reverse {
    b: Builder,
    activity: Activity,
    frames: Vec<Frame>,
    /// The parameters passed by shared reference.
    by_ref: FastMap<V, usize>,
    /// Aggregates that nothing overwrites after they were made: they can be read in the reverse sweep.
    steady: Set,
    /// Scratch that is about to be filled.
    refills: Set,
    /// The calls that fill it and have a sweep, by what they leave: rustc asks their callees whether they write all of it.
    asked: Set,
    /// How many fills have been done once more.
    times: u32,
    /// For each kept value the result of its loop, which has the same type.
    likes: Map,
    /// What something of the primal reads that is not dead.
    used: Set,
}

/// The function together with its reverse sweep.
pub(crate) fn differentiate(primal: &Func, seed: Seed) -> Func {
    sweep(primal, seed).unwrap_or_else(|params| {
        let mut primal = primal.clone();
        refill::keep(&mut primal.body, &params);
        differentiate(&primal, seed)
    })
}

/// The same, or the parameters that it used as scratch and could not bring back to what the function leaves in them.
fn sweep(primal: &Func, seed: Seed) -> Result<Func, Vec<V>> {
    let activity = Activity::of(primal);
    let mut func = primal.clone();
    let body = core::mem::take(&mut func.body);
    let by_ref = func
        .params
        .iter()
        .enumerate()
        .filter(|(_, p)| p.by == By::Ref)
        .map(|(k, p)| (p.v, k))
        .collect();
    let steady = steady::of(&body);
    let mut r = Reverse {
        b: Builder::new(func),
        activity,
        frames: vec![Frame::root()],
        by_ref,
        steady,
        refills: refill::begun(&primal.body),
        asked: Set::new(),
        times: 0,
        likes: Map::default(),
        used: used(primal),
    };
    for s in &body.stmts {
        r.b.push(s.clone());
    }
    r.start(seed);
    r.block(&body.stmts);
    r.end();
    let body = r.b.close(Vec::new());
    let mut func = r.b.func;
    func.body = Block {
        stmts: body.stmts,
        yields: Vec::new(),
    };
    let gone = refill::settle(&mut func, &primal.body, &r.asked);
    if gone.is_empty() { Ok(func) } else { Err(gone) }
}

/// The values that are read where they have something to do with what the function computes.
fn used(primal: &Func) -> Set {
    let mut func = primal.clone();
    dce::run(&mut func);
    let mut used: Set = func.ret.iter().copied().collect();
    used.extend(func.finals.iter().flatten());
    block_uses(&func.body, &mut |v| {
        used.insert(v);
    });
    used
}

impl Reverse {
    /// Places the cotangents of the results.
    fn start(&mut self, seed: Seed) {
        if let Some(ret) = self.b.func.ret {
            let shape = self.b.func.shape(ret).clone();
            let d = match seed {
                Seed::One => self.b.op(Op::Lit(1.0), shape, Span::call_site()),
                Seed::Argument => {
                    let d = self.b.fresh(shape, Span::call_site());
                    self.b.func.info_mut(d).name = Some("d_ret".into());
                    self.b.func.seed = Some(d);
                    d
                }
                Seed::Later => {
                    let later = Op::Helper(LATER, vec![ret]);
                    let d = self.b.op(later, shape, Span::call_site());
                    self.b.func.info_mut(d).name = Some("d_ret".into());
                    d
                }
            };
            if self.activity.varies(ret) {
                self.add(ret, d);
            }
        }
        let params = self.b.func.params.clone();
        let finals = self.b.func.finals.clone();
        let mut cotangents = vec![None; params.len()];
        for (k, p) in params.iter().enumerate() {
            if p.by != By::Mut || !p.active {
                continue;
            }
            let d = self.b.fresh(self.b.func.shape(p.v).clone(), p.name.span());
            let info = self.b.func.info_mut(d);
            info.name = Some(format!("d_{}", p.name));
            info.deref = true;
            cotangents[k] = Some(d);
            if let Some(last) = finals[k]
                && self.activity.varies(last)
            {
                self.add(last, d);
            }
        }
        self.b.func.cotangents = cotangents;
    }

    /// Collects what the parameters are left with.
    fn end(&mut self) {
        let params = self.b.func.params.clone();
        let mut adjoints = vec![None; params.len()];
        for (k, p) in params.iter().enumerate() {
            if p.active && p.by != By::Ref {
                adjoints[k] = Some(match self.take(p.v) {
                    Some(d) => d,
                    None => self.zero(p.v),
                });
            }
        }
        self.b.func.adjoints = adjoints;
    }

    /// Reverses statements whose values are in scope.
    fn block(&mut self, stmts: &[Stmt]) {
        let Some(scratch) = Scratch::of(stmts) else {
            return self.statements(stmts);
        };
        let mut stmts = stmts.to_vec();
        for k in (0..stmts.len()).rev() {
            let Some((base, out)) = scratch.update(&stmts[k]) else {
                self.statements(&stmts[k..=k]);
                continue;
            };
            // A callee may begin with what it finds.
            if matches!(stmts[k], Stmt::Call(_)) {
                self.anew(&mut stmts, k + 1, out);
            }
            self.statements(&stmts[k..=k]);
            self.anew(&mut stmts, k, base);
        }
    }

    fn statements(&mut self, stmts: &[Stmt]) {
        for stmt in stmts.iter().rev() {
            match stmt {
                Stmt::Let(v, op) => {
                    if let Some(d) = self.take(*v) {
                        self.op(*v, op, d);
                    }
                }
                Stmt::If(s) => self.branch(s),
                Stmt::Loop(l) => self.loop_(l),
                Stmt::Call(c) => self.call(c),
                Stmt::Effect(..)
                | Stmt::Sweep(_)
                | Stmt::Accum { .. }
                | Stmt::Open(_)
                | Stmt::Reserve { .. }
                | Stmt::Release(_)
                | Stmt::Log(_)
                | Stmt::Save { .. } => {}
            }
        }
    }

    fn zero(&mut self, like: V) -> V {
        let (shape, span) = (self.b.func.shape(like).clone(), self.b.func.info(like).span);
        let v = self.b.op(Op::ZeroLike(self.like(like)), shape, span);
        self.name(v, like);
        v
    }

    /// A value of the same type that is at hand: for what a loop carries its result.
    fn like(&self, v: V) -> V {
        if self.may_be_variant(v) {
            return v;
        }
        self.likes.get(&v).copied().unwrap_or(v)
    }

    /// Whether a value may be of an enum: then two values of one type need not have the same zero.
    fn may_be_variant(&self, v: V) -> bool {
        let func = &self.b.func;
        match func.shape(v) {
            Shape::Option(_) => true,
            Shape::Named | Shape::Unknown => func.variants,
            _ => false,
        }
    }

    /// Names an adjoint after its variable.
    fn name(&mut self, d: V, of: V) {
        let name = self.b.func.info(of).name.as_ref().map(|n| format!("d_{n}"));
        let info = self.b.func.info_mut(d);
        if info.name.is_none() {
            info.name = name;
        }
    }

    fn is_scalar(&self, v: V) -> bool {
        *self.b.func.shape(v) == Shape::Float
    }
}
