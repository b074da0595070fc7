//! What the reverse loop asks of the forward loop, and which numbers answer that at the least price.

use super::cut::{Graph, NEVER};
use super::twins::{Def, Step, Twins, is_number};
use crate::differentiate::storage::results::costly;
use crate::differentiate::storage::{Pass, storable};
use crate::ir::table::Set;
use crate::ir::visit::{op_uses, outs, own_uses};
use crate::ir::{Block, Loop, Op, Shape, Stmt, V};

/// How many iterations a loop is taken for.
const TRIPS: u64 = 64;

/// The deepest nest that is told apart.
const DEPTH: u32 = 5;

impl Pass<'_> {
    /// The numbers that the reverse loop is to find; `None` where it is as well without.
    pub(super) fn choose(&self, twins: &Twins, r: &Loop) -> Option<Vec<V>> {
        let mut asked = Asked {
            pass: self,
            twins,
            path: vec![Step::Loop(twins.partner(r.id)?)],
            found: Set::new(),
        };
        asked.block(&r.body, &r.body.yields);
        let asked = asked.found;
        let tainted = tainted(twins);
        let mut graph = Graph::new();
        let mut work: Vec<V> = asked.iter().filter(|v| tainted.contains(v)).collect();
        let wanted = work.clone();
        let mut edges = Vec::new();
        let mut sources = Vec::new();
        while let Some(v) = work.pop() {
            if graph.contains(v) {
                continue;
            }
            graph.value(v, self.words(twins, v));
            let mut from = |u: V| {
                let u = twins.canonical(u);
                if tainted.contains(&u) {
                    edges.push((u, v));
                    work.push(u);
                }
            };
            match twins.defs.get(&v) {
                Some(Def::Op(op)) if !costly(op) => op_uses(op, &mut from),
                Some(Def::Filled(element, init)) => [*element, *init].into_iter().for_each(from),
                _ => sources.push(v),
            }
        }
        for (a, b) in edges {
            graph.makes(a, b);
        }
        sources.into_iter().for_each(|v| graph.source(v));
        wanted.into_iter().for_each(|v| graph.asked(v));
        let mut kept = graph.cut()?;
        let carried = |v: &V| matches!(twins.defs.get(v), Some(Def::Carried));
        // What is carried, and nothing else, has its place on the tape already.
        if kept.iter().all(carried) {
            return None;
        }
        kept.retain(|v| self.is_kept(twins, *v));
        kept.sort();
        Some(kept)
    }

    fn is_kept(&self, twins: &Twins, v: V) -> bool {
        is_number(self.func, v, twins.defs.get(&v))
    }

    /// The price of a value.
    fn words(&self, twins: &Twins, v: V) -> u64 {
        let Some(home) = twins.homes.get(&v) else {
            return NEVER;
        };
        if !self.is_kept(twins, v) {
            // An array that the loop carries is kept as a whole.
            let whole = matches!(twins.defs.get(&v), Some(Def::Carried));
            return match self.func.shape(v) {
                shape @ Shape::Seq(..) if whole && storable(shape) => TRIPS.pow(dimensions(shape)),
                _ => NEVER,
            };
        }
        if !self.regular(twins, home) {
            return NEVER;
        }
        let loops = home.iter().filter(|s| matches!(s, Step::Loop(_))).count();
        match (loops as u32).checked_sub(1) {
            Some(around) => TRIPS.pow(around.min(DEPTH)),
            // What is made beside the loops has no iteration to be kept in.
            None => NEVER,
        }
    }
}

fn dimensions(shape: &Shape) -> u32 {
    match shape {
        Shape::Seq(e, _) => 1 + dimensions(e),
        _ => 0,
    }
}

