//! Sums in registers: what a loop adds to one and the same element is summed up and stored once.
//!
//! `for j { d[i] += g(j) }` becomes `s = 0; for j { s += g(j) }; if s != 0 { d[i] += s }`; the condition keeps
//! an element from being touched that no iteration touched. A loop that is seen to have iterations needs none.

use super::fuse::only_sums;
use crate::ir::parts::{Constants, constants};
use crate::ir::table::{Set, Table};
use crate::ir::visit::{all_defs, blocks_mut, each, kept, path_uses};
use crate::ir::{Adapt, Bin, Block, Func, Head, If, Info, Loop, Op, Path, Proj, Shape, Stmt, V};

/// Moves sums out of loops. Returns whether there were any.
pub(crate) fn run(func: &mut Func) -> bool {
    let mut body = core::mem::take(&mut func.body);
    let mut asked = Set::new();
    kept(&body, &mut asked);
    let mut lengths = Lengths::default();
    lengths.collect(&body);
    let news = block(func, &mut body, &asked, &mut lengths);
    func.body = body;
    news
}

/// What is known of the lengths of parameters, and of loops.
#[derive(Default)]
struct Lengths {
    /// Whole values of which these are the lengths, or smaller.
    at_most: Table<Vec<V>>,
    /// Indices of the loops around, each with a value that has an element there.
    inside: Vec<(V, V)>,
    constants: Constants,
}

impl Lengths {
    fn collect(&mut self, b: &Block) {
        self.constants = constants(b);
        each(b, &mut |s| match s {
            Stmt::Let(n, Op::Len(of, path)) if path.is_empty() => {
                self.at_most.insert(*n, vec![*of]);
            }
            Stmt::Let(n, Op::Fn("min", args)) => {
                let all = args.iter().filter_map(|a| self.at_most.get(a));
                let all: Vec<V> = all.flatten().copied().collect();
                self.at_most.insert(*n, all);
            }
            _ => {}
        });
    }

    /// Opens a loop. Returns how many were open.
    fn open(&mut self, l: &Loop) -> usize {
        let before = self.inside.len();
        if let Head::For { i, range } = &l.head
            && !range.inclusive
            && range.adapt.iter().all(|a| matches!(a, Adapt::Rev))
            && let Some(whole) = self.at_most.get(&range.hi)
        {
            self.inside.extend(whole.iter().map(|v| (*i, *v)));
        }
        before
    }

    /// Whether a path names an element that is there.
    fn has(&self, v: V, path: &Path) -> bool {
        matches!(&path[..], [Proj::Index(at)] if self.inside.contains(&(*at, v)))
    }

    /// Whether a loop has few iterations, and at least one.
    fn is_short(&self, l: &Loop) -> bool {
        match &l.head {
            Head::For { range, .. } => range
                .items(&self.constants)
                .is_some_and(|n| (1..=SHORT).contains(&n)),
            Head::While(_) | Head::Forever => false,
        }
    }

    /// Whether a loop has at least one iteration.
    fn iterates(&self, l: &Loop) -> bool {
        match &l.head {
            Head::For { range, .. } => range.items(&self.constants).is_some_and(|n| n > 0),
            Head::While(_) => false,
            Head::Forever => true,
        }
    }
}

/// Iterations up to which a loop counts as short.
const SHORT: usize = 16;

fn block(func: &mut Func, b: &mut Block, asked: &Set, lengths: &mut Lengths) -> bool {
    let mut news = false;
    let mut k = 0;
    while k < b.stmts.len() {
        let open = match &b.stmts[k] {
            Stmt::Loop(l) => lengths.open(l),
            _ => lengths.inside.len(),
        };
        for inner in blocks_mut(&mut b.stmts[k]) {
            news |= block(func, inner, asked, lengths);
        }
        lengths.inside.truncate(open);
        let Stmt::Loop(l) = &mut b.stmts[k] else {
            k += 1;
            continue;
        };
        let mut defined = Set::new();
        let whole = Stmt::Loop(l.clone());
        all_defs(&whole, &mut |v| {
            defined.insert(v);
        });
        let mut before = Vec::new();
        let mut after = Vec::new();
        params(func, l, &defined, lengths, &mut before, &mut after);
        // What a reverse loop asks for goes on being carried.
        if !l.params.iter().any(|p| asked.contains(p)) {
            locals(func, l, &defined, lengths, &mut before, &mut after);
        }
        news |= !after.is_empty();
        let skip = before.len() + after.len() + 1;
        b.stmts.splice(k + 1..k + 1, after);
        b.stmts.splice(k..k, before);
        k += skip;
    }
    news
}

fn fresh(func: &mut Func, shape: Shape, name: Option<&str>) -> V {
    let v = V(func.infos.len() as u32);
    func.infos.push(Info {
        name: name.map(str::to_owned),
        ..Info::new(shape)
    });
    v
}

