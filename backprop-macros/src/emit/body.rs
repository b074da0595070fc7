//! A function's body as Rust statements.
//!
//! Each value gets an expression, a variable, or a place in the variable of the aggregate version before it:
//! an update whose old version nobody reads any more happens in place. Where somebody does, it is copied.

use std::cell::RefCell;
use std::rc::Rc;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::along::There;
use super::expr::Expr;
use super::lanes::Sliced;
use super::live::reads;
use super::names::Names;
use super::pullbacks::Pullback;
use super::rows::Rows;
use super::serves::Serves;
use super::tokens::Tokens;
use super::views::View;
use crate::differentiate::reverse::LATER;
use crate::ir::buffers::is_buffer;
use crate::ir::table::{Set, Table};
use crate::ir::visit::{block_uses, op_uses, outs};
use crate::ir::{Block, By, Func, Op, Path, Proj, Runs, Shape, Stmt, V};

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
    /// For each parameter the type that says whether its slot is on.
    pub(super) modes: Vec<Ident>,
    pub(crate) seed: Ident,
    pub(crate) keep: Ident,
    /// Whether callees may use it; else they get one that holds nothing.
    pub(crate) tape: bool,
    /// Whether the function is told, as `__P`, which part of it runs.
    pub(super) has_part: bool,
    /// The parameter of closures over adjoints.
    pub(crate) closure: Ident,
    pub(super) vars: Table<Ident>,
    pub(super) ops: Table<&'a Op>,
    pub(super) params: Table<By>,
    /// Values whose only use is in their own block, and that may move there.
    pub(super) inline: Set,
    /// Aggregates that are updated, or may be.
    pub(super) tracked: Set,
    pub(super) used: Set,
    pub(super) stores: Vec<Ident>,
    /// Cut operands to a common length.
    pub(crate) lanes: bool,
    pub(crate) sliced: Sliced,
    /// The rows of every area of the tape, as they lie in it.
    pub(super) rows_in_order: Vec<(usize, usize)>,
    /// Slices that have names of their own here.
    pub(crate) views: Vec<View>,
    /// Matrices of which a loop takes a row each time, innermost last.
    pub(super) rows: Vec<Rows>,
    pub(super) serves: Serves,
    /// Those that wait for their cotangents.
    pub(super) pullbacks: Vec<Pullback>,
    /// How many blocks are open.
    pub(super) depth: usize,
    /// What runs before the cotangent of the result is there, once it is emitted.
    pub(super) run: Option<TokenStream>,
    /// What callees are handed last where several tangents travel together.
    pub(super) together: Ident,
    /// In forward mode: which tangents there are.
    pub(super) there: Option<There>,
    /// Whether it is for second derivatives.
    pub(super) twice: bool,
    /// Zeros that nothing has to be added to.
    pub(super) neutral: Set,
    /// Slices that would have to be copied: where, and their names.
    pub(crate) uncopied: RefCell<Vec<(Span, String)>>,
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
        let seed_name = names.fresh("d_ret");
        if let Some(seed) = func.seed {
            vars.insert(seed, seed_name.clone());
            params.insert(seed, By::Value);
        }
        let keep = names.fresh("tape");
        let closure = names.fresh("d");
        let together = names.fresh("together");
        let stores = func.stores.iter().map(|s| names.fresh(&s.name)).collect();
        let mut b = Body {
            has_part: false,
            func,
            target,
            private,
            real,
            names,
            adjoints,
            modes: (0..func.params.len())
                .map(|k| quote::format_ident!("__M{}", k))
                .collect(),
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
            rows_in_order: Vec::new(),
            views: Vec::new(),
            rows: Vec::new(),
            serves: Serves::of(func),
            seed: seed_name,
            pullbacks: Vec::new(),
            depth: 0,
            run: None,
            together,
            there: None,
            twice: false,
            neutral: super::neutral::of(func),
            uncopied: RefCell::default(),
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
                Stmt::Let(v, Op::Refill(a, _) | Op::Spent(a)) => self.tracked.extend([*v, *a]),
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
                Stmt::Call(c) => {
                    self.track_args(&c.args);
                    for a in c.along.iter().flat_map(|a| a.args.iter().flatten()) {
                        self.track_args(core::slice::from_ref(a));
                    }
                }
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
                    Op::Restore(..)
                    | Op::Unlog(_)
                    | Op::Logged
                    | Op::Set(..)
                    | Op::AddAt(..)
                    | Op::ClearAt(..)
                    | Op::Refill(..)
                    | Op::Spent(_)
                    | Op::Helper(LATER, _) => false,
                    // A slice has no size: it is always named where it is used.
                    Op::Get(a, p) if matches!(p.last(), Some(Proj::Range { .. })) => {
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
            return self.whole_if_there(v, Expr::deref(name));
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

    /// Whether a value, or what the expression for it is made of, lies in a variable that is asked for.
    pub(super) fn lies_in(&self, v: V, asked: &impl Fn(&Ident) -> bool) -> bool {
        match self.ops.get(&v) {
            Some(op) if self.inline.contains(&v) => {
                let mut found = false;
                op_uses(op, &mut |u| found |= self.lies_in(u, asked));
                found
            }
            _ => self.vars.get(&v).is_some_and(asked),
        }
    }

    /// Copies a value to a variable of its own.
    pub(crate) fn set_aside(&mut self, v: V) -> TokenStream {
        let value = self.fresh_copy(v, v);
        self.inline.remove(&v);
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
    pub(super) fn names_reference(&self, name: &Ident) -> bool {
        let mut params = self.func.params.iter();
        let mut cotangents = self.func.cotangents.iter().zip(&self.adjoints);
        params.any(|p| p.by != By::Value && p.name == *name)
            || cotangents.any(|(c, adjoint)| c.is_some() && adjoint == name)
    }

    pub(crate) fn constant(&self, v: V) -> Option<&Op> {
        self.op_of(v)
            .filter(|op| self.inline.contains(&v) && matches!(op, Op::Const(_) | Op::Lit(_)))
    }

    pub(super) fn declare(&mut self, v: V, fallback: &str) -> Ident {
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
            reads(self.func, stmt, &mut |v| {
                if tracked.contains(&v) && !after.contains(&v) {
                    Rc::make_mut(&mut after).insert(v);
                }
            });
        }
        self.depth += 1;
        let mut out = TokenStream::new();
        for ((k, stmt), live) in block.stmts.iter().enumerate().zip(lives.iter().rev()) {
            match stmt {
                Stmt::Call(c) if self.is_pulled(c, &block.stmts[k + 1..]) => {
                    out.extend(self.forward_call(c));
                }
                Stmt::Let(d, Op::Helper(LATER, _)) => {
                    self.vars.insert(*d, self.seed.clone());
                    self.params.insert(*d, By::Value);
                    self.run = Some(core::mem::take(&mut out));
                }
                _ => out.extend(self.stmt(stmt, live)),
            }
        }
        self.depth -= 1;
        out
    }

    fn stmt(&mut self, stmt: &Stmt, live: &Set) -> TokenStream {
        match stmt {
            Stmt::Let(v, op) => self.let_(*v, op, live),
            Stmt::If(s) => self.branch(s, live),
            Stmt::Loop(l) => self.loop_(l, live),
            Stmt::Call(c) => self.primal_call(c, live),
            Stmt::Sweep(s) => self.sweep(s, live),
            Stmt::Accum { param, path, v } => self.accumulate(*param, path, *v),
            Stmt::Effect(runs, tokens, holes) => {
                let bindings = self.bindings(holes);
                match (runs, self.has_part) {
                    (Runs::Once, true) => quote!(if __P::FIRST { #bindings #tokens; }),
                    _ if bindings.is_empty() => quote!(#tokens;),
                    _ => quote!({ #bindings #tokens; }),
                }
            }
            Stmt::Open(k) => self.open(*k),
            Stmt::Reserve { area, words, rows } => self.reserve(*area, *words, rows),
            Stmt::Release(area) => self.release(*area),
            Stmt::Log(v) => self.log(*v),
            Stmt::Save { store, at, v } => self.save(*store, *at, *v),
        }
    }

    pub(crate) fn let_(&mut self, v: V, op: &Op, live: &Set) -> TokenStream {
        match op {
            // `put(&mut v, n, x);`
            Op::Set(a, path, x) if self.func.info(v).grows => {
                let (mut out, name) = self.update(*a, v, live);
                let p = self.private.clone();
                let value = self.value(*x).tokens;
                let element = self.names.fresh("element");
                if let Some(Proj::Index(n)) = path.last() {
                    let n = self.value(*n).tokens;
                    out.extend(quote!(let #element = #value; #p::put(&mut #name, #n, #element);));
                }
                return out;
            }
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
                let mut e = self.value(*x).tokens;
                // An integer's cotangent, of which nobody asks what it is, may be added to itself.
                if self.variable(*x) == self.variable(v) && *self.func.shape(*x) != Shape::Float {
                    let own = self.names.fresh("own");
                    out.extend(quote!(let #own = #e;));
                    e = own.into();
                }
                let p = &self.private;
                out.extend(if *self.func.shape(*x) == Shape::Float {
                    quote!(#place += #e;)
                } else {
                    quote!(#p::acc(&mut #place, #e);)
                });
                return out;
            }
            // The variable stays; what is in it is nobody's business, or is zero.
            Op::Refill(a, _) | Op::Spent(a) if self.vars.get(a).is_some() => {
                self.alias(*a, v);
                return TokenStream::new();
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
        self.projected_mut(name.clone(), self.is_reference(v), path)
    }

    /// Makes `new` the next version of `old`: in place where nobody reads the old one, else in a copy.
    pub(crate) fn update(&mut self, old: V, new: V, live: &Set) -> (TokenStream, Ident) {
        if let Some(name) = self.vars.get(&old).cloned() {
            let shared = live
                .iter()
                .any(|v| v != new && !self.refills(v) && self.vars.get(&v) == Some(&name));
            // What was passed by value is not declared `mut`.
            // A branch that leaves it alone has another name for it.
            let given = matches!(self.params.get(&old), Some(By::Ref | By::Value));
            let mut params = self.func.params.iter();
            let fixed = given || params.any(|p| p.by != By::Mut && p.name == name);
            if !shared && !fixed {
                self.vars.insert(new, name.clone());
                return (TokenStream::new(), name);
            }
        }
        let init = self.fresh_copy(old, new);
        let name = self.declare(new, "a");
        (quote!(let mut #name = #init;), name)
    }

    /// Whether a value is scratch about to be filled: nothing in it is worth keeping.
    fn refills(&self, v: V) -> bool {
        matches!(self.ops.get(&v), Some(Op::Refill(..)))
    }

    /// An expression for a new buffer with the contents of an aggregate.
    pub(super) fn fresh_copy(&self, v: V, by: V) -> Tokens {
        match self.ops.get(&v) {
            Some(op @ (Op::Repeat(..) | Op::Filled(..) | Op::ZeroLike(_))) => {
                return self.op(v, op).tokens;
            }
            // `Vec::new()`, `vec![a, b]`.
            Some(op @ (Op::Const(_) | Op::Array(_))) if is_buffer(self.func, v) => {
                return self.op(v, op).tokens;
            }
            _ => {}
        }
        let value = self.value(v).tokens;
        match self.func.shape(v) {
            Shape::Float | Shape::Int | Shape::Tuple(_) | Shape::Seq(_, Some(_)) => value,
            Shape::Seq(_, None) => self.uncopied(v, by),
            _ => {
                let (p, value) = (&self.private, self.borrowed(v));
                quote!(#p::duplicate(#value)).into()
            }
        }
    }

    /// In place of the copy of a slice, which has no size, or of a `Vec`, where `by` overwrites it.
    pub(super) fn uncopied(&self, v: V, by: V) -> Tokens {
        let info = self.func.info(by);
        let name = info.name.clone();
        let name = name.unwrap_or_else(|| self.root(v).to_string());
        self.uncopied.borrow_mut().push((info.span, name));
        self.value(v).tokens
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
