//! Adaptors: they change which items there are, or what is handed on of each.
//!
//! As long as positions are known an adaptor is arithmetic on them; behind `filter` it counts.

use proc_macro2::Span;
use syn::ExprMethodCall;

use super::super::Lower;
use super::super::closure::Callable;
use super::super::flow::Flow;
use super::super::item::Item;
use super::{Iter, Seq, Stage};
use crate::ir::{Bin, By, V};

impl Lower<'_> {
    /// `receiver.adaptor(..)`.
    pub(super) fn adapted(&mut self, m: &ExprMethodCall) -> Option<Iter> {
        let span = m.method.span();
        let mut it = self.iterable(&m.receiver)?;
        let name = m.method.to_string();
        let plain = it.stages.is_empty();
        let wrap = |it: Iter, f: fn(std::rc::Rc<Seq>) -> Seq| Iter::from(f(it.seq.into()));
        match name.as_str() {
            "map" => {
                let f = self.callable(m.args.first()?)?;
                if plain {
                    it.seq = Seq::Map(it.seq.into(), f);
                } else {
                    it.stages.push(Stage::Map(f));
                }
            }
            "filter" => {
                let f = self.callable(m.args.first()?)?;
                it.stages.push(Stage::Filter(f));
            }
            "take_while" => {
                let f = self.callable(m.args.first()?)?;
                it.stages.push(Stage::TakeWhile(f));
            }
            "copied" | "cloned" if plain => it = wrap(it, Seq::Copied),
            "copied" | "cloned" => it.stages.push(Stage::Copied),
            "enumerate" if plain => it = wrap(it, Seq::Enumerate),
            "enumerate" => {
                let counter = self.counter("i");
                it.stages.push(Stage::Enumerate(counter));
            }
            "zip" => {
                let other = self.iterable(m.args.first()?)?;
                if !plain || !other.stages.is_empty() {
                    return self.after_filter(&name, span);
                }
                it.seq = Seq::Zip(it.seq.into(), other.seq.into());
            }
            "rev" if plain => {
                let Some(n) = self.turning_point(&it.seq, span) else {
                    self.errors.at_span(
                        span,
                        "a range without an end has no last item to start from",
                        "give it an end",
                    );
                    return None;
                };
                it.seq = Seq::Rev(it.seq.into(), n);
            }
            // What comes through does not depend on the order, unless something counts.
            "rev" if it.stages.iter().all(Stage::is_by_item) => {
                let n = self.turning_point(&it.seq, span)?;
                it.seq = Seq::Rev(it.seq.into(), n);
            }
            "skip" | "take" | "step_by" => {
                let k = self.expr(m.args.first()?);
                self.usizes.insert(k);
                match (name.as_str(), plain) {
                    ("skip", true) => it.seq = Seq::Skip(it.seq.into(), k),
                    ("take", true) => it.seq = Seq::Take(it.seq.into(), k),
                    ("step_by", true) => it.seq = Seq::StepBy(it.seq.into(), k),
                    ("skip", false) => {
                        let counter = self.counter("skipped");
                        it.stages.push(Stage::Skip(counter, k));
                    }
                    ("take", false) => {
                        let counter = self.counter("taken");
                        it.stages.push(Stage::Take(counter, k));
                    }
                    _ => return self.after_filter(&name, span),
                }
            }
            _ => return self.after_filter(&name, span),
        }
        Some(it)
    }

    /// The length that `rev` counts from; the loop over a range that is turned round needs none.
    fn turning_point(&mut self, seq: &Seq, span: Span) -> Option<V> {
        self.length(seq, span)
    }

    fn after_filter<R>(&mut self, name: &str, span: Span) -> Option<R> {
        self.errors.at_span(
            span,
            format!("`{name}` is not accepted behind an adaptor that leaves items out: how many there are is only known when they run"),
            "put it before `filter`, or write a `for` loop with an `if`",
        );
        None
    }

    /// A variable of ours that starts at 0.
    pub(super) fn counter(&mut self, name: &str) -> super::Local {
        let zero = self.index(0);
        self.hidden(name, Some(zero))
    }

    /// A variable of ours, which no name leads to.
    pub(crate) fn hidden(&mut self, name: &str, v: Option<V>) -> super::Local {
        self.scopes.push(super::super::Scope::default());
        let local = self.declare(name, true, v, By::Value);
        self.scopes.pop();
        local
    }

    fn count(&mut self, counter: super::Local, span: Span) -> V {
        let n = self.env[counter.0].unwrap_or(V(0));
        let one = self.index(1);
        let next = self.bin(Bin::Add, n, one, span);
        self.set(counter, next);
        n
    }

    /// Takes an item through stages, and what gets there to the body.
    pub(super) fn through<B: FnOnce(&mut Self, Item) -> Flow>(
        &mut self,
        stages: &[Stage],
        item: Item,
        pure: bool,
        span: Span,
        body: B,
    ) -> Flow {
        let Some((stage, rest)) = stages.split_first() else {
            return body(self, item);
        };
        let call = |l: &mut Self, f: &Callable, item: Item| {
            l.purely(pure, |l| l.apply(f, vec![item], span))
        };
        let test = |l: &mut Self, f: &Callable, item: &Item| {
            let result = call(l, f, item.clone());
            l.value(&result, span)
        };
        match stage {
            Stage::Map(f) => {
                let item = call(self, f, item);
                self.through(rest, item, pure, span, body)
            }
            Stage::Copied => {
                let item = self.behind(item, span);
                self.through(rest, item, pure, span, body)
            }
            Stage::Enumerate(counter) => {
                let n = self.count(*counter, span);
                let item = Item::Tuple(vec![Item::Value(n), item]);
                self.through(rest, item, pure, span, body)
            }
            Stage::Filter(f) => {
                let passes = test(self, f, &item);
                self.either(
                    passes,
                    |l| (None, l.through(rest, item, pure, span, body)),
                    |_| (None, Flow::on()),
                    span,
                )
                .1
            }
            Stage::TakeWhile(f) => {
                let goes_on = test(self, f, &item);
                self.either(
                    goes_on,
                    |l| (None, l.through(rest, item, pure, span, body)),
                    |l| (None, l.stop()),
                    span,
                )
                .1
            }
            Stage::Skip(counter, k) => {
                let n = self.env[counter.0].unwrap_or(V(0));
                let done = self.bin(Bin::Ge, n, *k, span);
                self.either(
                    done,
                    |l| (None, l.through(rest, item, pure, span, body)),
                    |l| {
                        l.count(*counter, span);
                        (None, Flow::on())
                    },
                    span,
                )
                .1
            }
            Stage::Take(counter, k) => {
                let n = self.env[counter.0].unwrap_or(V(0));
                let wanted = self.bin(Bin::Lt, n, *k, span);
                self.either(
                    wanted,
                    |l| {
                        l.count(*counter, span);
                        (None, l.through(rest, item, pure, span, body))
                    },
                    |l| (None, l.stop()),
                    span,
                )
                .1
            }
        }
    }

    /// Leaves the innermost loop.
    pub(super) fn stop(&mut self) -> Flow {
        match self.targets.last().map(|t| t.break_code) {
            Some(code) => self.leave(code).1,
            None => Flow::never(),
        }
    }
}

impl Stage {
    /// Whether what it does to an item depends on no other item.
    fn is_by_item(&self) -> bool {
        matches!(self, Stage::Map(_) | Stage::Copied | Stage::Filter(_))
    }
}
