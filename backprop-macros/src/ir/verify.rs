//! Checks that a function keeps the invariants of the representation. Run after every pass in tests.
//!
//! In: a [`Func`]. Out: nothing, or a sentence that names the value or statement which breaks a rule: a
//! value is defined once, before its uses, in an enclosing block; blocks yield what is expected of them;
//! a store is opened before it is used; the lists beside the parameters are as long as these.

use super::visit::{all_defs, op_uses, outs, own_uses};
use super::{Arg, Block, By, Func, Head, Loop, Op, SlotArg, Stmt, Sweep, V};

/// Whether what loops keep may still be without a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kept {
    /// Between differentiation and `storage`.
    Allowed,
    Refused,
}

/// Checks a function in which `storage` has placed all that is kept.
pub(crate) fn verify(func: &Func) -> Result<(), String> {
    verify_with(func, Kept::Refused)
}

/// Checks a function.
pub(crate) fn verify_with(func: &Func, kept: Kept) -> Result<(), String> {
    single_definitions(func)?;
    let mut v = Verifier {
        func,
        kept,
        visible: vec![false; func.infos.len()],
        opened: Vec::new(),
        loops: Vec::new(),
    };
    for p in &func.params {
        v.define(p.v)?;
    }
    for d in func.cotangents.iter().flatten().chain(&func.seed) {
        v.define(*d)?;
    }
    v.statements(&func.body)?;
    v.results()
}

/// Every value has at most one definition.
fn single_definitions(func: &Func) -> Result<(), String> {
    let mut defined = vec![false; func.infos.len()];
    let mut problem = None;
    let mut define = |v: V| match defined.get_mut(v.0 as usize) {
        Some(seen @ false) => *seen = true,
        Some(true) => {
            problem.get_or_insert(format!("{} is defined twice", name(func, v)));
        }
        None => {
            problem.get_or_insert(format!("%{} is defined and has no entry in `infos`", v.0));
        }
    };
    func.params.iter().for_each(|p| define(p.v));
    func.cotangents
        .iter()
        .flatten()
        .chain(&func.seed)
        .for_each(|v| define(*v));
    func.body
        .stmts
        .iter()
        .for_each(|s| all_defs(s, &mut define));
    problem.map_or(Ok(()), Err)
}

struct Verifier<'a> {
    func: &'a Func,
    kept: Kept,
    visible: Vec<bool>,
    /// Stores opened in this block or one around it.
    opened: Vec<usize>,
    /// Loops met so far.
    loops: Vec<u32>,
}

