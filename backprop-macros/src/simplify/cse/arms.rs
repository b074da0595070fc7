//! What one branch finds is handed to a later one under the same condition, which would compute it again.
//!
//! ```text
//! let y = if c { let s = x.sqrt(); s * a } else { a };          let (y, s) = if c { .. (s * a, s) } else { (a, _) };
//! ..                                                       =>   ..
//! if c { let s = x.sqrt(); .. s .. } else { .. }                if c { .. s .. } else { .. }
//! ```
//!
//! That is how a reverse sweep looks whose cotangent waits for the value: it takes the branches that the function took.

use super::key::Writer;
use super::{Func, outs_of, write};
use crate::ir::subst::{block_uses_mut, uses_mut};
use crate::ir::table::{FastMap, Set};
use crate::ir::visit::{all_uses, blocks, blocks_mut, outs};
use crate::ir::{Arg, Block, If, Info, Op, Shape, Stmt, V};
use crate::simplify::dce;

/// Hands over what is worth it.
pub(crate) fn run(func: &mut Func) {
    let writer = Writer::of(func);
    let mut body = core::mem::take(&mut func.body);
    let mut pass = Pass {
        func,
        writer,
        news: false,
    };
    pass.block(&mut body);
    let news = pass.news;
    func.body = body;
    if news {
        dce::run(func);
    }
}

/// The values of a later branch, by those of the earlier one.
type Same = FastMap<V, V>;

/// Goes through the arms of branches, each beside the same arm of an earlier branch on the same condition. `visit` is told both, and which values of the
/// later one the first has found.
pub(crate) fn each_pair(func: &Func, visit: &mut impl FnMut(&Block, &Block, &Same)) {
    pairs_in(func, &func.body, &mut Writer::of(func), visit);
}

fn pairs_in(
    func: &Func,
    block: &Block,
    writer: &mut Writer,
    visit: &mut impl FnMut(&Block, &Block, &Same),
) {
    for (k, s) in block.stmts.iter().enumerate() {
        for inner in blocks(s) {
            pairs_in(func, inner, writer, visit);
        }
        if let Stmt::If(later) = s
            && let Some(first) = earlier(later.cond, &block.stmts[..k])
        {
            pair_of(func, first, later, &Same::default(), writer, visit);
        }
    }
}

fn pair_of(
    func: &Func,
    first: &If,
    later: &If,
    same: &Same,
    writer: &mut Writer,
    visit: &mut impl FnMut(&Block, &Block, &Same),
) {
    let arms = [(&first.then_, &later.then_), (&first.else_, &later.else_)];
    for (found, again) in arms {
        let same = found_again(func, writer, found, again, same);
        visit(found, again, &same);
        for s in &again.stmts {
            if let Stmt::If(inner) = s {
                let cond = *same.get(&inner.cond).unwrap_or(&inner.cond);
                if let Some(first) = earlier(cond, &found.stmts) {
                    pair_of(func, first, inner, &same, writer, visit);
                }
            }
        }
    }
}

/// What an arm computes that the same arm of an earlier branch has found.
fn found_again(
    func: &Func,
    writer: &mut Writer,
    found: &Block,
    later: &Block,
    same: &Same,
) -> Same {
    let known = known(func, writer, found);
    let mut same = same.clone();
    for s in &later.stmts {
        let mut s = s.clone();
        uses_mut(&mut s, &mut |v| *v = *same.get(v).unwrap_or(v));
        if changes_nothing(&s)
            && write(func, writer, &s)
            && let Some(defs) = known.get(&writer.out[..])
        {
            outs_of(&s).into_iter().zip(defs).for_each(|(v, first)| {
                same.insert(v, *first);
            });
        }
    }
    same
}

/// What the statements of an arm compute, and what they call it.
fn known(func: &Func, writer: &mut Writer, found: &Block) -> FastMap<Box<[u32]>, Vec<V>> {
    let mut known = FastMap::default();
    for s in &found.stmts {
        if changes_nothing(s) && write(func, writer, s) {
            let words: Box<[u32]> = writer.out[..].into();
            known.entry(words).or_insert_with(|| outs_of(s));
        }
    }
    known
}

struct Pass<'a> {
    func: &'a mut Func,
    writer: Writer,
    news: bool,
}

