//! Folding: arithmetic identities, parts of aggregates just built, branches already decided, values that a
//! loop carries without changing.

mod parts;

use super::algebra::{self, Context, Known, New};
use crate::ir::buffers::own_changes;
use crate::ir::subst::uses_mut;
use crate::ir::table::{Set, Table};
use crate::ir::visit::{blocks_mut, kept};
use crate::ir::{
    Adapt, Arg, Bin, Block, Call, Constant, Func, Head, If, Info, Loop, Op, Proj, Shape, SlotArg,
    Stmt, Sweep, Un, V, same_path,
};

/// Folds what can be folded. Returns whether there was anything.
pub(crate) fn run(func: &mut Func) -> bool {
    let mut body = core::mem::take(&mut func.body);
    let mut uses = vec![0; func.infos.len()];
    crate::ir::visit::block_uses(&body, &mut |v| uses[v.0 as usize] += 1);
    for v in func
        .ret
        .iter()
        .chain(func.finals.iter().flatten())
        .chain(func.adjoints.iter().flatten())
    {
        uses[v.0 as usize] += 1;
    }
    let mut asked = Set::new();
    kept(&body, &mut asked);
    let mut pass = Pass {
        func,
        ops: Table::new(),
        uses,
        asked,
        choices: Table::new(),
        map: Table::new(),
        constant_params: Table::new(),
        changed: Set::new(),
        pending: Vec::new(),
        news: false,
    };
    pass.block(&mut body);
    let (map, news) = (pass.map, pass.news);
    if !map.is_empty() {
        let mut resolve = |v: &mut V| *v = find(&map, *v);
        crate::ir::subst::block_uses_mut(&mut body, &mut resolve);
        let results = func
            .ret
            .iter_mut()
            .chain(func.finals.iter_mut().flatten())
            .chain(func.adjoints.iter_mut().flatten());
        results.for_each(resolve);
    }
    func.body = body;
    news
}

fn find(map: &Table<V>, mut v: V) -> V {
    while let Some(&w) = map.get(&v) {
        v = w;
    }
    v
}

struct Pass<'a> {
    func: &'a mut Func,
    ops: Table<Op>,
    /// How often each value was used before the pass.
    uses: Vec<usize>,
    /// What reverse loops ask for.
    asked: Set,
    /// Outs of branches whose two sides are integer literals.
    choices: Table<(V, Constant, Constant)>,
    map: Table<V>,
    /// Parameters taken out of their loop, with the value they always had.
    constant_params: Table<V>,
    /// Versions of slices and `Vec`s that others have been made of.
    changed: Set,
    /// Operations to go before the one at hand.
    pending: Vec<Stmt>,
    news: bool,
}

impl Known for Pass<'_> {
    fn op(&self, v: V) -> Option<&Op> {
        self.ops.get(&v)
    }
}

impl Context for Pass<'_> {
    fn single(&self, v: V) -> bool {
        self.uses.get(v.0 as usize).is_none_or(|n| *n <= 1)
    }

    fn define(&mut self, op: Op, shape: Shape) -> V {
        let v = V(self.func.infos.len() as u32);
        self.func.infos.push(Info::new(shape));
        self.ops.insert(v, op.clone());
        self.pending.push(Stmt::Let(v, op));
        v
    }
}

