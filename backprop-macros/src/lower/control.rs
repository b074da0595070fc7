//! Statements and control flow: sequences, branches, loops, exits.

use proc_macro2::Span;
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{Expr, ExprIf, Pat, Stmt};

use super::flow::{self, Flow, RETURN, Target, diverges};
use super::place::strip;
use super::{Local, Lower, key};
use crate::ir::{Adapt, Bin, Block, By, Head, Loop, Op, Range, Shape, Stmt as Ir, V};

/// What comes after a branch: bind its value, run the rest of the block.
#[derive(Clone, Copy)]
struct Next<'a> {
    pat: Option<&'a Pat>,
    rest: &'a [Stmt],
    /// There is nothing to bind and nothing left: the branch's value is the block's.
    tail: bool,
}

impl Lower<'_> {
    /// Lowers a block in a scope of its own.
    pub(crate) fn block(&mut self, block: &syn::Block) -> (Option<V>, Flow) {
        let in_body = core::mem::replace(&mut self.in_body, false);
        let r = self.scoped(|l| l.seq(&block.stmts));
        self.in_body = in_body;
        r
    }

    /// In the function's own block the value of the last expression is what the function returns.
    fn tail(&mut self, v: Option<V>, flow: &Flow) -> Option<V> {
        let (Some(value), true) = (v, self.in_body && self.sig.ret.is_some()) else {
            return v;
        };
        if flow.only_falls() {
            self.set(self.ret, value);
        } else if flow.falls() {
            let span = Span::call_site();
            let code = self.env[self.exit.0].unwrap_or(V(0));
            let zero = self.constant(quote!(0u32), Shape::Int);
            let cond = self.bin(Bin::Eq, code, zero, span);
            self.either(
                cond,
                |l| {
                    l.set(l.ret, value);
                    (None, Flow::on())
                },
                |_| (None, Flow::on()),
                span,
            );
        }
        None
    }

    /// Lowers statements; the value is that of a last expression without semicolon.
    pub(crate) fn seq(&mut self, stmts: &[Stmt]) -> (Option<V>, Flow) {
        let mut flow = Flow::on();
        for (k, stmt) in stmts.iter().enumerate() {
            let rest = &stmts[k + 1..];
            if let Some(next) = self.exits_early(stmt, rest) {
                let (e, next) = next;
                let (v, f) = self.branch_with(e, next);
                return (v, flow.then(&f));
            }
            let (v, f) = self.stmt(stmt);
            let last = rest.is_empty();
            flow = flow.then(&f);
            if last {
                return (self.tail(v, &f), flow);
            }
            if !f.falls() {
                return (None, flow);
            }
            if !f.only_falls() {
                let (v, g) = self.unless_exited(rest);
                return (v, flow.then(&g));
            }
        }
        (None, flow)
    }

    /// A statement that is an `if` of which just one branch leaves: what follows belongs into the other.
    fn exits_early<'a>(
        &mut self,
        stmt: &'a Stmt,
        rest: &'a [Stmt],
    ) -> Option<(&'a ExprIf, Next<'a>)> {
        let (e, next) = match stmt {
            Stmt::Expr(e, semi) => (
                e,
                Next {
                    pat: None,
                    rest,
                    tail: rest.is_empty() && semi.is_none(),
                },
            ),
            Stmt::Local(l) => (
                &*l.init.as_ref()?.expr,
                Next {
                    pat: Some(&l.pat),
                    rest,
                    tail: false,
                },
            ),
            _ => return None,
        };
        let Expr::If(i) = strip(e) else { return None };
        let t = diverges(&i.then_branch);
        let e = i
            .else_branch
            .as_ref()
            .is_some_and(|(_, e)| flow::expr_diverges(e));
        (t != e).then_some((i, next))
    }

    /// `if c { A; exit } else { B } rest` is `if c { A; exit } else { B; rest }`.
    fn branch_with(&mut self, i: &ExprIf, next: Next) -> (Option<V>, Flow) {
        let cond = self.expr(&i.cond);
        let then_diverges = diverges(&i.then_branch);
        let goes_on = |l: &mut Self, v: Option<V>, f: Flow| -> (Option<V>, Flow) {
            if !f.falls() {
                return (None, f);
            }
            if next.tail {
                return (l.tail(v, &f), f);
            }
            if let Some(pat) = next.pat {
                let v = v.unwrap_or_else(|| l.unit(pat.span()));
                l.bind(pat, v, None);
            }
            let (v, g) = if f.only_falls() {
                l.seq(next.rest)
            } else {
                l.unless_exited(next.rest)
            };
            (v, f.then(&g))
        };
        self.either(
            cond,
            |l| {
                l.scoped(|l| {
                    let (v, f) = l.block(&i.then_branch);
                    if then_diverges {
                        (None, f)
                    } else {
                        goes_on(l, v, f)
                    }
                })
            },
            |l| {
                l.scoped(|l| {
                    let (v, f) = match &i.else_branch {
                        Some((_, e)) => l.expr_flow(e),
                        None => (None, Flow::on()),
                    };
                    if then_diverges {
                        goes_on(l, v, f)
                    } else {
                        (None, f)
                    }
                })
            },
            i.if_token.span(),
        )
    }

    /// Runs the rest where no exit was taken.
    fn unless_exited(&mut self, rest: &[Stmt]) -> (Option<V>, Flow) {
        let exit = self.exit;
        let span = Span::call_site();
        let code = self.env[exit.0].unwrap_or(V(0));
        let zero = self.constant(quote!(0u32), Shape::Int);
        let cond = self.bin(Bin::Eq, code, zero, span);
        self.either(cond, |l| l.seq(rest), |_| (None, Flow::never()), span)
    }

    /// Lowers both sides of a condition and joins what they leave behind.
    pub(super) fn either(
        &mut self,
        cond: V,
        then_: impl FnOnce(&mut Self) -> (Option<V>, Flow),
        else_: impl FnOnce(&mut Self) -> (Option<V>, Flow),
        span: Span,
    ) -> (Option<V>, Flow) {
        let before = self.env.clone();
        self.b.open();
        let (v1, f1) = then_(self);
        let env1 = core::mem::replace(&mut self.env, before.clone());
        let mut block1 = self.b.close(Vec::new());
        self.env.resize(self.locals.len(), None);
        self.b.open();
        let (v2, f2) = else_(self);
        let env2 = core::mem::replace(&mut self.env, before.clone());
        let mut block2 = self.b.close(Vec::new());
        self.env.resize(self.locals.len(), None);

        let mut joined: Vec<Option<Local>> = Vec::new();
        for k in 0..before.len() {
            let (a, b) = (env1[k], env2[k]);
            if a == b {
                self.env[k] = a;
            } else if !(f1.is_empty() && f2.is_empty()) {
                let a = self.or_undef(a, &mut block1, span);
                let b = self.or_undef(b, &mut block2, span);
                block1.yields.push(a);
                block2.yields.push(b);
                joined.push(Some(Local(k)));
            }
        }
        let has_value = (v1.is_some() || !f1.falls())
            && (v2.is_some() || !f2.falls())
            && (v1.is_some() || v2.is_some());
        if has_value {
            let a = self.or_undef(v1, &mut block1, span);
            let b = self.or_undef(v2, &mut block2, span);
            block1.yields.push(a);
            block2.yields.push(b);
            joined.push(None);
        }
        let outs = self.b.branch(cond, block1, block2, span);
        let mut value = None;
        for (to, out) in joined.into_iter().zip(outs) {
            match to {
                Some(local) => {
                    let name = self.locals[local.0].name.clone();
                    self.b.func.info_mut(out).name = Some(name);
                    self.set(local, out);
                }
                None => {
                    self.b.func.info_mut(out).name = None;
                    value = Some(out);
                }
            }
        }
        (value, f1.or(&f2))
    }

    fn or_undef(&mut self, v: Option<V>, block: &mut Block, span: Span) -> V {
        v.unwrap_or_else(|| {
            let u = self.b.fresh(Shape::Unknown, span);
            block.stmts.push(Ir::Let(u, Op::Undef));
            u
        })
    }

    fn stmt(&mut self, stmt: &Stmt) -> (Option<V>, Flow) {
        match stmt {
            Stmt::Local(l) => {
                let flow = self.let_(l);
                (None, flow)
            }
            Stmt::Expr(e, semi) => {
                let (v, flow) = self.expr_flow(e);
                (if semi.is_some() { None } else { v }, flow)
            }
            Stmt::Macro(m) => {
                let name = m
                    .mac
                    .path
                    .segments
                    .last()
                    .map(|s| s.ident.to_string())
                    .unwrap_or_default();
                self.macro_flow(&m.mac, &name, m.semi_token.is_none())
            }
            Stmt::Item(_) => (None, Flow::on()),
        }
    }

    fn macro_flow(&mut self, mac: &syn::Macro, name: &str, wants_value: bool) -> (Option<V>, Flow) {
        match name {
            "no_grad" => {
                let e = Expr::Macro(syn::ExprMacro {
                    attrs: Vec::new(),
                    mac: mac.clone(),
                });
                let v = self.expr(&e);
                (wants_value.then_some(v), Flow::on())
            }
            "panic" | "unreachable" => {
                self.effect(mac);
                (None, Flow::never())
            }
            _ => {
                self.effect(mac);
                (None, Flow::on())
            }
        }
    }

    fn let_(&mut self, l: &syn::Local) -> Flow {
        let Some(init) = &l.init else {
            let mut pat = &l.pat;
            while let Pat::Type(t) = pat {
                pat = &t.pat;
            }
            if let Pat::Ident(p) = pat {
                self.declare(&key(&p.ident), true, None, By::Value);
            }
            return Flow::on();
        };
        if self.let_reference(&l.pat, &init.expr) {
            return Flow::on();
        }
        // `let row = x;` where `x` is itself a reference: another name for the same place.
        if let (Expr::Path(p), Pat::Ident(name)) = (strip(&init.expr), &l.pat)
            && let Some(local) = p.path.get_ident().and_then(|i| self.find(&key(i)))
            && self.locals[local.0].by != By::Value
            && name.mutability.is_none()
        {
            let mutable = self.locals[local.0].by == By::Mut;
            let place = self.local_place(local);
            self.declare_alias(&key(&name.ident), place, mutable);
            return Flow::on();
        }
        let (v, flow) = self.expr_flow(&init.expr);
        if flow.falls() {
            let v = v.unwrap_or_else(|| self.unit(l.pat.span()));
            self.bind(&l.pat, v, None);
            if !flow.only_falls() {
                // The names are bound on the path that falls through; the others never read them.
                return flow;
            }
        }
        flow
    }

    /// Lowers an expression whose exits its statement can take.
    pub(crate) fn expr_flow(&mut self, e: &Expr) -> (Option<V>, Flow) {
        match e {
            Expr::Paren(p) => self.expr_flow(&p.expr),
            Expr::Group(g) => self.expr_flow(&g.expr),
            Expr::Block(b) if b.label.is_none() => self.block(&b.block),
            Expr::If(i) => {
                let cond = self.expr(&i.cond);
                self.either(
                    cond,
                    |l| l.block(&i.then_branch),
                    |l| match &i.else_branch {
                        Some((_, e)) => l.expr_flow(e),
                        None => (None, Flow::on()),
                    },
                    i.if_token.span(),
                )
            }
            Expr::Match(m) => {
                let scrutinee = self.expr(&m.expr);
                self.arms(scrutinee, &m.arms, m.match_token.span())
            }
            Expr::Return(r) => {
                if let Some(e) = &r.expr {
                    let v = self.expr(e);
                    if self.sig.ret.is_some() {
                        self.set(self.ret, v);
                    }
                }
                self.leave(RETURN)
            }
            Expr::Break(b) => {
                let value = b.expr.as_ref().map(|e| self.expr(e));
                let Some(k) = self.target(b.label.as_ref()) else {
                    self.errors
                        .at(b, "this `break` names no loop", "name a loop around it");
                    return (None, Flow::never());
                };
                if let (Some(v), Some(to)) = (value, self.targets[k].value) {
                    self.set(to, v);
                }
                let code = self.targets[k].break_code;
                self.leave(code)
            }
            Expr::Continue(c) => match self.target(c.label.as_ref()) {
                Some(k) => {
                    let code = self.targets[k].continue_code;
                    self.leave(code)
                }
                None => {
                    self.errors
                        .at(c, "this `continue` names no loop", "name a loop around it");
                    (None, Flow::never())
                }
            },
            Expr::Loop(l) => self.loop_(l.label.as_ref(), None, None, &l.body, l.loop_token.span()),
            Expr::While(w) => self.loop_(
                w.label.as_ref(),
                None,
                Some(&w.cond),
                &w.body,
                w.while_token.span(),
            ),
            Expr::ForLoop(f) => {
                let Some(range) = self.for_range(&f.expr) else {
                    return (None, Flow::on());
                };
                self.loop_(
                    f.label.as_ref(),
                    Some((&f.pat, range)),
                    None,
                    &f.body,
                    f.for_token.span(),
                )
            }
            Expr::Macro(m) => {
                let name = m
                    .mac
                    .path
                    .segments
                    .last()
                    .map(|s| s.ident.to_string())
                    .unwrap_or_default();
                self.macro_flow(&m.mac, &name, true)
            }
            Expr::Assign(_) => {
                self.expr(e);
                (None, Flow::on())
            }
            e => (Some(self.expr(e)), Flow::on()),
        }
    }

    fn leave(&mut self, code: u32) -> (Option<V>, Flow) {
        let lit = proc_macro2::Literal::u32_suffixed(code);
        let v = self.constant(lit.to_token_stream(), Shape::Int);
        self.set(self.exit, v);
        (None, Flow::exit(code))
    }

    fn target(&self, label: Option<&syn::Lifetime>) -> Option<usize> {
        match label {
            None => self.targets.len().checked_sub(1),
            Some(l) => self
                .targets
                .iter()
                .rposition(|t| t.label.as_deref() == Some(&l.ident.to_string())),
        }
    }

    /// The arms of a `match` as a chain of conditions; rustc has checked that one of them matches.
    fn arms(&mut self, scrutinee: V, arms: &[syn::Arm], span: Span) -> (Option<V>, Flow) {
        let Some((arm, rest)) = arms.split_first() else {
            return (None, Flow::never());
        };
        self.scoped(|l| {
            let (pat, guard) = match &arm.pat {
                Pat::Guard(g) => (&*g.pat, Some(&*g.guard)),
                pat => (pat, None),
            };
            let cond = l.test(pat, scrutinee);
            let cond = match (guard, cond) {
                (None, c) => c,
                (Some(g), None) => Some(l.expr(g)),
                (Some(g), Some(c)) => {
                    // The guard may change variables, so that running it or not is a branch like any other.
                    let run = |l: &mut Self| (Some(l.expr(g)), Flow::on());
                    let skip =
                        |l: &mut Self| (Some(l.constant(quote!(false), Shape::Int)), Flow::on());
                    l.either(c, run, skip, span).0
                }
            };
            match cond {
                Some(c) if !rest.is_empty() => l.either(
                    c,
                    |l| l.expr_flow(&arm.body),
                    |l| l.arms(scrutinee, rest, span),
                    span,
                ),
                _ => l.expr_flow(&arm.body),
            }
        })
    }

    fn for_range(&mut self, e: &Expr) -> Option<Range> {
        match strip(e) {
            Expr::Range(r) => {
                let (Some(lo), Some(hi)) = (&r.start, &r.end) else {
                    self.errors.at(
                        r,
                        "a loop over a range without both ends is not supported",
                        "write `lo..hi`, or use `loop` with `break`",
                    );
                    return None;
                };
                let inclusive = matches!(r.limits, syn::RangeLimits::Closed(_));
                Some(Range {
                    lo: self.expr(lo),
                    hi: self.expr(hi),
                    inclusive,
                    adapt: Vec::new(),
                })
            }
            Expr::MethodCall(m) => {
                let mut range = self.for_range(&m.receiver)?;
                match m.method.to_string().as_str() {
                    "rev" => range.adapt.push(Adapt::Rev),
                    "step_by" => {
                        let step = m.args.first().map(|e| self.expr(e))?;
                        range.adapt.push(Adapt::StepBy(step));
                    }
                    _ => {
                        self.errors.at(
                            &m.method,
                            "a `for` loop over this is not supported yet",
                            "loop over indices: `for i in 0..x.len()`",
                        );
                        return None;
                    }
                }
                Some(range)
            }
            other => {
                self.errors.at(
                    other,
                    "a `for` loop over this is not supported yet",
                    "loop over indices: `for i in 0..x.len()`",
                );
                None
            }
        }
    }

    /// All loops: over a range, while a condition holds, or until a `break`.
    fn loop_(
        &mut self,
        label: Option<&syn::Label>,
        over: Option<(&Pat, Range)>,
        cond: Option<&Expr>,
        body: &syn::Block,
        span: Span,
    ) -> (Option<V>, Flow) {
        let break_code = 2 + 2 * self.codes;
        let continue_code = break_code + 1;
        self.codes += 1;
        let value = (over.is_none() && cond.is_none())
            .then(|| self.declare("loop_value#", true, None, By::Value));
        self.targets.push(Target {
            label: label.map(|l| l.name.ident.to_string()),
            break_code,
            continue_code,
            value,
        });

        // Everything that could change is carried; what did not is taken out again below.
        let before = self.env.clone();
        let carried: Vec<Local> = (0..before.len())
            .map(Local)
            .filter(|&l| self.may_change(l))
            .collect();
        let mut params = Vec::new();
        let mut inits = Vec::new();
        for &l in &carried {
            let init = match before[l.0] {
                Some(v) => v,
                None => self.poison(span),
            };
            let p = self.b.fresh(self.b.func.shape(init).clone(), span);
            let deref = self.b.func.info(init).deref;
            let info = self.b.func.info_mut(p);
            info.name = Some(self.locals[l.0].name.clone());
            info.deref = deref;
            params.push(p);
            inits.push(init);
            self.set(l, p);
        }
        let id = self.b.fresh_loop();
        self.b.open();
        let zero = self.constant(quote!(0u32), Shape::Int);
        self.set(self.exit, zero);
        let is_for = over.is_some() || cond.is_some();
        let (head, flow) = self.scoped(|l| match over {
            Some((pat, range)) => {
                let shape = Shape::Int;
                let i = l.b.fresh(shape, span);
                if let Pat::Ident(p) = pat {
                    l.name(i, &p.ident.to_string());
                    l.declare(&key(&p.ident), p.mutability.is_some(), Some(i), By::Value);
                }
                (Head::For { i, range }, l.block(body).1)
            }
            None => match cond {
                Some(c) => {
                    let before = l.env.clone();
                    l.b.open();
                    let c = l.expr(c);
                    let cond = l.b.close(vec![c]);
                    if l.env == before {
                        (Head::While(cond), l.block(body).1)
                    } else {
                        // The condition changes something: it runs once more than the body.
                        cond.stmts.into_iter().for_each(|s| l.b.push(s));
                        let flow = l
                            .either(
                                c,
                                |l| (None, l.block(body).1),
                                |l| (None, l.leave(break_code).1),
                                span,
                            )
                            .1;
                        (Head::Forever, flow)
                    }
                }
                None => (Head::Forever, l.block(body).1),
            },
        });
        self.targets.pop();
        let (stop, after) = self.loop_exit(&flow, break_code, continue_code, is_for, params[0]);
        let ends: Vec<V> = carried
            .iter()
            .map(|l| self.env[l.0].unwrap_or(V(0)))
            .collect();
        let mut block = self.b.close(ends);
        self.env = before.clone();
        self.env.resize(self.locals.len(), None);

        // Take out what the body never changes.
        let mut unchanged = crate::ir::subst::Map::new();
        let mut keep = Vec::new();
        for k in 0..params.len() {
            if block.yields[k] == params[k] {
                unchanged.insert(params[k], inits[k]);
            } else {
                keep.push(k);
            }
        }
        let mut stop = stop;
        let resolve = |v: &mut V| *v = *unchanged.get(v).unwrap_or(v);
        let mut resolve_mut = resolve;
        let mut head = head;
        if let Head::While(cond) = &mut head {
            crate::ir::subst::block_uses_mut(cond, &mut { resolve });
        }
        crate::ir::subst::block_uses_mut(&mut block, &mut resolve_mut);
        stop.iter_mut().for_each(resolve_mut);
        block.yields = keep.iter().map(|&k| block.yields[k]).collect();
        let mut outs = Vec::new();
        for &k in &keep {
            let l = carried[k];
            let shape = crate::ir::build::join(
                self.b.func.shape(inits[k]),
                self.b.func.shape(block.yields[outs.len()]),
            );
            self.b.func.info_mut(params[k]).shape = shape.clone();
            let out = self.b.fresh(shape, span);
            let deref = self.b.func.info(params[k]).deref;
            let info = self.b.func.info_mut(out);
            info.name = Some(self.locals[l.0].name.clone());
            info.deref = deref;
            self.set(l, out);
            outs.push(out);
        }
        let params = keep.iter().map(|&k| params[k]).collect();
        let inits = keep.iter().map(|&k| inits[k]).collect();
        self.b.push(Ir::Loop(Loop {
            id,
            head,
            params,
            inits,
            body: block,
            stop,
            outs,
            trips: None,
            reverses: None,
        }));
        if after.only_falls() {
            let zero = self.constant(quote!(0u32), Shape::Int);
            self.set(self.exit, zero);
        }
        let result = value.and_then(|l| self.env[l.0]);
        (result, after)
    }

    /// Whether a loop might change a variable.
    fn may_change(&self, l: Local) -> bool {
        let info = &self.locals[l.0];
        info.alias.is_none()
            && (l == self.exit || l == self.ret || info.mutable || self.env[l.0].is_none())
    }

    /// At the end of a loop's body: whether to leave, and with which code to go on after the loop.
    fn loop_exit(
        &mut self,
        flow: &Flow,
        break_code: u32,
        continue_code: u32,
        is_for: bool,
        carried: V,
    ) -> (Option<V>, Flow) {
        let span = Span::call_site();
        let outer = flow.without(&[0, break_code, continue_code]);
        let falls = is_for || flow.has(break_code);
        let after = if falls {
            outer.clone().or(&Flow::on())
        } else {
            outer.clone()
        };
        let goes_on = flow.falls() || flow.has(continue_code);
        let leaves = flow.has(break_code) || !outer.is_empty();
        let code = self.env[self.exit.0].unwrap_or(V(0));
        let stop = if !leaves {
            None
        } else if !goes_on {
            Some(self.constant(quote!(true), Shape::Int))
        } else {
            let mut stop = None;
            for own in [0, continue_code].into_iter().filter(|c| flow.has(*c)) {
                let own = self.constant(
                    proc_macro2::Literal::u32_suffixed(own).to_token_stream(),
                    Shape::Int,
                );
                let ne = self.bin(Bin::Ne, code, own, span);
                stop = Some(match stop {
                    Some(s) => self.bin(Bin::And, s, ne, span),
                    None => ne,
                });
            }
            stop
        };
        if outer.is_empty() {
            // No code survives the loop: nothing of it is carried.
            self.set(self.exit, carried);
        } else if flow.codes().any(|c| c == break_code || c == continue_code) {
            let mut own = None;
            for c in [break_code, continue_code]
                .into_iter()
                .filter(|c| flow.has(*c))
            {
                let lit = self.constant(
                    proc_macro2::Literal::u32_suffixed(c).to_token_stream(),
                    Shape::Int,
                );
                let eq = self.bin(Bin::Eq, code, lit, span);
                own = Some(match own {
                    Some(o) => self.bin(Bin::Or, o, eq, span),
                    None => eq,
                });
            }
            if let Some(own) = own {
                self.either(
                    own,
                    |l| {
                        let zero = l.constant(quote!(0u32), Shape::Int);
                        l.set(l.exit, zero);
                        (None, Flow::on())
                    },
                    |_| (None, Flow::on()),
                    span,
                );
            }
        }
        (stop, after)
    }
}