/// What cannot be had by cheap arithmetic from what is there in the reverse loop.
pub(super) fn tainted(twins: &Twins) -> Set {
    let mut out = Set::new();
    for v in &twins.order {
        let is = |u: &V| out.contains(&twins.canonical(*u));
        let bad = match twins.defs.get(v) {
            Some(Def::Index) | None => false,
            Some(Def::Carried | Def::Other) => true,
            Some(Def::Filled(a, b)) => is(a) || is(b),
            Some(Def::Op(op)) => {
                let mut bad = costly(op);
                op_uses(op, &mut |u| bad |= is(&u));
                bad
            }
        };
        if bad {
            out.insert(*v);
        }
    }
    out
}

/// Collects the forward values that the reverse sweep itself uses.
struct Asked<'a> {
    pass: &'a Pass<'a>,
    twins: &'a Twins,
    path: Vec<Step>,
    found: Set,
}

impl Asked<'_> {
    fn ask(&mut self, v: V) {
        let Some(number) = self.twins.known(v) else {
            return;
        };
        let Some(home) = self.twins.homes.get(&number) else {
            return;
        };
        if home.iter().all(|s| self.path.contains(s))
            && self.pass.is_kept(self.twins, number)
            && self.pass.regular(self.twins, home)
        {
            self.found.insert(number);
        }
    }

    /// A block of the reverse loop of which some yields are its own.
    fn block(&mut self, block: &Block, yields: &[V]) {
        for stmt in &block.stmts {
            self.stmt(stmt);
        }
        for v in yields {
            self.ask(*v);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        let mut made = Vec::new();
        outs(stmt, &mut |v| made.push(v));
        let own: Vec<bool> = made
            .iter()
            .map(|v| self.twins.known(*v).is_none())
            .collect();
        let any = own.contains(&true) || crate::simplify::dce::has_effect(stmt);
        match stmt {
            Stmt::Let(..) | Stmt::Call(_) if !any => {}
            // Its value is not looked at.
            Stmt::Let(_, Op::ZeroLike(_)) => {}
            Stmt::If(s) => {
                let cond = self.twins.canonical(s.cond);
                let acts = any || acts(&s.then_) || acts(&s.else_);
                if acts {
                    self.ask(s.cond);
                }
                for (side, b) in [(true, &s.then_), (false, &s.else_)] {
                    self.path.push(Step::Side(cond, side));
                    let yields = b.yields.iter().zip(&own).filter(|(_, own)| **own);
                    let yields: Vec<V> = yields.map(|(v, _)| *v).collect();
                    self.block(b, &yields);
                    self.path.pop();
                }
            }
            Stmt::Loop(l) => self.loop_(stmt, l, any),
            stmt => own_uses(stmt, &mut |v| self.ask(v)),
        }
    }

    fn loop_(&mut self, stmt: &Stmt, l: &Loop, any: bool) {
        let own: Vec<bool> = l
            .params
            .iter()
            .map(|p| self.twins.known(*p).is_none())
            .collect();
        if any || own.contains(&true) || acts(&l.body) {
            let mut uses = Vec::new();
            own_uses(stmt, &mut |v| uses.push(v));
            for v in &uses[l.inits.len()..] {
                self.ask(*v);
            }
            l.stop.iter().for_each(|v| self.ask(*v));
        }
        for (init, _) in l.inits.iter().zip(&own).filter(|(_, own)| **own) {
            self.ask(*init);
        }
        let yields = l.body.yields.iter().zip(&own).filter(|(_, own)| **own);
        let yields: Vec<V> = yields.map(|(v, _)| *v).collect();
        let partner = self.twins.partner(l.id);
        if let Some(id) = partner {
            self.path.push(Step::Loop(id));
        }
        if let crate::ir::Head::While(cond) = &l.head {
            self.block(cond, &cond.yields);
        }
        self.block(&l.body, &yields);
        if partner.is_some() {
            self.path.pop();
        }
    }
}

/// Whether something in a block has an effect.
fn acts(block: &Block) -> bool {
    block
        .stmts
        .iter()
        .any(|s| crate::simplify::dce::has_effect(s) || crate::ir::visit::blocks(s).any(acts))
}