impl Pass<'_> {
    fn block(&mut self, block: &mut Block) {
        let stmts = core::mem::take(&mut block.stmts);
        // Room for all of them, and for some that are new.
        block.stmts.reserve(stmts.len() + stmts.len() / 8);
        for mut stmt in stmts {
            let map = &self.map;
            uses_mut(&mut stmt, &mut |v| *v = find(map, *v));
            own_changes(self.func, &stmt, &mut |v| {
                self.changed.insert(v);
            });
            match stmt {
                Stmt::Let(v, op) => self.let_(v, op, &mut block.stmts),
                Stmt::If(s) => self.branch(s, &mut block.stmts),
                Stmt::Loop(l) => self.loop_(l, &mut block.stmts),
                // Nothing is added.
                Stmt::Accum { v, .. } if matches!(self.ops.get(&v), Some(Op::Lit(0.0))) => {
                    self.news = true;
                }
                mut stmt => {
                    match &mut stmt {
                        Stmt::Call(c) => self.just_written(c),
                        Stmt::Sweep(s) => {
                            self.just_written(&mut s.call);
                            self.adjoints(s);
                        }
                        _ => {}
                    }
                    for b in blocks_mut(&mut stmt) {
                        self.block(b);
                    }
                    block.stmts.push(stmt);
                }
            }
        }
        let map = &self.map;
        block.yields.iter_mut().for_each(|v| *v = find(map, *v));
    }

    /// An element that was just written is lent as what was written.
    fn just_written(&mut self, c: &mut Call) {
        fn plain(shape: &Shape) -> bool {
            match shape {
                Shape::Float | Shape::Int => true,
                Shape::Seq(e, n) => n.is_some() && plain(e),
                _ => false,
            }
        }
        fn element<'s>(shape: &'s Shape, path: &[Proj]) -> Option<&'s Shape> {
            path.iter()
                .try_fold(shape, |shape, proj| match (shape, proj) {
                    (Shape::Seq(e, _), Proj::Index(_)) => Some(&**e),
                    _ => None,
                })
        }
        for arg in &mut c.args {
            let Arg::Ref(root, path) = arg else { continue };
            let Some(Op::Set(_, written, x)) = self.ops.get(root) else {
                continue;
            };
            if path.len() >= written.len()
                && same_path(&path[..written.len()], written)
                && element(self.func.shape(*root), written).is_some_and(plain)
            {
                let rest = path.split_off(written.len());
                (*root, *path) = (*x, rest);
                self.news = true;
            }
        }
    }

    /// The adjoint of an argument that has come to light as a float is one.
    fn adjoints(&mut self, s: &Sweep) {
        for (arg, slot) in s.call.args.iter().zip(&s.slots) {
            if let (Arg::Value(v), SlotArg::Fresh(d)) = (arg, slot)
                && *self.func.shape(*v) == Shape::Float
                && *self.func.shape(*d) == Shape::Unknown
            {
                self.func.info_mut(*d).shape = Shape::Float;
                self.news = true;
            }
        }
    }

    fn alias(&mut self, gone: V, stays: V) {
        let (name, ty) = (
            self.func.info(gone).name.clone(),
            self.func.info(gone).ty.clone(),
        );
        let info = self.func.info_mut(stays);
        if info.name.is_none() {
            info.name = name;
        }
        if info.ty.is_none() && matches!(self.ops.get(&stays), Some(Op::Const(_))) {
            info.ty = ty;
        }
        self.map.insert(gone, stays);
        self.news = true;
    }

    /// What was taken for a float, its type not being seen, is an integer where that of its operands has come to light.
    fn count(&mut self, v: V, op: &Op) {
        let count = |v: &V| *self.func.shape(*v) == Shape::Int;
        if self.func.info(v).assert_real && matches!(op, Op::Bin(_, a, b) if count(a) && count(b)) {
            let info = self.func.info_mut(v);
            info.shape = Shape::Int;
            info.assert_real = false;
        }
    }

    fn let_(&mut self, v: V, mut op: Op, out: &mut Vec<Stmt>) {
        self.count(v, &op);
        // Each rewrite makes the operation smaller or moves a sign or a factor outwards.
        for _ in 0..8 {
            let new = match &op {
                Op::Get(a, path) => self.get(*a, path, v),
                // Such a zero may stand for an integer's, which cannot be added.
                Op::AddAt(a, _, x) if matches!(self.ops.get(x), Some(Op::Lit(0.0))) => {
                    Some(New::Alias(*a))
                }
                Op::Bin(b @ (Bin::Eq | Bin::Ne), x, y) => self.decided(*b, *x, *y),
                Op::Bin(b @ (Bin::And | Bin::Or), x, y) => self.logic(*b, *x, *y),
                Op::Un(Un::Not, a) => match self.ops.get(a) {
                    Some(Op::Un(Un::Not, x)) => Some(New::Alias(*x)),
                    Some(Op::Const(t)) => boolean(t).map(|b| New::Op(bool_op(!b))),
                    _ => None,
                },
                Op::Kept(_, p) => self
                    .constant_params
                    .get(p)
                    .map(|init| New::Alias(find(&self.map, *init))),
                Op::ZeroLike(_) if *self.func.shape(v) == Shape::Float => {
                    Some(New::Op(Op::Lit(0.0)))
                }
                Op::Is(a, path, pat) if path.is_empty() => self.known_variant(*a, pat),
                op if *self.func.shape(v) == Shape::Float => algebra::rewrite(self, op),
                _ => None,
            };
            out.append(&mut self.pending);
            match new {
                None => break,
                Some(New::Op(o)) => {
                    op = o;
                    self.news = true;
                }
                Some(New::Alias(a)) => {
                    self.alias(v, a);
                    return;
                }
            }
        }
        self.ops.insert(v, op.clone());
        out.push(Stmt::Let(v, op));
    }

    /// `code == 1` where the code is a literal on each side of a branch.
    fn decided(&mut self, op: Bin, x: V, y: V) -> Option<New> {
        let text = |v: V| match self.ops.get(&v) {
            Some(Op::Const(t)) => Some(t.text()),
            _ => None,
        };
        let is_code = |t: &&str| t.ends_with("u32");
        if let (Some(a), Some(b)) = (text(x).filter(is_code), text(y).filter(is_code)) {
            return Some(New::Op(bool_op((a == b) == (op == Bin::Eq))));
        }
        let (cond, a, b) = self.choices.get(&x)?;
        let (cond, a, b) = (*cond, a.text(), b.text());
        let y = text(y)?;
        let (then_, else_) = ((a == y) == (op == Bin::Eq), (b == y) == (op == Bin::Eq));
        Some(match (then_, else_) {
            (true, false) => New::Alias(cond),
            (false, true) => New::Op(Op::Un(Un::Not, cond)),
            (both, _) => New::Op(bool_op(both)),
        })
    }

    fn logic(&self, op: Bin, x: V, y: V) -> Option<New> {
        for (a, b) in [(x, y), (y, x)] {
            if let Some(Op::Const(t)) = self.ops.get(&a) {
                let value = boolean(t)?;
                return Some(New::Alias(if value == (op == Bin::And) { b } else { a }));
            }
        }
        None
    }

    fn branch(&mut self, mut s: If, out: &mut Vec<Stmt>) {
        match self.ops.get(&s.cond) {
            Some(Op::Un(Un::Not, c)) => {
                s.cond = *c;
                core::mem::swap(&mut s.then_, &mut s.else_);
                self.news = true;
            }
            Some(Op::Const(t)) => {
                if let Some(value) = boolean(t) {
                    let mut block = if value { s.then_ } else { s.else_ };
                    self.block(&mut block);
                    out.append(&mut block.stmts);
                    for (o, y) in s.outs.iter().zip(&block.yields) {
                        self.alias(*o, *y);
                    }
                    self.news = true;
                    return;
                }
            }
            _ => {}
        }
        self.block(&mut s.then_);
        self.block(&mut s.else_);
        let mut k = 0;
        while k < s.outs.len() {
            let (a, b, o) = (s.then_.yields[k], s.else_.yields[k], s.outs[k]);
            let same = if a == b {
                Some(a)
            } else {
                self.equal_constants(a, b, out)
            };
            if let Some(v) = same {
                s.outs.remove(k);
                s.then_.yields.remove(k);
                s.else_.yields.remove(k);
                self.alias(o, v);
                continue;
            }
            if let (Some(Op::Const(x)), Some(Op::Const(y))) = (self.ops.get(&a), self.ops.get(&b)) {
                let (x, y) = (x.clone(), y.clone());
                if let (Some(p), Some(q)) = (boolean(&x), boolean(&y)) {
                    let new = match (p, q) {
                        (true, false) => Some(s.cond),
                        (false, true) => {
                            let not = self.define(Op::Un(Un::Not, s.cond), Shape::Int);
                            out.append(&mut self.pending);
                            Some(not)
                        }
                        _ => None,
                    };
                    if let Some(v) = new {
                        s.outs.remove(k);
                        s.then_.yields.remove(k);
                        s.else_.yields.remove(k);
                        self.alias(o, v);
                        continue;
                    }
                }
                if x.text().ends_with("u32") && y.text().ends_with("u32") {
                    self.choices.insert(o, (s.cond, x, y));
                }
            }
            k += 1;
        }
        out.push(Stmt::If(s));
    }

    /// Two constants of ours that are the same: one, defined outside.
    fn equal_constants(&mut self, a: V, b: V, out: &mut Vec<Stmt>) -> Option<V> {
        let op = match (self.ops.get(&a)?, self.ops.get(&b)?) {
            (Op::Const(x), Op::Const(y)) => {
                let (x, y) = (x.text(), y.text());
                if x != y || !(x.ends_with("u32") || boolean_text(x).is_some()) {
                    return None;
                }
                self.ops.get(&a)?.clone()
            }
            (Op::Lit(x), Op::Lit(y)) if x.to_bits() == y.to_bits() => Op::Lit(*x),
            _ => return None,
        };
        let shape = self.func.shape(a).clone();
        let v = self.define(op, shape);
        out.append(&mut self.pending);
        Some(v)
    }

    fn loop_(&mut self, mut l: Loop, out: &mut Vec<Stmt>) {
        if let Head::While(cond) = &mut l.head {
            self.block(cond);
        }
        self.block(&mut l.body);
        let map = &self.map;
        l.stop.iter_mut().for_each(|v| *v = find(map, *v));
        self.rebuilt(&mut l, out);
        let mut k = 0;
        while k < l.params.len() {
            let (p, y, init) = (l.params[k], l.body.yields[k], l.inits[k]);
            let same = y == p || self.equal_constants(y, init, out).is_some();
            if same && l.trips != Some(k) {
                let o = l.outs.remove(k);
                l.params.remove(k);
                l.inits.remove(k);
                l.body.yields.remove(k);
                l.trips = l.trips.map(|t| if t > k { t - 1 } else { t });
                self.alias(p, init);
                self.alias(o, init);
                self.constant_params.insert(p, init);
                // Uses inside come before in the walk.
                let map = &self.map;
                crate::ir::subst::block_uses_mut(&mut l.body, &mut |v| *v = find(map, *v));
                continue;
            }
            k += 1;
        }
        out.push(Stmt::Loop(l));
    }
}

