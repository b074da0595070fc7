//! Iterators and closures: where they may stand, and which adaptors there are.
//!
//! An iterator stands in a `for` loop or in a chain that ends in a value; a closure has a name, is called, or is handed to an adaptor. What
//! the names in their patterns stand for is known to the lowering only, which refuses what it cannot follow.

use quote::{ToTokens, quote};
use syn::{Expr, ExprCall, ExprClosure, ExprMethodCall, Pat};

use super::calls::is_refused;
use super::expr::{Seat, strip};
use super::messages::{self as say, Row};
use super::{Fence, Kind};
use crate::chain::{self, Role};
use crate::ir::print::compact;

/// What to write instead of a method that is not accepted.
const REFUSED: &[(&[&str], &Row)] = &[
    (&["unzip", "partition", "drain"], &say::COLLECT),
    (&["chain", "cycle"], &say::CHAIN),
    (&["flat_map", "flatten"], &say::FLATTEN),
    (
        &["peekable", "by_ref", "next_back", "nth_back", "skip_while"],
        &say::STEPPING,
    ),
    (
        &["filter_map", "find_map", "map_while"],
        &say::OPTIONAL_ITEM,
    ),
    (&["scan"], &say::SCAN),
    (&["max_by_key", "min_by_key"], &say::BY_KEY),
];

