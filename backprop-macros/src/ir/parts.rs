//! Loops in which each iteration has a part of a buffer to itself: an element, `a[i]`, or one of equally long
//! stretches, `a[i * n..][..n]`.
//!
//! Such iterations can run in any order, and after the loop each part is as its iteration left it.

use super::table::{FastMap, Set, Table};
use super::visit::{all_uses, blocks, each, outs, path_uses};
use super::{
    Adapt, Arg, Bin, Block, Constant, Head, Loop, Op, Proj, Range, SlotArg, Stmt, V, same_path,
};

/// The part of a buffer that belongs to an iteration.
#[derive(Clone)]
pub(crate) struct Part {
    /// From the buffer to the list that the iterations share.
    fixed: Vec<Proj>,
    form: Form,
}

#[derive(Clone, PartialEq, Eq)]
enum Form {
    Element,
    /// So many elements.
    Stretch(Length),
}

/// A length that is the same in all iterations.
#[derive(Clone, PartialEq, Eq)]
enum Length {
    Value(V),
    Constant(String),
}

impl Part {
    /// Whether two loops share a buffer out alike.
    pub(crate) fn same(&self, other: &Part) -> bool {
        same_path(&self.fixed, &other.fixed) && self.form == other.form
    }

    /// Whether all values that say where the parts are have a property.
    pub(crate) fn uses(&self, property: &impl Fn(V) -> bool) -> bool {
        let mut all = match &self.form {
            Form::Stretch(Length::Value(v)) => property(*v),
            Form::Stretch(Length::Constant(_)) | Form::Element => true,
        };
        path_uses(&self.fixed, &mut |v| all &= property(v));
        all
    }
}

/// The constants of a function.
pub(crate) type Constants = Table<Constant>;

/// Collects the constants of a block and those inside it.
pub(crate) fn constants(block: &Block) -> Constants {
    let mut out = Constants::new();
    each(block, &mut |stmt| {
        if let Stmt::Let(v, Op::Const(t)) = stmt {
            out.insert(*v, t.clone());
        }
    });
    out
}

impl Range {
    /// The number of its items, where literals tell.
    pub(crate) fn items(&self, constants: &Constants) -> Option<usize> {
        let value = |v| constants.get(&v).and_then(Constant::integer);
        let (lo, hi) = (value(self.lo)?, value(self.hi)?);
        let all = |a: &Adapt| matches!(a, Adapt::Rev | Adapt::Backwards(None));
        let count = hi.checked_sub(lo)?.max(-1);
        let count = count.checked_add(i64::from(self.inclusive))?.max(0);
        usize::try_from(count)
            .ok()
            .filter(|_| self.adapt.iter().all(all))
    }
}

/// How the iterations of one loop share out buffers.
pub(crate) struct Parts<'a> {
    i: V,
    inside: Set,
    ops: FastMap<V, &'a Op>,
    /// The bounds of inner loops, by their indices.
    ranges: FastMap<V, (V, V)>,
    constants: &'a Constants,
    body: &'a Block,
}

