//! The reverse of calls: the callee's sweep, with one slot for each argument.

use super::Reverse;
use crate::ir::buffers::is_buffer;
use crate::ir::subst::Map;
use crate::ir::{Arg, Call, Found, Op, Shape, SlotArg, Stmt, Sweep, V, separate};

/// The most places of one root that a sweep is lent: the runtime has slots for so many.
const TOGETHER: usize = 8;

/// The most numbers of which a second cotangent is kept beside the first one, on the stack.
const SMALL: usize = 4096;

impl Reverse {
    pub(crate) fn call(&mut self, c: &Call) {
        let ret = c.ret.and_then(|r| self.take(r));
        // Parts of one root that are lent together have one cotangent, that of the version which all of them left.
        let mut outs: Vec<Option<V>> = Vec::new();
        for (k, a) in c.args.iter().enumerate() {
            let Arg::Mut(root, _, out) = a else {
                outs.push(None);
                continue;
            };
            let before = c.args[..k]
                .iter()
                .position(|b| matches!(b, Arg::Mut(_, _, out) if out == root));
            outs.push(match before {
                Some(j) => outs[j],
                None => self.take(c.last(*out)),
            });
        }
        if ret.is_none() && outs.iter().all(Option::is_none) {
            return;
        }
        let seed = match (ret, c.ret) {
            (Some(d), _) => Some(d),
            // What is thrown away tells nothing of its type; and a sweep that waits for it could not run with the call.
            (None, Some(r)) if !self.used.contains(&r) => {
                let span = self.b.func.info(r).span;
                let op = Op::Helper("thrown_away", Vec::new());
                Some(self.b.op(op, Shape::Unknown, span))
            }
            (None, Some(r)) => Some(self.zero(r)),
            (None, None) => None,
        };
        // One buffer cannot be lent twice at once: arguments that share one get a cotangent of their own, which is added afterwards, or
        // take turns if there is no saying how large that would be.
        let mut turns: Vec<Vec<usize>> = Vec::new();
        let mut apart = Vec::new();
        for (k, a) in c.through() {
            if !self.activity.varies(a.root()) && outs[k].is_none() {
                continue;
            }
            let clashes = |turn: &Vec<usize>| {
                let shares = |j: &&usize| {
                    !matches!((&c.args[**j], a), (Arg::Value(_), _) | (_, Arg::Value(_)))
                        && c.args[**j].root() == a.root()
                        && !self.are_apart(&c.args[**j], a)
                };
                let sharing: Vec<&Arg> = turn.iter().filter(shares).map(|&j| &c.args[j]).collect();
                !sharing.is_empty() && !self.lends_together(&sharing, a)
            };
            match turns.iter_mut().find(|t| !clashes(t)) {
                Some(t) => t.push(k),
                None => match turns.first_mut() {
                    Some(first) if self.is_small(a) => {
                        apart.push(k);
                        first.push(k);
                    }
                    _ => turns.push(vec![k]),
                },
            }
        }
        for (k, turn) in turns.iter().enumerate() {
            self.sweep(c, turn, &apart, &outs, seed, k == 0);
        }
    }

    /// Whether a second cotangent of what is lent can be a local variable.
    fn is_small(&self, a: &Arg) -> bool {
        let Arg::Ref(root, path) = a else {
            return false;
        };
        path.is_empty() && size(self.b.func.shape(*root)).is_some_and(|size| size <= SMALL)
    }

    /// Whether one of two parts of a slice is lent by `&mut`: then they do not overlap, and have one cotangent.
    fn are_apart(&self, a: &Arg, b: &Arg) -> bool {
        matches!(
            (a, b),
            (Arg::Mut(..), Arg::Ref(..)) | (Arg::Ref(..), Arg::Mut(..))
        ) && is_buffer(&self.b.func, a.root())
    }

    /// The part of a slice beside which one is lent by `&`: where it stands, and the version that the call leaves.
    fn changed_beside(&self, c: &Call, root: V) -> Option<(usize, V)> {
        let mut args = c.args.iter().enumerate();
        args.find_map(|(k, a)| match a {
            Arg::Mut(from, _, out) if *from == root && is_buffer(&self.b.func, root) => {
                Some((k, c.last(*out)))
            }
            _ => None,
        })
    }

