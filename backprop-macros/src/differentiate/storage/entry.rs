//! What calls found in their `&mut` arguments, kept for a reverse loop that reads the buffers as they were left: a copy
//! for each iteration where the callee updates in place, and nothing where it only writes. Which of the two it is,
//! rustc knows.

use super::Pass;
use crate::ir::visit::blocks_mut;
use crate::ir::{Arg, Block, Found, Keeps, Loop, Op, Stmt, Store, Sweep, V, Why};

impl Pass<'_> {
    /// Finds a place for what a call in `f` found, `p`, which is called `v` in `r`. Where there is none, the callee has
    /// to be content with what it left.
    pub(super) fn keep_entry(
        &mut self,
        f: &mut Loop,
        r: &mut Loop,
        (v, p): (V, V),
        opened: &mut Vec<Stmt>,
        restores: &mut Vec<Stmt>,
    ) {
        r.body
            .stmts
            .retain(|s| !matches!(s, Stmt::Let(w, Op::Kept(..)) if *w == v));
        let place = self.constant_trips(f, r);
        if place.is_none() && self.options.tape.is_none() {
            return content(&mut r.body, v);
        }
        // Behind the call, and behind all that was kept before it.
        let call = |s: &'_ Stmt| match s {
            Stmt::Call(c) | Stmt::Sweep(Sweep { call: c, .. }) => {
                let k = c.entries.iter().position(|entry| *entry == Some(p))?;
                c.args.get(k).cloned()
            }
            _ => None,
        };
        let made = f
            .body
            .stmts
            .iter()
            .zip(0..)
            .find_map(|(s, k)| Some((call(s)?, k)));
        let like = self.scalar_out(f).or(f.outs.first().copied());
        let (Some((lent, made)), Some(like)) = (made, like) else {
            return content(&mut r.body, v);
        };
        // The contents of a slice have no place of their own.
        if matches!(lent, Arg::Mut(_, path, left) if self.func.is_slice(left, &path)) {
            return content(&mut r.body, v);
        }
        let store = self.func.stores.len();
        let (forth, back) = match &place {
            Some((_, (i, back))) => (Some(*i), Some(*back)),
            None => (None, None),
        };
        let at = if place.is_some() {
            opened.push(Stmt::Open(store));
            made + 1
        } else {
            f.body.stmts.len()
        };
        self.func.stores.push(Store {
            name: "found".into(),
            stack: place.map(|(len, _)| len),
            keeps: Keeps::Entries,
            why: Why::Found,
        });
        let save = Stmt::Save {
            store,
            at: forth,
            v: p,
        };
        f.body.stmts.insert(at, save);
        restores.push(Stmt::Let(v, Op::Restore(store, back, like)));
    }
}

/// Lets sweeps run on what the calls left, where they would have asked for what was found.
fn content(body: &mut Block, entry: V) {
    for s in &mut body.stmts {
        if let Stmt::Sweep(s) = s {
            for found in &mut s.found {
                if *found == Found::Entry(entry) {
                    *found = Found::Left;
                }
            }
        }
        for inner in blocks_mut(s) {
            content(inner, entry);
        }
    }
}
