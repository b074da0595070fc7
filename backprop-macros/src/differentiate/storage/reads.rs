//! Buffers that cannot be kept as a whole: what iterations read of them is kept instead, number by number.
//!
//! `y[i] = a * y[i]` over a slice needs the old `y[i]` of each iteration, and nothing else of the old `y`.

use std::collections::HashMap;

use super::Pass;
use super::results::{Alike, buries, indices, ops, pops_first, position};
use crate::ir::visit::all_uses;
use crate::ir::{Arg, Keeps, Loop, Op, Path, Proj, Shape, Stmt, Store, Sweep, V, Why};

/// What the outs of the first of some statements, a loop, have become behind the last.
pub(super) fn latest(stmts: &[Stmt]) -> Vec<V> {
    let [Stmt::Loop(f), rest @ ..] = stmts else {
        return Vec::new();
    };
    let mut out = f.outs.clone();
    for s in rest {
        let next = |v: V| match s {
            Stmt::Let(w, Op::Set(a, ..) | Op::AddAt(a, ..) | Op::ClearAt(a, _)) if *a == v => {
                Some(*w)
            }
            Stmt::Loop(l) => Some(l.outs[l.inits.iter().position(|i| *i == v)?]),
            Stmt::Call(c) | Stmt::Sweep(Sweep { call: c, .. }) => {
                let lent = |a: &Arg| matches!(a, Arg::Mut(root, ..) if *root == v);
                let Some(Arg::Mut(_, _, out)) = c.args.iter().find(|a| lent(a)) else {
                    return None;
                };
                Some(c.last(*out))
            }
            _ => None,
        };
        for v in &mut out {
            *v = next(*v).unwrap_or(*v);
        }
    }
    out
}

/// A read of an old version: what the forward loop calls it, what the reverse loop does, and how it is read.
pub(super) struct Read {
    forward: V,
    back: V,
    path: Path,
}

impl Pass<'_> {
    /// Keeps what the reverse loop `r` reads of `p`, which is called `v` there; `kept` are all the values asked for, `latest` the
    /// versions that what the loop left has become. Returns whether that is possible.
    pub(super) fn keep_reads(
        &mut self,
        f: &mut Loop,
        r: &mut Loop,
        (v, p): (V, V),
        (kept, latest): (&[(V, V)], &[V]),
        opened: &mut Vec<Stmt>,
    ) -> bool {
        let Some(index) = f.params.iter().position(|q| *q == p) else {
            return false;
        };
        let Some(reads) = self.reads(f, r, (v, p), kept) else {
            return false;
        };
        let place = self.constant_trips(f, r);
        if place.is_none() && (self.options.tape.is_none() || !self.lies_on_top(f, r, kept, &reads))
        {
            return false;
        }
        // Any version has the type and the length; of the latest one no copy is needed.
        let out = latest[index];
        for Read {
            forward,
            back,
            path,
        } in reads
        {
            let store = self.func.stores.len();
            let name = self.func.info(p).name.as_deref().unwrap_or("value");
            self.func.stores.push(Store {
                name: format!("kept_{name}"),
                stack: place.as_ref().map(|(len, _)| len.clone()),
                keeps: Keeps::Plain,
                why: Why::Reads,
            });
            let (forth, from) = match &place {
                Some((_, (i, back))) => (Some(*i), Some(*back)),
                None => (None, None),
            };
            let save = Stmt::Save {
                store,
                at: forth,
                v: forward,
            };
            let here = position(&f.body, forward);
            if place.is_some() {
                opened.push(Stmt::Open(store));
                f.body.stmts.insert(here + 1, save);
            } else {
                // What is asked for first lies on top.
                let end = f.body.stmts.len();
                let behind = f.body.stmts.iter().rev();
                let behind = behind
                    .take_while(|s| matches!(s, Stmt::Save { at: None, .. }))
                    .count();
                f.body.stmts.insert(end - behind, save);
            }
            let at = position(&r.body, back);
            let like = self.fresh(back);
            r.body.stmts[at] = Stmt::Let(back, Op::Restore(store, from, like));
            r.body.stmts.insert(at, Stmt::Let(like, Op::Get(out, path)));
        }
        // Lengths do not change.
        crate::ir::subst::block_uses_mut(&mut r.body, &mut |u| {
            if *u == v {
                *u = out;
            }
        });
        true
    }

    /// The reads of `v`, in the order of the reverse loop, if nothing else is done with it.
    pub(super) fn reads(
        &self,
        f: &Loop,
        r: &Loop,
        (v, p): (V, V),
        kept: &[(V, V)],
    ) -> Option<Vec<Read>> {
        if r.body.yields.contains(&v) {
            return None;
        }
        let (forward, back) = (ops(&f.body), ops(&r.body));
        let mut alike = Alike {
            forward: &forward,
            back: &back,
            saved: kept.iter().copied().collect(),
            known: HashMap::new(),
            index: indices(f, r),
        };
        let mut out = Vec::new();
        for s in &r.body.stmts {
            let mut used = false;
            all_uses(s, &mut |u| used |= u == v);
            match s {
                _ if !used => {}
                Stmt::Let(_, Op::Len(..)) => {}
                Stmt::Let(t, Op::Get(a, path))
                    if *a == v && lasts(path) && *self.func.shape(*t) == Shape::Float =>
                {
                    let same = f.body.stmts.iter().find_map(|s| match s {
                        Stmt::Let(u, Op::Get(b, _)) if *b == p && alike.values(*u, *t) => Some(*u),
                        _ => None,
                    });
                    out.push(Read {
                        forward: same?,
                        back: *t,
                        path: path.clone(),
                    });
                }
                _ => return None,
            }
        }
        Some(out)
    }

    /// Whether what is put on the tape at the end of the forward loop's body is on top where the reverse loop asks for it; brings it there.
    fn lies_on_top(&self, f: &mut Loop, r: &Loop, kept: &[(V, V)], reads: &[Read]) -> bool {
        let between = |read: &Read| {
            let (before, after) = r.body.stmts.split_at(position(&r.body, read.back));
            buries(before, after)
        };
        // Of what calls found it is not known which lies where.
        let entries = kept.iter().any(|(_, p)| !f.params.contains(p));
        // Of another buffer, all is taken off before.
        let first = reads.first().map_or(0, |read| position(&r.body, read.back));
        let mut later = r.body.stmts[first..].iter();
        let later = later.any(|s| matches!(s, Stmt::Let(_, Op::Restore(_, None, _))));
        !entries
            && !later
            && !reads.iter().any(between)
            && pops_first(f, |v| self.func.shape(v).is_scalar())
    }
}

/// Whether every version has the part: elements, and fields of those. Another version may be of another variant, and hold a vector of another length.
fn lasts(path: &Path) -> bool {
    let cuts = |p: &&Proj| matches!(p, Proj::Index(_) | Proj::Range { .. });
    let elements = path.iter().take_while(cuts).count();
    path[elements..].iter().all(|p| matches!(p, Proj::Field(_)))
}