impl<'a> Parts<'a> {
    /// `None` where the index does not go through a range one by one.
    pub(crate) fn of(l: &'a Loop, constants: &'a Constants) -> Option<Parts<'a>> {
        let Head::For { i, range } = &l.head else {
            return None;
        };
        if l.stop.is_some() || range.adapt.iter().any(|a| !matches!(a, Adapt::Rev)) {
            return None;
        }
        let mut parts = Parts {
            i: *i,
            inside: l.params.iter().copied().collect(),
            ops: FastMap::default(),
            ranges: FastMap::default(),
            constants,
            body: &l.body,
        };
        parts.inside.insert(*i);
        parts.define(&l.body);
        Some(parts)
    }

    fn define(&mut self, block: &'a Block) {
        for stmt in &block.stmts {
            outs(stmt, &mut |v| {
                self.inside.insert(v);
            });
            if let Stmt::Let(v, op) = stmt {
                self.ops.insert(*v, op);
            }
            if let Stmt::Loop(l) = stmt {
                self.inside.extend(&l.params);
                if let Head::For { i, range } = &l.head {
                    self.inside.insert(*i);
                    if !range.inclusive && range.adapt.iter().all(|a| matches!(a, Adapt::Rev)) {
                        self.ranges.insert(*i, (range.lo, range.hi));
                    }
                }
            }
            for b in blocks(stmt) {
                self.define(b);
            }
        }
    }

    /// The part of the buffer `from` that each iteration keeps to, on the way from this version to `to`.
    pub(crate) fn own(&self, from: V, to: V) -> Option<Part> {
        let mut walk = Walk {
            parts: self,
            part: None,
        };
        let last = walk.block(self.body, from)?;
        walk.part.filter(|_| last == to)
    }

    /// The part of a buffer that each iteration keeps to, where no iteration makes a new version.
    pub(crate) fn read(&self, buffer: V) -> Option<Part> {
        self.own(buffer, buffer)
    }

    /// Whether a path names the iteration's own element, all of it.
    pub(crate) fn is_element(&self, path: &[Proj]) -> bool {
        match path.split_last() {
            Some((Proj::Index(at), fixed)) => {
                *at == self.i && fixed.iter().all(|p| self.fixed_step(p))
            }
            _ => false,
        }
    }

    /// Whether a path, in the iterations of an inner loop, names all elements of the iteration's own stretch, one after the other.
    pub(crate) fn runs_through(&self, path: &[Proj], inner: &Loop) -> bool {
        let Head::For { i: j, .. } = &inner.head else {
            return false;
        };
        let Some((Proj::Index(at), before)) = path.split_last() else {
            return false;
        };
        let Some(Part { fixed, form }) = self.part(path) else {
            return false;
        };
        let Form::Stretch(n) = form else {
            return false;
        };
        let whole = match &before[fixed.len()..] {
            [] => match self.ops.get(at) {
                Some(Op::Bin(Bin::Add, a, b)) => a == j || b == j,
                _ => false,
            },
            [Proj::Range { .. }] | [Proj::Range { .. }, Proj::Range { lo: None, .. }] => at == j,
            _ => false,
        };
        whole && inner.stop.is_none() && self.below(*j, &n)
    }

    /// Where a path first depends on the iteration it has to name the iteration's own part: that part, and how
    /// much of the path it takes.
    fn part(&self, path: &[Proj]) -> Option<Part> {
        let fixed = path.iter().take_while(|p| self.fixed_step(p)).count();
        let form = match &path[fixed..] {
            [Proj::Index(at), ..] if *at == self.i => Form::Element,
            [Proj::Index(at), ..] => Form::Stretch(self.within(*at)?),
            [
                Proj::Range {
                    lo: Some(lo),
                    hi: None,
                    ..
                },
                Proj::Index(j),
                ..,
            ] => Form::Stretch(self.multiple(*lo).filter(|n| self.below(*j, n))?),
            [
                Proj::Range {
                    lo: Some(lo),
                    hi: None,
                    ..
                },
                Proj::Range {
                    lo: None,
                    hi: Some(n),
                    inclusive: false,
                },
                ..,
            ] => Form::Stretch(self.multiple(*lo).filter(|m| *m == self.length(*n))?),
            [
                Proj::Range {
                    lo: Some(lo),
                    hi: Some(hi),
                    inclusive: false,
                },
                ..,
            ] => Form::Stretch(self.multiple(*lo).filter(|n| self.ends(*lo, *hi, n))?),
            _ => return None,
        };
        Some(Part {
            fixed: path[..fixed].to_vec(),
            form,
        })
    }

    fn fixed_step(&self, step: &Proj) -> bool {
        let mut fixed = true;
        path_uses(&vec![step.clone()], &mut |v| fixed &= self.fixed(v));
        fixed
    }

    fn fixed(&self, v: V) -> bool {
        !self.inside.contains(&v) || self.constants.get(&v).is_some()
    }

    fn length(&self, v: V) -> Length {
        match (self.constants.get(&v), self.ops.get(&v)) {
            (Some(t), _) => Length::Constant(t.text().to_owned()),
            // Of a slice `[..n]`.
            (None, Some(Op::Len(_, path))) => match path.last() {
                Some(Proj::Range {
                    lo: None,
                    hi: Some(n),
                    inclusive: false,
                }) if !matches!(self.ops.get(n), Some(Op::Len(..))) => self.length(*n),
                _ => Length::Value(v),
            },
            (None, _) => Length::Value(v),
        }
    }

    /// The `n` of `i * n`.
    fn multiple(&self, v: V) -> Option<Length> {
        self.product(v, |at| at == self.i)
    }

    fn product(&self, v: V, index: impl Fn(V) -> bool) -> Option<Length> {
        let Some(Op::Bin(Bin::Mul, a, b)) = self.ops.get(&v) else {
            return None;
        };
        let n = if index(*a) {
            *b
        } else if index(*b) {
            *a
        } else {
            return None;
        };
        self.fixed(n).then(|| self.length(n))
    }

    /// The `n` of `i * n + j`, where `j` counts up to it.
    fn within(&self, at: V) -> Option<Length> {
        let Some(Op::Bin(Bin::Add, a, b)) = self.ops.get(&at) else {
            return None;
        };
        [(*a, *b), (*b, *a)]
            .into_iter()
            .find_map(|(lo, j)| self.multiple(lo).filter(|n| self.below(j, n)))
    }

    /// Whether `j` is the index of an inner loop over `0..n`.
    fn below(&self, j: V, n: &Length) -> bool {
        self.ranges.get(&j).is_some_and(|(lo, hi)| {
            self.constants
                .get(lo)
                .is_some_and(|t| t.integer() == Some(0))
                && self.length(*hi) == *n
        })
    }

    /// Whether `hi` is `lo + n`, or `(i + 1) * n`.
    fn ends(&self, lo: V, hi: V, n: &Length) -> bool {
        let one = |v: V| {
            self.constants
                .get(&v)
                .is_some_and(|t| t.integer() == Some(1))
        };
        let next = |v: V| match self.ops.get(&v) {
            Some(Op::Bin(Bin::Add, a, b)) => *a == self.i && one(*b) || *b == self.i && one(*a),
            _ => false,
        };
        match self.ops.get(&hi) {
            Some(Op::Bin(Bin::Add, a, b)) => {
                *a == lo && self.length(*b) == *n || *b == lo && self.length(*a) == *n
            }
            _ => self.product(hi, next).as_ref() == Some(n),
        }
    }
}

