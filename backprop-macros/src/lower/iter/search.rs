//! What picks one item, where there may be none: `max_by`, `last`, `find`, and what takes the result at once.
//!
//! The position is searched for first, with comparisons that no derivative passes through, and the item is read at it afterwards. So the largest
//! of many needs no tape: `xs.iter().copied().max_by(f64::total_cmp).unwrap()` has the derivative of the one element it picks.

use proc_macro2::{Ident, Span};
use quote::quote;
use syn::{Expr, ExprMethodCall};

use super::super::closure::Callable;
use super::super::flow::Flow;
use super::super::item::Item;
use super::super::place::strip;
use super::super::{Local, Lower};
use super::{Iter, Seq, Stage};
use crate::chain::{self, Role};
use crate::ir::{Bin, Op, Runs, Shape, Stmt, V};

/// What has been found, before it is read.
struct Found {
    /// Whether there is anything.
    present: V,
    what: What,
    /// What is done with it.
    then: Vec<Then>,
}

enum What {
    /// The item at this position of the sequence.
    At(Iter, V),
    /// The position itself.
    Value(V),
    /// All items, combined two by two.
    Reduced(Iter, Callable),
}

enum Then {
    Map(Callable),
    Copied,
}

impl Lower<'_> {
    /// `it.search(..).unwrap()` and kin.
    pub(crate) fn searched(&mut self, m: &ExprMethodCall, span: Span) -> Item {
        self.scoped(|l| {
            if !chain::ends_search(m) {
                // The fence has refused it.
                return Item::Value(l.poison(span));
            }
            let Expr::MethodCall(receiver) = strip(&m.receiver) else {
                return Item::Value(l.poison(span));
            };
            match l.search(receiver) {
                Some(found) => l.take_found(m, found, span),
                None => Item::Value(l.poison(span)),
            }
        })
    }

    fn take_found(&mut self, m: &ExprMethodCall, found: Found, span: Span) -> Item {
        match m.method.to_string().as_str() {
            "is_some" => Item::Value(found.present),
            "is_none" => {
                let op = Op::Un(crate::ir::Un::Not, found.present);
                Item::Value(self.b.op(op, Shape::Int, span))
            }
            "unwrap" | "expect" => {
                let hole = Ident::new("found", Span::call_site());
                let tokens = match m.args.first() {
                    Some(message) => quote!(::core::assert!(#hole, "{}", #message)),
                    None => quote!(::core::assert!(#hole, "nothing was found")),
                };
                let (references, mut holes) = self.mentions(&tokens, span);
                let tokens = if references.is_empty() {
                    tokens
                } else {
                    quote!({ #references #tokens; })
                };
                holes.push((hole, found.present));
                self.b.push(Stmt::Effect(Runs::Again, tokens, holes));
                self.found_item(&found, span)
            }
            name => {
                // What stands for a missing item is evaluated before, unless it is a closure.
                let other = match (name, m.args.first()) {
                    ("unwrap_or" | "map_or", Some(e)) => Some(self.item(e)),
                    _ => None,
                };
                let f = match (name, m.args.first(), m.args.get(1)) {
                    ("unwrap_or_else", Some(f), _) | ("map_or", _, Some(f)) => {
                        match self.callable(f) {
                            Some(f) => Some(f),
                            None => return Item::Value(self.poison(span)),
                        }
                    }
                    _ => None,
                };
                let maps = name == "map_or";
                let (value, _) = self.either(
                    found.present,
                    |l| {
                        let mut item = l.found_item(&found, span);
                        if let (true, Some(f)) = (maps, &f) {
                            item = l.apply(f, vec![item], span);
                        }
                        (Some(l.value(&item, span)), Flow::on())
                    },
                    |l| {
                        let item = match (other, &f) {
                            (Some(other), _) => other,
                            (None, Some(f)) => l.apply(f, Vec::new(), span),
                            (None, None) => Item::Value(l.poison(span)),
                        };
                        (Some(l.value(&item, span)), Flow::on())
                    },
                    span,
                );
                Item::Value(value.unwrap_or_else(|| self.poison(span)))
            }
        }
    }

    /// Reads what has been found.
    fn found_item(&mut self, found: &Found, span: Span) -> Item {
        let mut item = match &found.what {
            What::Value(v) => Item::Value(*v),
            What::At(it, k) => self.nth_item(it, *k, span),
            What::Reduced(it, f) => {
                let zero = self.index(0);
                let first = self.nth_item(it, zero, span);
                let first = self.behind(first, span);
                let one = self.index(1);
                let rest = Iter::from(Seq::Skip(it.seq.clone().into(), one));
                self.fold(&rest, first, f, span)
            }
        };
        for then in &found.then {
            item = match then {
                Then::Map(f) => self.apply(f, vec![item], span),
                Then::Copied => self.behind(item, span),
            };
        }
        item
    }

    /// The item at a position of the sequence, which is known to get through the stages.
    fn nth_item(&mut self, it: &Iter, k: V, span: Span) -> Item {
        self.purely(true, |l| {
            let mut item = l.item_at(&it.seq, k, span);
            for stage in &it.stages {
                item = match stage {
                    Stage::Map(f) => l.apply(f, vec![item], span),
                    Stage::Copied => l.behind(item, span),
                    _ => item,
                };
            }
            item
        })
    }

    /// The part of a chain that yields an `Option`.
    fn search(&mut self, m: &ExprMethodCall) -> Option<Found> {
        let span = m.method.span();
        if chain::role(m) != Some(Role::Search) {
            let Expr::MethodCall(receiver) = strip(&m.receiver) else {
                return None;
            };
            let mut found = self.search(receiver)?;
            found.then.push(match m.args.first() {
                Some(f) => Then::Map(self.callable(f)?),
                None => Then::Copied,
            });
            return Some(found);
        }
        let it = self.iterable(&m.receiver)?;
        let name = m.method.to_string();
        let counted = |s: &Stage| matches!(s, Stage::Enumerate(_));
        if it.stages.iter().any(counted) || name == "reduce" && !it.stages.is_empty() {
            self.errors.at_span(
                span,
                format!("`{name}` is not accepted behind these adaptors"),
                "put `enumerate` before `filter`, or write a `for` loop",
            );
            return None;
        }
        let f = match m.args.first() {
            Some(e) if name == "nth" => {
                let k = self.expr(e);
                self.usizes.insert(k);
                let it = Iter {
                    seq: if it.stages.is_empty() {
                        Seq::Skip(it.seq.clone().into(), k)
                    } else {
                        it.seq.clone()
                    },
                    stages: if it.stages.is_empty() {
                        Vec::new()
                    } else {
                        let counter = self.counter("skipped");
                        let mut stages = it.stages.clone();
                        stages.push(Stage::Skip(counter, k));
                        stages
                    },
                };
                return self.first_of(it, span);
            }
            Some(e) => Some(self.callable(e)?),
            None => None,
        };
        Some(match (name.as_str(), f) {
            ("next", _) => return self.first_of(it, span),
            ("last", _) => {
                if it.stages.is_empty() {
                    let n = self.length(&it.seq, span)?;
                    let zero = self.index(0);
                    let present = self.bin(Bin::Ne, n, zero, span);
                    let one = self.index(1);
                    let k = self.count_method("saturating_sub", n, one, span);
                    found(present, What::At(it, k))
                } else {
                    self.best(it, span, |_, _, _| None)
                }
            }
            ("find", Some(f)) => {
                let mut it = it;
                it.stages.push(Stage::Filter(f));
                return self.first_of(it, span);
            }
            ("position", Some(f)) => {
                let mut it = it;
                let counter = self.counter("position");
                it.stages.push(Stage::Enumerate(counter));
                let at = self.counter("position");
                let present = self.answer(false);
                self.each(&it, None, span, |l, item| {
                    let Item::Tuple(parts) = item else {
                        return Flow::on();
                    };
                    let n = l.value(&parts[0], span);
                    let holds = l.apply(&f, vec![parts[1].clone()], span);
                    let holds = l.value(&holds, span);
                    l.either(
                        holds,
                        |l| {
                            l.set(at, n);
                            l.yes(present);
                            (None, l.stop())
                        },
                        |_| (None, Flow::on()),
                        span,
                    )
                    .1
                });
                let (present, at) = (self.now(present), self.now(at));
                self.usizes.insert(at);
                found(present, What::Value(at))
            }
            ("reduce", Some(f)) => {
                let n = self.length(&it.seq, span)?;
                let zero = self.index(0);
                let present = self.bin(Bin::Ne, n, zero, span);
                found(present, What::Reduced(it, f))
            }
            // The last of the largest, the first of the smallest.
            (name, f) => {
                let max = name.starts_with("max");
                self.best(it, span, |l, best, new| {
                    let greater = match &f {
                        Some(f) => {
                            let order = l.apply(f, vec![best, new], span);
                            let order = l.value(&order, span);
                            let method = Ident::new("is_gt", Span::call_site());
                            l.b.op(Op::Method(method, None, vec![order]), Shape::Int, span)
                        }
                        None => {
                            let (best, new) = (l.value(&best, span), l.value(&new, span));
                            l.bin(Bin::Gt, best, new, span)
                        }
                    };
                    Some(if max {
                        l.b.op(Op::Un(crate::ir::Un::Not, greater), Shape::Int, span)
                    } else {
                        greater
                    })
                })
            }
        })
    }

    /// The first item that gets through.
    fn first_of(&mut self, it: Iter, span: Span) -> Option<Found> {
        if it.stages.is_empty() {
            let zero = self.index(0);
            let present = match self.length(&it.seq, span) {
                Some(n) => self.bin(Bin::Ne, n, zero, span),
                None => self.constant(quote!(true), Shape::Int),
            };
            return Some(found(present, What::At(it, zero)));
        }
        let (at, present) = (self.counter("position"), self.answer(false));
        self.positions(&it, span, |l, k, _| {
            l.set(at, k);
            l.yes(present);
            l.stop()
        });
        let (present, at) = (self.now(present), self.now(at));
        Some(found(present, What::At(it, at)))
    }

    /// The item that all later ones were compared with in vain; `replaces` says whether a new one is better, `None` always.
    fn best(
        &mut self,
        it: Iter,
        span: Span,
        replaces: impl FnOnce(&mut Self, Item, Item) -> Option<V>,
    ) -> Found {
        let (at, present) = (self.counter("position"), self.answer(false));
        self.positions(&it, span, |l, k, item| {
            let start = l.now(present);
            let first = l.b.op(Op::Un(crate::ir::Un::Not, start), Shape::Int, span);
            let (better, _) = l.either(
                first,
                |l| (Some(l.constant(quote!(true), Shape::Int)), Flow::on()),
                |l| {
                    let best = l.now(at);
                    let best = l.nth_item(&it, best, span);
                    let better = l.purely(true, |l| replaces(l, best, item));
                    let better = better.unwrap_or_else(|| l.constant(quote!(true), Shape::Int));
                    (Some(better), Flow::on())
                },
                span,
            );
            let Some(better) = better else {
                return Flow::on();
            };
            l.either(
                better,
                |l| {
                    l.set(at, k);
                    l.yes(present);
                    (None, Flow::on())
                },
                |_| (None, Flow::on()),
                span,
            )
            .1
        });
        let (present, at) = (self.now(present), self.now(at));
        found(present, What::At(it, at))
    }

    /// Runs something for each item that gets through, with its position in the sequence.
    fn positions(&mut self, it: &Iter, span: Span, body: impl FnOnce(&mut Self, V, Item) -> Flow) {
        let Some(n) = self.length(&it.seq, span) else {
            self.errors.at_span(
                span,
                "this searches a range without an end",
                "give it an end, or count by hand in a `loop`",
            );
            return;
        };
        let range = crate::ir::Range {
            lo: self.index(0),
            hi: n,
            inclusive: false,
            adapt: Vec::new(),
        };
        self.loop_(None, super::Turns::Over(range), span, |l, k| {
            l.usizes.insert(k);
            let item = l.purely(true, |l| l.item_at(&it.seq, k, span));
            l.through(&it.stages, item, true, span, |l, item| body(l, k, item))
        });
    }

    fn answer(&mut self, yes: bool) -> Local {
        let v = self.constant(if yes { quote!(true) } else { quote!(false) }, Shape::Int);
        self.hidden("found", Some(v))
    }

    fn yes(&mut self, answer: Local) {
        let v = self.constant(quote!(true), Shape::Int);
        self.set(answer, v);
    }

    /// What a variable of ours holds.
    fn now(&self, local: Local) -> V {
        self.env[local.0].unwrap_or(V(0))
    }
}

fn found(present: V, what: What) -> Found {
    Found {
        present,
        what,
        then: Vec::new(),
    }
}
