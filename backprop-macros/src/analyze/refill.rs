//! Scratch: aggregates that a loop fills anew in every iteration before it reads them.
//!
//! What an iteration finds in such an aggregate is nobody's business, so it need not be kept for the reverse sweep. Where
//! it is filled, whole, the fill begins with `refill`, the aggregate with whatever contents; so the iteration does not use
//! what it found, and everything behind this follows from that.
//!
//! A loop over all elements is seen to fill it, and a loop whose iterations fill and read a part each, where nobody is concerned with what
//! lies between the parts. A callee promises to, by `#[out]`: rustc asks it to (see
//! `backprop-runtime/src/private/slot.rs`). So the promise is asked for only where the function would be refused without.

use super::activity::Activity;
use crate::differentiate::storage::storable;
use crate::ir::parts::{Constants, Part, Parts, constants};
use crate::ir::table::Set;
use crate::ir::visit::{all_defs, all_uses, blocks, blocks_mut, each, own_uses, path_uses};
use crate::ir::{
    Adapt, Arg, Block, Call, Callee, Constant, Func, Head, Loop, Op, Path, Proj, Shape, Stmt, V,
    same_path,
};

/// What is known of the function, besides the loop at hand.
struct Pass {
    activity: Activity,
    ops: Vec<Option<Op>>,
    /// From a version of an aggregate to the one before it, up to the first.
    before: Vec<Option<V>>,
    /// From what a branch leaves to what one side of it leaves: of the same type.
    alike: Vec<Option<V>>,
    shapes: Vec<Shape>,
    /// Whether the function has a tape, where arrays can be kept.
    tape: bool,
    /// Whether there are enums in it.
    variants: bool,
    /// What loops carry.
    carried: Set,
    /// Parameters that are written before they are read.
    outputs: Set,
    constants: Constants,
    /// What is read, for more than its length, or left in a parameter.
    read: Set,
}

/// The search for what an iteration of a loop reads of an aggregate that it found.
struct Search {
    /// The versions that hold what was found.
    found: Set,
    /// Whether callees are asked for promises.
    claims: bool,
    /// The fills that end this.
    fills: Fills,
    /// What the loop defines, where it may fill the aggregate part by part.
    inside: Option<Set>,
    filled: Option<Filled>,
}

/// An aggregate filled part by part: the iterations of an inner loop have, and fill, a part each, the same parts in every iteration of
/// the loop around. What lies outside the parts nobody reads.
struct Filled {
    version: V,
    part: Part,
    lo: V,
    hi: V,
}

