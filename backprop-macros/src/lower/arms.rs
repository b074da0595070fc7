//! `match`: its arms, and their guards.

use proc_macro2::Span;
use quote::quote;
use syn::{Expr, Pat};

use super::Lower;
use super::flow::Flow;
use super::item::Item;
use super::matching::{Subject, inner, names_in};
use crate::ir::{Shape, V};

/// What is made of an arm's body.
pub(super) type Body<'f> = dyn FnMut(&mut Lower<'_>, &Expr) -> (Option<Item>, Flow) + 'f;

impl Lower<'_> {
    /// The arms of a `match` as a chain of conditions; rustc has checked that one of them matches.
    pub(crate) fn arms(
        &mut self,
        subject: &Subject,
        arms: &[syn::Arm],
        span: Span,
        of: &mut Body<'_>,
    ) -> (Option<Item>, Flow) {
        let Some((arm, rest)) = arms.split_first() else {
            return (None, Flow::never());
        };
        let (pat, guard) = match &arm.pat {
            Pat::Guard(g) => (&*g.pat, Some(&*g.guard)),
            pat => (pat, None),
        };
        // A guard is tried for each case of an or-pattern in turn.
        let cases: Vec<&Pat> = match pat {
            Pat::Or(p) if guard.is_some() => p.cases.iter().collect(),
            pat => vec![pat],
        };
        let mut holds: Vec<V> = Vec::new();
        let mut cond = None;
        for (k, case) in cases.iter().enumerate() {
            if k > 0 && holds.len() < k {
                break;
            }
            cond = match (guard, cond) {
                (None, _) => self.test(case, subject),
                (Some(g), None) => self.guarded_case(case, g, subject, span),
                (Some(g), Some(before)) => {
                    let done =
                        |l: &mut Self| (Some(l.constant(quote!(true), Shape::Int)), Flow::on());
                    let next = |l: &mut Self| {
                        let v = l.guarded_case(case, g, subject, span);
                        (v, Flow::on())
                    };
                    self.either(before, done, next, span).0
                }
            };
            holds.extend(cond);
        }
        let body = |l: &mut Self, of: &mut Body<'_>| {
            l.scoped(|l| {
                match &cases[..] {
                    [one] => l.bind_subject(one, subject),
                    cases => l.bind_any(pat, cases, subject, Some(&holds)),
                }
                of(l, &arm.body)
            })
        };
        let Some(c) = cond.filter(|_| !rest.is_empty()) else {
            return body(self, of);
        };
        // Either side runs once, one after the other.
        let of = core::cell::RefCell::new(of);
        self.either_item(
            c,
            |l| body(l, &mut **of.borrow_mut()),
            |l| l.arms(subject, rest, span, &mut **of.borrow_mut()),
            span,
        )
    }

    /// Whether a pattern matches and its guard holds.
    fn guarded_case(
        &mut self,
        pat: &Pat,
        guard: &Expr,
        subject: &Subject,
        span: Span,
    ) -> Option<V> {
        self.no_names_in_cases(pat);
        // The guard may change variables, so that running it or not is a branch like any other.
        let run = |l: &mut Self| {
            let v = l.scoped(|l| {
                l.bind_subject(pat, subject);
                l.expr(guard)
            });
            (Some(v), Flow::on())
        };
        let skip = |l: &mut Self| (Some(l.constant(quote!(false), Shape::Int)), Flow::on());
        match self.test(pat, subject) {
            None => run(self).0,
            Some(c) => self.either(c, run, skip, span).0,
        }
    }

    /// Refuses names in or-patterns inside a pattern with a guard, which would be tried for every combination of the cases.
    fn no_names_in_cases(&mut self, pat: &Pat) {
        match pat {
            Pat::Or(p) => {
                let mut names = Vec::new();
                names_in(pat, &mut names);
                if !names.is_empty() {
                    self.errors.at(
                        p,
                        "a name inside an or-pattern below other patterns is not accepted together with a guard, which would be tried for every case",
                        "give each case an arm of its own, or test in the arm with `if`",
                    );
                }
            }
            Pat::Ident(p) => {
                if let Some((_, sub)) = &p.subpat {
                    self.no_names_in_cases(sub);
                }
            }
            Pat::Paren(p) => self.no_names_in_cases(&p.pat),
            Pat::Reference(p) => self.no_names_in_cases(&p.pat),
            p => inner(p).for_each(|p| self.no_names_in_cases(p)),
        }
    }
}
