//! The tangent of each operation: the sum of what its operands contribute, by the same formulas that reverse mode uses. A partial that
//! multiplies the cotangent of the result there multiplies the tangent of the operand here.

use proc_macro2::Span;

use super::Forward;
use crate::ir::{Bin, Op, Path, Proj, Shape, Un, V};
use crate::rules::formula::Linear;
use crate::rules::{self, Kind, Rule, table};

impl Forward {
    /// The tangent of `v`, which `op` defines; none where none of it varies.
    pub(super) fn op(&mut self, v: V, op: &Op) -> Option<V> {
        let info = self.b.func.info(v);
        let (shape, span) = (info.shape.clone(), info.span);
        Some(match op {
            Op::Un(Un::Neg, a) => {
                let d = self.tangent(*a)?;
                self.float(Op::Un(Un::Neg, d), span)
            }
            Op::Bin(op, a, b) => self.binary(*op, *a, *b, v, span)?,
            Op::Cast(a, ty) => {
                let d = self.tangent(*a)?;
                let d = self.b.op(Op::Cast(d, ty.clone()), shape, span);
                self.of_a_float(*a, d, span)
            }
            Op::Convert(f, a) => {
                let d = self.tangent(*a)?;
                let d = self.b.op(Op::Convert(f.clone(), d), shape, span);
                self.of_a_float(*a, d, span)
            }
            Op::Fn(name, args) => {
                let rule = rules::find(name, args.len())?;
                match rule.kind {
                    Kind::Pair => self.pair(rule, args, v, shape, span)?,
                    Kind::Float | Kind::Number => self.terms(rule.partials, args, v, span)?,
                }
            }
            Op::Array(_) | Op::Tuple(_) | Op::Struct(..) | Op::Repeat(..) | Op::Filled(..) => {
                self.made(op, shape, span)
            }
            Op::Get(a, path) => {
                let d = self.parts_of(*a)?;
                if self.axes.contains(&d) {
                    return self.along_axis(d, path, shape, span);
                }
                self.b.op(Op::Get(d, path.clone()), shape, span)
            }
            Op::Set(a, path, value) => {
                let d = self.replaced(*a, path, *value, shape, span);
                // The tangent grows with what it is the tangent of.
                let grows = self.b.func.info(v).grows;
                self.b.func.info_mut(d).grows = grows;
                d
            }
            Op::AddAt(a, path, value) => self.added(*a, path, *value, shape, span),
            Op::ClearAt(a, path) => {
                let d = self.tangent(*a)?;
                self.b.op(Op::ClearAt(d, path.clone()), shape, span)
            }
            Op::CastBack { like, d } => {
                let (like, d) = (*like, self.tangent(*d)?);
                self.b.op(Op::CastBack { like, d }, shape, span)
            }
            Op::Chain(d, p) => {
                let (dd, dp) = (self.tangent(*d), self.tangent(*p));
                let x = dd.map(|dd| self.float(Op::Chain(dd, *p), span));
                let y = dp.map(|dp| self.float(Op::Chain(*d, dp), span));
                self.sum(x, y, span)?
            }
            // What is filled next is nobody's business, or is zero.
            Op::Refill(a, time) => {
                let d = self.parts_of(*a)?;
                self.b.op(Op::Refill(d, *time), shape, span)
            }
            Op::Spent(a) => {
                let d = self.parts_of(*a)?;
                self.b.op(Op::Spent(d), shape, span)
            }
            Op::Kept(id, param) => {
                let d = self.parts_of(*param)?;
                self.b.op(Op::Kept(*id, d), shape, span)
            }
            Op::Helper("sum_elements", args) => {
                let (first, rest) = args.split_first()?;
                let mut args = vec![self.tangent(*first)?];
                args.extend(rest);
                self.b.op(Op::Helper("sum_elements", args), shape, span)
            }
            Op::Helper("of_a_float", args) => {
                let d = self.tangent(*args.get(1)?)?;
                let args = vec![args[0], d];
                self.b.op(Op::Helper("of_a_float", args), shape, span)
            }
            Op::Helper(name, args) => {
                let (_, partials) = table::HELPERS.iter().find(|(n, _)| n == name)?;
                self.terms(partials, args, v, span)?
            }
            // Constants and comparisons.
            _ => return None,
        })
    }

    /// A part of an axis: none where that is known to be zero.
    fn along_axis(&mut self, axis: V, path: &Path, shape: Shape, span: Span) -> Option<V> {
        match &path[..] {
            [] => Some(axis),
            [Proj::Index(i)] if self.indices.get(i).is_some() => {
                let own = self.indices.get(i) == Some(&self.lane);
                own.then(|| self.float(Op::Lit(1.0), span))
            }
            _ => Some(self.b.op(Op::Get(axis, path.clone()), shape, span)),
        }
    }

