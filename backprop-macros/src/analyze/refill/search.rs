//! Whether an iteration reads what it found in an aggregate that it carries, and what fills it before.

use super::{Fills, Pass, mentions, reads};
use crate::ir::parts::{Part, Parts};
use crate::ir::table::Set;
use crate::ir::visit::{all_defs, all_uses, path_uses};
use crate::ir::{Arg, Block, Constant, Head, Loop, Op, Path, Stmt, V};

/// The search for what an iteration of a loop reads of an aggregate that it found.
pub(super) struct Search {
    /// The versions that hold what was found.
    pub(super) found: Set,
    /// Whether callees are asked for promises.
    pub(super) claims: bool,
    /// The fills that end this.
    pub(super) fills: Fills,
    /// What the loop defines, where it may fill the aggregate part by part.
    pub(super) inside: Option<Set>,
    pub(super) filled: Option<Filled>,
}

/// An aggregate filled part by part: the iterations of an inner loop have, and fill, a part each, the same parts in every iteration of
/// the loop around. What lies outside the parts nobody reads.
pub(super) struct Filled {
    version: V,
    part: Part,
    lo: V,
    hi: V,
}

/// How deep an expression of integers is looked into: the cost stays linear.
const DEPTH: u32 = 4;

impl Pass {
    /// Whether a block reads no version that holds what was found.
    pub(super) fn unread(&self, b: &Block, search: &mut Search) -> bool {
        b.stmts.iter().all(|s| self.statement(s, search))
    }

    fn statement(&self, s: &Stmt, search: &mut Search) -> bool {
        if !self.keeps_to_parts(s, search) {
            return false;
        }
        let mut used = false;
        all_uses(s, &mut |v| used |= search.found.contains(&v));
        if !used {
            return true;
        }
        match s {
            Stmt::Let(_, Op::Len(_, path)) => !mentions(path, &search.found),
            Stmt::Let(_, Op::ZeroLike(_) | Op::Refill(..)) => true,
            Stmt::Call(c) => {
                let mut args = c.args.iter().filter(|a| search.found.contains(&a.root()));
                let (first, more) = (args.next(), args.next());
                let (Some(Arg::Mut(root, path, out)), None) = (first, more) else {
                    return false;
                };
                let fine = path.is_empty() && self.promises(c, *root, *out, search.claims);
                if fine {
                    search.fills.push((*out, *root));
                }
                fine
            }
            Stmt::If(i) => {
                if search.found.contains(&i.cond)
                    || !self.unread(&i.then_, search)
                    || !self.unread(&i.else_, search)
                {
                    return false;
                }
                for (k, out) in i.outs.iter().enumerate() {
                    if search.holds(i.then_.yields[k]) || search.holds(i.else_.yields[k]) {
                        search.found.insert(*out);
                    }
                }
                true
            }
            Stmt::Loop(l) => {
                let found = &search.found;
                let mut carried = (0..l.inits.len()).filter(|k| found.contains(&l.inits[*k]));
                let (Some(k), None) = (carried.next(), carried.next()) else {
                    // Read from outside, or in two variables at once.
                    return false;
                };
                let outside = l.body.stmts.iter().any(|s| {
                    let mut used = false;
                    all_uses(s, &mut |v| used |= found.contains(&v));
                    used && !matches!(s, Stmt::Let(_, Op::Len(..) | Op::ZeroLike(_)))
                });
                if !outside {
                    let by_parts = self.by_parts(l, k, search);
                    if by_parts.is_some() || self.covers(l, k, &Path::new()) {
                        search.fills.push((l.outs[k], l.inits[k]));
                        search.filled = by_parts;
                        return true;
                    }
                }
                search.found.insert(l.params[k]);
                let condition = match &l.head {
                    Head::While(cond) => reads(cond, &search.found),
                    Head::For { .. } | Head::Forever => false,
                };
                if condition || !self.unread(&l.body, search) {
                    return false;
                }
                search.found.insert(l.outs[k]);
                (0..l.params.len()).all(|j| j == k || !search.holds(l.body.yields[j]))
            }
            _ => false,
        }
    }

