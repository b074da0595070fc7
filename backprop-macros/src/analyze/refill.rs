//! Scratch: aggregates that a loop fills anew in every iteration before it reads them.
//!
//! What an iteration finds in such an aggregate is nobody's business, so it need not be kept for the reverse sweep. Where
//! it is filled, whole, the fill begins with `refill`, the aggregate with whatever contents; so the iteration does not use
//! what it found, and everything behind this follows from that.
//!
//! A loop over all elements is seen to fill it. A callee promises to, by `#[out]`: rustc asks it to (see
//! `backprop-runtime/src/private/slot.rs`). So the promise is asked for only where the function would be refused without.

use super::activity::Activity;
use crate::differentiate::storage::storable;
use crate::ir::table::Set;
use crate::ir::visit::{all_uses, blocks, blocks_mut, path_uses};
use crate::ir::{
    Adapt, Arg, Block, Call, Constant, Func, Head, Loop, Op, Path, Proj, Shape, Stmt, V, same_path,
};

/// What is known of the function, besides the loop at hand.
struct Pass {
    activity: Activity,
    ops: Vec<Option<Op>>,
    /// From a version of an aggregate to the one before it, up to the first.
    before: Vec<Option<V>>,
    shapes: Vec<Shape>,
    /// Whether the function has a tape, where arrays can be kept.
    tape: bool,
    /// Whether there are enums in it.
    variants: bool,
    /// What loops carry.
    carried: Set,
    /// Parameters that are written before they are read.
    outputs: Set,
}

/// Lets fills of scratch begin with whatever was there.
pub(crate) fn recognise(func: &mut Func, tape: bool) {
    let mut any = false;
    crate::ir::visit::each(&func.body, &mut |s| any |= matches!(s, Stmt::Loop(_)));
    if !any {
        return;
    }
    let n = func.infos.len();
    let mut pass = Pass {
        activity: Activity::of(func),
        ops: vec![None; n],
        before: vec![None; n],
        shapes: func.infos.iter().map(|i| i.shape.clone()).collect(),
        tape,
        variants: func.variants,
        carried: Set::new(),
        outputs: func.params.iter().filter(|p| p.out).map(|p| p.v).collect(),
    };
    pass.learn(&func.body);
    let mut body = core::mem::take(&mut func.body);
    pass.block(func, &mut body);
    func.body = body;
}

/// The fills found so far, by what they define, with the version that each begins with.
type Fills = Vec<(V, V)>;

impl Pass {
    fn learn(&mut self, b: &Block) {
        for s in &b.stmts {
            match s {
                Stmt::Let(v, op) => {
                    if let Op::Set(a, ..) | Op::AddAt(a, ..) | Op::ClearAt(a, _) = op {
                        self.before[v.0 as usize] = Some(*a);
                    }
                    self.ops[v.0 as usize] = Some(op.clone());
                }
                Stmt::Loop(l) => {
                    self.carried.extend(&l.params);
                    for (k, init) in l.inits.iter().enumerate() {
                        self.before[l.params[k].0 as usize] = Some(*init);
                        self.before[l.outs[k].0 as usize] = Some(*init);
                    }
                }
                Stmt::Call(c) => {
                    for a in &c.args {
                        if let Arg::Mut(root, _, out) = a {
                            self.before[out.0 as usize] = Some(*root);
                        }
                    }
                }
                _ => {}
            }
            for inner in blocks(s) {
                self.learn(inner);
            }
        }
    }

    fn block(&self, func: &mut Func, b: &mut Block) {
        for s in &mut b.stmts {
            if let Stmt::Loop(l) = s {
                for k in 0..l.params.len() {
                    let fills = self.scratch(l, k);
                    begin(func, &mut l.body, &fills);
                }
            }
            for inner in blocks_mut(s) {
                self.block(func, inner);
            }
        }
    }

    /// The fills of what a loop carries, if no iteration reads what it found in it.
    fn scratch(&self, l: &Loop, k: usize) -> Fills {
        let p = l.params[k];
        let mut fills = Fills::new();
        let variant = match &self.shapes[p.0 as usize] {
            Shape::Option(_) => true,
            Shape::Named | Shape::Unknown => self.variants,
            _ => false,
        };
        // The zero of an enum is made of the value it belongs to.
        if self.shapes[p.0 as usize].is_scalar() || variant || !self.activity.varies(p) {
            return fills;
        }
        let mut found = Set::new();
        found.insert(p);
        let claims = self.needs(l, p);
        let fine = self.unread(&l.body, &mut found, claims, &mut fills)
            && (0..l.params.len()).all(|j| j == k || !found.contains(&l.body.yields[j]));
        let condition = match &l.head {
            Head::While(cond) => reads(cond, &found),
            Head::For { .. } | Head::Forever => false,
        };
        if !fine || condition {
            fills.clear();
        }
        fills
    }

    /// Whether what the loop finds in a carried aggregate could not be kept otherwise. Slices are put back with the help of a tape: they
    /// are taken for scratch where nothing is in them yet.
    fn needs(&self, l: &Loop, p: V) -> bool {
        let shape = &self.shapes[p.0 as usize];
        let constant = match &l.head {
            Head::For { range, .. } => self.constant(range.lo) && self.constant(range.hi),
            Head::While(_) | Head::Forever => false,
        };
        match shape {
            Shape::Seq(_, None) => !self.tape || self.is_blank(p),
            shape => !(constant || self.tape && storable(shape)),
        }
    }

    /// Whether nothing has been put into an aggregate before the loops that carry it.
    fn is_blank(&self, p: V) -> bool {
        let mut v = p;
        while let Some(before) = self.before[v.0 as usize] {
            if !self.carried.contains(&v) {
                return false;
            }
            v = before;
        }
        let made = self.ops[v.0 as usize].as_ref();
        self.outputs.contains(&v) || matches!(made, Some(Op::Filled(..) | Op::Repeat(..)))
    }

