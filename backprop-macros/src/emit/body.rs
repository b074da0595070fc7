//! A function's body as Rust statements.
//!
//! Each value gets an expression, a variable, or a place in the variable of the aggregate version before it:
//! an update whose old version nobody reads any more happens in place. Where somebody does, it is copied.

use std::rc::Rc;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};

use super::expr::Expr;
use super::lanes::Sliced;
use super::names::{Names, idents};
use super::serves::Serves;
use super::tokens::Tokens;
use super::views::View;
use crate::ir::table::{Set, Table};
use crate::ir::visit::{all_defs, all_uses, block_uses, op_uses, outs};
use crate::ir::{Adapt, Block, By, Func, Head, If, Loop, Op, Path, Range, Shape, Stmt, V};

/// How the adjoints of parameters are reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Target {
    /// Variables: `d_x: &mut T`, results returned.
    Direct,
    /// Slots, one for each argument.
    Slots,
}

/// The state of the emission of one body.
pub(crate) struct Body<'a> {
    pub(crate) func: &'a Func,
    pub(crate) target: Target,
    /// `::backprop::__private`.
    pub(crate) private: TokenStream,
    /// The type of literals, where it is a parameter.
    pub(crate) real: Option<TokenStream>,
    pub(crate) names: Names,
    /// For each parameter the name of its adjoint or slot.
    pub(crate) adjoints: Vec<Ident>,
    pub(crate) keep: Ident,
    /// Whether callees may use it; else they get one that holds nothing.
    pub(crate) tape: bool,
    /// The parameter of closures over adjoints.
    pub(crate) closure: Ident,
    vars: Table<Ident>,
    ops: Table<&'a Op>,
    params: Table<By>,
    /// Values whose only use is in their own block, and that may move there.
    inline: Set,
    /// Aggregates that are updated, or may be.
    tracked: Set,
    used: Set,
    stores: Vec<Ident>,
    /// Cut operands to a common length.
    pub(crate) lanes: bool,
    pub(crate) sliced: Sliced,
    /// Slices that have names of their own here.
    pub(crate) views: Vec<View>,
    serves: Serves,
}