impl Pass<'_> {
    fn block(&mut self, block: &mut Block) {
        for k in 0..block.stmts.len() {
            for inner in blocks_mut(&mut block.stmts[k]) {
                self.block(inner);
            }
            let (earlier, rest) = block.stmts.split_at_mut(k);
            if let Stmt::If(later) = &mut rest[0]
                && let Some(first) = under(later.cond, earlier)
            {
                self.pair(first, later, &Same::default());
            }
        }
    }

    fn pair(&mut self, first: &mut If, later: &mut If, same: &Same) {
        self.arm(first, &mut later.then_, true, same);
        self.arm(first, &mut later.else_, false, same);
    }

    /// Takes over in an arm of the later branch what the same arm of the first one has found.
    fn arm(&mut self, first: &mut If, later: &mut Block, then: bool, same: &Same) {
        let found = if then { &first.then_ } else { &first.else_ };
        let same = found_again(self.func, &mut self.writer, found, later, same);
        let found = if then {
            &mut first.then_
        } else {
            &mut first.else_
        };
        // Branches within come first: what they hand over has to pass here, too.
        for s in &mut later.stmts {
            if let Stmt::If(inner) = s
                && (inner.outs.is_empty() || inner.outs.iter().any(|o| !same.contains_key(o)))
            {
                let cond = *same.get(&inner.cond).unwrap_or(&inner.cond);
                if let Some(first) = under(cond, &mut found.stmts) {
                    self.pair(first, inner, &same);
                }
            }
        }
        let wanted = self.wanted(found, later, &same);
        if wanted.is_empty() {
            return;
        }
        self.news = true;
        let mut names = Same::default();
        for (v, found) in wanted {
            let out = self.hand_over(first, found, then);
            names.insert(v, out);
        }
        block_uses_mut(later, &mut |v| *v = *names.get(v).unwrap_or(v));
    }

    /// The values that the later arm uses and does not compute itself, and what the first one calls them.
    fn wanted(&self, found: &Block, later: &Block, same: &Same) -> Vec<(V, V)> {
        let worth = self.worth(found);
        let mut defined = Set::new();
        for s in &found.stmts {
            outs(s, &mut |v| {
                defined.insert(v);
            });
        }
        let mut needed = Set::new();
        let mut wanted: Vec<(V, V)> = Vec::new();
        let mut want = |v: V, first: V| {
            if !wanted.contains(&(v, first)) {
                wanted.push((v, first));
            }
        };
        later.yields.iter().for_each(|v| {
            needed.insert(*v);
        });
        for s in later.stmts.iter().rev() {
            let outs = outs_of(s);
            let taken: Vec<V> = outs
                .iter()
                .copied()
                .filter(|v| needed.contains(v))
                .collect();
            let known = !outs.is_empty() && outs.iter().all(|v| same.contains_key(v));
            if known && taken.iter().all(|v| worth.contains(&same[v])) {
                taken.iter().for_each(|v| want(*v, same[v]));
                continue;
            }
            if known && taken.is_empty() {
                continue;
            }
            all_uses(s, &mut |v| {
                needed.insert(v);
            });
        }
        // What branches within left for the arm.
        let all = needed.iter().filter(|v| defined.contains(v));
        all.for_each(|v| want(v, v));
        wanted
    }

    /// The numbers that an arm computes, but for those that are had for nothing.
    fn worth(&self, found: &Block) -> Set {
        let mut defined = Set::new();
        let mut worth = Set::new();
        for s in &found.stmts {
            let slight = match s {
                Stmt::Let(_, Op::Get(root, _)) => !defined.contains(root),
                Stmt::Let(_, op) => matches!(
                    op,
                    Op::Undef | Op::Lit(_) | Op::Const(_) | Op::Len(..) | Op::Un(..) | Op::Cast(..)
                ),
                _ => false,
            };
            for v in outs_of(s) {
                defined.insert(v);
                if !slight && *self.func.shape(v) == Shape::Float {
                    worth.insert(v);
                }
            }
        }
        worth
    }

    /// Lets a branch yield what an arm has found; the other one yields anything.
    fn hand_over(&mut self, first: &mut If, found: V, then: bool) -> V {
        let (arm, other) = if then {
            (&mut first.then_, &mut first.else_)
        } else {
            (&mut first.else_, &mut first.then_)
        };
        let blank = |v: &V| {
            let undefined = |s: &Stmt| matches!(s, Stmt::Let(w, Op::Undef) if w == v);
            other.stmts.iter().any(undefined)
        };
        let yields = arm.yields.iter().zip(&other.yields).zip(&first.outs);
        let mut yields = yields.filter(|((v, b), _)| **v == found && blank(b));
        if let Some((_, out)) = yields.next() {
            return *out;
        }
        let blank = self.fresh(found);
        let out = self.fresh(found);
        self.func.info_mut(out).name = self.func.info(found).name.clone();
        other.stmts.push(Stmt::Let(blank, Op::Undef));
        other.yields.push(blank);
        arm.yields.push(found);
        first.outs.push(out);
        out
    }

    fn fresh(&mut self, like: V) -> V {
        let info = self.func.info(like);
        let (shape, span) = (info.shape.clone(), info.span);
        let v = V(self.func.infos.len() as u32);
        self.func.infos.push(Info {
            span,
            ..Info::new(shape)
        });
        v
    }
}

/// The branch under a condition nearest to the end.
fn earlier(cond: V, stmts: &[Stmt]) -> Option<&If> {
    stmts.iter().rev().find_map(|s| match s {
        Stmt::If(first) if first.cond == cond => Some(first),
        _ => None,
    })
}

/// The same, to change it.
fn under(cond: V, stmts: &mut [Stmt]) -> Option<&mut If> {
    stmts.iter_mut().rev().find_map(|s| match s {
        Stmt::If(first) if first.cond == cond => Some(first),
        _ => None,
    })
}

/// Whether a statement is a value and nothing else.
fn changes_nothing(s: &Stmt) -> bool {
    match s {
        Stmt::Let(..) | Stmt::If(_) => true,
        Stmt::Call(c) => {
            let shared = |a: &Arg| matches!(a, Arg::Value(_) | Arg::Ref(..));
            c.args.iter().all(shared)
        }
        _ => false,
    }
}