    /// Whether a bound is made of constants alone.
    fn constant(&self, v: V) -> bool {
        match &self.ops[v.0 as usize] {
            Some(Op::Const(_)) => true,
            Some(Op::Bin(_, a, b)) => self.constant(*a) && self.constant(*b),
            Some(Op::Cast(a, _)) => self.constant(*a),
            _ => false,
        }
    }

    /// Whether a block reads no version that holds what was found. `found` has those versions; it grows. The fills that
    /// end this are collected.
    fn unread(&self, b: &Block, found: &mut Set, claims: bool, fills: &mut Fills) -> bool {
        b.stmts
            .iter()
            .all(|s| self.statement(s, found, claims, fills))
    }

    fn statement(&self, s: &Stmt, found: &mut Set, claims: bool, fills: &mut Fills) -> bool {
        let mut used = false;
        all_uses(s, &mut |v| used |= found.contains(&v));
        if !used {
            return true;
        }
        match s {
            Stmt::Let(_, Op::Len(_, path)) => !mentions(path, found),
            Stmt::Let(_, Op::ZeroLike(_) | Op::Refill(..)) => true,
            Stmt::Call(c) => {
                let mut args = c.args.iter().filter(|a| found.contains(&a.root()));
                let (first, more) = (args.next(), args.next());
                let (Some(Arg::Mut(root, path, out)), None) = (first, more) else {
                    return false;
                };
                let fine = path.is_empty() && self.promises(c, *root, *out, claims);
                if fine {
                    fills.push((*out, *root));
                }
                fine
            }
            Stmt::If(i) => {
                if found.contains(&i.cond)
                    || !self.unread(&i.then_, found, claims, fills)
                    || !self.unread(&i.else_, found, claims, fills)
                {
                    return false;
                }
                for (k, out) in i.outs.iter().enumerate() {
                    if found.contains(&i.then_.yields[k]) || found.contains(&i.else_.yields[k]) {
                        found.insert(*out);
                    }
                }
                true
            }
            Stmt::Loop(l) => {
                let mut carried = (0..l.inits.len()).filter(|k| found.contains(&l.inits[*k]));
                let (Some(k), None) = (carried.next(), carried.next()) else {
                    // Read from outside, or in two variables at once.
                    return false;
                };
                if self.covers(l, k, &Path::new()) {
                    let outside = l.body.stmts.iter().any(|s| {
                        let mut used = false;
                        all_uses(s, &mut |v| used |= found.contains(&v));
                        used && !matches!(s, Stmt::Let(_, Op::Len(..) | Op::ZeroLike(_)))
                    });
                    if !outside {
                        fills.push((l.outs[k], l.inits[k]));
                        return true;
                    }
                }
                found.insert(l.params[k]);
                let condition = match &l.head {
                    Head::While(cond) => reads(cond, found),
                    Head::For { .. } | Head::Forever => false,
                };
                if condition || !self.unread(&l.body, found, claims, fills) {
                    return false;
                }
                found.insert(l.outs[k]);
                (0..l.params.len()).all(|j| j == k || !found.contains(&l.body.yields[j]))
            }
            _ => false,
        }
    }

    /// Whether a call that is lent the whole aggregate, and nothing else of it, fills it as far as we are concerned.
    fn promises(&self, c: &Call, root: V, out: V, claims: bool) -> bool {
        claims
            && self.activity.varies(out)
            && !c.is_between(root)
            && c.last(out) == out
            && c.args.iter().filter(|a| a.root() == root).count() == 1
    }

    /// Whether a loop writes all of a part of what it carries before it reads any of it.
    fn covers(&self, l: &Loop, k: usize, part: &Path) -> bool {
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

    fn same_length(&self, n: V, m: V) -> bool {
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

    fn first(&self, mut v: V) -> V {
        while let Some(before) = self.before[v.0 as usize] {
            v = before;
        }
        v
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

fn within(path: &Path, part: &Path) -> bool {
    path.len() >= part.len() && same_path(&path[..part.len()], part)
}

fn mentions(path: &Path, set: &Set) -> bool {
    let mut found = false;
    path_uses(path, &mut |v| found |= set.contains(&v));
    found
}

/// Whether a block uses one of the values.
fn reads(b: &Block, set: &Set) -> bool {
    let mut used = false;
    crate::ir::visit::block_uses(b, &mut |v| used |= set.contains(&v));
    used
}

/// Lets fills begin with `refill`.
fn begin(func: &mut Func, b: &mut Block, fills: &Fills) {
    let mut k = 0;
    while k < b.stmts.len() {
        let mut defines = None;
        crate::ir::visit::outs(&b.stmts[k], &mut |v| {
            defines = defines.or(fills.iter().find(|(out, _)| *out == v).copied());
        });
        if let Some((_, root)) = defines {
            let blank = V(func.infos.len() as u32);
            let info = func.info(root).clone();
            func.infos.push(info);
            match &mut b.stmts[k] {
                Stmt::Call(c) => {
                    for a in &mut c.args {
                        if let Arg::Mut(r, ..) = a
                            && *r == root
                        {
                            *r = blank;
                        }
                    }
                }
                Stmt::Loop(l) => {
                    for init in &mut l.inits {
                        if *init == root {
                            *init = blank;
                        }
                    }
                }
                _ => {}
            }
            b.stmts.insert(k, Stmt::Let(blank, Op::Refill(root, 0)));
            k += 1;
        }
        for inner in blocks_mut(&mut b.stmts[k]) {
            begin(func, inner, fills);
        }
        k += 1;
    }
}
