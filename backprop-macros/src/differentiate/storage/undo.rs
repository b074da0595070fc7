//! An array of which every iteration changes some elements or rows, itself or in branches and loops inside: instead of all of it,
//! what those held before is kept, and the reverse loop puts it back.
//!
//! ```text
//! for i in 0..N { old[i] = a[i]; a[i] = f(&a, i); }
//! for i in (0..N).rev() { a[i] = old[i]; .. }
//! ```

use std::collections::HashSet;

use super::{Pass, plain};
use crate::ir::visit::{all_defs, outs};
use crate::ir::{Block, Head, Keeps, Loop, Op, Path, Proj, Shape, Stmt, Store, V, Why, same_path};

/// The most parts that one iteration changes.
const MOST: usize = 4;

impl Pass<'_> {
    /// Does so for the value `p` of each iteration of `f`, which is called `v` in `r`, where the number of iterations is a constant.
    pub(super) fn undo(
        &mut self,
        f: &mut Loop,
        r: &mut Loop,
        (v, p): (V, V),
        index: usize,
        opened: &mut Vec<Stmt>,
    ) -> bool {
        let (Head::For { i, .. }, Head::For { i: back, .. }) = (&f.head, &r.head) else {
            return false;
        };
        let (i, back) = (*i, *back);
        let out = f.outs[index];
        if !self.is_own_array(f, index) {
            return false;
        }
        let mut inside = HashSet::new();
        all_defs(&Stmt::Loop(f.clone()), &mut |w| {
            inside.insert(w);
        });
        let steady = |v: &V| *v == i || !inside.contains(v) || self.constants.contains_key(v);
        let Some(changed) = changed(f, index, &steady) else {
            return false;
        };
        let whole = self.func.shape(p);
        if !changed
            .iter()
            .all(|path| element(whole, path).is_some_and(plain))
        {
            return false;
        }
        let Some((len, at)) = self.constant_trips(f, r) else {
            return false;
        };

        let param = self.fresh(p);
        let (mut keeps, mut puts, mut value) = (Vec::new(), Vec::new(), param);
        let last = changed.len() - 1;
        for (k, path) in changed.into_iter().enumerate() {
            let path_here = self.written_again(&path, (i, i), &inside, &mut keeps);
            let path_back = self.written_again(&path, (i, back), &inside, &mut puts);
            let store = self.func.stores.len();
            let name = self.func.info(p).name.clone();
            self.func.stores.push(Store {
                name: format!("old_{}", name.as_deref().unwrap_or("value")),
                stack: Some(len.clone()),
                keeps: Keeps::Plain,
                why: Why::Overwrites,
            });
            opened.push(Stmt::Open(store));
            let shape = element(self.func.shape(p), &path).cloned();
            let shape = shape.unwrap_or(Shape::Unknown);
            let old = self.fresh_of(p, shape.clone());
            keeps.push(Stmt::Let(old, Op::Get(p, path_here)));
            keeps.push(Stmt::Save {
                store,
                at: Some(at.0),
                v: old,
            });
            let again = self.fresh_of(p, shape);
            puts.push(Stmt::Let(again, Op::Restore(store, Some(at.1), out)));
            let next = if k == last { v } else { self.fresh(p) };
            puts.push(Stmt::Let(next, Op::Set(value, path_back, again)));
            value = next;
        }
        f.body.stmts.splice(0..0, keeps);
        r.body.stmts.splice(0..0, puts);
        r.params.push(param);
        r.inits.push(out);
        r.body.yields.push(v);
        let after = self.fresh(p);
        r.outs.push(after);
        true
    }

    /// Whether a loop that is not left early carries an array of numbers that the caller does not see.
    pub(super) fn is_own_array(&self, f: &Loop, index: usize) -> bool {
        let (p, out) = (f.params[index], f.outs[index]);
        let mut finals = self.func.finals.iter().flatten();
        matches!(self.func.shape(p), Shape::Seq(_, Some(_)))
            && plain(self.func.shape(p))
            && !self.func.info(p).deref
            && !finals.any(|w| *w == out)
            && f.stop.is_none()
    }

    fn fresh_of(&mut self, like: V, shape: Shape) -> V {
        let v = self.fresh(like);
        let info = self.func.info_mut(v);
        (info.shape, info.name) = (shape, None);
        v
    }

    /// A path whose constants are written once more, with the index by another name.
    fn written_again(
        &mut self,
        path: &Path,
        (i, index): (V, V),
        inside: &HashSet<V>,
        before: &mut Vec<Stmt>,
    ) -> Path {
        let mut again = path.clone();
        for proj in &mut again {
            let Proj::Index(at) = proj else { continue };
            if *at == i {
                *at = index;
            } else if let Some(constant) = self.constants.get(at).filter(|_| inside.contains(at)) {
                let constant = Op::Const(constant.clone());
                *at = self.fresh(*at);
                before.push(Stmt::Let(*at, constant));
            }
        }
        again
    }
}

/// What is known of an element.
fn element<'s>(shape: &'s Shape, path: &[Proj]) -> Option<&'s Shape> {
    path.iter()
        .try_fold(shape, |shape, proj| match (shape, proj) {
            (Shape::Seq(e, _), Proj::Index(_)) => Some(&**e),
            _ => None,
        })
}

/// The parts that an iteration changes, if that is all that happens to the array: the paths to them as far as they are `steady`.
pub(super) fn changed(f: &Loop, index: usize, steady: &impl Fn(&V) -> bool) -> Option<Vec<Path>> {
    let mut changed = Vec::new();
    let first = changes(&f.body, f.body.yields[index], steady, &mut changed)?;
    let mut parts: Vec<Path> = Vec::new();
    for path in &changed {
        let within =
            |other: &Path| path.len() >= other.len() && same_path(&path[..other.len()], other);
        // Of two parts of which one holds the other, the larger one; of the same part one.
        let larger = |other: &&Path| other.len() < path.len() && within(other);
        if !parts.iter().any(within) && !changed.iter().any(|other| larger(&other)) {
            parts.push(path.clone());
        }
    }
    (first == f.params[index] && !parts.is_empty() && parts.len() <= MOST).then_some(parts)
}

/// The changes that lead to the version `at` of an array in a block; returns the version from before the block.
fn changes(
    block: &Block,
    mut at: V,
    steady: &impl Fn(&V) -> bool,
    changed: &mut Vec<Path>,
) -> Option<V> {
    for s in block.stmts.iter().rev() {
        match s {
            Stmt::Let(w, Op::Set(a, path, _) | Op::AddAt(a, path, _)) if *w == at => {
                let seen = |proj: &&Proj| matches!(proj, Proj::Index(at) if steady(at));
                let path: Path = path.iter().take_while(seen).cloned().collect();
                if path.is_empty() {
                    return None;
                }
                changed.push(path);
                at = *a;
            }
            Stmt::If(i) => {
                let Some(k) = i.outs.iter().position(|out| *out == at) else {
                    continue;
                };
                let before = changes(&i.then_, i.then_.yields[k], steady, changed)?;
                if changes(&i.else_, i.else_.yields[k], steady, changed)? != before {
                    return None;
                }
                at = before;
            }
            Stmt::Loop(l) => {
                let Some(k) = l.outs.iter().position(|out| *out == at) else {
                    continue;
                };
                if changes(&l.body, l.body.yields[k], steady, changed)? != l.params[k] {
                    return None;
                }
                at = l.inits[k];
            }
            s => {
                let mut made = false;
                outs(s, &mut |w| made |= w == at);
                if made {
                    return None;
                }
            }
        }
    }
    Some(at)
}