impl Verifier<'_> {
    fn define(&mut self, v: V) -> Result<(), String> {
        match self.visible.get_mut(v.0 as usize) {
            Some(seen) => *seen = true,
            None => return Err(format!("%{} has no entry in `infos`", v.0)),
        }
        Ok(())
    }

    fn see(&self, v: V, user: &str) -> Result<(), String> {
        if self.visible.get(v.0 as usize).copied().unwrap_or(false) {
            return Ok(());
        }
        Err(format!(
            "{} is not in scope where {user} uses it",
            name(self.func, v)
        ))
    }

    /// Runs `inside` and takes what it defined and opened out of scope again.
    fn nested(
        &mut self,
        inside: impl FnOnce(&mut Self) -> Result<(), String>,
    ) -> Result<(), String> {
        let (visible, opened) = (self.visible.clone(), self.opened.len());
        inside(self)?;
        self.visible = visible;
        self.opened.truncate(opened);
        Ok(())
    }

    fn statements(&mut self, block: &Block) -> Result<(), String> {
        block.stmts.iter().try_for_each(|s| self.statement(s))?;
        block
            .yields
            .iter()
            .try_for_each(|v| self.see(*v, "a yield"))
    }

    fn statement(&mut self, stmt: &Stmt) -> Result<(), String> {
        let user = describe(self.func, stmt);
        let mut used = Vec::new();
        own_uses(stmt, &mut |v| used.push(v));
        used.iter().try_for_each(|v| self.see(*v, &user))?;
        match stmt {
            Stmt::Let(_, op) => self.op(op, &user)?,
            Stmt::If(s) => {
                for (side, block) in [("first", &s.then_), ("second", &s.else_)] {
                    equal(
                        &format!("the outs of {user}"),
                        s.outs.len(),
                        &format!("the yields of its {side} branch"),
                        block.yields.len(),
                    )?;
                    self.nested(|v| v.statements(block))?;
                }
            }
            Stmt::Loop(l) => self.loop_(l, &user)?,
            Stmt::Call(_) | Stmt::Effect(..) | Stmt::Log(_) => {}
            Stmt::Sweep(s) => self.sweep(s, &user)?,
            Stmt::Accum { param, .. } => self.accumulates(*param, &user)?,
            Stmt::Open(store) => {
                self.store(*store, &user)?;
                if self.opened.contains(store) {
                    return Err(format!("s{store} is opened twice"));
                }
                self.opened.push(*store);
            }
            Stmt::Reserve { rows, .. } => {
                for (row, _) in rows {
                    self.store(*row, &user)?;
                    self.opened.push(*row);
                }
            }
            Stmt::Release(area) => self.store(*area, &user)?,
            Stmt::Save { store, .. } => self.is_open(*store, &user)?,
        }
        let mut defined = Vec::new();
        outs(stmt, &mut |v| defined.push(v));
        defined.into_iter().try_for_each(|v| self.define(v))
    }

    fn op(&self, op: &Op, user: &str) -> Result<(), String> {
        match op {
            Op::Kept(id, _) if self.kept == Kept::Refused => {
                Err(format!("{user} is kept by L{} and has no place", id.0))
            }
            Op::Kept(id, v) => {
                if v.0 as usize >= self.func.infos.len() || id.0 >= self.func.loops {
                    return Err(format!("{user} is kept by L{}, which does not exist", id.0));
                }
                Ok(())
            }
            Op::Restore(store, _, _) => self.is_open(*store, user),
            _ => Ok(()),
        }
    }

    fn loop_(&mut self, l: &Loop, user: &str) -> Result<(), String> {
        if l.id.0 >= self.func.loops {
            return Err(format!(
                "{user} has a number that the function has not given out"
            ));
        }
        if self.loops.contains(&l.id.0) {
            return Err(format!("{user} stands twice"));
        }
        self.loops.push(l.id.0);
        let params = format!("the parameters of {user}");
        equal(&params, l.params.len(), "its initial values", l.inits.len())?;
        equal(
            &params,
            l.params.len(),
            "the yields of its body",
            l.body.yields.len(),
        )?;
        equal(&params, l.params.len(), "its outs", l.outs.len())?;
        if l.trips.is_some_and(|k| k >= l.params.len()) {
            return Err(format!(
                "{user} counts its iterations in a parameter that it does not have"
            ));
        }
        if matches!(l.head, Head::Forever) && l.stop.is_none() {
            return Err(format!(
                "{user} never ends: it has neither a range nor a `stop`"
            ));
        }
        self.nested(|v| {
            l.params.iter().try_for_each(|p| v.define(*p))?;
            if let Head::For { i, .. } = &l.head {
                v.define(*i)?;
            }
            if let Head::While(cond) = &l.head {
                equal(
                    &format!("the conditions of {user}"),
                    1,
                    "what its head yields",
                    cond.yields.len(),
                )?;
                v.nested(|v| {
                    v.statements(cond)?;
                    cond.yields
                        .iter()
                        .try_for_each(|c| v.see(*c, &format!("the head of {user}")))
                })?;
            }
            v.statements(&l.body)?;
            l.stop
                .iter()
                .try_for_each(|s| v.see(*s, &format!("the `stop` of {user}")))
        })
    }

    fn sweep(&self, s: &Sweep, user: &str) -> Result<(), String> {
        equal(
            &format!("the slots of {user}"),
            s.slots.len(),
            "its arguments",
            s.call.args.len(),
        )?;
        let lists = [
            ("what is found", s.found.len()),
            ("what is kept", s.call.entries.len()),
        ];
        for (what, len) in lists {
            equal(
                &format!("{what} by {user}"),
                len,
                "its arguments",
                s.call.args.len(),
            )?;
        }
        for (slot, arg) in s.slots.iter().zip(&s.call.args) {
            match (slot, arg) {
                (SlotArg::Param(..) | SlotArg::Local(..), Arg::Value(_)) => {
                    return Err(format!(
                        "{user} adds to a place for an argument passed by value"
                    ));
                }
                (SlotArg::Fresh(_), Arg::Mut(..)) => {
                    return Err(format!(
                        "{user} starts the adjoint of a `&mut` from nothing"
                    ));
                }
                (SlotArg::Param(param, _), _) => self.accumulates(*param, user)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Additions that commute go to the adjoints of parameters passed by `&` only.
    fn accumulates(&self, param: usize, user: &str) -> Result<(), String> {
        match self.func.params.get(param) {
            Some(p) if p.by == By::Ref && p.active => Ok(()),
            Some(p) => Err(format!(
                "{user} adds to the adjoint of `{}`, which is not an active `&`",
                p.name
            )),
            None => Err(format!(
                "{user} adds to the adjoint of parameter {param}, which does not exist"
            )),
        }
    }

    fn store(&self, store: usize, user: &str) -> Result<(), String> {
        if store < self.func.stores.len() {
            Ok(())
        } else {
            Err(format!(
                "{user} names the store s{store}, which does not exist"
            ))
        }
    }

    fn is_open(&self, store: usize, user: &str) -> Result<(), String> {
        self.store(store, user)?;
        // The tape is the caller's, and open all the time.
        let tape = self.func.stores[store].stack.is_none();
        if tape || self.opened.contains(&store) {
            Ok(())
        } else {
            Err(format!("{user} uses s{store} before it is opened"))
        }
    }

    /// What the function leaves behind.
    fn results(&self) -> Result<(), String> {
        let f = self.func;
        if !f.body.yields.is_empty() {
            return Err("the function's own block yields values to nobody".into());
        }
        f.ret.iter().try_for_each(|v| self.see(*v, "the result"))?;
        for (what, list) in [
            ("finals", &f.finals),
            ("adjoints", &f.adjoints),
            ("cotangents", &f.cotangents),
        ] {
            if !list.is_empty() {
                equal(
                    &format!("the {what}"),
                    list.len(),
                    "the parameters",
                    f.params.len(),
                )?;
            }
            for (p, v) in f.params.iter().zip(list) {
                let Some(v) = v else { continue };
                self.see(*v, &format!("the list of {what}"))?;
                if p.by == By::Ref || (p.by == By::Value && what != "adjoints") {
                    return Err(format!(
                        "`{}` has an entry in the {what}, which its kind of parameter cannot have",
                        p.name
                    ));
                }
            }
        }
        if let Some(p) = f
            .params
            .iter()
            .zip(&f.finals)
            .find(|(p, v)| p.by == By::Mut && v.is_none())
        {
            return Err(format!("`{}` is a `&mut` without a last version", p.0.name));
        }
        Ok(())
    }
}

fn equal(a: &str, n: usize, b: &str, m: usize) -> Result<(), String> {
    if n == m {
        Ok(())
    } else {
        Err(format!("{a} and {b} differ in number: {n} and {m}"))
    }
}

fn name(func: &Func, v: V) -> String {
    match func.infos.get(v.0 as usize).and_then(|i| i.name.as_ref()) {
        Some(name) => format!("%{}:{name}", v.0),
        None => format!("%{}", v.0),
    }
}

/// Names a statement in a sentence.
fn describe(func: &Func, stmt: &Stmt) -> String {
    match stmt {
        Stmt::Let(v, op) => {
            let mut operands = Vec::new();
            op_uses(op, &mut |v| operands.push(name(func, v)));
            format!(
                "{} (from {})",
                name(func, *v),
                if operands.is_empty() {
                    "nothing".into()
                } else {
                    operands.join(", ")
                }
            )
        }
        Stmt::If(s) => format!("the `if` on {}", name(func, s.cond)),
        Stmt::Loop(l) => format!("the loop L{}", l.id.0),
        Stmt::Call(_) => "a call".into(),
        Stmt::Sweep(_) => "a sweep".into(),
        Stmt::Accum { v, .. } => format!("the addition of {}", name(func, *v)),
        Stmt::Effect(..) => "an assertion".into(),
        Stmt::Open(_) | Stmt::Reserve { .. } => "an opening".into(),
        Stmt::Release(_) => "a release".into(),
        Stmt::Log(v) => format!("the logging of {}", name(func, *v)),
        Stmt::Save { v, .. } => format!("the keeping of {}", name(func, *v)),
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::{Ident, Span};
    use quote::quote;

    use super::super::build::Builder;
    use super::super::{Keeps, LoopId, Op, Param, Shape, Store, Why, empty};
    use super::*;

    fn float(b: &mut Builder, op: Op) -> V {
        b.op(op, Shape::Float, Span::call_site())
    }

    /// `fn f(x: f64)` with a block under construction.
    fn start() -> (Builder, V) {
        let mut b = Builder::new(empty("f"));
        let x = b.fresh(Shape::Float, Span::call_site());
        b.func.params.push(Param {
            v: x,
            name: Ident::new("x", Span::call_site()),
            by: By::Value,
            active: true,
            out: false,
        });
        (b, x)
    }

    fn end(mut b: Builder, ret: V) -> Func {
        b.func.body = b.close(Vec::new());
        b.func.ret = Some(ret);
        b.func
    }

    fn fails(func: &Func, part: &str) {
        let text = verify(func).expect_err(part);
        assert!(text.contains(part), "{text}");
    }

    #[test]
    fn a_sound_function_passes() {
        let (mut b, x) = start();
        let s = float(&mut b, Op::Lit(0.0));
        let (p, i, out) = (
            b.fresh(Shape::Float, Span::call_site()),
            b.fresh(Shape::Int, Span::call_site()),
            b.fresh(Shape::Float, Span::call_site()),
        );
        let (lo, hi) = (
            float(&mut b, Op::Const(quote!(0).into())),
            float(&mut b, Op::Const(quote!(3).into())),
        );
        b.open();
        let y = float(&mut b, Op::Bin(super::super::Bin::Add, p, x));
        let body = b.close(vec![y]);
        let id = b.fresh_loop();
        let head = Head::For {
            i,
            range: super::super::Range {
                lo,
                hi,
                inclusive: false,
                adapt: Vec::new(),
            },
        };
        b.push(Stmt::Loop(Loop {
            id,
            head,
            params: vec![p],
            inits: vec![s],
            body,
            stop: None,
            outs: vec![out],
            trips: None,
            reverses: None,
        }));
        let mut func = end(b, out);
        assert_eq!(verify(&func), Ok(()));
        func.ret = Some(y);
        fails(&func, "not in scope where the result");
        func.ret = Some(out);
        func.adjoints = vec![Some(x), Some(x)];
        fails(
            &func,
            "the adjoints and the parameters differ in number: 2 and 1",
        );
        func.adjoints = Vec::new();
        if let Some(Stmt::Loop(l)) = func.body.stmts.last_mut() {
            l.stop = Some(V(99));
        }
        fails(&func, "%99 is not in scope where the `stop`");
        if let Some(Stmt::Loop(l)) = func.body.stmts.last_mut() {
            (l.stop, l.body.yields) = (None, Vec::new());
        }
        fails(&func, "the yields of its body differ in number: 1 and 0");
    }

    #[test]
    fn two_definitions() {
        let (mut b, x) = start();
        b.push(Stmt::Let(x, Op::Lit(0.0)));
        fails(&end(b, x), "%0 is defined twice");
    }

    #[test]
    fn use_before_definition() {
        let (mut b, x) = start();
        let later = b.fresh(Shape::Float, Span::call_site());
        let y = float(&mut b, Op::Chain(x, later));
        b.push(Stmt::Let(later, Op::Lit(0.0)));
        fails(&end(b, y), "%1 is not in scope where %2");
    }

    #[test]
    fn branches_yield_alike() {
        let (mut b, x) = start();
        let cond = float(&mut b, Op::Const(quote!(true).into()));
        let outs = vec![b.fresh(Shape::Float, Span::call_site())];
        let (then_, else_) = (
            Block {
                stmts: Vec::new(),
                yields: vec![x],
            },
            Block::default(),
        );
        b.push(Stmt::If(super::super::If {
            cond,
            then_,
            else_,
            outs,
        }));
        fails(
            &end(b, x),
            "yields of its second branch differ in number: 1 and 0",
        );
    }

    #[test]
    fn stores_are_opened_first() {
        let (mut b, x) = start();
        b.func.stores.push(Store {
            name: "kept".into(),
            stack: Some(quote!(1)),
            keeps: Keeps::Plain,
            why: Why::Begins,
        });
        b.push(Stmt::Save {
            store: 0,
            at: None,
            v: x,
        });
        let mut func = end(b, x);
        fails(&func, "uses s0 before it is opened");
        func.body.stmts.insert(0, Stmt::Open(0));
        assert_eq!(verify(&func), Ok(()));
        func.body.stmts.push(Stmt::Open(1));
        fails(&func, "names the store s1");
        func.body.stmts = vec![Stmt::Save {
            store: 0,
            at: None,
            v: x,
        }];
        func.stores[0].stack = None;
        assert_eq!(verify(&func), Ok(()), "a tape needs no opening");
    }

    #[test]
    fn what_is_kept_has_a_place_at_last() {
        let (mut b, x) = start();
        b.func.loops = 1;
        let k = float(&mut b, Op::Kept(LoopId(0), x));
        let func = end(b, k);
        assert_eq!(verify_with(&func, Kept::Allowed), Ok(()));
        fails(&func, "kept by L0 and has no place");
    }

    #[test]
    fn additions_that_commute_go_to_shared_references() {
        let (mut b, x) = start();
        b.push(Stmt::Accum {
            param: 0,
            path: Vec::new(),
            v: x,
        });
        fails(&end(b, x), "which is not an active `&`");
    }
}