impl<'a> Body<'a> {
    pub(crate) fn new(
        func: &'a Func,
        target: Target,
        private: TokenStream,
        real: Option<TokenStream>,
        mut names: Names,
        lanes: bool,
    ) -> Body<'a> {
        let mut vars = Table::new();
        let mut params = Table::new();
        for p in &func.params {
            names.reserve(&p.name.to_string());
            vars.insert(p.v, p.name.clone());
            params.insert(p.v, p.by);
        }
        let adjoints: Vec<Ident> = func
            .params
            .iter()
            .map(|p| names.fresh(&format!("d_{}", p.name)))
            .collect();
        for (k, c) in func.cotangents.iter().enumerate() {
            if let Some(c) = c {
                vars.insert(*c, adjoints[k].clone());
                params.insert(*c, By::Mut);
            }
        }
        if let Some(seed) = func.seed {
            vars.insert(seed, names.fresh("d_ret"));
            params.insert(seed, By::Value);
        }
        let keep = names.fresh("tape");
        let closure = names.fresh("d");
        let stores = func.stores.iter().map(|s| names.fresh(&s.name)).collect();
        let mut b = Body {
            func,
            target,
            private,
            real,
            names,
            adjoints,
            keep,
            tape: true,
            closure,
            vars,
            ops: Table::new(),
            params,
            inline: Set::new(),
            tracked: Set::new(),
            used: Set::new(),
            stores,
            lanes,
            sliced: Sliced::default(),
            views: Vec::new(),
            serves: Serves::of(func),
        };
        b.track(&func.body);
        // What the caller passed is overwritten at the end, if with nothing else then with the whole of a new value.
        for (k, p) in func.params.iter().enumerate() {
            let replaced =
                |old: Option<V>, new: Option<V>| old.filter(|_| new.is_some() && new != old);
            let changed = replaced(Some(p.v), func.finals[k]);
            let cleared = replaced(func.cotangents[k], func.adjoints[k]);
            b.tracked.extend(changed.into_iter().chain(cleared));
        }
        let mut uses = vec![0; func.infos.len()];
        block_uses(&func.body, &mut |v| uses[v.0 as usize] += 1);
        for v in func
            .ret
            .iter()
            .chain(func.finals.iter().flatten())
            .chain(func.adjoints.iter().flatten())
        {
            uses[v.0 as usize] += 1;
        }
        let numbered = uses.iter().zip(0..);
        b.used = numbered
            .filter(|(n, _)| **n > 0)
            .map(|(_, k)| V(k))
            .collect();
        b.choose(&func.body, &uses, true);
        b
    }

    /// Finds the aggregates that are updated in place somewhere in their life.
    fn track(&mut self, block: &Block) {
        let aggregate = |f: &Func, v: V| !f.shape(v).is_scalar();
        for stmt in &block.stmts {
            match stmt {
                Stmt::Let(v, Op::Set(a, ..) | Op::AddAt(a, ..) | Op::ClearAt(a, _)) => {
                    self.tracked.extend([*v, *a]);
                }
                Stmt::If(s) => {
                    for (k, o) in s.outs.iter().enumerate() {
                        if aggregate(self.func, *o) {
                            self.tracked
                                .extend([*o, s.then_.yields[k], s.else_.yields[k]]);
                        }
                    }
                }
                Stmt::Loop(l) => {
                    for (k, o) in l.outs.iter().enumerate() {
                        if aggregate(self.func, *o) {
                            self.tracked
                                .extend([*o, l.params[k], l.inits[k], l.body.yields[k]]);
                        }
                    }
                }
                Stmt::Call(c) => self.track_args(&c.args),
                Stmt::Sweep(s) => {
                    self.track_args(&s.call.args);
                    for slot in &s.slots {
                        if let crate::ir::SlotArg::Local(a, _, out) = slot {
                            self.tracked.extend([*a, *out]);
                        }
                    }
                }
                _ => {}
            }
            for b in crate::ir::visit::blocks(stmt) {
                self.track(b);
            }
        }
    }

    fn track_args(&mut self, args: &[crate::ir::Arg]) {
        for a in args {
            match a {
                crate::ir::Arg::Mut(root, _, out) => self.tracked.extend([*root, *out]),
                crate::ir::Arg::Again(root, _) => {
                    self.tracked.insert(*root);
                }
                _ => {}
            }
        }
    }

    /// Chooses what becomes part of the expression that uses it.
    fn choose(&mut self, block: &'a Block, uses: &[usize], top: bool) {
        let mut here: Set = block.yields.iter().copied().collect();
        if top {
            here.extend(
                self.func
                    .ret
                    .iter()
                    .chain(self.func.adjoints.iter().flatten()),
            );
        }
        for stmt in &block.stmts {
            crate::ir::visit::own_uses(stmt, &mut |v| {
                here.insert(v);
            });
        }
        for stmt in &block.stmts {
            if let Stmt::Let(v, op) = stmt {
                self.ops.insert(*v, op);
                let moves = match op {
                    Op::Lit(_) => true,
                    Op::Const(_) => self.func.info(*v).name.is_none() || uses[v.0 as usize] == 1,
                    Op::Restore(..) | Op::Set(..) | Op::AddAt(..) | Op::ClearAt(..) => false,
                    // A slice has no size: it is always named where it is used.
                    Op::Get(a, p) if matches!(p.last(), Some(crate::ir::Proj::Range { .. })) => {
                        !self.tracked.contains(a)
                    }
                    _ => {
                        uses[v.0 as usize] == 1
                            && here.contains(v)
                            && self.func.info(*v).ty.is_none()
                    }
                };
                let mut steady = !self.tracked.contains(v);
                op_uses(op, &mut |u| steady &= !self.tracked.contains(&u));
                if moves && steady {
                    self.inline.insert(*v);
                }
            }
            for b in crate::ir::visit::blocks(stmt) {
                self.choose(b, uses, false);
            }
        }
    }

    // ------------------------------------------------------------ values

    /// The expression for a value.
    pub(crate) fn value(&self, v: V) -> Expr {
        if self.inline.contains(&v)
            && let Some(op) = self.ops.get(&v)
        {
            return self.op(v, op);
        }
        let name = self.root(v);
        if self.is_reference(v) {
            return Expr::deref(name);
        }
        Expr::atom(name)
    }

    /// The variable of a value, without dereferencing it.
    pub(crate) fn root(&self, v: V) -> Tokens {
        match self.vars.get(&v) {
            Some(i) => i.clone().into(),
            None if self.inline.contains(&v) => self.value(v).within_postfix(),
            None => quote!(()).into(),
        }
    }

    /// The variable that holds a value.
    pub(crate) fn variable(&self, v: V) -> Option<&Ident> {
        self.vars.get(&v)
    }

    /// Copies a value to a variable of its own.
    pub(crate) fn set_aside(&mut self, v: V) -> TokenStream {
        let value = self.fresh_copy(v);
        let name = self.declare(v, "t");
        quote!(let #name = #value;)
    }

    /// Whether the variable of a value is a reference.
    pub(crate) fn is_reference(&self, v: V) -> bool {
        self.vars
            .get(&v)
            .is_some_and(|name| self.names_reference(name))
    }

    /// Whether a variable is one of the caller's buffers.
    fn names_reference(&self, name: &Ident) -> bool {
        let mut params = self.func.params.iter();
        let mut cotangents = self.func.cotangents.iter().zip(&self.adjoints);
        params.any(|p| p.by != By::Value && p.name == *name)
            || cotangents.any(|(c, adjoint)| c.is_some() && adjoint == name)
    }

    pub(crate) fn constant(&self, v: V) -> Option<&Op> {
        self.op_of(v)
            .filter(|op| self.inline.contains(&v) && matches!(op, Op::Const(_) | Op::Lit(_)))
    }

    fn declare(&mut self, v: V, fallback: &str) -> Ident {
        let hint = self
            .func
            .info(v)
            .name
            .clone()
            .unwrap_or_else(|| fallback.to_owned());
        let name = self.names.fresh(&hint);
        self.vars.insert(v, name.clone());
        name
    }

    // ------------------------------------------------------------ blocks

    /// The statements of a block. `live`: tracked aggregates read after it.
    pub(crate) fn block(&mut self, block: &Block, live: &Set) -> TokenStream {
        let mut after = live.clone();
        after.extend(block.yields.iter().filter(|v| self.tracked.contains(v)));
        // Most statements change nothing: they share the set of the one behind them.
        let mut after = Rc::new(after);
        let mut lives = Vec::with_capacity(block.stmts.len());
        for stmt in block.stmts.iter().rev() {
            lives.push(after.clone());
            outs(stmt, &mut |v| {
                if after.contains(&v) {
                    Rc::make_mut(&mut after).remove(&v);
                }
            });
            let tracked = &self.tracked;
            all_uses(stmt, &mut |v| {
                if tracked.contains(&v) && !after.contains(&v) {
                    Rc::make_mut(&mut after).insert(v);
                }
            });
        }
        let stmts = block.stmts.iter().zip(lives.iter().rev());
        stmts.map(|(stmt, live)| self.stmt(stmt, live)).collect()
    }

    fn stmt(&mut self, stmt: &Stmt, live: &Set) -> TokenStream {
        match stmt {
            Stmt::Let(v, op) => self.let_(*v, op, live),
            Stmt::If(s) => self.branch(s, live),
            Stmt::Loop(l) => self.loop_(l, live),
            Stmt::Call(c) => self.primal_call(c, live),
            Stmt::Sweep(s) => self.sweep(s, live),
            Stmt::Accum { param, path, v } => self.accumulate(*param, path, *v),
            Stmt::Effect(tokens, holes) => {
                let bindings = self.bindings(holes);
                if bindings.is_empty() {
                    quote!(#tokens;)
                } else {
                    quote!({ #bindings #tokens; })
                }
            }
            Stmt::Open(k) => self.open(*k),
            Stmt::Save { store, at, v } => self.save(*store, *at, *v),
        }
    }

    pub(crate) fn let_(&mut self, v: V, op: &Op, live: &Set) -> TokenStream {
        match op {
            Op::Set(a, path, x) => {
                let (mut out, name) = self.update(*a, v, live);
                let place = self.target_place(&name, v, path);
                let x = self.value(*x).tokens;
                out.extend(quote!(#place = #x;));
                return out;
            }
            Op::AddAt(a, path, x) => {
                let (mut out, name) = self.update(*a, v, live);
                let place = self.target_place(&name, v, path);
                let e = self.value(*x).tokens;
                let p = &self.private;
                out.extend(if *self.func.shape(*x) == Shape::Float {
                    quote!(#place += #e;)
                } else {
                    quote!(#p::acc(&mut #place, #e);)
                });
                return out;
            }
            Op::ClearAt(a, path) => {
                let (mut out, name) = self.update(*a, v, live);
                let place = self.target_place(&name, v, path);
                let p = &self.private;
                out.extend(quote!(#p::rule::clear(&mut #place);));
                return out;
            }
            _ => {}
        }
        if self.inline.contains(&v) || self.sliced.skipped.contains(&v) {
            return TokenStream::new();
        }
        let e = self.op(v, op).tokens;
        let mutable = self.tracked.contains(&v).then(|| quote!(mut));
        let ty = self.func.info(v).ty.as_ref().map(|t| quote!(: #t));
        let name = self.declare(v, "t");
        quote!(let #mutable #name #ty = #e;)
    }

    /// `name[path]` as the target of an assignment.
    fn target_place(&self, name: &Ident, v: V, path: &Path) -> Tokens {
        if let Some(element) = self.sliced.writes.get(&v) {
            return element.clone().into();
        }
        if path.is_empty() && self.is_reference(v) {
            return Tokens::punct("*").then(name.clone());
        }
        self.projected(name.clone(), path)
    }

    /// Makes `new` the next version of `old`: in place where nobody reads the old one, else in a copy.
    pub(crate) fn update(&mut self, old: V, new: V, live: &Set) -> (TokenStream, Ident) {
        if let Some(name) = self.vars.get(&old).cloned() {
            let shared = live
                .iter()
                .any(|v| v != new && self.vars.get(&v) == Some(&name));
            // What was passed by value is not declared `mut`.
            let fixed = matches!(self.params.get(&old), Some(By::Ref | By::Value));
            if !shared && !fixed {
                self.vars.insert(new, name.clone());
                return (TokenStream::new(), name);
            }
        }
        let init = self.fresh_copy(old);
        let name = self.declare(new, "a");
        (quote!(let mut #name = #init;), name)
    }

    /// An expression for a new buffer with the contents of an aggregate.
    fn fresh_copy(&self, v: V) -> Tokens {
        if let Some(op @ (Op::Repeat(..) | Op::ZeroLike(_))) = self.ops.get(&v) {
            return self.op(v, op).tokens;
        }
        let value = self.value(v).tokens;
        match self.func.shape(v) {
            Shape::Float | Shape::Int | Shape::Tuple(_) | Shape::Seq(_, Some(_)) => value,
            _ => {
                let value = self.borrowed(v);
                {
                    let p = &self.private;
                    quote!(#p::duplicate(#value)).into()
                }
            }
        }
    }

    fn branch(&mut self, s: &If, live: &Set) -> TokenStream {
        if let Some(e) = self.lazy(s) {
            return e;
        }
        let cond = self.value(s.cond).tokens;
        let mut inner = live.clone();
        for o in &s.outs {
            inner.remove(o);
        }
        let then_ = self.block(&s.then_, &inner);
        let else_ = self.block(&s.else_, &inner);
        let mut names = Vec::new();
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for (k, o) in s.outs.iter().enumerate() {
            let (a, b) = (s.then_.yields[k], s.else_.yields[k]);
            // Both sides left it in one variable.
            if let (Some(x), Some(y), true) = (
                self.vars.get(&a),
                self.vars.get(&b),
                self.tracked.contains(o),
            ) && x == y
            {
                let x = x.clone();
                self.vars.insert(*o, x);
                continue;
            }
            left.push(self.value(a).tokens);
            right.push(self.value(b).tokens);
            names.push(*o);
        }
        let pattern: Vec<TokenStream> = names
            .iter()
            .map(|o| {
                let mutable = self.tracked.contains(o).then(|| quote!(mut));
                let name = self.declare(*o, "t");
                quote!(#mutable #name)
            })
            .collect();
        match (&pattern[..], &left[..], &right[..]) {
            ([], ..) if else_.is_empty() => quote!(if #cond { #then_ }),
            ([], ..) if then_.is_empty() => {
                let cond = self.not(s.cond);
                quote!(if #cond { #else_ })
            }
            ([], ..) => quote!(if #cond { #then_ } else { #else_ }),
            ([p], [l], [r]) => {
                let ty = self.func.info(names[0]).ty.as_ref().map(|t| quote!(: #t));
                quote!(let #p #ty = if #cond { #then_ #l } else { #else_ #r };)
            }
            _ => {
                quote!(let (#(#pattern),*) = if #cond { #then_ (#(#left),*) } else { #else_ (#(#right),*) };)
            }
        }
    }

    fn not(&self, cond: V) -> TokenStream {
        let e = self.value(cond).within_unary();
        quote!(!#e)
    }

    /// `a && b` and `a || b`, where the right side is one expression.
    fn lazy(&mut self, s: &If) -> Option<TokenStream> {
        let ([out], [a], [b]) = (&s.outs[..], &s.then_.yields[..], &s.else_.yields[..]) else {
            return None;
        };
        let text = |s: &Self, v: V| match s.ops.get(&v) {
            Some(Op::Const(t)) => t.to_string(),
            _ => String::new(),
        };
        let simple = |s: &Self, b: &Block| {
            b.stmts
                .iter()
                .all(|x| matches!(x, Stmt::Let(v, _) if s.inline.contains(v)))
        };
        if !simple(self, &s.then_) || !simple(self, &s.else_) {
            return None;
        }
        let cond = self.value(s.cond).within_unary();
        let e = if text(self, *b) == "false" {
            let a = self.value(*a).within_unary();
            quote!(#cond && #a)
        } else if text(self, *a) == "true" {
            let b = self.value(*b).within_unary();
            quote!(#cond || #b)
        } else {
            return None;
        };
        let name = self.declare(*out, "holds");
        Some(quote!(let #name = #e;))
    }

    fn loop_(&mut self, l: &Loop, live: &Set) -> TokenStream {
        let mut out = TokenStream::new();
        let mut inside = Set::new();
        block_uses(&l.body, &mut |v| {
            inside.insert(v);
        });
        for (k, &p) in l.params.iter().enumerate() {
            let init = l.inits[k];
            if self.tracked.contains(&p) {
                let mut busy = live.clone();
                busy.extend(inside.iter());
                busy.extend(l.inits[k + 1..].iter());
                let (tokens, _) = self.update(init, p, &busy);
                out.extend(tokens);
            } else {
                let e = self.value(init).tokens;
                let info = self.func.info(init);
                let ty = info
                    .ty
                    .as_ref()
                    .or(self.func.info(p).ty.as_ref())
                    .map(|t| quote!(: #t));
                let name = self.declare(p, "s");
                out.extend(quote!(let mut #name #ty = #e;));
            }
        }
        // Whatever the body uses from outside, the next iteration uses again.
        let mut around = live.clone();
        for o in &l.outs {
            around.remove(o);
        }
        let mut own = Set::new();
        all_defs(&Stmt::Loop(l.clone()), &mut |v| {
            own.insert(v);
        });
        around.extend(
            inside
                .iter()
                .filter(|v| self.tracked.contains(v) && !own.contains(v)),
        );
        let wanted = match self.target {
            Target::Slots => self.serves.whole(l),
            Target::Direct => None,
        };
        if let Some(sliced) = self.sliced_loop(l, &around) {
            out.extend(self.if_wanted(wanted, sliced));
            self.leave_loop(l);
            return out;
        }
        let (views, cuts) = self.open_views(l);
        let head = match &l.head {
            Head::For { i, range } => {
                let range = self.range(range);
                let i = if self.used.contains(i) {
                    self.declare(*i, "i").to_token_stream()
                } else {
                    quote!(_)
                };
                quote!(for #i in #range)
            }
            Head::While(_) | Head::Forever => quote!(loop),
        };
        let test = match &l.head {
            Head::While(cond) => {
                let before = self.block(cond, &around);
                let c = self.not(cond.yields[0]);
                quote!(#before if #c { break; })
            }
            _ => TokenStream::new(),
        };
        let body = self.block(&l.body, &around);
        let end = self.loop_end(l);
        let (head, test) = match &l.head {
            Head::While(cond)
                if cond
                    .stmts
                    .iter()
                    .all(|s| matches!(s, Stmt::Let(v, _) if self.inline.contains(v))) =>
            {
                let c = self.value(cond.yields[0]).tokens;
                (quote!(while #c), TokenStream::new())
            }
            _ => (head, test),
        };
        self.close_views(views);
        let scope = quote!(#cuts #head { #test #body #end });
        // What it borrows mutably is given back after it.
        let scope = if cuts.is_empty() || wanted.is_some() {
            scope
        } else {
            quote!({ #scope })
        };
        out.extend(self.if_wanted(wanted, scope));
        self.leave_loop(l);
        out
    }

    /// Only where the slot of a parameter is on.
    fn if_wanted(&self, param: Option<usize>, tokens: TokenStream) -> TokenStream {
        let Some(k) = param else { return tokens };
        let (p, mode) = (&self.private, quote::format_ident!("__M{}", k));
        quote!(if <#mode as #p::Mode>::ON { #tokens })
    }

    /// What comes out of a loop stands where it was carried.
    fn leave_loop(&mut self, l: &Loop) {
        for (p, o) in l.params.iter().zip(&l.outs) {
            if let Some(name) = self.vars.get(p).cloned() {
                self.vars.insert(*o, name);
            }
        }
    }

    /// Hands the carried values on, and leaves.
    pub(crate) fn loop_end(&mut self, l: &Loop) -> TokenStream {
        let mut moves: Vec<(Ident, V, Tokens)> = Vec::new();
        for (&p, &y) in l.params.iter().zip(&l.body.yields) {
            let Some(name) = self.vars.get(&p).cloned() else {
                continue;
            };
            if self.vars.get(&y) == Some(&name) {
                continue;
            }
            moves.push((name, y, self.value(y).tokens));
        }
        let stop = l.stop.map(|s| self.value(s).tokens);
        let mentions = |tokens: &Tokens, names: &[Ident]| {
            let mut found = Vec::new();
            idents(&tokens.to_token_stream(), &mut found);
            found.iter().any(|i| names.contains(i))
        };
        let mut out = TokenStream::new();
        let targets: Vec<Ident> = moves.iter().map(|m| m.0.clone()).collect();
        let leave = stop.map(|stop| match stop.to_string().as_str() {
            "true" => quote!(break;),
            _ if mentions(&stop, &targets) => {
                let name = self.names.fresh("stop");
                out.extend(quote!(let #name = #stop;));
                quote!(if #name { break; })
            }
            _ => quote!(if #stop { break; }),
        });
        // Assignments happen one after the other: first those that no other one reads; where there is no such
        // order, all wait.
        let mut ordered = Vec::new();
        let mut waiting = moves;
        while let Some(k) = (0..waiting.len()).find(|&k| {
            (0..waiting.len())
                .all(|j| j == k || !mentions(&waiting[j].2, core::slice::from_ref(&waiting[k].0)))
        }) {
            ordered.push(waiting.remove(k));
        }
        let clash = !waiting.is_empty();
        ordered.append(&mut waiting);
        let moves = ordered;
        let targets: Vec<Ident> = moves.iter().map(|m| m.0.clone()).collect();
        if clash {
            let nexts: Vec<Ident> = targets
                .iter()
                .map(|t| self.names.fresh(&format!("next_{t}")))
                .collect();
            let values = moves.iter().map(|m| &m.2);
            let targets = targets.iter().map(|t| self.assigned(t));
            out.extend(quote!(let (#(#nexts),*) = (#(#values),*); #(#targets = #nexts;)*));
        } else {
            for (name, y, e) in &moves {
                out.extend(self.assignment(name, *y, e));
            }
        }
        out.extend(leave);
        out
    }

    /// A variable as the target of an assignment.
    fn assigned(&self, name: &Ident) -> TokenStream {
        if self.names_reference(name) {
            quote!(*#name)
        } else {
            name.to_token_stream()
        }
    }

    /// `s = s + x` as `s += x`.
    fn assignment(&self, name: &Ident, y: V, e: &Tokens) -> TokenStream {
        let target = self.assigned(name);
        if let (Some(Op::Bin(op, a, b)), true) = (self.ops.get(&y), self.inline.contains(&y)) {
            let own = |v: &V| self.vars.get(v) == Some(name);
            let sign = match op {
                crate::ir::Bin::Add => quote!(+=),
                crate::ir::Bin::Sub => quote!(-=),
                crate::ir::Bin::Mul => quote!(*=),
                crate::ir::Bin::Div => quote!(/=),
                _ => return quote!(#target = #e;),
            };
            let commutes = matches!(op, crate::ir::Bin::Add | crate::ir::Bin::Mul);
            if own(a) && !own(b) {
                let b = self.value(*b).tokens;
                return quote!(#target #sign #b;);
            }
            if own(b) && commutes && !own(a) {
                let a = self.value(*a).tokens;
                return quote!(#target #sign #a;);
            }
        }
        quote!(#target = #e;)
    }

    fn range(&self, r: &Range) -> TokenStream {
        let (lo, hi) = (
            self.value(r.lo).within_cast(),
            self.value(r.hi).within_cast(),
        );
        let mut out = if r.inclusive {
            quote!(#lo..=#hi)
        } else {
            quote!(#lo..#hi)
        };
        let p = &self.private;
        for (k, a) in r.adapt.iter().enumerate() {
            let inner = if k == 0 { quote!((#out)) } else { out };
            out = match a {
                Adapt::Rev => quote!(#inner.rev()),
                Adapt::StepBy(s) => {
                    let s = self.value(*s).tokens;
                    quote!(#inner.step_by(#s))
                }
                Adapt::Backwards(n) => {
                    let n = n.map_or_else(|| quote!(usize::MAX).into(), |n| self.value(n).tokens);
                    quote!(#p::rule::backwards(#inner, #n))
                }
            };
        }
        out
    }

    // ------------------------------------------------------------ stores

    fn open(&mut self, k: usize) -> TokenStream {
        let (name, p) = (&self.stores[k], &self.private);
        match &self.func.stores[k].stack {
            Some(n) if self.func.stores[k].plain => quote!(let mut #name = [#p::blank(); #n];),
            Some(n) => quote!(let mut #name = [const { ::core::option::Option::None }; #n];),
            None => TokenStream::new(),
        }
    }

    fn save(&mut self, k: usize, at: Option<V>, v: V) -> TokenStream {
        let value = self.value(v).tokens;
        match at {
            Some(i) => {
                let (name, i) = (&self.stores[k], self.value(i).within_cast());
                if self.func.stores[k].plain {
                    quote!(#name[#i as usize] = #value;)
                } else {
                    let (p, value) = (&self.private, self.borrowed(v));
                    quote!(#name[#i as usize] = ::core::option::Option::Some(#p::duplicate(#value));)
                }
            }
            None => {
                let (p, keep) = (&self.private, &self.keep);
                quote!(#p::rule::push(&mut *#keep, #value);)
            }
        }
    }

    pub(crate) fn restore(&self, k: usize, at: Option<V>, like: V) -> Expr {
        match at {
            Some(i) => {
                let (name, i) = (&self.stores[k], self.value(i).within_cast());
                if self.func.stores[k].plain {
                    Expr::atom(quote!(#name[#i as usize]))
                } else {
                    let (p, like) = (&self.private, self.borrowed(like));
                    Expr::atom(quote!(#p::rule::kept(&#name[#i as usize], #like)))
                }
            }
            None => {
                let (p, keep) = (&self.private, &self.keep);
                let like = self.borrowed(like);
                Expr::atom(quote!(#p::rule::pop(&mut *#keep, #like)))
            }
        }
    }

    fn accumulate(&mut self, param: usize, path: &Path, v: V) -> TokenStream {
        let e = self.value(v).tokens;
        let scalar = *self.func.shape(v) == Shape::Float;
        let p = self.private.clone();
        if let Some(crate::ir::Proj::Index(at)) = path.last()
            && let Some((slice, index)) = self.sliced.accums.get(&(param, *at))
        {
            return match self.target {
                Target::Direct => quote!(#slice[#index] += #e;),
                Target::Slots => {
                    let c = &self.closure;
                    quote!(#slice.with(|#c| { #c[#index] += #e; });)
                }
            };
        }
        let (d, path) = self.adjoint_root(param, path);
        let add = |place: Tokens| {
            if scalar {
                quote!(#place += #e;)
            } else {
                quote!(#p::acc(&mut #place, #e);)
            }
        };
        match self.target {
            Target::Direct if path.is_empty() => add(Tokens::punct("*").then(d)),
            Target::Direct => add(self.projected(d, path)),
            Target::Slots => {
                let c = self.closure.clone();
                let place = if path.is_empty() {
                    Tokens::punct("*").then(c.clone())
                } else {
                    self.projected(c.clone(), path)
                };
                let add = add(place);
                quote!(#d.with(|#c| { #add });)
            }
        }
    }

    /// Lets a value stand in the variable of another one with the same contents.
    pub(crate) fn alias(&mut self, old: V, new: V) {
        if let Some(name) = self.vars.get(&old).cloned() {
            self.vars.insert(new, name);
        }
    }

    pub(crate) fn stand_in(&mut self, v: V, name: Ident) {
        self.vars.insert(v, name);
    }

    pub(crate) fn is_inline(&self, v: V) -> bool {
        self.inline.contains(&v)
    }

    pub(crate) fn op_of(&self, v: V) -> Option<&Op> {
        self.ops.get(&v).copied()
    }

    pub(crate) fn name_result(&mut self, v: V, fallback: &str) -> Ident {
        self.declare(v, fallback)
    }

    pub(crate) fn is_used(&self, v: V) -> bool {
        self.used.contains(&v)
    }
}
