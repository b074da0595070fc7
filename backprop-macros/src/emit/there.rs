//! What is zero in a reverse sweep with tangents where some of these are not there.
//!
//! Beside tangents alone, as in forward mode, a sweep has sums of what a tangent multiplies and what none does. So each value is
//! followed to what makes it zero: a sum is zero where all its terms are, a product where one factor is. What no tangent decides is
//! [`ALWAYS`] there, and takes part in such unions as the set of everything.

use proc_macro2::TokenStream;

use super::along::{ALWAYS, There};
use crate::ir::visit::{op_uses, outs};
use crate::ir::{Arg, Bin, Block, Func, Head, Op, Stmt, Un, V};

/// Of a sweep for callers: `own` parameters, then a tangent for each of `modes`, then the tangent of the seed.
pub(super) fn of_sweep(func: &Func, own: usize, modes: Vec<TokenStream>) -> There {
    let count = modes.len();
    let mut there = There::begun(func, own, 1, modes);
    let params = func.params.iter().map(|p| p.v);
    let plain = params.clone().take(own).chain(params.skip(own + count));
    let given = func.cotangents.iter().flatten().chain(&func.seed);
    for v in plain.chain(given.copied()) {
        there.add(v, ALWAYS);
    }
    there.swept(&func.body);
    there
}

impl There {
    /// Returns whether anything is new.
    fn swept(&mut self, block: &Block) -> bool {
        let mut news = false;
        for stmt in &block.stmts {
            news |= self.swept_by(stmt);
        }
        news
    }

    fn swept_by(&mut self, stmt: &Stmt) -> bool {
        match stmt {
            Stmt::Let(v, op) => {
                let what = self.of_op(op);
                self.add(*v, what)
            }
            Stmt::If(s) => {
                let mut news = self.swept(&s.then_) | self.swept(&s.else_);
                for (k, out) in s.outs.iter().enumerate() {
                    let what = self.on(s.then_.yields[k]) | self.on(s.else_.yields[k]);
                    news |= self.add(*out, what);
                }
                news
            }
            Stmt::Loop(l) => {
                let mut news = false;
                if let Head::For { i, .. } = &l.head {
                    self.add(*i, ALWAYS);
                }
                loop {
                    let mut more = false;
                    for (k, p) in l.params.iter().enumerate() {
                        let what = self.on(l.inits[k]) | self.on(l.body.yields[k]);
                        more |= self.add(*p, what) | self.add(l.outs[k], what);
                    }
                    if let Head::While(cond) = &l.head {
                        more |= self.swept(cond);
                    }
                    more |= self.swept(&l.body);
                    if !more {
                        return news;
                    }
                    news = true;
                }
            }
            // What a call makes of tangents alone.
            Stmt::Call(c) if c.beside.is_some() => {
                let tangents = c.beside.iter().flat_map(|b| &b.tangents);
                let tangents: Vec<usize> = tangents.flatten().copied().collect();
                let all = tangents.iter();
                let what = all.fold(0, |what, at| what | self.on(c.args[*at].root()));
                let mut news = false;
                for (k, a) in c.args.iter().enumerate() {
                    if let Arg::Mut(_, _, out) = a {
                        let tangent = tangents.contains(&k);
                        news |= self.add(*out, if tangent { what } else { ALWAYS });
                    }
                }
                let ret = c.beside.as_ref().and_then(|b| b.ret);
                news |= ret.is_some_and(|d| self.add(d, what));
                let entries = c.entries.iter().flatten();
                for v in c.ret.iter().chain(entries) {
                    news |= self.add(*v, ALWAYS);
                }
                news
            }
            stmt => {
                let mut news = false;
                outs(stmt, &mut |v| news |= self.add(v, ALWAYS));
                news
            }
        }
    }

    fn of_op(&self, op: &Op) -> u64 {
        let all = |vs: &[V]| vs.iter().fold(0, |what, v| what | self.on(*v));
        // One factor is enough; whichever is zero where less is missing.
        let product = |a: V, b: V| {
            let (a, b) = (self.on(a), self.on(b));
            if a.count_ones() <= b.count_ones() {
                a
            } else {
                b
            }
        };
        match op {
            Op::ZeroLike(_) | Op::Spent(_) => 0,
            Op::Lit(x) if *x == 0.0 => 0,
            Op::Un(Un::Neg, a)
            | Op::Cast(a, _)
            | Op::Convert(_, a)
            | Op::CastBack { d: a, .. }
            | Op::Repeat(a, _)
            | Op::Filled(a, _)
            | Op::Get(a, _)
            | Op::ClearAt(a, _)
            | Op::Refill(a, _)
            | Op::Bin(Bin::Div, a, _) => self.on(*a),
            Op::Bin(Bin::Add | Bin::Sub, a, b) | Op::Set(a, _, b) | Op::AddAt(a, _, b) => {
                self.on(*a) | self.on(*b)
            }
            Op::Bin(Bin::Mul, a, b) | Op::Chain(a, b) => product(*a, *b),
            Op::Array(vs) | Op::Tuple(vs) => all(vs),
            Op::Struct(..) => {
                let mut what = 0;
                op_uses(op, &mut |v| what |= self.on(v));
                what
            }
            Op::Helper("sum_elements", args) => args.first().map_or(ALWAYS, |d| self.on(*d)),
            Op::Helper("of_a_float", args) => args.get(1).map_or(ALWAYS, |d| self.on(*d)),
            _ => ALWAYS,
        }
    }
}
