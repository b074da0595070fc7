//! What is read of the contents of buffers, and when.

use crate::ir::buffers::{is_buffer, own_changes};
use crate::ir::table::Set;
use crate::ir::visit::{all_defs, blocks, own_uses};
use crate::ir::{Arg, Block, Found, Func, Op, Stmt, V};

/// Calls `f` on each buffer whose contents a statement itself reads. All versions have the same length, and nobody asks what is in
/// scratch that is about to be filled.
pub(super) fn own_reads(func: &Func, stmt: &Stmt, f: &mut impl FnMut(V)) {
    match stmt {
        Stmt::Let(_, Op::Refill(..) | Op::ZeroLike(_)) => {}
        Stmt::Let(_, Op::Len(_, path)) if path.is_empty() => {}
        stmt => own_uses(stmt, &mut |v| {
            if is_buffer(func, v) {
                f(v);
            }
        }),
    }
}

/// The same, nested blocks included.
pub(super) fn all_reads(func: &Func, stmt: &Stmt, f: &mut impl FnMut(V)) {
    own_reads(func, stmt, f);
    for b in blocks(stmt) {
        for s in &b.stmts {
            all_reads(func, s, f);
        }
        b.yields
            .iter()
            .filter(|v| is_buffer(func, **v))
            .for_each(|v| f(*v));
    }
}

/// The buffers from outside that a statement reads, in order.
pub(super) fn reads(func: &Func, stmt: &Stmt) -> Vec<V> {
    let mut inside = Set::new();
    all_defs(stmt, &mut |v| {
        inside.insert(v);
    });
    let mut found = Vec::new();
    all_reads(func, stmt, &mut |v| {
        if !inside.contains(&v) && !found.contains(&v) {
            found.push(v);
        }
    });
    found
}

/// The buffers from outside that a block makes other versions of, in order.
pub(super) fn changes(func: &Func, block: &Block) -> Vec<V> {
    fn walk(func: &Func, block: &Block, inside: &mut Set, found: &mut Vec<V>) {
        for s in &block.stmts {
            own_changes(func, s, &mut |v| {
                if !inside.contains(&v) && !found.contains(&v) {
                    found.push(v);
                }
            });
            all_defs(s, &mut |v| {
                inside.insert(v);
            });
            for b in blocks(s) {
                walk(func, b, inside, found);
            }
        }
    }
    let mut found = Vec::new();
    walk(func, block, &mut Set::new(), &mut found);
    found
}

/// Whether a version may be read after another one was made of it. A loop's body comes after itself.
pub(super) fn any(func: &Func) -> bool {
    let mut scan = Scan {
        func,
        changed: Set::new(),
        found: false,
    };
    scan.block(&func.body);
    let mut lasts = func.finals.iter().flatten();
    scan.found || lasts.any(|v| scan.changed.contains(v))
}

/// What a sweep after its call asks for of what the call has found in slices.
pub(super) fn asked(func: &Func, stmt: &Stmt) -> Vec<V> {
    let Stmt::Sweep(s) = stmt else {
        return Vec::new();
    };
    let found = s.call.args.iter().zip(&s.found);
    let found = found.filter_map(|(a, found)| match (a, found) {
        (Arg::Mut(root, path, _), Found::Entry(v)) if func.is_slice(*root, path) => Some(*v),
        _ => None,
    });
    found.collect()
}

struct Scan<'a> {
    func: &'a Func,
    /// The versions of which others have been made.
    changed: Set,
    found: bool,
}

impl Scan<'_> {
    fn block(&mut self, block: &Block) {
        for s in &block.stmts {
            if self.found {
                return;
            }
            let mut read = !asked(self.func, s).is_empty();
            own_reads(self.func, s, &mut |v| read |= self.changed.contains(&v));
            self.found |= read;
            let mut changed = Vec::new();
            own_changes(self.func, s, &mut |v| changed.push(v));
            self.changed.extend(changed);
            if let Stmt::Loop(l) = s {
                let again = changes(self.func, &l.body);
                self.found |= again.iter().any(|v| !l.params.contains(v));
            }
            blocks(s).for_each(|b| self.block(b));
        }
        self.found |= block.yields.iter().any(|v| self.changed.contains(v));
    }
}
