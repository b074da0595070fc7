//! Statements and control flow: sequences, branches, loops, exits.

use proc_macro2::Span;
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{Expr, ExprIf, Pat, Stmt};

use super::chosen::Sort;
use super::flow::{self, Flow, diverges};
use super::item::Item;
use super::loops::Turns;
use super::place::strip;
use super::{Local, Lower, key};
use crate::ir::{Bin, Block, By, Op, Shape, Stmt as Ir, V};

/// What the outs of a branch are.
enum Joined {
    Local(Local),
    Value,
    /// Of a value that one side has computed.
    Part(V, Sort),
}

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
        let (Some(value), true) = (v, self.in_body && self.returns) else {
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

    /// What is returned: its type is that of the function.
    fn result(&mut self, e: &Expr) -> V {
        let ty = self.ret_ty.clone();
        self.typed(e, ty.as_ref())
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
            if let Stmt::Local(l) = stmt
                && let Some((_, diverge)) = l.init.as_ref().and_then(|i| i.diverge.as_ref())
            {
                let (v, f) = self.let_else(l, diverge, rest);
                return (v, flow.then(&f));
            }
            let last = rest.is_empty();
            let (v, f) = match stmt {
                // In the function's own block, where it has a type.
                Stmt::Expr(e @ (Expr::MethodCall(_) | Expr::Call(_)), None)
                    if last && self.in_body =>
                {
                    (Some(self.result(e)), Flow::on())
                }
                stmt => self.stmt(stmt),
            };
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
        let (cond, found) = self.condition(&i.cond);
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
                    let (v, f) = l.with_names(&found, |l| l.block(&i.then_branch));
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
    pub(crate) fn either(
        &mut self,
        cond: V,
        then_: impl FnOnce(&mut Self) -> (Option<V>, Flow),
        else_: impl FnOnce(&mut Self) -> (Option<V>, Flow),
        span: Span,
    ) -> (Option<V>, Flow) {
        let item = |(v, flow): (Option<V>, Flow)| (v.map(Item::Value), flow);
        let (found, flow) = self.either_item(cond, |l| item(then_(l)), |l| item(else_(l)), span);
        match found {
            Some(Item::Value(v)) => (Some(v), flow),
            _ => (None, flow),
        }
    }

    /// The same of sides that make something that need not be a value.
    pub(super) fn either_item(
        &mut self,
        cond: V,
        then_: impl FnOnce(&mut Self) -> (Option<Item>, Flow),
        else_: impl FnOnce(&mut Self) -> (Option<Item>, Flow),
        span: Span,
    ) -> (Option<Item>, Flow) {
        let before = self.env.clone();
        self.b.open();
        let first = self.b.func.infos.len();
        let (i1, f1) = then_(self);
        let env1 = core::mem::replace(&mut self.env, before.clone());
        let mut block1 = self.b.close(Vec::new());
        self.env.resize(self.locals.len(), None);
        self.b.open();
        let (i2, f2) = else_(self);
        let env2 = core::mem::replace(&mut self.env, before.clone());
        let mut block2 = self.b.close(Vec::new());
        self.env.resize(self.locals.len(), None);

        let mut joined: Vec<Joined> = Vec::new();
        for k in 0..before.len() {
            let (a, b) = (env1[k], env2[k]);
            if a == b {
                self.env[k] = a;
            } else if !(f1.is_empty() && f2.is_empty()) {
                let a = self.or_undef(a, &mut block1, span);
                let b = self.or_undef(b, &mut block2, span);
                block1.yields.push(a);
                block2.yields.push(b);
                joined.push(Joined::Local(Local(k)));
            }
        }
        let value = |i: &Option<Item>| match i {
            Some(Item::Value(v)) => Some(*v),
            _ => None,
        };
        let (v1, v2) = (value(&i1), value(&i2));
        let has_value = (v1.is_some() || !f1.falls())
            && (v2.is_some() || !f2.falls())
            && (v1.is_some() || v2.is_some());
        if has_value {
            let a = self.or_undef(v1, &mut block1, span);
            let b = self.or_undef(v2, &mut block2, span);
            block1.yields.push(a);
            block2.yields.push(b);
            joined.push(Joined::Value);
        } else {
            // Positions that were computed in a branch are handed out of it.
            let made = |i: &Option<Item>| i.as_ref().map_or_else(Vec::new, |i| i.made_since(first));
            for (v, sort) in made(&i1) {
                let blank = self.blank_like(sort, &mut block2, span);
                block1.yields.push(v);
                block2.yields.push(blank);
                joined.push(Joined::Part(v, sort));
            }
            for (v, sort) in made(&i2) {
                let blank = self.blank_like(sort, &mut block1, span);
                block1.yields.push(blank);
                block2.yields.push(v);
                joined.push(Joined::Part(v, sort));
            }
        }
        let outs = self.b.branch(cond, block1, block2, span);
        if let (true, Some(out)) = (has_value, outs.last()) {
            self.joined_length(v1, v2, *out, span);
        }
        let mut value = None;
        let mut parts = Vec::new();
        for (to, out) in joined.into_iter().zip(outs) {
            match to {
                Joined::Local(local) => {
                    let name = self.locals[local.0].name.clone();
                    self.b.func.info_mut(out).name = Some(name);
                    self.set(local, out);
                }
                Joined::Value => {
                    self.b.func.info_mut(out).name = None;
                    value = Some(Item::Value(out));
                }
                Joined::Part(v, sort) => {
                    self.b.func.info_mut(out).name = None;
                    self.handed_out(v, out, sort);
                    parts.push((v, out));
                }
            }
        }
        if !has_value {
            let outside = |i: Option<Item>| i.map(|i| i.renamed(&parts));
            value = match (outside(i1), outside(i2)) {
                (Some(a), Some(b)) => self.one_of(cond, a, b, span),
                (Some(a), None) if !f2.falls() => Some(a),
                (None, Some(b)) if !f1.falls() => Some(b),
                _ => None,
            };
        }
        (value, f1.or(&f2))
    }

    pub(super) fn or_undef(&mut self, v: Option<V>, block: &mut Block, span: Span) -> V {
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
            "no_grad" | "vec" | "matches" => {
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
        if let Some(item @ (Item::Closure(_) | Item::Tuple(_))) = self.held(&init.expr) {
            self.bind_item(&l.pat, item);
            return Flow::on();
        }
        if self.let_parts(&l.pat, &init.expr) {
            return Flow::on();
        }
        if let Some(item) = self.made(&init.expr) {
            match item {
                Item::Value(v) => self.bind(&l.pat, v, None),
                item => self.bind_item(&l.pat, item),
            }
            return Flow::on();
        }
        if self.let_reference(&l.pat, &init.expr) {
            return Flow::on();
        }
        if self.is_chosen_reference(&init.expr) {
            let (item, flow) = self.item_flow(&init.expr);
            if let Some(item) = item {
                self.bind_chosen(&l.pat, item);
            }
            return flow;
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
        let ty = match &l.pat {
            Pat::Type(t) => Some(&*t.ty),
            _ => None,
        };
        let (v, flow) = match strip(&init.expr) {
            Expr::MethodCall(_) | Expr::Call(_) => (Some(self.typed(&init.expr, ty)), Flow::on()),
            _ => self.expr_flow(&init.expr),
        };
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
            Expr::Block(b) => match &b.label {
                Some(label) => self.labelled(label, &b.block),
                None => self.block(&b.block),
            },
            Expr::If(i) => self.if_(i),
            Expr::Match(m) => {
                let subject = self.subject(&m.expr);
                let span = m.match_token.span();
                let (item, flow) = self.arms(&subject, &m.arms, span, &mut |l, e| {
                    let (v, flow) = l.expr_flow(e);
                    (v.map(Item::Value), flow)
                });
                match item {
                    Some(Item::Value(v)) => (Some(v), flow),
                    _ => (None, flow),
                }
            }
            Expr::Return(r) => {
                if let Some(e) = &r.expr {
                    let v = self.result(e);
                    if self.returns {
                        self.set(self.ret, v);
                    }
                }
                self.leave(self.return_code)
            }
            Expr::Break(b) => {
                let value = b.expr.as_ref().map(|e| self.expr(e));
                let Some(k) = self.target(b.label.as_ref()) else {
                    self.errors.of_rustc();
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
                    self.errors.of_rustc();
                    (None, Flow::never())
                }
            },
            Expr::Loop(_) | Expr::While(_) | Expr::ForLoop(_) => {
                self.loop_for_each_side(e, &mut |l| l.one_loop(e))
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

    fn one_loop(&mut self, e: &Expr) -> (Option<V>, Flow) {
        match e {
            Expr::Loop(l) => {
                let span = l.loop_token.span();
                self.loop_(l.label.as_ref(), Turns::Forever, span, |b, _| {
                    b.block(&l.body).1
                })
            }
            Expr::While(w) => {
                let (label, span) = (w.label.as_ref(), w.while_token.span());
                self.loop_(label, Turns::While(&w.cond), span, |b, _| {
                    b.block(&w.body).1
                })
            }
            Expr::ForLoop(f) => self.for_(f),
            e => (Some(self.expr(e)), Flow::on()),
        }
    }

    pub(crate) fn leave(&mut self, code: u32) -> (Option<V>, Flow) {
        let lit = proc_macro2::Literal::u32_suffixed(code);
        let v = self.constant(lit.to_token_stream(), Shape::Int);
        self.set(self.exit, v);
        (None, Flow::exit(code))
    }

    fn target(&self, label: Option<&syn::Lifetime>) -> Option<usize> {
        match label {
            None => self.targets.iter().rposition(|t| !t.block),
            Some(l) => self
                .targets
                .iter()
                .rposition(|t| t.label.as_deref() == Some(&l.ident.to_string())),
        }
    }
}
