//! What fills all of an aggregate, or of a part, before it reads any of it.

use super::{Pass, within};
use crate::ir::parts::Parts;
use crate::ir::table::Set;
use crate::ir::visit::all_uses;
use crate::ir::{
    Adapt, Block, Call, Callee, Constant, Head, Loop, Op, Path, Proj, Shape, Stmt, V, same_path,
};

impl Pass {
    /// Whether an inner loop writes each element of an iteration's part before it reads it.
    pub(super) fn fills(&self, inner: &Loop, from: V, parts: &Parts) -> bool {
        let mut carried = (0..inner.inits.len()).filter(|k| inner.inits[*k] == from);
        let (Some(k), None) = (carried.next(), carried.next()) else {
            return false;
        };
        let p = inner.params[k];
        let path = inner.body.stmts.iter().find_map(|s| match s {
            Stmt::Let(_, Op::Set(a, path, _)) if *a == p => Some(path),
            _ => None,
        });
        path.is_some_and(|path| {
            parts.runs_through(path, inner)
                && self.filled(&inner.body, p, path) == Some(inner.body.yields[k])
        })
    }

    /// Whether a call that is lent the whole aggregate, and nothing else of it, fills it as far as we are concerned.
    pub(super) fn promises(&self, c: &Call, root: V, out: V, claims: bool) -> bool {
        // How a method takes its receiver is not seen: most read it.
        let receiver = matches!(c.callee, Callee::Method(..)) && c.args[0].root() == root;
        claims
            && !receiver
            && self.activity.varies(out)
            && !c.is_between(root)
            && c.last(out) == out
            && c.args.iter().filter(|a| a.root() == root).count() == 1
    }

    /// Whether a loop writes all of a part of what it carries before it reads any of it.
    pub(super) fn covers(&self, l: &Loop, k: usize, part: &Path) -> bool {
        let Head::For { i, range } = &l.head else {
            return false;
        };
        let p = l.params[k];
        if l.stop.is_some()
            || range.inclusive
            || range.adapt.iter().any(|a| !matches!(a, Adapt::Rev))
            || !self.is_integer(range.lo, "0")
            || !self.is_length(range.hi, p, part)
        {
            return false;
        }
        let mut element = part.clone();
        element.push(Proj::Index(*i));
        self.filled(&l.body, p, &element) == Some(l.body.yields[k])
            && (0..l.params.len()).all(|j| j == k || l.inits[j] != l.inits[k])
    }

    /// The last version, if a block writes all of a part before it reads any, and nothing outside that part.
    fn filled(&self, b: &Block, from: V, part: &Path) -> Option<V> {
        let mut at = from;
        let mut old = Set::new();
        let mut done = false;
        for s in &b.stmts {
            let (mut uses, mut stale) = (0, false);
            all_uses(s, &mut |v| {
                uses += usize::from(v == at);
                stale |= old.contains(&v);
            });
            let harmless = matches!(s, Stmt::Let(_, Op::Len(..) | Op::ZeroLike(_)));
            if stale && !harmless {
                return None;
            }
            if uses == 0 || harmless {
                continue;
            }
            let next = match s {
                Stmt::Let(_, Op::Get(_, path)) if done && within(path, part) && uses == 1 => at,
                Stmt::Let(v, Op::Set(a, path, _)) if *a == at && uses == 1 => {
                    let whole = same_path(path, part);
                    let again = done && within(path, part);
                    if !(whole || again) {
                        return None;
                    }
                    done = true;
                    *v
                }
                Stmt::Let(v, Op::AddAt(a, path, _))
                    if *a == at && uses == 1 && done && within(path, part) =>
                {
                    *v
                }
                Stmt::Loop(l) if !done => {
                    let k = l.inits.iter().position(|v| *v == at)?;
                    let mut inside = 0;
                    for s in &l.body.stmts {
                        all_uses(s, &mut |v| inside += usize::from(v == at));
                    }
                    if inside > 0 || !self.covers(l, k, part) {
                        return None;
                    }
                    done = true;
                    l.outs[k]
                }
                _ => return None,
            };
            if next != at {
                old.insert(at);
                at = next;
            }
        }
        let stale = b.yields.iter().any(|y| old.contains(y));
        (done && !stale).then_some(at)
    }

    fn is_integer(&self, v: V, text: &str) -> bool {
        let constant = self.ops[v.0 as usize].as_ref();
        matches!(constant, Some(Op::Const(c)) if c.integer().is_some_and(|n| n.to_string() == text))
    }

    pub(super) fn same_length(&self, n: V, m: V) -> bool {
        let ops = (&self.ops[n.0 as usize], &self.ops[m.0 as usize]);
        n == m
            || match ops {
                (Some(Op::Len(a, p)), Some(Op::Len(b, q))) => {
                    self.first(*a) == self.first(*b) && same_path(p, q)
                }
                _ => false,
            }
    }

    /// Whether a value is the number of elements in a part of an aggregate.
    fn is_length(&self, n: V, of: V, part: &Path) -> bool {
        if let (Some(Op::Filled(_, m)), []) = (&self.ops[self.first(of).0 as usize], &part[..])
            && self.same_length(n, *m)
        {
            return true;
        }
        match &self.ops[n.0 as usize] {
            Some(Op::Len(a, path)) => same_path(path, part) && self.first(*a) == self.first(of),
            Some(Op::Const(c)) => {
                let mut shape = &self.shapes[of.0 as usize];
                for step in part {
                    let (Shape::Seq(e, _), Proj::Index(_)) = (shape, step) else {
                        return false;
                    };
                    shape = e;
                }
                matches!(shape, Shape::Seq(_, Some(len)) if same_number(len, c))
            }
            Some(Op::Fn("min", list)) => list.iter().all(|v| self.is_length(*v, of, part)),
            _ => false,
        }
    }
}

/// Whether a length and a constant are one number, or one expression.
fn same_number(len: &str, c: &Constant) -> bool {
    let plain = |s: &str| -> String { s.chars().filter(|c| !c.is_whitespace()).collect() };
    let number = |s: &str| plain(s).trim_end_matches("usize").parse::<i64>().ok();
    match (number(len), c.integer()) {
        (Some(a), Some(b)) => a == b,
        _ => plain(len) == plain(c.text()),
    }
}
