//! Common subexpressions, whole branches and loops included: the same computation is done once.

use std::rc::Rc;

use proc_macro2::{Ident, TokenStream};

use crate::ir::subst::uses_mut;
use crate::ir::table::{FastMap, Table};
use crate::ir::visit::{blocks_mut, outs};
use crate::ir::{Adapt, Arg, Bin, Block, Callee, Func, Head, Op, Path, Proj, Shape, Stmt, Un, V};

/// Merges equal computations. Returns whether there were any.
pub(crate) fn run(func: &mut Func) -> bool {
    let mut body = core::mem::take(&mut func.body);
    let mut pass = Pass {
        func,
        known: FastMap::default(),
        scopes: Vec::new(),
        writer: Writer::default(),
        map: Table::new(),
        loops: FastMap::default(),
    };
    pass.block(&mut body);
    let (map, loops) = (pass.map, pass.loops);
    let news = !map.is_empty();
    if news {
        let resolve = |v: &mut V| *v = *map.get(v).unwrap_or(v);
        crate::ir::subst::block_uses_mut(&mut body, &mut { resolve });
        let results = func
            .ret
            .iter_mut()
            .chain(func.finals.iter_mut().flatten())
            .chain(func.adjoints.iter_mut().flatten());
        results.for_each(resolve);
        relink(&mut body, &loops, &map);
    }
    func.body = body;
    news
}

/// Lets reverse loops, and what they ask to be kept, refer to the loop that stayed.
fn relink(block: &mut Block, loops: &FastMap<u32, u32>, map: &Table<V>) {
    for stmt in &mut block.stmts {
        match stmt {
            Stmt::Loop(l) => {
                if let Some(id) = &mut l.reverses {
                    id.0 = *loops.get(&id.0).unwrap_or(&id.0);
                }
            }
            Stmt::Let(_, Op::Kept(id, p)) => {
                id.0 = *loops.get(&id.0).unwrap_or(&id.0);
                *p = *map.get(p).unwrap_or(p);
            }
            _ => {}
        }
        for b in blocks_mut(stmt) {
            relink(b, loops, map);
        }
    }
}

/// What a statement computes: equal words, equal computation.
type Key = [u32];

struct Pass<'a> {
    func: &'a mut Func,
    /// What the statements in scope compute.
    known: FastMap<Rc<Key>, Defs>,
    /// For each open block what was learned in it.
    scopes: Vec<Vec<Rc<Key>>>,
    writer: Writer,
    map: Table<V>,
    loops: FastMap<u32, u32>,
}

impl Pass<'_> {
    fn block(&mut self, block: &mut Block) {
        self.scopes.push(Vec::new());
        block.stmts.retain_mut(|stmt| self.stays(stmt));
        let learned = self.scopes.pop();
        // What was learned in the function's own block goes with the pass.
        if !self.scopes.is_empty() {
            for key in learned.into_iter().flatten() {
                self.known.remove(&key);
            }
        }
        let map = &self.map;
        block
            .yields
            .iter_mut()
            .for_each(|v| *v = *map.get(v).unwrap_or(v));
    }

    /// Whether a statement computes something new; else what it defines is mapped to what is known.
    fn stays(&mut self, stmt: &mut Stmt) -> bool {
        let map = &self.map;
        uses_mut(stmt, &mut |v| *v = *map.get(v).unwrap_or(v));
        if self.write(stmt) {
            let defs = Defs::of(stmt);
            if let Some(first) = self.known.get(&self.writer.out[..]) {
                match (first, defs) {
                    (Defs::One(a), Defs::One(b)) => self.merge(*a, b),
                    (Defs::Many(kept, first), Defs::Many(gone, defs)) => {
                        if let (Some(kept), Some(gone)) = (kept, gone) {
                            self.loops.insert(gone, *kept);
                        }
                        for (a, b) in first.clone().into_iter().zip(defs) {
                            self.merge(a, b);
                        }
                    }
                    // Equal words are written for statements of one kind.
                    (Defs::One(_), Defs::Many(..)) | (Defs::Many(..), Defs::One(_)) => {}
                }
                return false;
            }
            let key: Rc<Key> = self.writer.out[..].into();
            if let Some(s) = self.scopes.last_mut() {
                s.push(key.clone());
            }
            self.known.insert(key, defs);
        }
        for b in blocks_mut(stmt) {
            self.block(b);
        }
        true
    }

    /// Lets the second value be the first.
    fn merge(&mut self, a: V, b: V) {
        self.map.insert(b, a);
        let (name, ty) = (self.func.info(b).name.clone(), self.func.info(b).ty.clone());
        let info = self.func.info_mut(a);
        info.name = info.name.take().or(name);
        info.ty = info.ty.take().or(ty);
    }

    /// Writes what a statement computes. Returns false for what is not to be merged.
    fn write(&mut self, stmt: &Stmt) -> bool {
        let w = &mut self.writer;
        w.out.clear();
        w.local.clear();
        let Stmt::Let(v, op) = stmt else {
            return w.stmt(stmt);
        };
        let aggregate = !matches!(self.func.shape(*v), Shape::Float | Shape::Int);
        match op {
            Op::Undef | Op::Kept(..) | Op::Restore(..) => return false,
            // Two buffers that start out equal are still two buffers.
            Op::ZeroLike(_) | Op::AddAt(..) | Op::ClearAt(..) if aggregate => return false,
            // A named constant takes its type from how the name is used.
            Op::Const(_) if self.func.info(*v).name.is_some() => {
                w.text("of");
                w.v(self.func.info(*v).origin.unwrap_or(*v));
            }
            _ => {}
        }
        w.op(op);
        true
    }
}

