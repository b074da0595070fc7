//! Common subexpressions, whole branches and loops included: the same computation is done once.

use std::collections::HashMap;
use std::fmt::Write;

use crate::ir::subst::{Map, uses_mut};
use crate::ir::visit::{blocks_mut, outs};
use crate::ir::{Adapt, Arg, Block, Callee, Func, Head, Op, Path, Proj, Shape, Stmt, V};

/// Merges equal computations. Returns whether there were any.
pub(crate) fn run(func: &mut Func) -> bool {
    let mut body = core::mem::take(&mut func.body);
    let mut pass = Pass {
        func,
        scopes: vec![HashMap::new()],
        map: Map::new(),
        loops: HashMap::new(),
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
fn relink(block: &mut Block, loops: &HashMap<u32, u32>, map: &Map) {
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

struct Pass<'a> {
    func: &'a mut Func,
    scopes: Vec<HashMap<String, Defs>>,
    map: Map,
    loops: HashMap<u32, u32>,
}

impl Pass<'_> {
    fn block(&mut self, block: &mut Block) {
        self.scopes.push(HashMap::new());
        let stmts = core::mem::take(&mut block.stmts);
        for mut stmt in stmts {
            let map = &self.map;
            uses_mut(&mut stmt, &mut |v| *v = *map.get(v).unwrap_or(v));
            if let Some(key) = self.key(&stmt) {
                let defs = Defs::of(&stmt);
                match self.scopes.iter().rev().find_map(|s| s.get(&key)) {
                    Some(first) => {
                        if let (Some(kept), Some(gone)) = (first.id, defs.id) {
                            self.loops.insert(gone, kept);
                        }
                        let pairs: Vec<(V, V)> =
                            first.values.iter().copied().zip(defs.values).collect();
                        self.merge(&pairs);
                        continue;
                    }
                    None => {
                        if let Some(s) = self.scopes.last_mut() {
                            s.insert(key, defs);
                        }
                    }
                }
            }
            for b in blocks_mut(&mut stmt) {
                self.block(b);
            }
            block.stmts.push(stmt);
        }
        self.scopes.pop();
        let map = &self.map;
        block
            .yields
            .iter_mut()
            .for_each(|v| *v = *map.get(v).unwrap_or(v));
    }

    /// Lets the second of each pair be the first.
    fn merge(&mut self, pairs: &[(V, V)]) {
        for &(a, b) in pairs {
            self.map.insert(b, a);
            let (name, ty) = (self.func.info(b).name.clone(), self.func.info(b).ty.clone());
            let info = self.func.info_mut(a);
            info.name = info.name.take().or(name);
            info.ty = info.ty.take().or(ty);
        }
    }

    /// What a statement computes, or `None` where that is not to be merged.
    fn key(&self, stmt: &Stmt) -> Option<String> {
        let mut w = Writer {
            out: String::new(),
            local: HashMap::new(),
        };
        if let Stmt::Let(v, op) = stmt {
            let aggregate = !matches!(self.func.shape(*v), Shape::Float | Shape::Int);
            let named = self.func.info(*v).name.is_some();
            match op {
                Op::Undef | Op::Kept(..) | Op::Restore(..) => return None,
                // Two buffers that start out equal are still two buffers.
                Op::ZeroLike(_) | Op::AddAt(..) | Op::ClearAt(..) if aggregate => return None,
                // A named constant takes its type from how the name is used.
                Op::Const(_) if named => {
                    w.text(&format!("of {}", self.func.info(*v).origin.unwrap_or(*v).0))
                }
                _ => {}
            }
        }
        w.stmt(stmt).then_some(w.out)
    }
}

/// What a statement defines: its outs, and for a loop the parameters, which `kept` refers to.
struct Defs {
    values: Vec<V>,
    id: Option<u32>,
}

impl Defs {
    fn of(stmt: &Stmt) -> Defs {
        let mut values = Vec::new();
        outs(stmt, &mut |v| values.push(v));
        let mut id = None;
        if let Stmt::Loop(l) = stmt {
            values.extend(&l.params);
            id = Some(l.id.0);
        }
        Defs { values, id }
    }
}

/// Writes a statement with the values defined in it numbered by order: equal text, equal computation.
struct Writer {
    out: String,
    local: HashMap<V, usize>,
}

impl Writer {
    fn v(&mut self, v: V) {
        let _ = match self.local.get(&v) {
            Some(k) => write!(self.out, "@{k} "),
            None => write!(self.out, "%{} ", v.0),
        };
    }

    fn def(&mut self, v: V) {
        let k = self.local.len();
        self.local.insert(v, k);
    }

    fn text(&mut self, s: &str) {
        self.out.push_str(s);
        self.out.push(' ');
    }

    fn path(&mut self, path: &Path) {
        for p in path {
            match p {
                Proj::Field(m) => {
                    let _ = match m {
                        syn::Member::Named(i) => write!(self.out, ".{i} "),
                        syn::Member::Unnamed(i) => write!(self.out, ".{} ", i.index),
                    };
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
                        self.text(&quote::quote!(call #p).to_string())
                    }
                    Callee::Method(m, t) => self.text(&format!(
                        "method {m} {}",
                        t.as_ref().map(ToString::to_string).unwrap_or_default()
                    )),
                }
                for a in &c.args {
                    match a {
                        Arg::Value(v) => self.v(*v),
                        Arg::Ref(v, p) => {
                            self.text("&");
                            self.v(*v);
                            self.path(p);
                        }
                        Arg::Mut(v, p, _) | Arg::Again(v, p) => {
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
        let name: String = match op {
            Op::Const(t) => format!("const {t}"),
            Op::Undef => "undef".into(),
            Op::ZeroLike(_) => "zero".into(),
            Op::Lit(x) => format!("lit {:x}", x.to_bits()),
            Op::Un(u, _) => format!("{u:?}"),
            Op::Bin(b, ..) => format!("{b:?}"),
            Op::Cast(_, t) => format!("as {}", quote::quote!(#t)),
            Op::Convert(t, _) => format!("convert {t}"),
            Op::CastBack { .. } => "back".into(),
            Op::Fn(n, _) => format!("fn {n}"),
            Op::Helper(n, _) => format!("helper {n}"),
            Op::Chain(..) => "chain".into(),
            Op::Method(m, t, _) => format!(
                "method {m} {}",
                t.as_ref().map(ToString::to_string).unwrap_or_default()
            ),
            Op::Len(..) => "len".into(),
            Op::Opaque(t, holes) => format!(
                "opaque {t} {}",
                holes
                    .iter()
                    .map(|(i, _)| i.to_string())
                    .collect::<Vec<_>>()
                    .join(",")
            ),
            Op::Array(_) => "array".into(),
            Op::Repeat(_, n) => format!("repeat {n}"),
            Op::Tuple(_) => "tuple".into(),
            Op::Struct(p, fields, _) => {
                let names: Vec<String> = fields
                    .iter()
                    .map(|(m, _)| quote::quote!(#m).to_string())
                    .collect();
                format!("struct {} {}", quote::quote!(#p), names.join(","))
            }
            Op::Get(..) => "get".into(),
            Op::Set(..) => "set".into(),
            Op::AddAt(..) => "add_at".into(),
            Op::ClearAt(..) => "clear_at".into(),
            Op::Kept(l, p) => format!("kept {} {}", l.0, p.0),
            Op::Restore(s, ..) => format!("restore {s}"),
        };
        self.text(&name);
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
            Op::Bin(crate::ir::Bin::Add | crate::ir::Bin::Mul, x, y) => {
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
}
