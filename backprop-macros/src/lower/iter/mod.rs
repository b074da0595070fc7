//! Iterators, lowered to the loops over indices that they stand for.
//!
//! ```text
//! for (i, x) in xs.iter().enumerate().rev() { body }     for k in (0..xs.len()).rev() { i = k; x is xs[k]; body }
//! xs.iter().zip(ys).map(|(a, b)| a * b).sum::<f64>()     for k in 0..min(..) { a is xs[k]; b is ys[k]; sum += a * b }
//! xs.chunks_exact(3)                                     for k in 0..xs.len() / 3 { item is xs[3 * k..3 * k + 3] }
//! ```
//!
//! An iterator is a [`Seq`], which knows how many items it has and where the item at a position is, and [`Stage`]s that run item by
//! item, because which items come through is only known when they run (`filter`). Nothing of it exists in the emitted code: the same loops come
//! out as if the indices had been written by hand.

mod adapt;
mod array;
mod consume;
mod position;
mod search;
mod seq;
mod source;

use std::rc::Rc;

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Expr, ExprForLoop, ExprMethodCall, Pat};

use super::closure::Callable;
use super::flow::Flow;
use super::item::Item;
use super::loops::Turns;
use super::place::{Place, strip};
use super::{Local, Lower};
use crate::chain::{self, Role};
use crate::ir::V;

/// Items that can be had by their position.
#[derive(Clone)]
enum Seq {
    /// The elements of a place.
    Elements(Place, Access),
    /// `lo..hi`; without an end in `zip`.
    Range(Bounds),
    /// `chunks(n)`, `windows(n)` and kin of a place of a length.
    Cuts {
        place: Place,
        len: V,
        size: V,
        literal: Option<u64>,
        cut: Cut,
        mutable: bool,
    },
    Map(Rc<Seq>, Callable),
    /// `copied`, `cloned`: what lies behind the references.
    Copied(Rc<Seq>),
    Enumerate(Rc<Seq>),
    Zip(Rc<Seq>, Rc<Seq>),
    /// The length is that of the inner one.
    Rev(Rc<Seq>, V),
    Skip(Rc<Seq>, V),
    Take(Rc<Seq>, V),
    StepBy(Rc<Seq>, V),
}

#[derive(Clone)]
struct Bounds {
    lo: V,
    hi: Option<V>,
    inclusive: bool,
    from_zero: bool,
    /// Positions can be computed with it.
    usize: bool,
}

/// What an iterator hands out of each element.
#[derive(Clone, Copy, PartialEq)]
enum Access {
    Ref,
    Mut,
    Value,
}

#[derive(Clone, PartialEq)]
enum Cut {
    Chunks,
    Exact,
    Windows,
    /// Arrays, of the length that is written so.
    Arrays(Rc<str>),
}

/// A step that runs for each item which got so far.
#[derive(Clone)]
enum Stage {
    Map(Callable),
    Copied,
    Filter(Callable),
    TakeWhile(Callable),
    /// With the variable that counts.
    Enumerate(Local),
    Skip(Local, V),
    Take(Local, V),
}

/// An iterator.
#[derive(Clone)]
struct Iter {
    seq: Seq,
    stages: Vec<Stage>,
}

impl Lower<'_> {
    /// `for pat in it { body }`.
    pub(crate) fn for_(&mut self, f: &ExprForLoop) -> (Option<V>, Flow) {
        let (label, span) = (f.label.as_ref(), f.for_token.span());
        let Some(it) = self.iterable(&f.expr) else {
            return (None, Flow::on());
        };
        let flow = self.scoped(|l| {
            l.each(&it, label, span, |l, item| {
                if let (Item::Value(i), Pat::Ident(p)) = (&item, &*f.pat) {
                    l.name(*i, &p.ident.to_string());
                }
                l.bind_item(&f.pat, item);
                l.block(&f.body).1
            })
        });
        (None, flow)
    }

    /// Runs something for each item, in order.
    fn each(
        &mut self,
        it: &Iter,
        label: Option<&syn::Label>,
        span: Span,
        body: impl FnOnce(&mut Self, Item) -> Flow,
    ) -> Flow {
        let Some(range) = self.head(&it.seq, span) else {
            return Flow::on();
        };
        let literal = self.is_literal(range.hi) && !matches!(it.seq, Seq::Range(_));
        let (_, flow) = self.loop_(label, Turns::Over(range), span, |l, i| {
            if literal {
                l.untyped.insert(i);
            }
            // Rust stops before it asks for one item more than `take` lets through; a loop here asks, and drops it.
            let pure = it.stages.iter().any(|s| matches!(s, Stage::Take(..)));
            let item = l.purely(pure, |l| l.head_item(&it.seq, i, span));
            l.through(&it.stages, item, pure, span, body)
        });
        flow
    }

    /// A method call that makes something of an iterator, if it is one.
    pub(crate) fn consumed(&mut self, m: &ExprMethodCall) -> Option<V> {
        let consumer = chain::consumer(m)?;
        let span = m.method.span();
        let (v, _) = self.loop_for_each_side(m, &mut |l| {
            let v = match consumer {
                Role::Consumer => l.consume(m, None, span),
                _ => {
                    let item = l.searched(m, span);
                    l.value(&item, span)
                }
            };
            (Some(v), Flow::on())
        });
        v.or_else(|| Some(self.poison(span)))
    }

    /// An expression whose type is known: the sum of an iterator is of that type.
    pub(crate) fn typed(&mut self, e: &Expr, ty: Option<&syn::Type>) -> V {
        match strip(e) {
            Expr::MethodCall(m) if ty.is_some() && chain::consumer(m) == Some(Role::Consumer) => {
                let (v, _) = self.loop_for_each_side(m, &mut |l| {
                    (Some(l.consume(m, ty, m.method.span())), Flow::on())
                });
                v.unwrap_or_else(|| self.poison(m.method.span()))
            }
            Expr::Call(c) if chain::is_from_fn(c) => self.array_from_fn(c, ty),
            e => self.expr(e),
        }
    }
}
