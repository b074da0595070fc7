//! Loops: the variables they carry, their heads, and what an iteration hands on to the next.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};

use super::body::{Body, Target};
use super::live::block_reads;
use super::names::idents;
use super::tokens::Tokens;
use crate::ir::table::Set;
use crate::ir::visit::all_defs;
use crate::ir::{Adapt, Head, Loop, Op, Range, Stmt, V};

impl Body<'_> {
    pub(super) fn loop_(&mut self, l: &Loop, live: &Set) -> TokenStream {
        let mut out = TokenStream::new();
        let mut inside = Set::new();
        block_reads(self.func, &l.body, &mut |v| {
            inside.insert(v);
        });
        for (k, &p) in l.params.iter().enumerate() {
            let init = l.inits[k];
            // A scalar that only a call in the loop changes starts from one that is not declared `mut`.
            if self.tracked.contains(&p) && self.tracked.contains(&init) {
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
        if let Some(puts) = self.puts_loop(l, &around) {
            out.extend(puts);
            self.leave_loop(l);
            return out;
        }
        let (views, mut cuts) = self.open_views(l);
        let (rows, all_rows) = self.open_rows(l);
        cuts.extend(all_rows);
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
        self.close_rows(rows);
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
        let (p, mode) = (&self.private, &self.modes[k]);
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

    pub(super) fn range(&self, r: &Range) -> TokenStream {
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
}
