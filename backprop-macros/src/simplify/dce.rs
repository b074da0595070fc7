//! Dead code: what neither a result nor an effect depends on.

use crate::ir::visit::{blocks, blocks_mut, op_uses, outs, own_uses};
use crate::ir::{Along, Arg, Block, Found, Func, Head, Op, Shape, SlotArg, Stmt, Sweep, V};

/// What each value needs, as a graph: values first, then a node for each construct with blocks.
struct Graph {
    /// For each node its edge added last.
    last: Vec<u32>,
    /// Where each edge leads, and its node's edge before it.
    edges: Vec<(u32, u32)>,
    roots: Vec<u32>,
}

/// No edge.
const NONE: u32 = u32::MAX;

impl Graph {
    fn of(func: &Func) -> Graph {
        let mut g = Graph {
            last: vec![NONE; func.infos.len()],
            edges: Vec::with_capacity(4 * func.infos.len()),
            roots: Vec::new(),
        };
        g.block(&func.body, None);
        g
    }
}

/// Removes dead code. Returns whether there was any.
pub(crate) fn run(func: &mut Func) -> bool {
    let mut g = Graph::of(func);
    let results = func
        .ret
        .iter()
        .chain(func.finals.iter().flatten())
        .chain(func.adjoints.iter().flatten());
    g.roots.extend(results.map(|v| v.0));
    let live = g.mark();
    let mut body = core::mem::take(&mut func.body);
    let news = sweep(&mut body, &live);
    func.body = body;
    news
}

/// By number, whether a value decides what the function returns, writes or does. The others are adjoints alone, or what is
/// computed once more for them.
pub(crate) fn primal(func: &Func) -> Vec<bool> {
    let mut g = Graph::of(func);
    g.roots.clear();
    let results = func.ret.iter().chain(func.finals.iter().flatten());
    g.roots.extend(results.map(|v| v.0));
    let counts = func.infos.iter().zip(0..);
    let counts = counts.filter(|(info, _)| info.shape == Shape::Int);
    g.roots.extend(counts.map(|(_, v)| v));
    g.decisions(&func.body);
    let mut live = g.mark();
    live.truncate(func.infos.len());
    live
}

/// Whether a statement does something besides defining values.
pub(crate) fn has_effect(stmt: &Stmt) -> bool {
    match stmt {
        Stmt::Accum { .. }
        | Stmt::Effect(..)
        | Stmt::Open(_)
        | Stmt::Reserve { .. }
        | Stmt::Release(_)
        | Stmt::Log(_)
        | Stmt::Let(_, Op::Unlog(_) | Op::Restore(_, None, _))
        | Stmt::Save { .. } => true,
        Stmt::Sweep(s) => s.slots.iter().any(|s| matches!(s, SlotArg::Param(..))),
        Stmt::Let(..) | Stmt::If(_) | Stmt::Loop(_) | Stmt::Call(_) => false,
    }
}

/// Whether a statement stays though nobody uses what it defines: it acts, or it asks a callee for its promise to fill scratch.
fn stays(stmt: &Stmt) -> bool {
    let asks = |s: &Sweep| s.found.contains(&Found::Refilled);
    has_effect(stmt) || matches!(stmt, Stmt::Sweep(s) if asks(s))
}

impl Graph {
    fn needs(&mut self, node: u32, what: impl IntoIterator<Item = u32>) {
        let last = &mut self.last[node as usize];
        for to in what {
            self.edges.push((to, *last));
            *last = (self.edges.len() - 1) as u32;
        }
    }

    fn block(&mut self, block: &Block, control: Option<u32>) {
        for stmt in &block.stmts {
            self.stmt(stmt, control);
        }
    }

    /// Conditions, and what callees get: as roots.
    fn decisions(&mut self, block: &Block) {
        for stmt in &block.stmts {
            match stmt {
                Stmt::Let(..) | Stmt::Accum { .. } => {}
                Stmt::Loop(l) => {
                    let mut own = Vec::new();
                    own_uses(stmt, &mut |v| own.push(v.0));
                    self.roots.extend(&own[l.inits.len()..]);
                    self.roots.extend(l.stop.map(|v| v.0));
                    if let Head::While(cond) = &l.head {
                        self.roots.extend(cond.yields.iter().map(|v| v.0));
                    }
                }
                stmt => own_uses(stmt, &mut |v| self.roots.push(v.0)),
            }
            for b in blocks(stmt) {
                self.decisions(b);
            }
        }
    }