/// Lets fills of scratch begin with whatever was there.
pub(crate) fn recognise(func: &mut Func, tape: bool) {
    let mut any = false;
    each(&func.body, &mut |s| any |= matches!(s, Stmt::Loop(_)));
    if !any {
        return;
    }
    let n = func.infos.len();
    let mut pass = Pass {
        activity: Activity::of(func),
        ops: vec![None; n],
        before: vec![None; n],
        alike: vec![None; n],
        shapes: func.infos.iter().map(|i| i.shape.clone()).collect(),
        tape,
        variants: func.variants,
        carried: Set::new(),
        outputs: func.params.iter().filter(|p| p.out).map(|p| p.v).collect(),
        constants: constants(&func.body),
        read: read(func),
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
                Stmt::If(i) => {
                    for (out, one) in i.outs.iter().zip(&i.then_.yields) {
                        self.alike[out.0 as usize] = Some(*one);
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
        // Behind the loop nobody reads it, or what it does not fill is written there: then it may be filled part by part.
        let by_parts = self.outputs.contains(&l.inits[k]) || !self.read.contains(&l.outs[k]);
        let mut search = Search {
            found: Set::from([p]),
            claims: self.needs(l, p),
            fills: Fills::new(),
            inside: by_parts.then(|| defined(l)),
            filled: None,
        };
        let fine = self.unread(&l.body, &mut search)
            && (0..l.params.len()).all(|j| j == k || !search.holds(l.body.yields[j]));
        let condition = match &l.head {
            Head::While(cond) => reads(cond, &search.found),
            Head::For { .. } | Head::Forever => false,
        };
        if fine && !condition {
            fills = search.fills;
        }
        fills
    }

    /// Whether what the loop finds in a carried aggregate could not be kept otherwise. Slices are put back with the help of a tape: they
    /// are taken for scratch where nothing is in them yet, and the loop itself reads what callees put there. What is only handed on from
    /// one call to the next is their state.
    fn needs(&self, l: &Loop, p: V) -> bool {
        let shape = &self.shapes[p.0 as usize];
        let constant = match &l.head {
            Head::For { range, .. } => self.constant(range.lo) && self.constant(range.hi),
            Head::While(_) | Head::Forever => false,
        };
        match shape {
            Shape::Seq(_, None) => {
                !self.tape || (self.is_blank(p) && reads_any(&l.body, &mut Set::from([p])))
            }
            shape => !(constant || self.tape && (storable(shape) || self.is_of_numbers(p))),
        }
    }

    /// Whether an aggregate is a type of the user's that was made of numbers: a tape can keep that.
    fn is_of_numbers(&self, p: V) -> bool {
        let mut v = p;
        while let Some(first) = self.before[v.0 as usize].or(self.alike[v.0 as usize]) {
            v = first;
        }
        match self.ops[v.0 as usize].as_ref() {
            Some(Op::Struct(_, fields, _)) => fields.iter().all(|(_, field)| {
                are_numbers(&self.shapes[field.0 as usize]) || self.is_of_numbers(*field)
            }),
            _ => false,
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

    /// Whether a block reads no version that holds what was found.
    fn unread(&self, b: &Block, search: &mut Search) -> bool {
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

    /// Whether an inner loop writes each element of an iteration's part before it reads it.
    fn fills(&self, inner: &Loop, from: V, parts: &Parts) -> bool {
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

    /// Whether a call that is lent the whole aggregate, and nothing else of it, fills it as far as we are concerned.
    fn promises(&self, c: &Call, root: V, out: V, claims: bool) -> bool {
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

/// How deep an expression of integers is looked into: the cost stays linear.
const DEPTH: u32 = 4;

impl Search {
    /// Whether a version may hold something of what was found.
    fn holds(&self, v: V) -> bool {
        let filled = self.filled.as_ref().map(|f| f.version);
        self.found.contains(&v) || filled == Some(v)
    }
}

/// All that a loop defines.
fn defined(l: &Loop) -> Set {
    let mut inside = Set::new();
    all_defs(&Stmt::Loop(l.clone()), &mut |v| {
        inside.insert(v);
    });
    inside
}

/// The values that a function reads for more than their lengths, or leaves.
fn read(func: &Func) -> Set {
    let mut read: Set = func
        .ret
        .iter()
        .chain(func.finals.iter().flatten())
        .copied()
        .collect();
    each(&func.body, &mut |s| {
        if !matches!(s, Stmt::Let(_, Op::Len(..) | Op::ZeroLike(_))) {
            own_uses(s, &mut |v| {
                read.insert(v);
            });
        }
        for b in blocks(s) {
            read.extend(&b.yields);
        }
    });
    read
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

/// Whether a block reads any version of an aggregate, besides lending it by `&mut`. `versions` are those from outside, and then all.
fn reads_any(block: &Block, versions: &mut Set) -> bool {
    block.stmts.iter().any(|s| match s {
        Stmt::Let(v, Op::Set(a, ..)) if versions.contains(a) => {
            versions.insert(*v);
            false
        }
        Stmt::Let(_, Op::Len(..) | Op::ZeroLike(_)) => false,
        Stmt::Call(c) => c.args.iter().any(|a| match a {
            Arg::Mut(root, _, out) if versions.contains(root) => {
                versions.insert(*out);
                false
            }
            a => versions.contains(&a.root()),
        }),
        Stmt::If(s) => {
            let read = reads_any(&s.then_, versions) | reads_any(&s.else_, versions);
            for (k, out) in s.outs.iter().enumerate() {
                if versions.contains(&s.then_.yields[k]) || versions.contains(&s.else_.yields[k]) {
                    versions.insert(*out);
                }
            }
            read
        }
        Stmt::Loop(l) => {
            for (k, init) in l.inits.iter().enumerate() {
                if versions.contains(init) {
                    versions.extend([l.params[k], l.outs[k]]);
                }
            }
            let condition = match &l.head {
                Head::While(cond) => reads_any(cond, versions),
                Head::For { .. } | Head::Forever => false,
            };
            condition || reads_any(&l.body, versions)
        }
        s => {
            let mut read = false;
            own_uses(s, &mut |v| read |= versions.contains(&v));
            read
        }
    })
}

/// Numbers, and arrays and tuples of them.
fn are_numbers(shape: &Shape) -> bool {
    match shape {
        Shape::Int | Shape::Float => true,
        Shape::Seq(e, len) => len.is_some() && are_numbers(e),
        Shape::Tuple(es) => es.iter().all(are_numbers),
        Shape::Named | Shape::Option(_) | Shape::Unknown => false,
    }
}