impl Pass<'_> {
    /// A loop that writes every element of a buffer does not need what the buffer held: scratch that each
    /// iteration of an outer loop rebuilds is not kept for any of them. But where a reverse loop asks for the buffer, an iteration has
    /// read what it was about to overwrite.
    fn rebuilt(&mut self, l: &mut Loop, out: &mut Vec<Stmt>) {
        let Head::For { i, range } = &l.head else {
            return;
        };
        let plain = l.stop.is_none()
            && !range.inclusive
            && range.adapt.iter().all(|a| matches!(a, Adapt::Rev));
        if !plain || self.literal(range.lo) != Some(0) {
            return;
        }
        let (i, hi) = (*i, range.hi);
        for k in 0..l.params.len() {
            let (p, y) = (l.params[k], l.body.yields[k]);
            let read = self.asked.contains(&p) || l.body.yields.contains(&p);
            if read || !matches!(self.ops.get(&l.inits[k]), Some(Op::Kept(..))) {
                continue;
            }
            let mut users = l.body.stmts.iter().filter(|s| {
                let mut uses = false;
                crate::ir::visit::all_uses(s, &mut |v| uses |= v == p);
                uses
            });
            let (Some(Stmt::Let(v, Op::Set(_, path, _))), None) = (users.next(), users.next())
            else {
                continue;
            };
            let [Proj::Index(at)] = &path[..] else {
                continue;
            };
            let whole = match (self.func.shape(p), self.ops.get(&hi)) {
                (Shape::Seq(_, Some(len)), Some(Op::Const(t))) => len == t.text(),
                _ => false,
            };
            if *v == y && *at == i && whole {
                let shape = self.func.shape(p).clone();
                let blank = self.define(Op::Undef, shape);
                out.append(&mut self.pending);
                l.inits[k] = blank;
                self.news = true;
            }
        }
    }
}

fn boolean_text(t: &str) -> Option<bool> {
    match t {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn boolean(t: &Constant) -> Option<bool> {
    boolean_text(t.text())
}

fn bool_op(b: bool) -> Op {
    let tokens = if b {
        quote::quote!(true)
    } else {
        quote::quote!(false)
    };
    Op::Const(tokens.into())
}
