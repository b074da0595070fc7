//! The reverse of loops: iterations run backwards, each one again and then reversed.
//!
//! What an iteration starts from is asked for as `kept`; a map or a reduction never asks. The adjoints of
//! carried values are carried backwards; what values from outside receive is summed up in parameters of
//! the reverse loop.

use quote::quote;

use super::Reverse;
use super::adjoints::{Frame, Kind};
use crate::ir::subst::Map;
use crate::ir::table::{FastMap, Set};
use crate::ir::visit::{all_uses, outs};
use crate::ir::{Adapt, Block, Head, Loop, Op, Path, Proj, Range, Shape, Stmt, V};

impl Reverse {
    pub(crate) fn loop_(&mut self, l: &Loop) {
        let seeds: Vec<Option<V>> = l.outs.iter().map(|o| self.take(*o)).collect();
        if seeds.iter().all(Option::is_none) {
            return;
        }
        let span = l
            .params
            .first()
            .or(l.outs.first())
            .map_or_else(proc_macro2::Span::call_site, |v| self.b.func.info(*v).span);
        let (head, index) = self.backwards(l);

        self.b.open();
        let mut map = Map::default();
        if let (Head::For { i, .. }, Some(index)) = (&l.head, index) {
            map.insert(*i, index);
        }
        let mut kept = Vec::new();
        let mut locals = Set::new();
        for (&p, &out) in l.params.iter().zip(&l.outs) {
            let k = self.b.fresh_like(p, "");
            let like = self.like(out);
            self.likes.insert(k, like);
            self.activity.copy(p, k);
            self.b.push(Stmt::Let(k, Op::Kept(l.id, p)));
            map.insert(p, k);
            kept.push(k);
            locals.insert(k);
        }
        let stmts = self.again(&l.body.stmts, &mut map);
        for s in &stmts {
            outs(s, &mut |v| {
                locals.insert(v);
            });
        }
        self.frames.push(Frame::new(Kind::Loop, locals));

        // What flows back from the next iteration, if anything that is asked for comes of it.
        let useful = useful(l, &seeds);
        let active: Vec<usize> = (0..l.params.len())
            .filter(|&k| useful[k] && self.activity.varies(l.params[k]))
            .collect();
        let mut params = Vec::new();
        for &k in &active {
            let q = self.b.fresh_like(l.params[k], "d_");
            params.push(q);
            let y = l.body.yields[k];
            let y = *map.get(&y).unwrap_or(&y);
            self.add(y, q);
        }
        self.block(&stmts);
        let mut yields = Vec::new();
        for &k in &active {
            yields.push(match self.take(kept[k]) {
                Some(d) => d,
                None => self.zero(kept[k]),
            });
        }
        let frame = self.frames.pop().unwrap_or_else(Frame::root);
        let written = self.written(l, &map);
        for (w, p) in &frame.incoming {
            params.push(*p);
            yields.push(frame.adjoints.get(w).copied().unwrap_or(*p));
        }
        let mut body = self.b.close(yields);
        self.read_back(&mut body, written);

        let mut inits = Vec::new();
        for &k in &active {
            inits.push(match seeds[k] {
                Some(d) => d,
                None => self.zero(l.outs[k]),
            });
        }
        for (w, _) in &frame.incoming {
            // A sum starts from zero, so that it does not depend on what came before.
            inits.push(if self.is_scalar(*w) {
                self.zero(*w)
            } else {
                self.current_or_zero(*w)
            });
        }
        let outs: Vec<V> = params
            .iter()
            .map(|p| {
                let o = self.b.fresh(self.b.func.shape(*p).clone(), span);
                let name = self.b.func.info(*p).name.clone();
                self.b.func.info_mut(o).name = name;
                o
            })
            .collect();
        let id = self.b.fresh_loop();
        self.b.push(Stmt::Loop(Loop {
            id,
            head,
            params,
            inits,
            body,
            stop: None,
            outs: outs.clone(),
            trips: None,
            reverses: Some(l.id),
        }));
        let (carried, sums) = outs.split_at(active.len());
        for ((w, _), &d) in frame.incoming.iter().zip(sums) {
            if self.is_scalar(*w) {
                self.add(*w, d);
            } else {
                self.set(*w, d);
            }
        }
        // Last: an initial value may be one of those that the iterations read, too.
        for (&k, &d) in active.iter().zip(carried) {
            self.add(l.inits[k], d);
        }
    }

