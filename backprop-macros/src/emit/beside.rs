//! A sum beside updates of elements, in lockstep and in lanes.
//!
//! ```text
//! for j in 0..n { s += w[j] * d[j]; d_w[j] += d[j] * x; }
//! s += lanes_beside([&w[..n], &d[..n]], [&mut d_w[..n]], |[w, d], [d_w]| { *d_w += d * x; w * d });
//! ```
//!
//! Where the updates go to slots, which may be off, the sum and they are two loops by now (`simplify::apart`).

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::body::{Body, Target};
use super::lanes::{Operand, Place};
use crate::ir::table::Set;
use crate::ir::visit::own_uses;
use crate::ir::{Bin, Block, Loop, Op, Shape, Stmt, V};

impl Body<'_> {
    /// The loop in lanes, if it is one that sums up and updates. `lets` cuts the operands.
    pub(super) fn lanes_beside(
        &mut self,
        l: &Loop,
        i: V,
        inside: &Set,
        operands: &[Operand],
        (lets, live): (&TokenStream, &Set),
    ) -> Option<TokenStream> {
        let sum = self.sum_beside(l, i, inside, operands)?;
        let adds = |s: &Stmt| matches!(s, Stmt::Accum { .. });
        if self.target == Target::Slots && l.body.stmts.iter().any(adds) {
            return None;
        }
        let saved = core::mem::take(&mut self.sliced);
        let mut names = Vec::new();
        for o in operands {
            names.push(self.names.fresh(&o.name.to_string()));
        }
        let element = |o: &Operand| {
            let k = operands.iter().position(|x| x.name == o.name);
            k.and_then(|k| names.get(k)).unwrap_or(&o.name).clone()
        };
        self.place_elements(l, i, inside, operands, &|o| match o.mutable {
            true => Place::Lent(element(o)),
            false => Place::Copied(element(o)),
        });
        self.skip_indices(l);
        let fixed = self.fixed_elements(l, inside);
        let updates = Block {
            stmts: l
                .body
                .stmts
                .iter()
                .filter(|s| !makes(s, sum.next))
                .cloned()
                .collect(),
            yields: l
                .body
                .yields
                .iter()
                .copied()
                .filter(|y| *y != sum.next)
                .collect(),
        };
        let body = self.block(&updates, live);
        let term = self.value(sum.term).tokens;
        self.sliced = saved;
        // In place, or there is no way to hand the next version on.
        let versions = l.params.iter().zip(&l.body.yields);
        let mut versions = versions.filter(|(_, y)| **y != sum.next);
        if versions.any(|(p, y)| self.variable(*p) != self.variable(*y)) {
            return None;
        }
        let part = |mutable: bool| {
            let chosen = operands
                .iter()
                .zip(&names)
                .filter(move |(o, _)| o.mutable == mutable);
            let slices = chosen.clone().map(|(o, _)| o.name.to_token_stream());
            let elements = chosen.map(|(_, name)| name.to_token_stream());
            (slices.collect::<Vec<_>>(), elements.collect::<Vec<_>>())
        };
        let ((xs, x), (ys, y)) = (part(false), part(true));
        let (total, sign, private) = (self.root(sum.total), sum.sign(), &self.private);
        Some(quote!(#lets #fixed #total #sign #private::lanes_beside(
            [#(#xs),*], [#(#ys),*], |[#(#x),*], [#(#y),*]| { #body #term }
        );))
    }

    /// The sum of a loop that does nothing besides but update elements.
    fn sum_beside(&self, l: &Loop, i: V, inside: &Set, operands: &[Operand]) -> Option<Sum> {
        let floats = |v: V| *self.func.shape(v) == Shape::Float;
        let mut sums = l
            .params
            .iter()
            .zip(&l.body.yields)
            .filter(|(p, _)| self.func.shape(**p).is_scalar());
        let (Some((p, y)), None) = (sums.next(), sums.next()) else {
            return None;
        };
        if !floats(*p) || operands.iter().all(|o| !o.mutable) {
            return None;
        }
        let sum = Sum::of(*p, *y, self.op_of(*y)?)?;
        for s in &l.body.stmts {
            // The sum so far is not there in lanes.
            let mut so_far = false;
            own_uses(s, &mut |v| so_far |= v == *p || v == *y);
            let in_place = match s {
                s if makes(s, *y) => true,
                _ if so_far => false,
                Stmt::Let(v, Op::Get(root, path)) => {
                    let element = self.find(
                        operands,
                        &super::views::Source::Value(*root),
                        path,
                        i,
                        inside,
                    );
                    let fixed = || !inside.contains(root) && self.invariant(path, inside);
                    floats(*v) && (element.is_some() || fixed())
                }
                Stmt::Let(v, Op::Bin(..)) if !floats(*v) => true,
                Stmt::Let(
                    v,
                    Op::Bin(Bin::Add | Bin::Sub | Bin::Mul | Bin::Div, ..)
                    | Op::Un(..)
                    | Op::Const(_)
                    | Op::Lit(_)
                    | Op::Fn("abs" | "max" | "min" | "powi" | "mul_add" | "sqrt", _),
                ) => {
                    let mut fine = true;
                    if floats(*v) {
                        own_uses(s, &mut |u| fine &= u != i);
                    }
                    fine
                }
                Stmt::Let(_, Op::Set(a, path, x) | Op::AddAt(a, path, x)) => {
                    let source = super::views::Source::Value(*a);
                    floats(*x) && self.find(operands, &source, path, i, inside).is_some()
                }
                Stmt::Let(_, Op::ClearAt(a, path)) => {
                    let source = super::views::Source::Value(*a);
                    self.find(operands, &source, path, i, inside).is_some()
                }
                Stmt::Accum { param, path, v } => {
                    let source = super::views::Source::Adjoint(*param);
                    floats(*v) && self.find(operands, &source, path, i, inside).is_some()
                }
                _ => false,
            };
            if !in_place {
                return None;
            }
        }
        Some(sum)
    }
}

/// `next = total + term`, or `total - term`.
struct Sum {
    total: V,
    next: V,
    term: V,
    adds: bool,
}

impl Sum {
    fn of(total: V, next: V, op: &Op) -> Option<Sum> {
        let (term, adds) = match op {
            Op::Bin(Bin::Add, a, b) if *a == total && *b != total => (*b, true),
            Op::Bin(Bin::Add, a, b) if *b == total && *a != total => (*a, true),
            Op::Bin(Bin::Sub, a, b) if *a == total && *b != total => (*b, false),
            _ => return None,
        };
        Some(Sum {
            total,
            next,
            term,
            adds,
        })
    }

    fn sign(&self) -> TokenStream {
        if self.adds { quote!(+=) } else { quote!(-=) }
    }
}

fn makes(s: &Stmt, v: V) -> bool {
    matches!(s, Stmt::Let(w, _) if *w == v)
}