    /// Whether places of one root can be lent to one sweep: the fields of a parameter, whose adjoint is a place and no value of its own.
    fn lends_together<'p>(&self, lent: &[&'p Arg], a: &'p Arg) -> bool {
        let path = |a: &&'p Arg| match a {
            Arg::Ref(root, path) if self.by_ref.contains_key(root) => Some(path),
            _ => None,
        };
        let paths: Option<Vec<_>> = lent.iter().chain([&a]).map(path).collect();
        paths.is_some_and(|paths| paths.len() <= TOGETHER && separate(&paths))
    }

    /// The slot of scratch: the callee may want a cotangent, and nobody has one.
    fn spare(&self, v: V) -> SlotArg {
        match self.b.func.shape(v) {
            shape if shape.is_inactive() => SlotArg::Off,
            _ => SlotArg::Spare {
                early: !self.may_be_variant(v),
            },
        }
    }

    /// The next version of a cotangent.
    fn swept_on(&mut self, root: V, old: V) -> V {
        let new = self.b.fresh_like(root, "d_");
        let deref = self.b.func.info(old).deref;
        self.b.func.info_mut(new).deref = deref;
        new
    }

    /// One sweep, with the slots of the given arguments on.
    fn sweep(
        &mut self,
        c: &Call,
        turn: &[usize],
        apart: &[usize],
        outs: &[Option<V>],
        seed: Option<V>,
        first: bool,
    ) {
        let mut call = c.clone();
        call.ret = None;
        call.entries = vec![None; c.args.len()];
        let found = c.args.iter().zip(&c.entries);
        let found = found
            .map(|(a, entry)| match entry {
                _ if self.refills.contains(&a.root()) => Found::Refilled,
                Some(_) if self.b.func.params.iter().any(|p| p.out && p.v == a.root()) => {
                    Found::Any
                }
                Some(v) => Found::Entry(*v),
                None => Found::Left,
            })
            .collect();
        let mut slots = Vec::new();
        let mut after: Vec<(V, V, bool)> = Vec::new();
        // By the version that the call left: the one that the sweep has handed on, and its cotangent so far.
        let (mut left, mut swept) = (Map::default(), Map::default());
        for (k, a) in c.args.iter().enumerate() {
            let on = turn.contains(&k);
            // The buffer is handed to it as it left it, and left so again.
            if let (Arg::Mut(_, path, out), Some(slot)) = (a, call.args.get_mut(k)) {
                let last = c.last(*out);
                let again = self.b.fresh_like(*out, "");
                let deref = self.b.func.info(*out).deref;
                self.b.func.info_mut(again).deref = deref;
                let from = left.insert(last, again).unwrap_or(last);
                *slot = Arg::Mut(from, path.clone(), again);
            }
            let beside = match a {
                Arg::Ref(root, _) => self.changed_beside(c, *root),
                _ => None,
            };
            // What is read is the same before and after.
            if let (Arg::Ref(_, path), Some((_, last)), Some(slot)) =
                (a, beside, call.args.get_mut(k))
            {
                *slot = Arg::Ref(last, path.clone());
            }
            slots.push(match a {
                // What the callee wrote has one cotangent: every turn starts from it, the first one tells what is left.
                Arg::Mut(root, _, out) if outs[k].is_none() && !self.activity.varies(*root) => {
                    self.spare(*out)
                }
                _ if !on && !matches!(a, Arg::Mut(..)) => SlotArg::Off,
                Arg::Value(v) => {
                    let d = self.b.fresh_like(*v, "d_");
                    after.push((*v, d, true));
                    SlotArg::Fresh(d)
                }
                Arg::Ref(root, path) if let Some((j, last)) = beside => {
                    let from = swept.get(&last).copied().or(outs[j]);
                    let old = from.unwrap_or_else(|| self.zero(last));
                    let new = self.swept_on(*root, old);
                    swept.insert(last, new);
                    hand_on(&mut after, old, (*root, new));
                    SlotArg::Local(old, path.clone(), new)
                }
                Arg::Ref(root, path) if apart.contains(&k) => {
                    let zero = self.zero(*root);
                    let new = self.swept_on(*root, zero);
                    after.push((*root, new, true));
                    SlotArg::Local(zero, path.clone(), new)
                }
                Arg::Ref(root, path) => match self.by_ref.get(root) {
                    Some(&param) => SlotArg::Param(param, path.clone()),
                    None => {
                        let old = self.current_or_zero(*root);
                        let new = self.b.fresh_like(*root, "d_");
                        after.push((*root, new, false));
                        SlotArg::Local(old, path.clone(), new)
                    }
                },
                // Differentiation comes before it.
                Arg::Again(..) => SlotArg::Off,
                Arg::Mut(root, path, out) => {
                    let last = c.last(*out);
                    let old = match swept.get(&last).copied().or(outs[k]) {
                        Some(d) => d,
                        None => self.zero(last),
                    };
                    let new = self.swept_on(*root, old);
                    swept.insert(last, new);
                    if self.refills.contains(root) {
                        let asked = self.b.func.info(*out).origin.unwrap_or(*out);
                        self.asked.insert(asked);
                    }
                    if first {
                        hand_on(&mut after, old, (*root, new));
                    }
                    SlotArg::Local(old, path.clone(), new)
                }
            });
        }
        self.b.push(Stmt::Sweep(Sweep {
            call,
            found,
            slots,
            seed,
        }));
        // What stands for the whole adjoint comes before what is added to it: one variable may go in by reference and by value.
        after.sort_by_key(|(_, _, adds)| *adds);
        for (v, d, adds) in after {
            if self.b.func.shape(d) == &Shape::Unknown && self.is_scalar(v) {
                self.b.func.info_mut(d).shape = Shape::Float;
            }
            if adds {
                self.add(v, d);
            } else {
                self.set(v, d);
            }
        }
    }
}

/// How many numbers something holds, where that is seen. A constant's name counts as one.
fn size(shape: &Shape) -> Option<usize> {
    match shape {
        Shape::Seq(_, None) | Shape::Unknown | Shape::Named => None,
        Shape::Seq(element, Some(length)) => {
            Some(size(element)?.saturating_mul(length.parse().unwrap_or(1)))
        }
        Shape::Tuple(parts) => parts
            .iter()
            .try_fold(0_usize, |sum, part| Some(sum.saturating_add(size(part)?))),
        Shape::Option(inner) => size(inner),
        Shape::Int | Shape::Float => Some(1),
    }
}

/// Lets the next version of a cotangent stand where the one before stood.
fn hand_on(after: &mut Vec<(V, V, bool)>, old: V, (root, new): (V, V)) {
    match after.iter_mut().find(|(_, d, _)| *d == old) {
        Some((_, d, _)) => *d = new,
        None => after.push((root, new, true)),
    }
}