fn invariant(path: &Path, defined: &Set) -> bool {
    let mut ok = true;
    path_uses(path, &mut |v| ok &= !defined.contains(&v));
    ok
}

/// Carries a new sum through the loop. Returns its last value. Where the loop will be written out by rustc, it begins with −0.0: to that, the first
/// term need not be added.
fn sum(func: &mut Func, l: &mut Loop, term: V, lengths: &Lengths, before: &mut Vec<Stmt>) -> V {
    let zero = fresh(func, Shape::Float, None);
    let nothing = if lengths.is_short(l) { -0.0 } else { 0.0 };
    before.push(Stmt::Let(zero, Op::Lit(nothing)));
    let p = fresh(func, Shape::Float, Some("sum"));
    let next = fresh(func, Shape::Float, None);
    let out = fresh(func, Shape::Float, Some("sum"));
    l.body
        .stmts
        .push(Stmt::Let(next, Op::Bin(Bin::Add, p, term)));
    l.params.push(p);
    l.inits.push(zero);
    l.body.yields.push(next);
    l.outs.push(out);
    out
}

/// `sum != 0`.
fn touched(func: &mut Func, sum: V, after: &mut Vec<Stmt>) -> V {
    let zero = fresh(func, Shape::Float, None);
    let cond = fresh(func, Shape::Int, None);
    after.push(Stmt::Let(zero, Op::Lit(0.0)));
    after.push(Stmt::Let(cond, Op::Bin(Bin::Ne, sum, zero)));
    cond
}

/// Additions to adjoints of parameters.
fn params(
    func: &mut Func,
    l: &mut Loop,
    defined: &Set,
    lengths: &Lengths,
    before: &mut Vec<Stmt>,
    after: &mut Vec<Stmt>,
) {
    let stmts = core::mem::take(&mut l.body.stmts);
    let mut moved = Vec::new();
    for stmt in stmts {
        match stmt {
            Stmt::Accum { param, path, v }
                if *func.shape(v) == Shape::Float && invariant(&path, defined) =>
            {
                moved.push((param, path, v))
            }
            stmt => l.body.stmts.push(stmt),
        }
    }
    for (param, path, v) in moved {
        let total = sum(func, l, v, lengths, before);
        let add = Stmt::Accum {
            param,
            path: path.clone(),
            v: total,
        };
        if path.is_empty() || lengths.iterates(l) || lengths.has(func.params[param].v, &path) {
            after.push(add);
        } else {
            let cond = touched(func, total, after);
            let then_ = Block {
                stmts: vec![add],
                yields: Vec::new(),
            };
            after.push(Stmt::If(If {
                cond,
                then_,
                else_: Block::default(),
                outs: Vec::new(),
            }));
        }
    }
}

/// Additions to one element of a local adjoint that the loop carries for nothing else.
fn locals(
    func: &mut Func,
    l: &mut Loop,
    defined: &Set,
    lengths: &Lengths,
    before: &mut Vec<Stmt>,
    after: &mut Vec<Stmt>,
) {
    let mut k = 0;
    while k < l.params.len() {
        let (p, y) = (l.params[k], l.body.yields[k]);
        let found = l
            .body
            .stmts
            .iter()
            .position(|s| matches!(s, Stmt::Let(v, Op::AddAt(a, ..)) if *v == y && *a == p));
        let term = found.and_then(|at| match &l.body.stmts[at] {
            Stmt::Let(_, Op::AddAt(_, path, v))
                if !path.is_empty()
                    && *func.shape(*v) == Shape::Float
                    && invariant(path, defined) =>
            {
                Some((at, path.clone(), *v))
            }
            _ => None,
        });
        let Some((at, path, v)) = term.filter(|_| only_sums(l, k)) else {
            k += 1;
            continue;
        };
        l.body.stmts.remove(at);
        l.params.remove(k);
        l.body.yields.remove(k);
        let (init, out) = (l.inits.remove(k), l.outs.remove(k));
        l.trips = l.trips.map(|t| if t > k { t - 1 } else { t });
        let total = sum(func, l, v, lengths, before);
        if lengths.iterates(l) {
            after.push(Stmt::Let(out, Op::AddAt(init, path, total)));
            continue;
        }
        let cond = touched(func, total, after);
        let shape = func.shape(out).clone();
        let name = func.info(out).name.clone();
        let with = fresh(func, shape, name.as_deref());
        let then_ = Block {
            stmts: vec![Stmt::Let(with, Op::AddAt(init, path, total))],
            yields: vec![with],
        };
        let else_ = Block {
            stmts: Vec::new(),
            yields: vec![init],
        };
        after.push(Stmt::If(If {
            cond,
            then_,
            else_,
            outs: vec![out],
        }));
    }
}
