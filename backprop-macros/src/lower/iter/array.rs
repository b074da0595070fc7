//! Arrays made of a closure: `x.map(|v| ..)`, `core::array::from_fn(|i| ..)`.
//!
//! ```text
//! let y = x.map(f);     let mut y = [0.0; N]; for k in 0..N { y[k] = f(x[k]); }
//! ```

use proc_macro2::Span;
use quote::quote;
use syn::{Expr, ExprCall, ExprMethodCall, Type};

use super::super::Lower;
use super::super::flow::Flow;
use super::super::item::Item;
use super::super::loops::Turns;
use super::super::place::{Place, strip};
use super::Access;
use crate::ir::{Op, Proj, Range, Shape, V};

/// Up to this length the elements are written out one by one.
const WRITTEN_OUT: u64 = 4;

impl Lower<'_> {
    /// `x.map(f)` of an array.
    pub(crate) fn array_map(&mut self, m: &ExprMethodCall, place: &Place) -> Option<V> {
        if m.method != "map" || m.args.len() != 1 {
            return None;
        }
        let span = m.method.span();
        let closure = matches!(strip(&m.args[0]), Expr::Closure(_))
            || matches!(self.known_item(&m.args[0]), Some(Item::Closure(_)));
        let Shape::Seq(_, Some(len)) = place.shape.clone() else {
            if closure {
                self.errors.at(
                    &m.method,
                    "`map` is accepted on iterators, and on arrays whose length is seen here",
                    "name the array, or the `Option`, with its type first, `let x: [f64; N] = ..;`, or write a loop",
                );
                return Some(self.poison(span));
            }
            return None;
        };
        let place = self.frozen(place.clone(), span);
        let f = self.callable(&m.args[0])?;
        let seq = super::Seq::Elements(place, Access::Value);
        Some(self.collected(&len, span, |l, k| {
            let item = l.item_at(&seq, k, span);
            let item = l.apply(&f, vec![item], span);
            l.value(&item, span)
        }))
    }

    /// `from_fn(f)`, of the length that is known from outside.
    pub(crate) fn array_from_fn(&mut self, c: &ExprCall, ty: Option<&Type>) -> V {
        let span = syn::spanned::Spanned::span(&c.func);
        let named = match strip(&c.func) {
            Expr::Path(p) => p.path.segments.last().and_then(|s| match &s.arguments {
                syn::PathArguments::AngleBracketed(a) => a.args.iter().nth(1).cloned(),
                _ => None,
            }),
            _ => None,
        };
        let len = match (named, ty) {
            (Some(n), _) if n != syn::parse_quote!(_) => Some(quote!(#n).to_string()),
            (_, Some(Type::Array(a))) => {
                let n = &a.len;
                Some(quote!(#n).to_string())
            }
            _ => None,
        };
        let (Some(len), Some(f)) = (len, c.args.first().and_then(|f| self.callable(f))) else {
            self.errors.at(
                &c.func,
                "the length of this array is not known here",
                "name it with its type: `let y: [f64; N] = core::array::from_fn(|i| ..);`",
            );
            return self.poison(span);
        };
        self.collected(&len, span, |l, k| {
            let item = l.apply(&f, vec![Item::Value(k)], span);
            l.value(&item, span)
        })
    }

    /// An array that lies in a slice, as a value.
    pub(crate) fn copied_array(&mut self, place: &Place, span: Span) -> V {
        let Shape::Seq(_, Some(len)) = place.shape.clone() else {
            return self.poison(span);
        };
        let place = self.frozen(place.clone(), span);
        self.collected(&len, span, |l, k| {
            let part = l.element(place.clone(), k, span);
            l.read(&part, span)
        })
    }

    /// The array of what `element` computes for each position.
    fn collected(
        &mut self,
        len: &str,
        span: Span,
        mut element: impl FnMut(&mut Self, V) -> V,
    ) -> V {
        let shaped = |e: Shape| Shape::Seq(Box::new(e), Some(len.to_owned()));
        if let Ok(n) = len.parse::<u64>()
            && n <= WRITTEN_OUT
        {
            let vs: Vec<V> = (0..n as usize)
                .map(|k| {
                    let k = self.index(k);
                    self.untyped.insert(k);
                    element(self, k)
                })
                .collect();
            let shape = vs
                .first()
                .map_or(Shape::Unknown, |v| self.b.func.shape(*v).clone());
            return self.b.op(Op::Array(vs), shaped(shape), span);
        }
        let Ok(n) = len.parse::<proc_macro2::TokenStream>() else {
            return self.poison(span);
        };
        let init = self.poison(span);
        let array = self.hidden("array", Some(init));
        let range = Range {
            lo: self.index(0),
            hi: self.b.op(Op::Const(n.clone().into()), Shape::Int, span),
            inclusive: false,
            adapt: Vec::new(),
        };
        let mut shape = Shape::Unknown;
        self.loop_(None, Turns::Over(range), span, |l, k| {
            l.usizes.insert(k);
            l.untyped.insert(k);
            let v = element(l, k);
            shape = l.b.func.shape(v).clone();
            let old = l.env[array.0].unwrap_or(init);
            l.b.func.info_mut(old).shape = shaped(shape.clone());
            let new = l.b.op(
                Op::Set(old, vec![Proj::Index(k)], v),
                shaped(shape.clone()),
                span,
            );
            l.set(array, new);
            Flow::on()
        });
        // Every element is assigned, so what stands there before does not matter.
        self.b.func.info_mut(init).shape = shaped(shape.clone());
        self.b.open();
        let zeros = self.zeros(&shaped(shape.clone()), span);
        let before = self.b.close(Vec::new()).stmts;
        if let Some(op) = zeros {
            self.b.redefine(init, before, op, shaped(shape.clone()));
        }
        let made = self.env[array.0].unwrap_or(init);
        self.b.func.info_mut(made).shape = shaped(shape);
        made
    }

    /// An array of zeros, where its elements are floats.
    fn zeros(&mut self, shape: &Shape, span: Span) -> Option<Op> {
        let Shape::Seq(e, Some(len)) = shape else {
            return None;
        };
        let op = match &**e {
            Shape::Float if self.sig.reals.is_empty() => Op::Const(quote!(0.0).into()),
            Shape::Float => Op::Lit(0.0),
            inner => self.zeros(inner, span)?,
        };
        let zero = self.b.op(op, (**e).clone(), span);
        Some(Op::Repeat(zero, len.parse().ok()?))
    }
}