    /// The tangent of what is made of `a`: zero where that turns out to be an integer.
    fn of_a_float(&mut self, a: V, d: V, span: Span) -> V {
        if *self.b.func.shape(a) == Shape::Float {
            return d;
        }
        let shape = self.b.func.shape(d).clone();
        self.b.op(Op::Helper("of_a_float", vec![a, d]), shape, span)
    }

    /// The sum of two terms, of which there may be none.
    fn sum(&mut self, a: Option<V>, b: Option<V>, span: Span) -> Option<V> {
        match (a, b) {
            (Some(a), Some(b)) => Some(self.float(Op::Bin(Bin::Add, a, b), span)),
            (one, other) => one.or(other),
        }
    }

    fn binary(&mut self, op: Bin, a: V, b: V, v: V, span: Span) -> Option<V> {
        let (da, db) = (self.tangent(a), self.tangent(b));
        match op {
            Bin::Add => self.sum(da, db, span),
            Bin::Sub => Some(match (da, db) {
                (Some(da), Some(db)) => self.float(Op::Bin(Bin::Sub, da, db), span),
                (None, Some(db)) => self.float(Op::Un(Un::Neg, db), span),
                (da, None) => da?,
            }),
            Bin::Mul => {
                let x = da.map(|d| self.float(Op::Bin(Bin::Mul, d, b), span));
                let y = db.map(|d| self.float(Op::Bin(Bin::Mul, d, a), span));
                self.sum(x, y, span)
            }
            Bin::Div => {
                // v = a / b: v' = (a' - b' v) / b.
                let y = db.map(|d| self.float(Op::Bin(Bin::Mul, d, v), span));
                let top = match (da, y) {
                    (Some(da), Some(y)) => self.float(Op::Bin(Bin::Sub, da, y), span),
                    (None, Some(y)) => self.float(Op::Un(Un::Neg, y), span),
                    (da, None) => da?,
                };
                if self.along_axes() {
                    // The sweep has the reciprocal, too.
                    let one = self.float(Op::Lit(1.0), span);
                    let by = self.float(Op::Bin(Bin::Div, one, b), span);
                    return Some(self.float(Op::Bin(Bin::Mul, top, by), span));
                }
                Some(self.float(Op::Bin(Bin::Div, top, b), span))
            }
            Bin::Rem => {
                let y = db.map(|d| {
                    let q = self.float(Op::Bin(Bin::Div, a, b), span);
                    let t = self.float(Op::Fn("trunc", vec![q]), span);
                    let x = self.float(Op::Bin(Bin::Mul, d, t), span);
                    self.float(Op::Un(Un::Neg, x), span)
                });
                self.sum(da, y, span)
            }
            _ => None,
        }
    }

    /// The sum of partials times tangents.
    fn terms(&mut self, partials: &[&'static str], args: &[V], v: V, span: Span) -> Option<V> {
        let mut total = None;
        for (a, formula) in args.iter().zip(partials) {
            if matches!(*formula, "0" | "int") {
                continue;
            }
            let Some(d) = self.tangent(*a) else { continue };
            let named = ["x", "y", "z"].into_iter().zip(args.iter().copied());
            let vars: Vec<(&str, V)> = named.chain([("d", d), ("ret", v)]).collect();
            let term = rules::formula::build(&mut self.b, formula, &vars, span);
            total = self.sum(total, term, span);
        }
        total
    }

    /// A function with two results: of each, the part of the formula that belongs to its cotangent.
    fn pair(&mut self, rule: &Rule, args: &[V], v: V, shape: Shape, span: Span) -> Option<V> {
        let mut vars: Vec<(&str, V)> = ["x", "y", "z"]
            .into_iter()
            .zip(args.iter().copied())
            .collect();
        for (k, name) in ["ret0", "ret1"].into_iter().enumerate() {
            let field = vec![Proj::Field(syn::Member::Unnamed(k.into()))];
            vars.push((name, self.float(Op::Get(v, field), span)));
        }
        let mut parts = Vec::new();
        for (this, other) in [("d0", "d1"), ("d1", "d0")] {
            let mut total = None;
            for (a, formula) in args.iter().zip(rule.partials) {
                let Some(d) = self.tangent(*a) else { continue };
                let mut vars = vars.clone();
                vars.push((this, d));
                let linear = Linear {
                    zero: other,
                    vars: &vars,
                };
                let term = rules::formula::build_linear(&mut self.b, formula, &linear, span);
                total = self.sum(total, term, span);
            }
            parts.push(match total {
                Some(d) => d,
                None => self.float(Op::Lit(0.0), span),
            });
        }
        Some(self.b.op(Op::Tuple(parts), shape, span))
    }
}