    /// Whether a loop fills all of a part of what it carries in each iteration, before it reads any of it, and touches nothing else of it; and
    /// whether these are the same parts in each iteration of the loop around.
    fn by_parts(&self, l: &Loop, k: usize, search: &Search) -> Option<Filled> {
        let inside = search.inside.as_ref()?;
        if search.filled.is_some() || self.covers(l, k, &Path::new()) {
            return None;
        }
        let Head::For { range, .. } = &l.head else {
            return None;
        };
        let parts = Parts::of(l, &self.constants)?;
        let p = l.params[k];
        let part = parts.own(p, l.body.yields[k])?;
        let fixed = |v: V| self.fixed(v, inside, DEPTH);
        let same = !range.inclusive && fixed(range.lo) && fixed(range.hi) && part.uses(&fixed);
        let first = l.body.stmts.iter().find(|s| {
            let mut used = false;
            all_uses(s, &mut |v| used |= v == p);
            used && !matches!(s, Stmt::Let(_, Op::Len(..) | Op::ZeroLike(_)))
        })?;
        let filled = match first {
            Stmt::Let(_, Op::Set(a, path, _)) => *a == p && parts.is_element(path),
            Stmt::Loop(inner) => self.fills(inner, p, &parts),
            _ => false,
        };
        (same && filled).then(|| Filled {
            version: l.outs[k],
            part,
            lo: range.lo,
            hi: range.hi,
        })
    }

    /// Whether a statement reads of what has been filled part by part only such parts, an iteration each.
    fn keeps_to_parts(&self, s: &Stmt, search: &Search) -> bool {
        let Some(filled) = &search.filled else {
            return true;
        };
        let mut used = false;
        all_uses(s, &mut |v| used |= v == filled.version);
        match s {
            _ if !used => true,
            Stmt::Let(_, Op::Len(_, path)) => {
                let mut at = false;
                path_uses(path, &mut |v| at |= v == filled.version);
                !at
            }
            Stmt::Let(_, Op::ZeroLike(_)) => true,
            Stmt::Loop(l) => {
                let Head::For { range, .. } = &l.head else {
                    return false;
                };
                !l.inits.contains(&filled.version)
                    && self.same_bound(range.lo, filled.lo)
                    && self.same_bound(range.hi, filled.hi)
                    && !range.inclusive
                    && Parts::of(l, &self.constants)
                        .and_then(|parts| parts.read(filled.version))
                        .is_some_and(|part| part.same(&filled.part))
            }
            _ => false,
        }
    }

    fn same_bound(&self, a: V, b: V) -> bool {
        let text = |v: V| self.constants.get(&v).map(Constant::text);
        self.same_length(a, b) || text(a).is_some_and(|t| text(b) == Some(t))
    }

    /// Whether an integer is the same in all iterations of a loop that defines these values.
    fn fixed(&self, v: V, inside: &Set, depth: u32) -> bool {
        if !inside.contains(&v) {
            return true;
        }
        match &self.ops[v.0 as usize] {
            _ if depth == 0 => false,
            Some(Op::Const(_)) => true,
            // The length of a buffer never changes.
            Some(Op::Len(a, path)) => path.is_empty() && !inside.contains(&self.first(*a)),
            Some(Op::Bin(_, a, b)) => {
                self.fixed(*a, inside, depth - 1) && self.fixed(*b, inside, depth - 1)
            }
            Some(Op::Cast(a, _)) => self.fixed(*a, inside, depth - 1),
            _ => false,
        }
    }
}

impl Search {
    /// Whether a version may hold something of what was found.
    pub(super) fn holds(&self, v: V) -> bool {
        let filled = self.filled.as_ref().map(|f| f.version);
        self.found.contains(&v) || filled == Some(v)
    }
}

/// All that a loop defines.
pub(super) fn defined(l: &Loop) -> Set {
    let mut inside = Set::new();
    all_defs(&Stmt::Loop(l.clone()), &mut |v| {
        inside.insert(v);
    });
    inside
}