    /// What the loop left in a buffer, each iteration in an element of its own: the value as it is called in
    /// the reverse loop, the buffer's last version, and the element.
    fn written(&self, l: &Loop, map: &Map) -> Vec<(V, V, Path)> {
        let Head::For { i, .. } = &l.head else {
            return Vec::new();
        };
        let Some(index) = map.get(i) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        for (k, (p, y)) in l.params.iter().zip(&l.body.yields).enumerate() {
            let set = l.body.stmts.iter().find_map(|s| match s {
                Stmt::Let(v, Op::Set(a, path, t)) if v == y && a == p => Some((path, t)),
                _ => None,
            });
            let Some((path, t)) = set else { continue };
            let [Proj::Index(at)] = &path[..] else {
                continue;
            };
            if at == i
                && self.steady.contains(&l.outs[k])
                && let Some(again) = map.get(t)
            {
                out.push((*again, l.outs[k], vec![Proj::Index(*index)]));
            }
        }
        out
    }

    /// Reads what the forward loop wrote instead of computing it again.
    fn read_back(&mut self, body: &mut Block, written: Vec<(V, V, Path)>) {
        for (again, buffer, path) in written {
            let (shape, span) = (
                self.b.func.shape(again).clone(),
                self.b.func.info(again).span,
            );
            if shape != Shape::Float {
                continue;
            }
            let read = self.b.fresh(shape, span);
            crate::ir::subst::block_uses_mut(body, &mut |v| {
                if *v == again {
                    *v = read;
                }
            });
            body.stmts.insert(0, Stmt::Let(read, Op::Get(buffer, path)));
        }
    }

    /// The head that runs the iterations of a loop backwards, and its index.
    fn backwards(&mut self, l: &Loop) -> (Head, Option<V>) {
        let trips = l.trips.map(|k| l.outs[k]);
        match &l.head {
            Head::For { i, range } => {
                let index = self.b.fresh_like(*i, "");
                let mut range = range.clone();
                let steps = range
                    .adapt
                    .iter()
                    .any(|a| matches!(a, Adapt::StepBy(_) | Adapt::Backwards(_)));
                match (trips, range.adapt.last()) {
                    (Some(n), _) => range.adapt.push(Adapt::Backwards(Some(n))),
                    (None, _) if steps => range.adapt.push(Adapt::Backwards(None)),
                    (None, Some(Adapt::Rev)) => {
                        range.adapt.pop();
                    }
                    (None, _) => range.adapt.push(Adapt::Rev),
                }
                (Head::For { i: index, range }, Some(index))
            }
            Head::While(_) | Head::Forever => {
                let span = proc_macro2::Span::call_site();
                let lo = self.b.op(Op::Const(quote!(0).into()), Shape::Int, span);
                let hi = trips.unwrap_or(lo);
                let i = self.b.fresh(Shape::Int, span);
                (
                    Head::For {
                        i,
                        range: Range {
                            lo,
                            hi,
                            inclusive: false,
                            adapt: vec![Adapt::Rev],
                        },
                    },
                    None,
                )
            }
        }
    }
}

/// For each carried value whether a result with a cotangent depends on it.
fn useful(l: &Loop, seeds: &[Option<V>]) -> Vec<bool> {
    let mut needs: FastMap<V, Vec<V>> = FastMap::default();
    for s in &l.body.stmts {
        let mut used = Vec::new();
        all_uses(s, &mut |v| used.push(v));
        outs(s, &mut |v| {
            needs.insert(v, used.clone());
        });
    }
    let mut useful: Vec<bool> = seeds.iter().map(Option::is_some).collect();
    let mut reached = Set::new();
    loop {
        let mut work: Vec<V> = (0..useful.len())
            .filter(|&k| useful[k])
            .map(|k| l.body.yields[k])
            .collect();
        while let Some(v) = work.pop() {
            if reached.insert(v) {
                work.extend(needs.get(&v).into_iter().flatten());
            }
        }
        let mut more = false;
        for (k, p) in l.params.iter().enumerate() {
            if !useful[k] && reached.contains(p) {
                useful[k] = true;
                more = true;
            }
        }
        if !more {
            return useful;
        }
    }
}
