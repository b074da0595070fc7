//! The iteration that leaves the loop: what it does not change is what the loop ends with.
//!
//! `loop { if c { break } ..; i += 1 }` runs its last iteration only as far as the exit. Run backwards, that
//! iteration comes first; its values are the loop's results, and need not be kept.

use crate::ir::visit::{all_uses, block_uses};
use crate::ir::{Block, Func, If, Loop, Op, Stmt, Un, V};

/// A branch of which one side leaves the loop.
pub(crate) struct Exit<'a> {
    pub(crate) branch: &'a If,
    /// The side that leaves is the first one.
    pub(crate) first: bool,
}

impl<'a> Exit<'a> {
    /// The branch that decides whether a loop goes on.
    pub(crate) fn of(l: &'a Loop) -> Option<Exit<'a>> {
        let stop = l.stop?;
        let negated = l.body.stmts.iter().find_map(|s| match s {
            Stmt::Let(v, Op::Un(Un::Not, c)) if *v == stop => Some(*c),
            _ => None,
        });
        l.body.stmts.iter().find_map(|s| match s {
            Stmt::If(branch) if branch.cond == stop => Some(Exit { branch, first: true }),
            Stmt::If(branch) if Some(branch.cond) == negated => Some(Exit { branch, first: false }),
            _ => None,
        })
    }

    fn sides(&self) -> (&'a Block, &'a Block) {
        let (a, b) = (&self.branch.then_, &self.branch.else_);
        if self.first { (a, b) } else { (b, a) }
    }

    /// If `next` is what the branch makes of `p` where the loop goes on, and it leaves with `p` as it is: the
    /// side that goes on, and what it yields.
    pub(crate) fn unchanged(&self, p: V, next: V) -> Option<(&'a Block, V)> {
        let k = self.branch.outs.iter().position(|o| *o == next)?;
        let (leaves, goes_on) = self.sides();
        (leaves.yields[k] == p).then(|| (goes_on, goes_on.yields[k]))
    }

    /// Whether the reverse loop uses `v` only where it runs the exit again.
    pub(crate) fn only(&self, func: &Func, v: V, reverse: &Block) -> bool {
        let origin = |v: V| func.info(v).origin.unwrap_or(v);
        let uses = |b: &Block| {
            let mut n = 0;
            block_uses(b, &mut |u| n += usize::from(u == v));
            n
        };
        let mut ok = !reverse.yields.contains(&v);
        for s in &reverse.stmts {
            match s {
                Stmt::If(i) if origin(i.cond) == origin(self.branch.cond) => {
                    let goes_on = if self.first { &i.else_ } else { &i.then_ };
                    ok &= i.cond != v && uses(goes_on) == 0;
                }
                s => all_uses(s, &mut |u| ok &= u != v),
            }
        }
        ok
    }
}