/// What a statement defines: its outs, and for a loop its name and the parameters, which `kept` refers to.
enum Defs {
    One(V),
    Many(Option<u32>, Vec<V>),
}

impl Defs {
    fn of(stmt: &Stmt) -> Defs {
        if let Stmt::Let(v, _) = stmt {
            return Defs::One(*v);
        }
        let mut values = Vec::new();
        outs(stmt, &mut |v| values.push(v));
        let mut id = None;
        if let Stmt::Loop(l) = stmt {
            values.extend(&l.params);
            id = Some(l.id.0);
        }
        Defs::Many(id, values)
    }
}

/// Writes statements as words, with the values defined in them numbered by order.
#[derive(Default)]
struct Writer {
    out: Vec<u32>,
    local: FastMap<V, u32>,
    /// The number of each text met so far.
    texts: FastMap<Box<str>, u32>,
}

impl Writer {
    /// The lowest two bits of a word tell values from outside, values from inside, and texts apart.
    fn v(&mut self, v: V) {
        self.out.push(match self.local.get(&v) {
            Some(k) => k << 2 | 1,
            None => v.0 << 2,
        });
    }

    fn def(&mut self, v: V) {
        let k = self.local.len() as u32;
        self.local.insert(v, k);
    }

    fn text(&mut self, s: &str) {
        let next = self.texts.len() as u32;
        let number = match self.texts.get(s) {
            Some(k) => *k,
            None => *self.texts.entry(s.into()).or_insert(next),
        };
        self.out.push(number << 2 | 2);
    }

    fn display(&mut self, what: &impl ToString) {
        self.text(&what.to_string());
    }

    fn tokens(&mut self, what: &impl quote::ToTokens) {
        self.display(&what.to_token_stream());
    }

    fn method(&mut self, name: &Ident, turbofish: Option<&TokenStream>) {
        self.text("method");
        self.display(name);
        if let Some(t) = turbofish {
            self.display(t);
        }
    }

    fn path(&mut self, path: &Path) {
        for p in path {
            match p {
                Proj::Field(m) => {
                    self.text(".");
                    self.member(m);
                }
                Proj::Deref => self.text("*"),
                Proj::Index(v) => {
                    self.text("[");
                    self.v(*v);
                }
                Proj::Range { lo, hi, inclusive } => {
                    self.text(if *inclusive { "..=" } else { ".." });
                    for v in [lo, hi] {
                        match v {
                            Some(v) => self.v(*v),
                            None => self.text("_"),
                        }
                    }
                }
            }
        }
    }

    fn member(&mut self, member: &syn::Member) {
        match member {
            syn::Member::Named(i) => self.display(i),
            syn::Member::Unnamed(i) => self.display(&i.index),
        }
    }

