//! Branches: `if` as a statement or a value, and what is short enough for `&&` and `||`.

use proc_macro2::TokenStream;
use quote::quote;

use super::body::Body;
use super::tokens::Tokens;
use crate::ir::buffers::is_buffer;
use crate::ir::table::Set;
use crate::ir::{Block, If, Op, Stmt, V};

impl Body<'_> {
    pub(super) fn branch(&mut self, s: &If, live: &Set) -> TokenStream {
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
                // A number that is lent later is copied out of a variable that is not `mut`.
                [*o, a, b].iter().all(|v| self.tracked.contains(v)),
            ) && x == y
            {
                let x = x.clone();
                self.vars.insert(*o, x);
                continue;
            }
            left.push(self.yielded(a, &inner));
            right.push(self.yielded(b, &inner));
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

    /// What a branch hands on. A slice has no size: it would have to be copied, which is refused with a sentence; and so would a `Vec` that
    /// is read behind the branch, unless it is made anew.
    fn yielded(&self, v: V, live: &Set) -> Tokens {
        if is_buffer(self.func, v) && self.is_reference(v) {
            return self.uncopied(v, v);
        }
        if is_buffer(self.func, v) && live.contains(&v) {
            return self.fresh_copy(v, v);
        }
        self.value(v).tokens
    }

    pub(super) fn not(&self, cond: V) -> TokenStream {
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
}
