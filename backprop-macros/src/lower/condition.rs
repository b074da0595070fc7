//! Conditions with `let` in them, and what follows from them: `if let`, chains, `while let`, `let else`; labelled blocks.
//!
//! A chain is one boolean: what stands behind a `let` runs where its pattern matched, with its names. The names are bound a second time in the
//! branch, from what was matched, which is not computed again.

use proc_macro2::Span;
use quote::quote;
use syn::spanned::Spanned;
use syn::{BinOp, Expr, ExprIf, Pat, Stmt};

use super::flow::{Flow, Target};
use super::matching::Subject;
use super::place::strip;
use super::{Local, Lower};
use crate::ir::{Bin, By, Shape, V};

/// A `let` of a condition: its pattern, and what that matched; what only names places is lowered once more where the names are bound.
pub(crate) type Matched<'e> = (&'e Pat, Found<'e>);

/// What a `let` of a condition matched.
pub(crate) enum Found<'e> {
    Subject(Subject),
    Again(&'e Expr),
}

impl Lower<'_> {
    /// Lowers a condition. Where it holds, the names of what it matched can be bound.
    pub(crate) fn condition<'e>(&mut self, cond: &'e Expr) -> (V, Vec<Matched<'e>>) {
        let mut parts = Vec::new();
        if !flatten(cond, &mut parts) {
            return (self.expr(cond), Vec::new());
        }
        let mut found = Vec::new();
        let mut outside = Vec::new();
        // Variables of ours for what has to be computed behind another condition.
        for e in &parts[1..] {
            let local =
                matches!(e, Expr::Let(_)).then(|| self.declare("matched#", true, None, By::Value));
            outside.push(local);
        }
        let flag = self.links(&parts, None, &outside, &mut found);
        let found = found
            .into_iter()
            .map(|(pat, found, local)| {
                let found = match found {
                    Found::Subject(s) => Found::Subject(self.brought_out(s, local, pat)),
                    again => again,
                };
                (pat, found)
            })
            .collect();
        (flag, found)
    }

    fn links<'e>(
        &mut self,
        parts: &[&'e Expr],
        own: Option<Local>,
        outside: &[Option<Local>],
        found: &mut Vec<(&'e Pat, Found<'e>, Option<Local>)>,
    ) -> V {
        let Some((first, rest)) = parts.split_first() else {
            return self.constant(quote!(true), Shape::Int);
        };
        let span = first.span();
        let (flag, bound) = match first {
            Expr::Let(l) => {
                let before = self.b.written();
                let subject = self.subject(&l.expr);
                let computed = self.b.written() != before;
                let only_positions = self.b.computes_only(before);
                let flag = match self.test(&l.pat, &subject) {
                    Some(flag) => flag,
                    None => self.constant(quote!(true), Shape::Int),
                };
                // What is computed in a branch is handed out of it; of places, it is their positions.
                let local = own.filter(|_| computed);
                let again = local.is_some() && !subject.is_value() && only_positions;
                if let (Some(local), false) = (local, again) {
                    let v = self.whole_value(&subject, span);
                    self.set(local, v);
                }
                let what = match again {
                    true => Found::Again(&l.expr),
                    false => Found::Subject(subject.clone()),
                };
                found.push((&*l.pat, what, local.filter(|_| !again)));
                (flag, Some((&*l.pat, subject)))
            }
            e => (self.expr(e), None),
        };
        let Some((own, outside)) = outside.split_first() else {
            return flag;
        };
        let run = |l: &mut Self| {
            let v = l.scoped(|l| {
                if let Some((pat, subject)) = &bound {
                    l.bind_subject(pat, subject);
                }
                l.links(rest, *own, outside, found)
            });
            (Some(v), Flow::on())
        };
        let skip = |l: &mut Self| (Some(l.constant(quote!(false), Shape::Int)), Flow::on());
        match self.either(flag, run, skip, span).0 {
            Some(v) => {
                self.b.func.info_mut(v).shape = Shape::Int;
                v
            }
            None => self.poison(span),
        }
    }

    fn brought_out(&mut self, subject: Subject, local: Option<Local>, pat: &Pat) -> Subject {
        let Some(v) = local.and_then(|l| self.env[l.0]) else {
            return subject;
        };
        let by = match subject {
            Subject::Part(_, By::Mut) => {
                self.errors.at(
                    pat,
                    "what this pattern borrows is computed behind another condition, so it cannot be written through",
                    "write an `if let` inside of an `if`",
                );
                By::Value
            }
            Subject::Part(_, by) => by,
            Subject::Tuple(_) | Subject::Optional(..) => By::Value,
        };
        Subject::Part(self.at_value(v), by)
    }

    /// Runs `inside` with the names of what was matched.
    pub(crate) fn with_names<R>(
        &mut self,
        found: &[Matched<'_>],
        inside: impl FnOnce(&mut Self) -> R,
    ) -> R {
        self.scoped(|l| {
            for (pat, found) in found {
                match found {
                    Found::Subject(subject) => l.bind_subject(pat, subject),
                    Found::Again(e) => {
                        let subject = l.subject(e);
                        l.bind_subject(pat, &subject);
                    }
                }
            }
            inside(l)
        })
    }

    /// `if`, with whatever condition.
    pub(crate) fn if_(&mut self, i: &ExprIf) -> (Option<V>, Flow) {
        let (cond, found) = self.condition(&i.cond);
        self.either(
            cond,
            |l| l.with_names(&found, |l| l.block(&i.then_branch)),
            |l| match &i.else_branch {
                Some((_, e)) => l.expr_flow(e),
                None => (None, Flow::on()),
            },
            i.if_token.span,
        )
    }

    /// `let pat = init else { diverge }; rest`.
    pub(crate) fn let_else(
        &mut self,
        l: &syn::Local,
        diverge: &Expr,
        rest: &[Stmt],
    ) -> (Option<V>, Flow) {
        let Some(init) = &l.init else {
            return (None, Flow::on());
        };
        let subject = self.subject(&init.expr);
        let goes_on = |l: &mut Self, pat: &Pat| {
            l.scoped(|l| {
                l.bind_subject(pat, &subject);
                l.seq(rest)
            })
        };
        match self.test(&l.pat, &subject) {
            None => goes_on(self, &l.pat),
            Some(cond) => self.either(
                cond,
                |b| goes_on(b, &l.pat),
                |b| b.scoped(|b| (None, b.expr_flow(diverge).1)),
                l.let_token.span,
            ),
        }
    }

    /// `'a: { .. break 'a value; .. }`.
    pub(crate) fn labelled(&mut self, label: &syn::Label, block: &syn::Block) -> (Option<V>, Flow) {
        let span = label.name.span();
        let code = self.new_codes();
        let value = self.declare("block_value#", true, None, By::Value);
        self.targets.push(Target {
            label: Some(label.name.ident.to_string()),
            break_code: code,
            continue_code: code,
            value: Some(value),
            block: true,
        });
        let (v, flow) = self.block(block);
        self.targets.pop();
        if !flow.has(code) {
            return (v, flow);
        }
        // Where the end of the block is reached, its value is that of the last expression.
        if flow.falls()
            && let Some(v) = v
        {
            self.where_code(0, span, |l| l.set(value, v));
        }
        self.where_code(code, span, |l| {
            let zero = l.constant(quote!(0u32), Shape::Int);
            l.set(l.exit, zero);
        });
        let after = flow.without(&[code]).or(&Flow::on());
        if after.only_falls() {
            let zero = self.constant(quote!(0u32), Shape::Int);
            self.set(self.exit, zero);
        }
        (self.env[value.0], after)
    }

    /// Does something where the exit taken is this one.
    fn where_code(&mut self, code: u32, span: Span, what: impl FnOnce(&mut Self)) {
        let now = self.env[self.exit.0].unwrap_or(V(0));
        let literal = proc_macro2::Literal::u32_suffixed(code);
        let code = self.constant(quote!(#literal), Shape::Int);
        let cond = self.bin(Bin::Eq, now, code, span);
        self.either(
            cond,
            |l| {
                what(l);
                (None, Flow::on())
            },
            |_| (None, Flow::on()),
            span,
        );
    }
}

/// The links of a chain, if there is a `let` among them.
fn flatten<'e>(e: &'e Expr, out: &mut Vec<&'e Expr>) -> bool {
    match strip(e) {
        Expr::Binary(b) if matches!(b.op, BinOp::And(_)) && has_let(e) => {
            flatten(&b.left, out);
            flatten(&b.right, out);
            true
        }
        e => {
            out.push(e);
            matches!(e, Expr::Let(_))
        }
    }
}

/// Whether a condition has a `let` in it.
pub(crate) fn has_let(e: &Expr) -> bool {
    match strip(e) {
        Expr::Let(_) => true,
        Expr::Binary(b) if matches!(b.op, BinOp::And(_)) => has_let(&b.left) || has_let(&b.right),
        _ => false,
    }
}
