//! Scratch: aggregates that a loop fills anew in every iteration before it reads them.
//!
//! What an iteration finds in such an aggregate is nobody's business, so it need not be kept for the reverse sweep. Where
//! it is filled, whole, the fill begins with `refill`, the aggregate with whatever contents; so the iteration does not use
//! what it found, and everything behind this follows from that.
//!
//! A loop over all elements is seen to fill it, and a loop whose iterations fill and read a part each, where nobody is concerned with what
//! lies between the parts. A callee promises to, by `#[out]`: rustc asks it to (see
//! `backprop-runtime/src/private/slot.rs`). So the promise is asked for only where the function would be refused without.

mod begin;
mod search;
mod whole;

use super::activity::Activity;
use crate::differentiate::storage::storable;
use crate::ir::parts::{Constants, constants};
use crate::ir::table::Set;
use crate::ir::visit::{block_uses, blocks, blocks_mut, each, own_uses, path_uses};
use crate::ir::{Arg, Block, Func, Head, Loop, Op, Path, Shape, Stmt, V, same_path};
use begin::{begin, reads_any};
use search::{Search, defined};

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

    fn first(&self, mut v: V) -> V {
        while let Some(before) = self.before[v.0 as usize] {
            v = before;
        }
        v
    }
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

/// Numbers, and arrays and tuples of them.
fn are_numbers(shape: &Shape) -> bool {
    match shape {
        Shape::Int | Shape::Float => true,
        Shape::Seq(e, len) => len.is_some() && are_numbers(e),
        Shape::Tuple(es) => es.iter().all(are_numbers),
        Shape::Named | Shape::Option(_) | Shape::Unknown => false,
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
    block_uses(b, &mut |v| used |= set.contains(&v));
    used
}