    fn stmt(&mut self, stmt: &Stmt, control: Option<u32>) {
        match stmt {
            Stmt::If(s) => {
                let node = self.node(control);
                self.needs(node, [s.cond.0]);
                for (k, out) in s.outs.iter().enumerate() {
                    self.needs(out.0, [s.then_.yields[k].0, s.else_.yields[k].0, node]);
                }
                self.block(&s.then_, Some(node));
                self.block(&s.else_, Some(node));
            }
            Stmt::Loop(l) => {
                let node = self.node(control);
                let mut own = Vec::new();
                own_uses(stmt, &mut |v| own.push(v));
                // The inits come first among the uses; each is needed by its own parameter only.
                self.needs(node, own[l.inits.len()..].iter().map(|v| v.0));
                self.needs(node, l.stop.map(|v| v.0));
                for (k, p) in l.params.iter().enumerate() {
                    self.needs(p.0, [l.inits[k].0, l.body.yields[k].0, node]);
                    self.needs(l.outs[k].0, [p.0, node]);
                }
                match &l.head {
                    Head::For { i, .. } => self.needs(i.0, [node]),
                    Head::While(cond) => {
                        self.needs(node, cond.yields.iter().map(|v| v.0));
                        self.block(cond, Some(node));
                    }
                    Head::Forever => {}
                }
                self.block(&l.body, Some(node));
            }
            Stmt::Let(v, op) => {
                self.needs(v.0, control);
                op_uses(op, &mut |u| self.needs(v.0, [u.0]));
                if let Op::Kept(_, p) = op {
                    self.needs(v.0, [p.0]);
                }
                if has_effect(stmt) {
                    self.roots.push(v.0);
                }
            }
            stmt => {
                let mut uses: Vec<u32> = control.into_iter().collect();
                own_uses(stmt, &mut |v| uses.push(v.0));
                if stays(stmt) {
                    self.roots.extend(&uses);
                }
                outs(stmt, &mut |v| self.needs(v.0, uses.iter().copied()));
            }
        }
    }

    fn node(&mut self, control: Option<u32>) -> u32 {
        self.last.push(NONE);
        let node = (self.last.len() - 1) as u32;
        self.needs(node, control);
        node
    }

    fn mark(self) -> Vec<bool> {
        let mut live = vec![false; self.last.len()];
        let mut work = self.roots;
        while let Some(n) = work.pop() {
            if !core::mem::replace(&mut live[n as usize], true) {
                let mut edge = self.last[n as usize];
                while let Some((to, before)) = self.edges.get(edge as usize) {
                    work.push(*to);
                    edge = *before;
                }
            }
        }
        live
    }
}

fn sweep(block: &mut Block, live: &[bool]) -> bool {
    let alive = |v: &V| live[v.0 as usize];
    let before = block.stmts.len();
    let mut news = false;
    block.stmts.retain_mut(|stmt| {
        for b in blocks_mut(stmt) {
            news |= sweep(b, live);
        }
        match stmt {
            Stmt::If(s) => {
                let keep: Vec<bool> = s.outs.iter().map(alive).collect();
                news |= keep.contains(&false);
                filter(&mut s.outs, &keep);
                filter(&mut s.then_.yields, &keep);
                filter(&mut s.else_.yields, &keep);
                !s.outs.is_empty() || !s.then_.stmts.is_empty() || !s.else_.stmts.is_empty()
            }
            Stmt::Loop(l) => {
                let keep: Vec<bool> = l
                    .params
                    .iter()
                    .zip(&l.outs)
                    .map(|(p, o)| alive(p) || alive(o))
                    .collect();
                news |= keep.contains(&false);
                l.trips = l
                    .trips
                    .and_then(|k| keep[k].then(|| keep[..k].iter().filter(|x| **x).count()));
                filter(&mut l.params, &keep);
                filter(&mut l.inits, &keep);
                filter(&mut l.outs, &keep);
                filter(&mut l.body.yields, &keep);
                !l.params.is_empty() || l.body.stmts.iter().any(acts)
            }
            stmt => {
                let mut used = stays(stmt);
                outs(stmt, &mut |v| used |= alive(&v));
                if let Stmt::Call(c) = stmt {
                    news |= unasked(&mut c.along, &alive);
                }
                used
            }
        }
    });
    news || block.stmts.len() != before
}

/// Takes off a call the tangents that nobody asks for, in all lanes at once. Returns whether there were any.
fn unasked(along: &mut Vec<Along>, alive: &dyn Fn(&V) -> bool) -> bool {
    let left = |a: &Option<Arg>| matches!(a, Some(Arg::Mut(_, _, out)) if alive(out));
    // The function alone is called.
    let asked = |a: &Along| a.ret.is_some_and(|v| alive(&v)) || a.args.iter().any(left);
    if !along.is_empty() && !along.iter().any(asked) {
        along.clear();
        return true;
    }
    // Of a tangent that was zero before the call: it may be that there is none.
    let count = along.first().map_or(0, |a| a.args.len());
    let mut news = false;
    for k in 0..count {
        let of = |a: &Along| (a.spare.get(k).copied(), a.args.get(k).cloned().flatten());
        let dead = |a: &Along| match of(a) {
            (Some(true), Some(arg @ Arg::Mut(..))) => !left(&Some(arg)),
            _ => false,
        };
        if along.iter().all(dead) {
            let args = along.iter_mut().filter_map(|a| a.args.get_mut(k));
            args.for_each(|a| *a = None);
            news = true;
        }
    }
    news
}

fn acts(stmt: &Stmt) -> bool {
    stays(stmt) || blocks(stmt).any(|b| b.stmts.iter().any(acts))
}

fn filter(vs: &mut Vec<V>, keep: &[bool]) {
    let mut k = 0;
    vs.retain(|_| {
        k += 1;
        keep[k - 1]
    });
}
