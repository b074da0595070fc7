//! Loops: over a range, while a condition holds, or until an exit; what they carry, and how they are left.

use proc_macro2::Span;
use quote::{ToTokens, quote};
use syn::Expr;

use super::condition::has_let;
use super::flow::{Flow, Target};
use super::{Local, Lower};
use crate::ir::{Bin, By, Head, Loop, Range, Shape, Stmt as Ir, V};

/// What decides whether there is another iteration.
pub(crate) enum Turns<'e> {
    Over(Range),
    While(&'e Expr),
    Forever,
}

impl Lower<'_> {
    /// All loops. The body gets the loop's index, where it has one, and says where control may go after it.
    pub(crate) fn loop_(
        &mut self,
        label: Option<&syn::Label>,
        turns: Turns,
        span: Span,
        body: impl FnOnce(&mut Self, V) -> Flow,
    ) -> (Option<V>, Flow) {
        let break_code = self.new_codes();
        let continue_code = break_code + 1;
        let is_for = !matches!(turns, Turns::Forever);
        let value = (!is_for).then(|| self.declare("loop_value#", true, None, By::Value));
        self.targets.push(Target {
            label: label.map(|l| l.name.ident.to_string()),
            break_code,
            continue_code,
            value,
            block: false,
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
        let (head, flow) = self.scoped(|l| match turns {
            Turns::Over(range) => {
                let i = l.b.fresh(Shape::Int, span);
                if l.is_bare(range.lo) && l.is_bare(range.hi) {
                    l.bare.insert(i);
                }
                (Head::For { i, range }, body(l, i))
            }
            Turns::While(c) if has_let(c) => {
                let (c, found) = l.condition(c);
                let go = |l: &mut Self| (None, l.with_names(&found, |l| body(l, c)));
                let flow = l.either(c, go, |l| (None, l.leave(break_code).1), span).1;
                (Head::Forever, flow)
            }
            Turns::While(c) => {
                let before = l.env.clone();
                l.b.open();
                let c = l.expr(c);
                let cond = l.b.close(vec![c]);
                // A closure that is written out in it has variables of its own.
                if l.env[..before.len()] == before[..] {
                    (Head::While(cond), body(l, c))
                } else {
                    // The condition changes something: it runs once more than the body.
                    cond.stmts.into_iter().for_each(|s| l.b.push(s));
                    let flow = l
                        .either(
                            c,
                            |l| (None, body(l, c)),
                            |l| (None, l.leave(break_code).1),
                            span,
                        )
                        .1;
                    (Head::Forever, flow)
                }
            }
            Turns::Forever => {
                let none = params[0];
                (Head::Forever, body(l, none))
            }
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
        let mut unchanged = crate::ir::subst::Map::default();
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

    /// The code of a `break` that nothing has yet; the one behind it is that of `continue`.
    pub(crate) fn new_codes(&mut self) -> u32 {
        let code = 2 + 2 * self.codes;
        self.codes += 1;
        code
    }

    /// Whether a loop might change a variable.
    fn may_change(&self, l: Local) -> bool {
        let info = &self.locals[l.0];
        !info.over
            && info.alias.is_none()
            && info.item.is_none()
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