/// Follows the versions of a buffer through a loop's body.
struct Walk<'a, 'b> {
    parts: &'b Parts<'a>,
    part: Option<Part>,
}

impl Walk<'_, '_> {
    /// The last version in a block that begins with `from`. `None` if an older version is used beside a newer
    /// one, or anything beyond the iteration's part is touched.
    fn block(&mut self, block: &Block, from: V) -> Option<V> {
        let mut at = from;
        let mut retired = Set::new();
        for stmt in &block.stmts {
            let (mut uses, mut stale) = (false, false);
            all_uses(stmt, &mut |v| {
                uses |= v == at;
                stale |= retired.contains(&v);
            });
            let harmless = matches!(stmt, Stmt::Let(_, Op::Len(..) | Op::ZeroLike(_)));
            if stale && !harmless {
                return None;
            }
            if uses && !harmless {
                let next = self.stmt(stmt, at)?;
                if next != at {
                    retired.insert(at);
                    at = next;
                }
            }
        }
        let stale = block.yields.iter().any(|y| retired.contains(y));
        (!stale).then_some(at)
    }

    fn stmt(&mut self, stmt: &Stmt, at: V) -> Option<V> {
        match stmt {
            Stmt::Let(_, Op::Get(a, path)) if *a == at => self.covers(path).then_some(at),
            Stmt::Let(v, Op::Set(a, path, x) | Op::AddAt(a, path, x)) if *a == at && *x != at => {
                self.covers(path).then_some(*v)
            }
            Stmt::Let(v, Op::ClearAt(a, path)) if *a == at => self.covers(path).then_some(*v),
            Stmt::Call(c) => {
                let mut next = self.arguments(&c.args, at)?;
                for along in &c.along {
                    let along: Vec<Arg> = along.args.iter().flatten().cloned().collect();
                    next = self.arguments(&along, next)?;
                }
                Some(next)
            }
            Stmt::Sweep(s) => {
                // The callee finds in its outputs what it left there, or writes the same again.
                self.arguments(&s.call.args, at)?;
                let mut next = at;
                if s.seed == Some(at) {
                    return None;
                }
                for slot in &s.slots {
                    if let SlotArg::Local(a, path, out) = slot
                        && *a == at
                    {
                        if next != at || !self.covers(path) {
                            return None;
                        }
                        next = *out;
                    }
                }
                Some(next)
            }
            Stmt::If(s) => {
                let (a, b) = (self.block(&s.then_, at)?, self.block(&s.else_, at)?);
                if a == at && b == at {
                    let yielded = s.then_.yields.iter().chain(&s.else_.yields);
                    return yielded.copied().all(|y| y != at).then_some(at);
                }
                let sides = s.then_.yields.iter().zip(&s.else_.yields);
                let mut found = None;
                for (out, (x, y)) in s.outs.iter().zip(sides) {
                    let (x, y) = (*x == a, *y == b);
                    match (x, y, found) {
                        (true, true, None) => found = Some(*out),
                        (false, false, _) => {}
                        _ => return None,
                    }
                }
                found
            }
            Stmt::Loop(l) => {
                if let Head::While(cond) = &l.head
                    && self.block(cond, at) != Some(at)
                {
                    return None;
                }
                let mut entries = l.inits.iter().enumerate().filter(|(_, v)| **v == at);
                match (entries.next(), entries.next()) {
                    (None, _) => (self.block(&l.body, at)? == at).then_some(at),
                    (Some((k, _)), None) => {
                        let mut outside = false;
                        super::visit::block_uses(&l.body, &mut |v| outside |= v == at);
                        if let Head::While(cond) = &l.head {
                            self.block(cond, l.params[k])?;
                        }
                        let last = self.block(&l.body, l.params[k])?;
                        (last == l.body.yields[k] && !outside).then_some(l.outs[k])
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn arguments(&mut self, args: &[Arg], at: V) -> Option<V> {
        let mut next = at;
        for a in args {
            match a {
                a if a.root() != at => {}
                Arg::Ref(_, path) | Arg::Again(_, path) if self.covers(path) => {}
                Arg::Mut(_, path, out) if next == at && self.covers(path) => next = *out,
                _ => return None,
            }
        }
        Some(next)
    }

    /// Whether a path stays within the part.
    fn covers(&mut self, path: &[Proj]) -> bool {
        let Some(part) = self.parts.part(path) else {
            return false;
        };
        self.part.get_or_insert_with(|| part.clone()).same(&part)
    }
}