impl Fence<'_> {
    /// The head of a `for` loop, or the argument of `zip`.
    pub(super) fn iterable(&mut self, e: &Expr, open: bool) {
        match strip(e) {
            Expr::Range(r) => {
                if r.start.is_none() {
                    self.refuse(r, &say::NO_START);
                } else if r.end.is_none() && !open {
                    self.refuse(r, &say::FOR_OPEN);
                }
                self.bounds(r);
            }
            Expr::MethodCall(m) if chain::is_iterator(e) => self.iterator(m),
            Expr::Reference(r) if r.mutability.is_some() => self.exclusive(&r.expr),
            Expr::Reference(r) => self.base(&r.expr),
            Expr::Path(_) => {}
            e => self.operand(e),
        }
    }

    /// A method call that is an iterator, or makes a value of one; says whether it is.
    pub(super) fn chain(&mut self, m: &ExprMethodCall) -> bool {
        if chain::consumer(m).is_some() {
            // The found item is taken by the outermost call.
            if chain::role(m) == Some(Role::Search) || chain::unwraps(m) && !chain::ends_search(m) {
                self.refuse_named(&m.method, &say::OPTION_FOUND, &m.method.to_string());
            }
            self.consumer(m);
            return true;
        }
        match chain::role(m) {
            Some(Role::Refused) => {
                self.iterator(m);
                true
            }
            Some(_) => {
                let before = self.errors.len();
                self.iterator(m);
                if self.errors.len() == before {
                    self.refuse(&m.method, &say::ITERATOR_VALUE);
                }
                true
            }
            None => false,
        }
    }

    fn consumer(&mut self, m: &ExprMethodCall) {
        for (k, a) in m.args.iter().enumerate() {
            let function = match m.method.to_string().as_str() {
                "fold" | "map_or" => k == 1,
                "nth" | "expect" | "unwrap_or" => false,
                _ => true,
            };
            if function {
                self.callable(a);
            } else {
                self.expr(a, Seat::Argument);
            }
        }
        match strip(&m.receiver) {
            Expr::MethodCall(r) if chain::unwraps(m) => self.consumer(r),
            _ => self.iterable(&m.receiver, true),
        }
    }

    /// `receiver.adaptor(..)`.
    fn iterator(&mut self, m: &ExprMethodCall) {
        let name = m.method.to_string();
        match chain::role(m) {
            Some(Role::Source) => {
                if name.ends_with("_mut") {
                    self.exclusive(&m.receiver);
                } else if chain::is_iterator(&m.receiver) {
                    self.iterable(&m.receiver, true);
                } else {
                    self.base(&m.receiver);
                }
                m.args.iter().for_each(|a| self.operand(a));
            }
            Some(Role::Adaptor) => {
                for a in &m.args {
                    match name.as_str() {
                        "zip" => self.iterable(a, true),
                        "skip" | "take" | "step_by" => self.operand(a),
                        _ => self.callable(a),
                    }
                }
                self.iterable(&m.receiver, true);
            }
            _ => {
                let other = if chain::is_iterator(&m.receiver) {
                    &say::ADAPTOR
                } else {
                    &say::ITERATOR
                };
                let row = REFUSED
                    .iter()
                    .find(|(names, _)| names.contains(&name.as_str()))
                    .map_or(other, |(_, row)| *row);
                self.refuse_named(&m.method, row, &name);
                if chain::is_iterator(&m.receiver) {
                    self.iterable(&m.receiver, true);
                }
            }
        }
    }

    /// What is iterated over as `&mut`: its elements may be written to.
    pub(super) fn exclusive(&mut self, e: &Expr) {
        match strip(e) {
            Expr::MethodCall(m) if is_refused(m) => self.method_call(m),
            Expr::Path(p) => {
                // Rust lets a variable without `mut` be written to only through a reference in it.
                if self.kind(&p.path) == Some(Kind::Value { mutable: false }) {
                    let name = compact(p.to_token_stream());
                    self.refuse_named(e, &say::HIDDEN_REFERENCE, &name);
                }
            }
            e => self.written(e, &say::MUT_TEMPORARY),
        }
    }

    /// What an adaptor calls for each item.
    pub(super) fn callable(&mut self, e: &Expr) {
        match strip(e) {
            Expr::Closure(c) => self.closure(c),
            Expr::Path(_) => {}
            Expr::Reference(r) if matches!(strip(&r.expr), Expr::Path(_)) => {}
            e => self.operand(e),
        }
    }

    /// A closure that is called in this function.
    pub(super) fn closure(&mut self, c: &ExprClosure) {
        if let Some(token) = &c.asyncness {
            return self.refuse(token, &say::ASYNC);
        }
        self.scope(|f| {
            for pat in &c.inputs {
                f.let_pat(pat);
                f.declare_bound(pat);
            }
            f.result(&c.body);
        });
    }

    /// What a closure returns: unlike a function, it may return references to what it was given.
    fn result(&mut self, e: &Expr) {
        match strip(e) {
            Expr::Reference(r) if r.mutability.is_some() => self.exclusive(&r.expr),
            Expr::Reference(r) => self.place(&r.expr, &say::LET_TEMPORARY),
            Expr::Tuple(t) => t.elems.iter().for_each(|e| self.result(e)),
            Expr::Path(_) => {}
            e => self.expr(e, Seat::Statement),
        }
    }

    /// `f(..)` where `f` is a closure, or is written in place; says whether it is.
    pub(super) fn closure_call(&mut self, c: &ExprCall) -> bool {
        match strip(&c.func) {
            Expr::Closure(f) => self.closure(f),
            Expr::Path(p) if matches!(self.kind(&p.path), Some(Kind::Closure | Kind::Bound)) => {}
            _ => return false,
        }
        for a in &c.args {
            match strip(a) {
                Expr::Closure(f) => self.closure(f),
                Expr::Path(p) if self.kind(&p.path) == Some(Kind::Closure) => {}
                Expr::Reference(r) if self.is_closure(&r.expr) => {}
                _ => self.expr(a, Seat::Argument),
            }
        }
        true
    }

    pub(super) fn is_closure(&self, e: &Expr) -> bool {
        match strip(e) {
            Expr::Closure(_) => true,
            Expr::Path(p) => self.kind(&p.path) == Some(Kind::Closure),
            Expr::Reference(r) => self.is_closure(&r.expr),
            _ => false,
        }
    }

    /// A closure where nothing can be known of who calls it.
    pub(super) fn escaping(&mut self, c: &ExprClosure) {
        let (begin, inputs, end) = (&c.inputs_begin, &c.inputs, &c.inputs_end);
        self.refuse(&quote!(#begin #inputs #end), &say::CLOSURE);
    }

    /// `for pat in ..`.
    pub(super) fn loop_pattern(&mut self, pat: &Pat) {
        self.let_pat(pat);
        self.declare_bound(pat);
    }
}
