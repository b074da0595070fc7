//! What makes one value of all items: sums, folds, questions.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{Expr, ExprMethodCall, GenericArgument, Type};

use super::super::closure::Callable;
use super::super::flow::Flow;
use super::super::item::Item;
use super::super::{ACCUMULATOR, Local, Lower};
use super::{Iter, Seq};
use crate::ir::{Bin, Op, Proj, Shape, V};

/// The variables that a value is carried in, a tuple's parts apart.
enum Carried {
    One(Local),
    Tuple(Vec<Carried>),
}

impl Lower<'_> {
    /// `it.consumer(..)`; `ty` is the type of the result where it is known from outside.
    pub(super) fn consume(&mut self, m: &ExprMethodCall, ty: Option<&Type>, span: Span) -> V {
        self.scoped(|l| {
            let Some(it) = l.iterable(&m.receiver) else {
                return l.poison(span);
            };
            match m.method.to_string().as_str() {
                "sum" | "product" => l.total(m, &it, ty, span),
                "len" | "count" => l.count_items(&it, span),
                "collect" => l.collected_vector(m, &it, ty, span),
                "fold" => {
                    let (Some(init), Some(f)) = (m.args.first(), m.args.get(1)) else {
                        return l.poison(span);
                    };
                    let init = l.item(init);
                    let Some(f) = l.callable(f) else {
                        return l.poison(span);
                    };
                    let result = l.fold(&it, init, &f, span);
                    l.value(&result, span)
                }
                name => {
                    let Some(f) = m.args.first().and_then(|f| l.callable(f)) else {
                        return l.poison(span);
                    };
                    match name {
                        "any" | "all" => l.question(&it, &f, name == "any", span),
                        _ => {
                            l.each(&it, None, span, |l, item| {
                                l.apply(&f, vec![item], span);
                                Flow::on()
                            });
                            l.unit(span)
                        }
                    }
                }
            }
        })
    }

    /// `collect`, into a `Vec`: of the length that the sequence has, or grown item by item where that is only known when it runs.
    fn collected_vector(
        &mut self,
        m: &ExprMethodCall,
        it: &Iter,
        ty: Option<&Type>,
        span: Span,
    ) -> V {
        let named = m.turbofish.as_ref().and_then(|t| match t.args.first() {
            Some(GenericArgument::Type(ty)) if !matches!(ty, Type::Infer(_)) => Some(ty),
            _ => None,
        });
        let Some(ty) = named.or(ty).filter(|ty| Self::is_vec_type(Some(ty))) else {
            self.errors.at(
                &m.method,
                "what this collects the items into is not seen to be a `Vec`",
                "write the type: `collect::<Vec<_>>()`, or `let v: Vec<f64> = ..;`",
            );
            return self.poison(span);
        };
        let (items, len) = self.collection(ty, span);
        self.each(it, None, span, |l, item| {
            let v = l.value(&item, span);
            l.add_element(items, len, v, span);
            Flow::on()
        });
        let (v, n) = (
            self.env[items.0].unwrap_or(V(0)),
            self.env[len.0].unwrap_or(V(0)),
        );
        self.usizes.insert(n);
        self.vectors.insert(v, n);
        v
    }

    /// What `extend` adds.
    pub(in crate::lower) fn add_items(&mut self, e: &Expr, items: Local, len: Local, span: Span) {
        let Some(it) = self.iterable(e) else {
            return;
        };
        self.each(&it, None, span, |l, item| {
            let item = l.behind(item, span);
            let v = l.value(&item, span);
            l.add_element(items, len, v, span);
            Flow::on()
        });
    }

    /// `sum`, `product`: of the type that stands in the turbofish, or is known from outside, or is that of the items.
    fn total(&mut self, m: &ExprMethodCall, it: &Iter, ty: Option<&Type>, span: Span) -> V {
        let (op, unit) = if m.method == "sum" {
            (Bin::Add, 0)
        } else {
            (Bin::Mul, 1)
        };
        let named = m.turbofish.as_ref().and_then(|t| match t.args.first() {
            Some(GenericArgument::Type(ty)) if !matches!(ty, Type::Infer(_)) => Some(ty),
            _ => None,
        });
        let ty = named.or(ty);
        let local = self.hidden(m.method.to_string().as_str(), None);
        let init = match ty {
            Some(ty) => match self.unit_of(ty, unit) {
                Some(init) => init,
                None => {
                    self.errors.at(
                        &m.method,
                        format!("`{}` is accepted for floats and integers only", m.method),
                        "write it as a loop, or with `fold`",
                    );
                    self.poison(span)
                }
            },
            // Decided below, when an item has been seen.
            None => self.poison(span),
        };
        let mut seen = None;
        self.set(local, init);
        self.each(it, None, span, |l, item| {
            let x = l.value(&item, span);
            seen = Some(x);
            let sum = l.env[local.0].unwrap_or(init);
            let next = l.bin(op, sum, x, span);
            l.set(local, next);
            Flow::on()
        });
        if ty.is_none() {
            self.unit_like(m, init, seen, unit);
        }
        self.env[local.0].unwrap_or(init)
    }

    /// 0 or 1 as a number of a type.
    fn unit_of(&mut self, ty: &Type, unit: u8) -> Option<V> {
        let text = ty.to_token_stream().to_string();
        let float = text == "f64" || text == "f32";
        let (op, shape) = if self.sig.reals.contains(&text) {
            (Op::Lit(f64::from(unit)), Shape::Float)
        } else if float {
            let zero = proc_macro2::Literal::f64_unsuffixed(f64::from(unit));
            (Op::Const(zero.to_token_stream().into()), Shape::Float)
        } else if is_integer(&text) {
            let zero = proc_macro2::Literal::u8_unsuffixed(unit);
            (Op::Const(zero.to_token_stream().into()), Shape::Int)
        } else {
            return None;
        };
        let v = self.b.op(op, shape, ty.span());
        self.b.func.info_mut(v).ty = Some(ty.clone().into());
        if text == "usize" {
            self.usizes.insert(v);
        }
        Some(v)
    }

    /// Makes the first value 0 or 1 of the items' own type, as far as that is seen.
    fn unit_like(&mut self, m: &ExprMethodCall, init: V, item: Option<V>, unit: u8) {
        let shape = item.map_or(Shape::Unknown, |v| self.b.func.shape(v).clone());
        let op = match shape {
            Shape::Float if !self.sig.reals.is_empty() => Op::Lit(f64::from(unit)),
            Shape::Float => {
                let unit = proc_macro2::Literal::f64_unsuffixed(f64::from(unit));
                Op::Const(unit.to_token_stream().into())
            }
            Shape::Int => {
                let unit = proc_macro2::Literal::u8_unsuffixed(unit);
                Op::Const(unit.to_token_stream().into())
            }
            _ => {
                let name = &m.method;
                return self.errors.at(
                    name,
                    format!("the type of this {name} is not known here"),
                    format!("write it down: `{name}::<f64>()`"),
                );
            }
        };
        self.b.redefine(init, Vec::new(), op, shape);
    }

    fn count_items(&mut self, it: &Iter, span: Span) -> V {
        if it.stages.is_empty() && !calls(&it.seq) {
            return match self.length(&it.seq, span) {
                Some(n) => n,
                None => self.poison(span),
            };
        }
        let counter = self.counter("count");
        self.each(it, None, span, |l, _| {
            let n = l.env[counter.0].unwrap_or(V(0));
            let one = l.index(1);
            let next = l.bin(Bin::Add, n, one, span);
            l.set(counter, next);
            Flow::on()
        });
        let n = self.env[counter.0].unwrap_or(V(0));
        self.usizes.insert(n);
        n
    }

    /// `any`, `all`: the first item that decides is the last one that is looked at.
    fn question(&mut self, it: &Iter, f: &Callable, any: bool, span: Span) -> V {
        let known = |l: &mut Self, yes: bool| {
            let t: TokenStream = if yes { quote!(true) } else { quote!(false) };
            l.constant(t, Shape::Int)
        };
        let start = known(self, !any);
        let answer = self.hidden("answer", Some(start));
        self.each(it, None, span, |l, item| {
            let holds = l.apply(f, vec![item], span);
            let holds = l.value(&holds, span);
            let decide = |l: &mut Self| {
                let v = known(l, any);
                l.set(answer, v);
                (None, l.stop())
            };
            let pass = |_: &mut Self| (None, Flow::on());
            if any {
                l.either(holds, decide, pass, span).1
            } else {
                l.either(holds, pass, decide, span).1
            }
        });
        self.env[answer.0].unwrap_or(start)
    }

    /// `fold`. A tuple is carried as its parts.
    pub(super) fn fold(&mut self, it: &Iter, init: Item, f: &Callable, span: Span) -> Item {
        self.ascribe(&init, f);
        let carried = self.carry(&init, span);
        self.each(it, None, span, |l, item| {
            let acc = l.carried(&carried);
            let next = l.apply(f, vec![acc, item], span);
            l.carry_on(&carried, next, span);
            Flow::on()
        });
        self.carried(&carried)
    }

    /// `fold(0.0, f64::max)` says of which type the literal is.
    fn ascribe(&mut self, init: &Item, f: &Callable) {
        let (Item::Value(v), Callable::Path(p)) = (init, f) else {
            return;
        };
        let owner = p.path.segments.first().map(|s| s.ident.to_string());
        let of_float = owner.as_deref() == Some("f64") || owner.as_deref() == Some("f32");
        if of_float && self.b.constant(*v).is_some() && self.b.func.info(*v).ty.is_none() {
            let ident = p.path.segments.first().map(|s| &s.ident);
            self.b.func.info_mut(*v).ty = Some(std::rc::Rc::new(syn::parse_quote!(#ident)));
        }
    }

    fn carry(&mut self, item: &Item, span: Span) -> Carried {
        match item {
            Item::Tuple(items) => {
                Carried::Tuple(items.iter().map(|i| self.carry(i, span)).collect())
            }
            item => {
                let v = self.value(item, span);
                Carried::One(self.hidden(ACCUMULATOR, Some(v)))
            }
        }
    }

    fn carried(&mut self, c: &Carried) -> Item {
        match c {
            Carried::One(local) => Item::Value(self.env[local.0].unwrap_or(V(0))),
            Carried::Tuple(cs) => Item::Tuple(cs.iter().map(|c| self.carried(c)).collect()),
        }
    }

    fn carry_on(&mut self, c: &Carried, next: Item, span: Span) {
        match (c, next) {
            (Carried::One(local), next) => {
                let v = self.value(&next, span);
                self.set(*local, v);
            }
            (Carried::Tuple(cs), Item::Tuple(items)) if cs.len() == items.len() => {
                for (c, item) in cs.iter().zip(items) {
                    self.carry_on(c, item, span);
                }
            }
            (Carried::Tuple(cs), next) => {
                let v = self.value(&next, span);
                for (k, c) in cs.iter().enumerate() {
                    let part = self.part(v, Proj::Field(syn::Member::Unnamed(k.into())), span);
                    self.carry_on(c, Item::Value(part), span);
                }
            }
        }
    }
}

/// Whether closures run for the items.
fn calls(seq: &Seq) -> bool {
    match seq {
        Seq::Elements(..) | Seq::Range(_) | Seq::Cuts { .. } => false,
        Seq::Map(..) => true,
        Seq::Zip(a, b) => calls(a) || calls(b),
        Seq::Copied(s)
        | Seq::Enumerate(s)
        | Seq::Rev(s, _)
        | Seq::Skip(s, _)
        | Seq::Take(s, _)
        | Seq::StepBy(s, _) => calls(s),
    }
}

fn is_integer(text: &str) -> bool {
    matches!(
        text,
        "usize"
            | "isize"
            | "u8"
            | "u16"
            | "u32"
            | "u64"
            | "u128"
            | "i8"
            | "i16"
            | "i32"
            | "i64"
            | "i128"
    )
}
