//! Sweeps of calls, run forwards: the partial derivatives of the result are kept, and the reverse loop multiplies.

use super::twins::{Step, Twins};
use crate::differentiate::storage::Pass;
use crate::ir::table::FastMap;
use crate::ir::visit::blocks_mut;
use crate::ir::{Arg, Block, Call, Found, Info, Loop, Op, Shape, SlotArg, Stmt, Sweep, V};

/// The most partial derivatives that are kept of one call.
const MOST: usize = 4;

/// The partial derivatives of a call, by its result: one for each argument that has a derivative.
type Partials = FastMap<V, Vec<Option<V>>>;

impl Pass<'_> {
    /// Moves sweeps from the reverse loop to the forward loop. Returns what the reverse loop is to find: it stands there
    /// without a definition.
    pub(super) fn sweep_forwards(
        &mut self,
        twins: &mut Twins,
        f: &mut Loop,
        r: &mut Loop,
    ) -> Vec<V> {
        let mut calls = FastMap::default();
        collect(&f.body, &mut calls);
        let mut moving = Moving {
            pass: self,
            twins,
            calls,
            partials: Partials::default(),
            blanks: Vec::new(),
            path: vec![Step::Loop(f.id)],
        };
        moving.block(&mut r.body);
        let Moving {
            partials, blanks, ..
        } = moving;
        self.run_forwards(&mut f.body, &partials);
        blanks
    }

    /// Replaces calls by their sweeps.
    fn run_forwards(&mut self, block: &mut Block, partials: &Partials) {
        let mut out = Vec::with_capacity(block.stmts.len());
        for mut stmt in core::mem::take(&mut block.stmts) {
            for b in blocks_mut(&mut stmt) {
                self.run_forwards(b, partials);
            }
            match stmt {
                Stmt::Call(call) if call.ret.is_some_and(|v| partials.contains_key(&v)) => {
                    let seed = self.new_float(None);
                    out.push(Stmt::Let(seed, Op::Lit(1.0)));
                    let slots = call.ret.map_or(&[][..], |v| &partials[&v]);
                    let slots = slots.iter().map(|d| match d {
                        Some(d) => SlotArg::Fresh(*d),
                        None => SlotArg::Off,
                    });
                    out.push(Stmt::Sweep(Sweep {
                        found: vec![Found::Left; call.args.len()],
                        slots: slots.collect(),
                        seed: Some(seed),
                        call,
                    }));
                }
                stmt => out.push(stmt),
            }
        }
        block.stmts = out;
    }

    pub(super) fn new_float(&mut self, name: Option<String>) -> V {
        let v = V(self.func.infos.len() as u32);
        self.func.infos.push(Info {
            name,
            ..Info::new(Shape::Float)
        });
        v
    }
}

fn collect<'b>(block: &'b Block, calls: &mut FastMap<V, Call>) {
    crate::ir::visit::each(block, &mut |s: &'b Stmt| {
        if let Stmt::Call(c) = s
            && let Some(v) = c.ret
        {
            calls.insert(v, c.clone());
        }
    });
}

struct Moving<'p, 'a> {
    pass: &'p mut Pass<'a>,
    twins: &'p mut Twins,
    /// The calls of the forward loop, by their results.
    calls: FastMap<V, Call>,
    partials: Partials,
    blanks: Vec<V>,
    path: Vec<Step>,
}

impl Moving<'_, '_> {
    fn block(&mut self, block: &mut Block) {
        let mut out = Vec::with_capacity(block.stmts.len());
        for mut stmt in core::mem::take(&mut block.stmts) {
            match &mut stmt {
                Stmt::If(s) => {
                    let cond = self.twins.canonical(s.cond);
                    for (side, b) in [(true, &mut s.then_), (false, &mut s.else_)] {
                        self.path.push(Step::Side(cond, side));
                        self.block(b);
                        self.path.pop();
                    }
                }
                Stmt::Loop(l) => {
                    let partner = self.twins.partner(l.id);
                    self.path.extend(partner.map(Step::Loop));
                    self.block(&mut l.body);
                    if partner.is_some() {
                        self.path.pop();
                    }
                }
                Stmt::Sweep(s) => {
                    if let Some(instead) = self.sweep(s) {
                        out.extend(instead);
                        continue;
                    }
                }
                _ => {}
            }
            out.push(stmt);
        }
        block.stmts = out;
    }

    /// What stands for the sweep of a call that the forward loop has, too.
    fn sweep(&mut self, s: &Sweep) -> Option<Vec<Stmt>> {
        let seed = s.seed?;
        let func = &self.pass.func;
        let float = |v: V| *func.shape(v) == Shape::Float;
        let plain = s
            .call
            .args
            .iter()
            .zip(&s.slots)
            .all(|(a, slot)| match (a, slot) {
                (Arg::Value(v), SlotArg::Fresh(_)) => float(*v),
                (Arg::Value(_) | Arg::Ref(..), SlotArg::Off) => true,
                _ => false,
            });
        let count = s
            .slots
            .iter()
            .filter(|slot| matches!(slot, SlotArg::Fresh(_)));
        if !plain || !float(seed) || !(1..=MOST).contains(&count.count()) {
            return None;
        }
        let result = self.twins.result_of(&s.call)?;
        let home = self.twins.homes.get(&result)?;
        if !home.iter().all(|step| self.path.contains(step))
            || !self.pass.regular(self.twins, home)
            || !self.calls.contains_key(&result)
            || !float(result)
        {
            return None;
        }
        let mut out = Vec::new();
        // Dead where the result is kept, or only asked for by what is dead itself.
        if s.call.ret.is_some() {
            out.push(Stmt::Call(s.call.clone()));
        }
        for (k, slot) in s.slots.iter().enumerate() {
            let SlotArg::Fresh(d) = slot else { continue };
            let partial = self.partial(result, k, s.slots.len());
            let again = self.pass.new_float(None);
            self.twins.same(again, partial);
            self.blanks.push(again);
            out.push(Stmt::Let(again, Op::Undef));
            out.push(Stmt::Let(*d, Op::Chain(seed, again)));
        }
        Some(out)
    }

    /// The partial derivative of a call's result by one argument, as the forward loop calls it.
    fn partial(&mut self, result: V, k: usize, count: usize) -> V {
        let known = self.partials.get(&result).and_then(|list| list[k]);
        if let Some(v) = known {
            return v;
        }
        let name = self.pass.func.info(result).name.clone();
        let v = self
            .pass
            .new_float(Some(format!("d_{}", name.as_deref().unwrap_or("result"))));
        let list = self.partials.entry(result);
        list.or_insert_with(|| vec![None; count])[k] = Some(v);
        self.twins.add(v, result);
        v
    }
}
