//! What a branch has made of a buffer is known in a later branch on the same condition: where it has left the buffer alone, that is the
//! version before.
//!
//! ```text
//! y1 = if c { y0 } else { set y0[i] = x };  ..  if c { .. y1[k] .. } else { .. y0[i] .. }   =>   if c { .. y0[k] .. } else { .. y0[i] .. }
//! ```
//!
//! So the reverse sweep asks for one version instead of two.

use crate::ir::buffers::{is_buffer, own_changes};
use crate::ir::subst::block_uses_mut;
use crate::ir::table::{FastMap, Set};
use crate::ir::visit::{all_defs, block_uses, blocks, blocks_mut, each};
use crate::ir::{Block, Func, If, Stmt, V};

/// Lets branches read what they find.
pub(super) fn run(func: &mut Func) {
    let mut body = core::mem::take(&mut func.body);
    block(func, &mut body, &mut Vec::new());
    func.body = body;
}

/// A branch on a condition: what each of its sides yields that comes from outside, by the branch's results.
struct Decided {
    cond: V,
    sides: [FastMap<V, V>; 2],
}

fn block(func: &Func, b: &mut Block, known: &mut Vec<Decided>) {
    let outside = known.len();
    for s in &mut b.stmts {
        if let Stmt::If(s) = s {
            for decided in known.iter().filter(|d| d.cond == s.cond) {
                let [then_, else_] = &decided.sides;
                let both = |side: &FastMap<V, V>, arm: &Block| -> FastMap<V, V> {
                    let asked = side.iter().map(|(out, v)| (*out, *v));
                    asked
                        .filter(|(out, v)| reads(s, *v) && only_read(func, arm, *out))
                        .collect()
                };
                let (in_then, in_else) = (both(then_, &s.then_), both(else_, &s.else_));
                rename(&mut s.then_, &in_then);
                rename(&mut s.else_, &in_else);
            }
        }
        for inner in blocks_mut(s) {
            block(func, inner, known);
        }
        if let Stmt::If(s) = s {
            known.extend(decided(func, s));
        }
    }
    known.truncate(outside);
}

fn decided(func: &Func, s: &If) -> Option<Decided> {
    let side = |arm: &Block| -> FastMap<V, V> {
        let mut inside = Set::new();
        for s in &arm.stmts {
            all_defs(s, &mut |v| {
                inside.insert(v);
            });
        }
        let both = s.outs.iter().copied().zip(arm.yields.iter().copied());
        both.filter(|(out, y)| is_buffer(func, *out) && !inside.contains(y))
            .collect()
    };
    let sides = [side(&s.then_), side(&s.else_)];
    let any = sides.iter().any(|side| !side.is_empty());
    any.then_some(Decided {
        cond: s.cond,
        sides,
    })
}

/// Whether one of the sides reads a version: then there are two to be had, unless both read that one.
fn reads(s: &If, v: V) -> bool {
    let mut found = false;
    block_uses(&s.then_, &mut |u| found |= u == v);
    block_uses(&s.else_, &mut |u| found |= u == v);
    found
}

/// Whether a side makes no other version of what it reads, and does not hand it on.
fn only_read(func: &Func, arm: &Block, v: V) -> bool {
    let mut read = !arm.yields.contains(&v);
    each(arm, &mut |s| {
        own_changes(func, s, &mut |u| read &= u != v);
        read &= blocks(s).all(|b| !b.yields.contains(&v));
    });
    read
}

fn rename(arm: &mut Block, known: &FastMap<V, V>) {
    if !known.is_empty() {
        block_uses_mut(arm, &mut |v| *v = *known.get(v).unwrap_or(v));
    }
}
