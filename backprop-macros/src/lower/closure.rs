//! Closures that do not escape: they are written out where they are called.
//!
//! ```text
//! let f = |a| a * b;          f = (a, `a * b`, the variables in scope)
//! let y = f(x + 1.0);         let a = x + 1.0; let y = a * b;
//! ```
//!
//! A closure keeps the scopes it was defined in, so that its names mean there what they meant here; the values are those of the call, as
//! for any captured reference. `move` copies what is captured, so such a closure gets variables of its own.

use std::collections::HashMap;
use std::rc::Rc;

use proc_macro2::Span;
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Expr, ExprClosure, ExprPath, Pat, ReturnType, Stmt, Token, Type};

use super::item::Item;
use super::place::strip;
use super::{Local, Lower, Scope, key};
use crate::ir::{By, Shape};

/// How deep closures may call each other, and how many calls may be written out in one function: each is code.
const DEPTH: usize = 24;
const CALLS: usize = 2000;

/// A closure of the user's.
pub(crate) struct Closure {
    inputs: Vec<Pat>,
    output: Option<Type>,
    body: Expr,
    scopes: Vec<Scope>,
}

/// What an adaptor applies to its items.
#[derive(Clone)]
pub(crate) enum Callable {
    Closure(Rc<Closure>),
    /// A function, a method of floats, a constructor.
    Path(ExprPath),
}

/// The closures being written out.
#[derive(Default)]
pub(crate) struct Inlining {
    depth: usize,
    calls: usize,
    /// How many conditions have been decided around what is being written out.
    pub(crate) sides: usize,
    /// Whether any reference is chosen.
    pub(crate) chooses: bool,
    /// How often the items of an iterator are taken in another order or number than the user's: no closure may change anything then.
    pub(crate) pure: usize,
}

