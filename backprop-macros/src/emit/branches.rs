//! Branches: `if` as a statement or a value, and what is short enough for `&&` and `||`.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream};
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
        let mut taken = HashSet::new();
        let mut moved = Vec::new();
        for (k, o) in s.outs.iter().enumerate() {
            match self.stays(s, k) {
                Some(name) => {
                    taken.insert(name.clone());
                    self.vars.insert(*o, name);
                }
                None => moved.push(k),
            }
        }
        let mut sides = [taken.clone(), taken];
        for k in moved {
            left.push(self.yielded(s.then_.yields[k], &inner, &mut sides[0]));
            right.push(self.yielded(s.else_.yields[k], &inner, &mut sides[1]));
            names.push(s.outs[k]);
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

    /// The variable in which both sides of a branch left an output.
    fn stays(&self, s: &If, k: usize) -> Option<Ident> {
        let (o, a, b) = (s.outs[k], s.then_.yields[k], s.else_.yields[k]);
        // A number that is lent later is copied out of a variable that is not `mut`.
        if ![o, a, b].iter().all(|v| self.tracked.contains(v)) {
            return None;
        }
        let (x, y) = (self.vars.get(&a)?, self.vars.get(&b)?);
        (x == y).then(|| x.clone())
    }

    /// What a branch hands on. A slice has no size: it would have to be copied, which is refused with a sentence; and so would a `Vec` that
    /// is read behind the branch, or is another output, too, unless it is made anew. `taken`: what other outputs are in.
    fn yielded(&self, v: V, live: &Set, taken: &mut HashSet<Ident>) -> Tokens {
        if !is_buffer(self.func, v) {
            return self.value(v).tokens;
        }
        if self.is_reference(v) {
            return self.uncopied(v, v);
        }
        let again = match self.vars.get(&v) {
            Some(name) => !taken.insert(name.clone()),
            None => false,
        };
        if again || live.contains(&v) {
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