    /// Returns false for what must not be merged.
    fn stmt(&mut self, stmt: &Stmt) -> bool {
        match stmt {
            Stmt::Let(v, op) => {
                if matches!(op, Op::Undef) && self.local.is_empty() {
                    return false;
                }
                self.op(op);
                self.def(*v);
                true
            }
            Stmt::If(s) => {
                self.text("if");
                self.v(s.cond);
                self.block(&s.then_) && {
                    self.text("else");
                    let ok = self.block(&s.else_);
                    s.outs.iter().for_each(|o| self.def(*o));
                    ok
                }
            }
            Stmt::Loop(l) => {
                self.text("loop");
                l.inits.iter().for_each(|v| self.v(*v));
                if let Head::For { i, range } = &l.head {
                    self.text(if range.inclusive { "in..=" } else { "in.." });
                    self.v(range.lo);
                    self.v(range.hi);
                    for a in &range.adapt {
                        match a {
                            Adapt::Rev => self.text("rev"),
                            Adapt::StepBy(s) => {
                                self.text("step");
                                self.v(*s);
                            }
                            Adapt::Backwards(n) => {
                                self.text("back");
                                n.iter().for_each(|n| self.v(*n));
                            }
                        }
                    }
                    self.def(*i);
                }
                l.params.iter().for_each(|p| self.def(*p));
                if let Head::While(cond) = &l.head {
                    self.text("while");
                    if !self.block(cond) {
                        return false;
                    }
                }
                let ok = self.block(&l.body);
                self.text("stop");
                l.stop.iter().for_each(|s| self.v(*s));
                l.outs.iter().for_each(|o| self.def(*o));
                ok
            }
            Stmt::Call(c) => {
                match &c.callee {
                    Callee::Function(p) | Callee::Associated(p) => {
                        self.text("call");
                        self.tokens(p);
                    }
                    Callee::Method(m, t) => self.method(m, t.as_ref()),
                }
                for a in &c.args {
                    match a {
                        Arg::Value(v) => self.v(*v),
                        Arg::Ref(v, p) => {
                            self.text("&");
                            self.v(*v);
                            self.path(p);
                        }
                        Arg::Mut(v, p, _) => {
                            self.text("&mut");
                            self.v(*v);
                            self.path(p);
                        }
                    }
                }
                c.ret.iter().for_each(|r| self.def(*r));
                for a in &c.args {
                    if let Arg::Mut(_, _, out) = a {
                        self.def(*out);
                    }
                }
                true
            }
            Stmt::Sweep(_)
            | Stmt::Accum { .. }
            | Stmt::Effect(..)
            | Stmt::Open(_)
            | Stmt::Save { .. } => false,
        }
    }

    fn block(&mut self, block: &Block) -> bool {
        self.text("{");
        let ok = block.stmts.iter().all(|s| self.stmt(s));
        self.text("->");
        block.yields.iter().for_each(|y| self.v(*y));
        self.text("}");
        ok
    }

    fn op(&mut self, op: &Op) {
        self.name(op);
        match op {
            Op::Len(a, p) | Op::Get(a, p) | Op::ClearAt(a, p) => {
                self.v(*a);
                self.path(p);
            }
            Op::Set(a, p, v) | Op::AddAt(a, p, v) => {
                self.v(*a);
                self.path(p);
                self.v(*v);
            }
            Op::Bin(Bin::Add | Bin::Mul, x, y) => {
                let (x, y) = if self.local.contains_key(x) || self.local.contains_key(y) || x <= y {
                    (x, y)
                } else {
                    (y, x)
                };
                self.v(*x);
                self.v(*y);
            }
            op => crate::ir::visit::op_uses(op, &mut |v| self.v(v)),
        }
    }

    /// Everything about an operation but its operands.
    fn name(&mut self, op: &Op) {
        match op {
            Op::Const(t) => {
                self.text("const");
                self.text(t.text());
            }
            Op::Undef => self.text("undef"),
            Op::ZeroLike(_) => self.text("zero"),
            Op::Lit(x) => {
                self.text("lit");
                let bits = x.to_bits();
                self.out.extend([bits as u32, (bits >> 32) as u32]);
            }
            Op::Un(Un::Neg, _) => self.text("neg"),
            Op::Un(Un::Not, _) => self.text("not"),
            Op::Bin(b, ..) => self.text(b.token()),
            Op::Cast(_, t) => {
                self.text("as");
                self.tokens(t);
            }
            Op::Convert(t, _) => {
                self.text("convert");
                self.display(t);
            }
            Op::CastBack { .. } => self.text("back"),
            Op::Fn(n, _) => {
                self.text("fn");
                self.text(n);
            }
            Op::Helper(n, _) => {
                self.text("helper");
                self.text(n);
            }
            Op::Chain(..) => self.text("chain"),
            Op::Method(m, t, _) => self.method(m, t.as_ref()),
            Op::Len(..) => self.text("len"),
            Op::Opaque(t, holes) => {
                self.text("opaque");
                self.display(t);
                holes.iter().for_each(|(i, _)| self.display(i));
            }
            Op::Array(_) => self.text("array"),
            Op::Repeat(_, n) => {
                self.text("repeat");
                self.display(n);
            }
            Op::Tuple(_) => self.text("tuple"),
            Op::Struct(p, fields, _) => {
                self.text("struct");
                self.tokens(p);
                fields.iter().for_each(|(m, _)| self.member(m));
            }
            Op::Get(..) => self.text("get"),
            Op::Set(..) => self.text("set"),
            Op::AddAt(..) => self.text("add_at"),
            Op::ClearAt(..) => self.text("clear_at"),
            Op::Kept(l, p) => {
                self.text("kept");
                self.out.extend([l.0, p.0]);
            }
            Op::Restore(s, ..) => {
                self.text("restore");
                self.out.push(*s as u32);
            }
        }
    }
}