impl Lower<'_> {
    pub(crate) fn closure(&mut self, c: &ExprClosure) -> Rc<Closure> {
        let mut scopes = self.scopes.clone();
        if c.capture.is_some() {
            scopes.push(Rc::new(self.copies(&c.body)));
        }
        Rc::new(Closure {
            inputs: c.inputs.iter().cloned().collect(),
            output: match &c.output {
                ReturnType::Type(_, ty) => Some((**ty).clone()),
                ReturnType::Default => None,
            },
            body: (*c.body).clone(),
            scopes,
        })
    }

    /// Variables with the present values of those that a body mentions.
    fn copies(&mut self, body: &Expr) -> HashMap<String, Local> {
        let mut idents = Vec::new();
        crate::emit::names::idents(&body.to_token_stream(), &mut idents);
        let mut copies = HashMap::new();
        for ident in idents {
            let key = key(&ident);
            let Some(local) = self.find(&key) else {
                continue;
            };
            let info = &self.locals[local.0];
            // A reference is copied as such: it names the same place.
            if copies.contains_key(&key)
                || info.by != By::Value
                || info.alias.is_some()
                || info.item.is_some()
            {
                continue;
            }
            let (mutable, value) = (info.mutable, self.env[local.0]);
            self.scopes.push(Scope::default());
            let copy = self.declare(&key, mutable, value, By::Value);
            self.scopes.pop();
            copies.insert(key, copy);
        }
        copies
    }

    /// What an adaptor's argument applies.
    pub(crate) fn callable(&mut self, e: &Expr) -> Option<Callable> {
        let mut at = strip(e);
        while let Expr::Reference(r) = at {
            at = strip(&r.expr);
        }
        if let Some(item) = self.known_item(at) {
            if let Item::Closure(c) = item {
                return Some(Callable::Closure(c));
            }
        } else {
            match at {
                Expr::Closure(c) => return Some(Callable::Closure(self.closure(c))),
                Expr::Path(p)
                    if p.path
                        .get_ident()
                        .is_none_or(|i| self.find(&key(i)).is_none()) =>
                {
                    return Some(Callable::Path(p.clone()));
                }
                _ => {}
            }
        }
        self.errors.at(
            e,
            "this is called for each item, and what it does is not known when the function is compiled",
            "write a closure, `|x| ..`, or the path of a function",
        );
        None
    }

    /// Calls, with arguments that have been evaluated.
    pub(crate) fn apply(&mut self, f: &Callable, args: Vec<Item>, span: Span) -> Item {
        match f {
            Callable::Closure(c) => self.inline(c, args, span),
            Callable::Path(p) => self.apply_path(p, args, span),
        }
    }

    /// `f(a, b)` where `f` is a closure.
    pub(crate) fn call_closure(
        &mut self,
        f: &Rc<Closure>,
        args: &Punctuated<Expr, Token![,]>,
        span: Span,
    ) -> Item {
        let args = args.iter().map(|a| self.item(a)).collect();
        self.inline(f, args, span)
    }

    /// A call by path, with hidden names for the arguments.
    fn apply_path(&mut self, path: &ExprPath, args: Vec<Item>, span: Span) -> Item {
        self.scoped(|l| {
            let mut names = Vec::new();
            for (k, arg) in args.into_iter().enumerate() {
                let ident = proc_macro2::Ident::new(&format!("__item{k}"), Span::call_site());
                match arg {
                    // A value keeps its own name.
                    Item::Value(v) => {
                        l.declare(&key(&ident), false, Some(v), By::Value);
                    }
                    arg => l.bind_item(&syn::parse_quote!(#ident), arg),
                }
                names.push(ident);
            }
            let of_float = path.path.segments.len() == 2
                && path.path.segments.first().is_some_and(|s| {
                    s.ident == "f64"
                        || s.ident == "f32"
                        || l.sig.reals.contains(&s.ident.to_string())
                });
            let compares = path.path.segments.last().is_some_and(|s| {
                s.ident == "total_cmp"
                    || s.ident == "partial_cmp"
                    || s.ident.to_string().starts_with("is_")
            });
            if let (true, Some((first, rest)), Some(last)) = (
                of_float && compares,
                names.split_first(),
                path.path.segments.last(),
            ) {
                let method = syn::Ident::new(&last.ident.to_string(), span);
                return Item::Value(l.method(&syn::parse_quote!(#first.#method(#(#rest),*))));
            }
            Item::Value(l.call(&syn::parse_quote!(#path(#(#names),*))))
        })
    }

    /// Writes a closure out.
    fn inline(&mut self, c: &Rc<Closure>, args: Vec<Item>, span: Span) -> Item {
        self.inlining.calls += 1;
        if self.inlining.depth >= DEPTH || self.inlining.calls > CALLS {
            // Said once: from here on nothing more is written out.
            if self.inlining.calls < usize::MAX / 2 {
                self.inlining.calls = usize::MAX / 2;
                self.errors.at_span(
                    span,
                    "closures are written out where they are called, and here that becomes too much code",
                    "make one of them a function of its own, with `#[differentiable]`",
                );
            }
            return Item::Value(self.poison(span));
        }
        self.inlining.depth += 1;
        let before = (self.inlining.pure > 0).then(|| self.env.clone());
        let scopes = core::mem::replace(&mut self.scopes, c.scopes.clone());
        let targets = core::mem::take(&mut self.targets);
        let in_body = core::mem::replace(&mut self.in_body, false);
        let result = self.scoped(|l| {
            for (pat, arg) in c.inputs.iter().zip(args) {
                l.bind_item(pat, arg);
            }
            if returns(&c.body) {
                l.with_returns(c, span)
            } else if let (Some(ty), Expr::MethodCall(_) | Expr::Call(_)) =
                (&c.output, strip(&c.body))
            {
                Item::Value(l.typed(&c.body, Some(ty)))
            } else {
                l.item(&c.body)
            }
        });
        self.in_body = in_body;
        self.targets = targets;
        self.scopes = scopes;
        self.inlining.depth -= 1;
        let exit = self.exit.0;
        if before.is_some_and(|b| (0..b.len()).any(|k| k != exit && b[k] != self.env[k])) {
            self.errors.at(
                &c.body,
                "a closure that changes something is called by an adaptor that need not call it for each item, or not in this order",
                "write a `for` loop, and make the change a statement in it",
            );
        }
        if let (Item::Value(v), Some(ty)) = (&result, &c.output) {
            self.bound(*v, Some(ty), ty.span());
        }
        result
    }

    /// A body with `return`s, which leave the closure as they would leave a function.
    fn with_returns(&mut self, c: &Closure, span: Span) -> Item {
        let ret = self.declare("ret#closure", true, None, By::Value);
        let code = 2 + 2 * self.codes;
        self.codes += 1;
        let outer = (
            core::mem::replace(&mut self.ret, ret),
            core::mem::replace(&mut self.returns, true),
            core::mem::replace(&mut self.return_code, code),
            core::mem::replace(&mut self.ret_ty, c.output.clone()),
        );
        self.in_body = true;
        let flow = match strip(&c.body) {
            Expr::Block(b) if b.label.is_none() => self.scoped(|l| l.seq(&b.block.stmts)).1,
            body => self.seq(&[Stmt::Expr(body.clone(), None)]).1,
        };
        self.in_body = false;
        let value = self.env[ret.0];
        (self.ret, self.returns, self.return_code, self.ret_ty) = outer;
        if !flow.only_falls() {
            let zero = self.constant(quote!(0u32), Shape::Int);
            self.set(self.exit, zero);
        }
        Item::Value(match value {
            Some(v) => v,
            // It returns nothing, or never returns.
            None => self.unit(span),
        })
    }
}

/// Whether a body has a `return` of its own.
fn returns(body: &Expr) -> bool {
    struct Found(bool);
    impl<'e> Visit<'e> for Found {
        fn visit_expr_return(&mut self, _: &'e syn::ExprReturn) {
            self.0 = true;
        }
        fn visit_expr_closure(&mut self, _: &'e ExprClosure) {}
        fn visit_item(&mut self, _: &'e syn::Item) {}
        fn visit_expr(&mut self, e: &'e Expr) {
            if !self.0 {
                visit::visit_expr(self, e);
            }
        }
    }
    let mut found = Found(false);
    found.visit_expr(body);
    found.0
}
