//! What each operation contributes to the adjoints of its operands.

use proc_macro2::Span;

use super::Reverse;
use crate::ir::{Bin, Op, Path, Proj, Shape, Un, V};
use crate::rules::{self, Kind};

impl Reverse {
    /// `d` is the adjoint of `v`, which `op` defines.
    pub(crate) fn op(&mut self, v: V, op: &Op, d: V) {
        let span = self.b.func.info(v).span;
        match op {
            Op::Un(Un::Neg, a) if self.activity.varies(*a) => {
                let n = self.float(Op::Un(Un::Neg, d), span);
                self.add(*a, n);
            }
            Op::Bin(op, a, b) => self.binary(*op, *a, *b, v, d, span),
            Op::Cast(a, _) | Op::Convert(_, a) if self.activity.varies(*a) => {
                let shape = self.b.func.shape(*a).clone();
                let back = self.b.op(Op::CastBack { like: *a, d }, shape, span);
                self.add(*a, back);
            }
            Op::Fn(name, args) => self.elementary(name, args, v, d, span),
            Op::Array(vs) => {
                for (k, a) in vs.iter().enumerate() {
                    if self.activity.varies(*a) {
                        let tokens = quote::ToTokens::to_token_stream(
                            &proc_macro2::Literal::usize_unsuffixed(k),
                        );
                        let index = self.b.op(Op::Const(tokens.into()), Shape::Int, span);
                        self.part(*a, d, vec![Proj::Index(index)], span);
                    }
                }
            }
            Op::Repeat(a, _) if self.activity.varies(*a) => {
                let shape = self.b.func.shape(*a).clone();
                let sum = self.b.op(Op::Helper("sum_elements", vec![d]), shape, span);
                self.add(*a, sum);
            }
            Op::Filled(a, _) if self.activity.varies(*a) => {
                let shape = self.b.func.shape(*a).clone();
                // There may be no element to tell what a sum begins with.
                let zero = self.zero(*a);
                let sum = Op::Helper("sum_elements", vec![d, zero]);
                let sum = self.b.op(sum, shape, span);
                self.add(*a, sum);
            }
            Op::Tuple(vs) => {
                for (k, a) in vs.iter().enumerate() {
                    self.part(
                        *a,
                        d,
                        vec![Proj::Field(syn::Member::Unnamed(k.into()))],
                        span,
                    );
                }
            }
            Op::Struct(path, fields, _) => {
                for (member, a) in fields {
                    let way = match self.b.func.is_variant(path) {
                        true => Proj::Payload(path.clone(), member.clone()),
                        false => Proj::Field(member.clone()),
                    };
                    self.part(*a, d, vec![way], span);
                }
            }
            Op::Refill(a, _) => {
                let shape = self.b.func.shape(*a).clone();
                let spent = self.b.op(Op::Spent(d), shape, span);
                self.add(*a, spent);
            }
            Op::Get(a, path) => self.add_at(*a, path, d),
            Op::Set(a, path, value) => {
                self.part(*value, d, path.clone(), span);
                if self.activity.varies(*a) {
                    let shape = self.b.func.shape(*a).clone();
                    let cleared = if self.may_be_variant(*value) {
                        // What was there before may be of another variant: its zero is another one.
                        let shape = self.b.func.shape(*value).clone();
                        let old = self.b.op(Op::Get(*a, path.clone()), shape.clone(), span);
                        let zero = self.b.op(Op::ZeroLike(old), shape, span);
                        Op::Set(d, path.clone(), zero)
                    } else {
                        Op::ClearAt(d, path.clone())
                    };
                    let cleared = self.b.op(cleared, shape, span);
                    self.add(*a, cleared);
                }
            }
            Op::AddAt(a, path, value) => {
                self.part(*value, d, path.clone(), span);
                self.add(*a, d);
            }
            // Constants, comparisons, and what only the reverse sweep contains.
            _ => {}
        }
    }

    /// The adjoint of `a` receives a part of the aggregate adjoint `d`.
    fn part(&mut self, a: V, d: V, path: Path, span: Span) {
        if self.activity.varies(a) {
            let shape = self.b.func.shape(a).clone();
            let part = self.b.op(Op::Get(d, path), shape, span);
            self.add(a, part);
        }
    }

    fn float(&mut self, op: Op, span: Span) -> V {
        self.b.op(op, Shape::Float, span)
    }

    fn binary(&mut self, op: Bin, a: V, b: V, v: V, d: V, span: Span) {
        let (on_a, on_b) = (self.activity.varies(a), self.activity.varies(b));
        match op {
            Bin::Add => {
                self.add(a, d);
                self.add(b, d);
            }
            Bin::Sub => {
                self.add(a, d);
                if on_b {
                    let n = self.float(Op::Un(Un::Neg, d), span);
                    self.add(b, n);
                }
            }
            Bin::Mul => {
                if on_a {
                    let x = self.float(Op::Bin(Bin::Mul, d, b), span);
                    self.add(a, x);
                }
                if on_b {
                    let x = self.float(Op::Bin(Bin::Mul, d, a), span);
                    self.add(b, x);
                }
            }
            Bin::Div => {
                // v = a / b: a' = d / b, b' = -(d / b) v. The reciprocal does not wait for d.
                let one = self.float(Op::Lit(1.0), span);
                let r = self.float(Op::Bin(Bin::Div, one, b), span);
                let q = self.float(Op::Bin(Bin::Mul, d, r), span);
                self.add(a, q);
                if on_b {
                    let x = self.float(Op::Bin(Bin::Mul, q, v), span);
                    let n = self.float(Op::Un(Un::Neg, x), span);
                    self.add(b, n);
                }
            }
            Bin::Rem => {
                self.add(a, d);
                if on_b {
                    let q = self.float(Op::Bin(Bin::Div, a, b), span);
                    let t = self.float(Op::Fn("trunc", vec![q]), span);
                    let x = self.float(Op::Bin(Bin::Mul, d, t), span);
                    let n = self.float(Op::Un(Un::Neg, x), span);
                    self.add(b, n);
                }
            }
            _ => {}
        }
    }

    fn elementary(&mut self, name: &str, args: &[V], v: V, d: V, span: Span) {
        let Some(rule) = rules::find(name, args.len()) else {
            return;
        };
        let named = ["x", "y", "z"].into_iter().zip(args);
        let mut vars: Vec<(&str, V)> = named.map(|(n, a)| (n, *a)).collect();
        if rule.kind == Kind::Pair {
            for (k, (dn, rn)) in [("d0", "ret0"), ("d1", "ret1")].into_iter().enumerate() {
                let field = vec![Proj::Field(syn::Member::Unnamed(k.into()))];
                let part = self.float(Op::Get(d, field.clone()), span);
                let value = self.float(Op::Get(v, field), span);
                vars.extend([(dn, part), (rn, value)]);
            }
        } else {
            vars.extend([("d", d), ("ret", v)]);
        }
        for (a, formula) in args.iter().zip(rule.partials) {
            if self.activity.varies(*a)
                && !matches!(*formula, "0" | "int")
                && let Some(x) = rules::formula::build(&mut self.b, formula, &vars, span)
            {
                self.add(*a, x);
            }
        }
    }
}
