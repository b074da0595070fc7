//! Options that live inside the function, taken apart: whether there is something, and what.
//!
//! ```text
//! best = if c { Some(x) } else { None }       (some, value) = if c { (true, x) } else { (false, undef) }
//! if best is Some { f(get best.Some.0) }      if some { f(value) }
//! ```
//!
//! Branches and loops that yield an `Option` yield the two halves instead, so the reverse sweep sees a condition and a number, and what a loop
//! keeps are these. Where one comes from outside (a parameter, a call) it is taken apart at the end of the branch that yields it; where one is
//! used as a whole (returned, handed to a call) it is put together again. What nobody uses as a whole is dead code.

use std::rc::Rc;

use quote::quote;

use crate::ir::subst::block_uses_mut;
use crate::ir::table::{FastMap, Set};
use crate::ir::visit::blocks;
use crate::ir::{
    Arg, Block, Call, Func, Head, If, Info, Loop, Op, Path, Proj, Shape, Stmt, Un, V, of_option,
};
use crate::simplify::dce;

/// Options of options are taken apart layer by layer.
const LAYERS: usize = 4;

/// The halves of an `Option`.
#[derive(Clone, Copy)]
struct Halves {
    some: V,
    value: V,
}

struct Pass<'a> {
    func: &'a mut Func,
    halves: FastMap<V, Halves>,
    /// The parts of tuples just made.
    tuples: FastMap<V, Vec<V>>,
    undefined: Set,
    /// What stands for values whose definition is gone.
    map: FastMap<V, V>,
    /// Branches that put an `Option` together.
    whole: Set,
    news: bool,
}

/// Takes apart every `Option` that a branch or a loop yields.
pub(crate) fn take_apart(func: &mut Func) {
    if !func
        .infos
        .iter()
        .any(|i| matches!(i.shape, Shape::Option(_)))
    {
        return;
    }
    let mut whole = Set::new();
    for _ in 0..LAYERS {
        let mut body = core::mem::take(&mut func.body);
        let mut pass = Pass {
            func,
            halves: FastMap::default(),
            tuples: FastMap::default(),
            undefined: Set::new(),
            map: FastMap::default(),
            whole,
            news: false,
        };
        pass.block(&mut body);
        let (map, news) = (pass.map, pass.news);
        whole = pass.whole;
        let resolve = |v: &mut V| {
            while let Some(w) = map.get(v) {
                *v = *w;
            }
        };
        block_uses_mut(&mut body, &mut { resolve });
        func.ret
            .iter_mut()
            .chain(func.finals.iter_mut().flatten())
            .for_each(resolve);
        agree(&body, &mut func.infos);
        func.body = body;
        dce::run(func);
        if !news {
            return;
        }
    }
}

/// What meets in a branch or a loop is of one shape: a placeholder where there is nothing has that of what is there.
fn agree(block: &Block, infos: &mut [Info]) {
    for stmt in &block.stmts {
        let met: Vec<[V; 3]> = match stmt {
            Stmt::If(s) => {
                let sides = s.then_.yields.iter().zip(&s.else_.yields);
                let met = s.outs.iter().zip(sides);
                met.map(|(o, (a, b))| [*o, *a, *b]).collect()
            }
            Stmt::Loop(l) => {
                let met = l.outs.iter().zip(&l.params).zip(&l.inits);
                met.map(|((o, p), i)| [*o, *p, *i]).collect()
            }
            _ => continue,
        };
        for group in met {
            let mut shapes = group.iter().map(|v| &infos[v.0 as usize].shape);
            let Some(shape) = shapes.find(|s| !open(s)).cloned() else {
                continue;
            };
            for v in group {
                let info = &mut infos[v.0 as usize];
                if open(&info.shape) {
                    info.shape = shape.clone();
                }
            }
        }
        for b in blocks(stmt) {
            agree(b, infos);
        }
    }
}

fn open(shape: &Shape) -> bool {
    match shape {
        Shape::Unknown => true,
        Shape::Option(e) => open(e),
        _ => false,
    }
}

/// Whether there is something of the user's in it, of which no placeholder can be made where there is nothing.
fn named(shape: &Shape) -> bool {
    match shape {
        Shape::Named => true,
        Shape::Seq(e, _) | Shape::Option(e) => named(e),
        Shape::Tuple(es) => es.iter().any(named),
        Shape::Unknown | Shape::Int | Shape::Float => false,
    }
}

/// What is in the `Some` that a block makes.
fn held(block: &Block, made: V) -> Option<V> {
    block.stmts.iter().find_map(|s| match s {
        Stmt::Let(v, Op::Struct(_, fields, _)) if *v == made => Some(fields[0].1),
        _ => None,
    })
}

fn some_path() -> syn::Path {
    syn::parse_quote!(::core::option::Option::Some)
}

fn is_some(path: &syn::Path) -> bool {
    of_option(path, "Some")
}

/// Whether a pattern asks for `Some(..)`, or for `None`.
fn asks(pat: &syn::Pat) -> Option<bool> {
    let path = match pat {
        syn::Pat::Struct(p) => &p.path,
        syn::Pat::Path(p) => &p.path,
        syn::Pat::Ident(p) => return (p.ident == "None").then_some(false),
        _ => return None,
    };
    let some = is_some(path);
    (some || of_option(path, "None")).then_some(some)
}

impl Pass<'_> {
    fn block(&mut self, block: &mut Block) {
        let stmts = core::mem::take(&mut block.stmts);
        for stmt in stmts {
            self.stmt(stmt, &mut block.stmts);
        }
    }

    fn fresh(&mut self, shape: Shape, like: V, name: &str) -> V {
        let info = self.func.info(like);
        let name = info.name.as_ref().map(|n| format!("{n}{name}"));
        let v = V(self.func.infos.len() as u32);
        let span = info.span;
        self.func.infos.push(Info {
            shape,
            name,
            ty: None,
            span,
            deref: false,
            origin: None,
            grows: false,
            assert_real: false,
        });
        v
    }

    fn inside(&self, v: V) -> Shape {
        match self.func.shape(v) {
            Shape::Option(e) => (**e).clone(),
            Shape::Int => Shape::Int,
            _ => Shape::Unknown,
        }
    }

    fn is_option(&self, v: V) -> bool {
        matches!(self.func.shape(v), Shape::Option(e) if !named(e))
    }

    fn flag(&mut self, value: bool, like: V, out: &mut Vec<Stmt>) -> V {
        let v = self.fresh(Shape::Int, like, "");
        out.push(Stmt::Let(v, Op::Const(quote!(#value).into())));
        v
    }

    fn undef(&mut self, like: V, out: &mut Vec<Stmt>) -> V {
        let v = self.fresh(self.inside(like), like, "");
        out.push(Stmt::Let(v, Op::Undef));
        self.undefined.insert(v);
        v
    }

    fn stmt(&mut self, stmt: Stmt, out: &mut Vec<Stmt>) {
        match stmt {
            Stmt::Let(v, op) => self.let_(v, op, out),
            Stmt::If(s) => self.branch(s, out),
            Stmt::Loop(l) => self.loop_(l, out),
            Stmt::Call(c) => self.call(c, out),
            other => out.push(other),
        }
    }

    fn let_(&mut self, v: V, mut op: Op, out: &mut Vec<Stmt>) {
        match &mut op {
            Op::Struct(path, fields, _) if self.is_option(v) && is_some(path) => {
                let value = fields[0].1;
                let some = self.flag(true, v, out);
                self.halves.insert(v, Halves { some, value });
            }
            Op::Const(_) if self.is_option(v) => {
                let halves = Halves {
                    some: self.flag(false, v, out),
                    value: self.undef(v, out),
                };
                self.halves.insert(v, halves);
            }
            Op::Undef => {
                self.undefined.insert(v);
            }
            Op::Tuple(parts) => {
                self.tuples.insert(v, parts.clone());
            }
            Op::Is(a, path, pat) => {
                self.inner(a, path, out);
                let some = asks(pat).filter(|_| path.is_empty());
                if let (Some(some), true) = (some, self.is_nothing(*a)) {
                    let answer = !some;
                    op = Op::Const(quote!(#answer).into());
                } else if let (Some(h), Some(some)) = (self.halves_of(*a), some) {
                    if some {
                        self.map.insert(v, h.some);
                        return;
                    }
                    op = Op::Un(Un::Not, h.some);
                }
            }
            Op::Get(a, path) => {
                let held = self.inner(a, path, out);
                if held && path.is_empty() {
                    let shape = self.func.shape(v).clone();
                    let value = &mut self.func.info_mut(*a).shape;
                    if open(value) {
                        *value = shape;
                    }
                    self.map.insert(v, *a);
                    return;
                }
            }
            Op::Len(a, path) => {
                self.inner(a, path, out);
            }
            Op::Set(a, path, x) => {
                let root = *a;
                if let Some((value, rest)) = self.within(root, path)
                    && let Some(h) = self.halves_of(root)
                {
                    let new = if rest.is_empty() {
                        *x
                    } else {
                        let new = self.fresh(self.func.shape(value).clone(), value, "");
                        out.push(Stmt::Let(new, Op::Set(value, rest, *x)));
                        new
                    };
                    let halves = Halves {
                        some: h.some,
                        value: new,
                    };
                    return self.assemble(v, halves, out);
                }
            }
            _ => {}
        }
        out.push(Stmt::Let(v, op));
    }

    /// Goes to what is held, layer by layer, where a part lies in it. Returns whether it does.
    fn inner(&mut self, a: &mut V, path: &mut Path, out: &mut Vec<Stmt>) -> bool {
        let mut found = false;
        loop {
            let held = matches!(path.first(), Some(Proj::Payload(p, _)) if is_some(p));
            // What is in a `None`, and nowhere else, holds nothing either.
            let (value, rest) = match self.within(*a, path) {
                Some(found) => found,
                None if held && self.is_nothing(*a) => (self.undef(*a, out), path.split_off(1)),
                None => return found,
            };
            (*a, *path) = (value, rest);
            found = true;
        }
    }

    fn is_nothing(&self, v: V) -> bool {
        self.undefined.contains(&self.find(v))
    }

    fn call(&mut self, mut c: Call, out: &mut Vec<Stmt>) {
        let mut after = Vec::new();
        for a in &mut c.args {
            match a {
                Arg::Ref(root, path) => {
                    if let Some((value, rest)) = self.within(*root, path) {
                        (*root, *path) = (value, rest);
                    }
                }
                Arg::Mut(root, path, left) => {
                    if let Some((value, rest)) = self.within(*root, path)
                        && let Some(h) = self.halves_of(*root)
                    {
                        let new = self.fresh(self.func.shape(value).clone(), value, "");
                        let halves = Halves {
                            some: h.some,
                            value: new,
                        };
                        after.push((*left, halves));
                        (*root, *path, *left) = (value, rest, new);
                    }
                }
                _ => {}
            }
        }
        out.push(Stmt::Call(c));
        for (v, halves) in after {
            self.assemble(v, halves, out);
        }
    }

    fn branch(&mut self, mut s: If, out: &mut Vec<Stmt>) {
        self.block(&mut s.then_);
        self.block(&mut s.else_);
        let mut apart = Vec::new();
        let outs = core::mem::take(&mut s.outs);
        let sides = [&mut s.then_, &mut s.else_].map(|b| core::mem::take(&mut b.yields));
        for (k, &o) in outs.iter().enumerate() {
            let (a, b) = (sides[0][k], sides[1][k]);
            let whole = self.whole.contains(&o);
            if whole || !self.is_option(o) {
                if let Some(value) = held(&s.then_, a).filter(|_| whole) {
                    self.halves.insert(
                        o,
                        Halves {
                            some: s.cond,
                            value,
                        },
                    );
                }
                s.then_.yields.push(a);
                s.else_.yields.push(b);
                s.outs.push(o);
                continue;
            }
            let (a, b) = (
                self.split(a, &mut s.then_.stmts),
                self.split(b, &mut s.else_.stmts),
            );
            let halves = self.halves_for(o);
            s.then_.yields.extend([a.some, a.value]);
            s.else_.yields.extend([b.some, b.value]);
            s.outs.extend([halves.some, halves.value]);
            apart.push((o, halves));
        }
        out.push(Stmt::If(s));
        for (o, halves) in apart {
            self.assemble(o, halves, out);
        }
    }

    fn loop_(&mut self, mut l: Loop, out: &mut Vec<Stmt>) {
        let (params, inits) = (
            core::mem::take(&mut l.params),
            core::mem::take(&mut l.inits),
        );
        let (outs, yields) = (
            core::mem::take(&mut l.outs),
            core::mem::take(&mut l.body.yields),
        );
        let mut apart = Vec::new();
        let mut first = Vec::new();
        for (k, &p) in params.iter().enumerate() {
            if !self.is_option(p) {
                l.params.push(p);
                l.inits.push(inits[k]);
                continue;
            }
            let init = self.split(inits[k], out);
            let halves = self.halves_for(p);
            l.params.extend([halves.some, halves.value]);
            l.inits.extend([init.some, init.value]);
            self.assemble(p, halves, &mut first);
            apart.push((k, halves));
        }
        if let Head::While(cond) = &mut l.head {
            self.block(cond);
            // The head may ask for the whole, too, and stands before the body.
            for (k, halves) in &apart {
                let p = params[*k];
                let again = self.fresh(self.func.shape(p).clone(), p, "");
                let mut stmts = Vec::new();
                self.assemble(again, *halves, &mut stmts);
                block_uses_mut(cond, &mut |v| {
                    if *v == p {
                        *v = again;
                    }
                });
                cond.stmts.splice(0..0, stmts);
            }
        }
        self.block(&mut l.body);
        let mut after = Vec::new();
        for (k, (&o, y)) in outs.iter().zip(yields).enumerate() {
            if !apart.iter().any(|(j, _)| *j == k) {
                l.body.yields.push(y);
                l.outs.push(o);
                continue;
            }
            let y = self.split(y, &mut l.body.stmts);
            let halves = self.halves_for(o);
            l.body.yields.extend([y.some, y.value]);
            l.outs.extend([halves.some, halves.value]);
            after.push((o, halves));
        }
        l.body.stmts.splice(0..0, first);
        out.push(Stmt::Loop(l));
        for (o, halves) in after {
            self.assemble(o, halves, out);
        }
    }

    /// New values for the halves of what a branch or a loop yields.
    fn halves_for(&mut self, v: V) -> Halves {
        self.news = true;
        Halves {
            some: self.fresh(Shape::Int, v, ""),
            value: self.fresh(self.inside(v), v, ""),
        }
    }

    /// The halves of a value at the end of a block.
    fn split(&mut self, v: V, out: &mut Vec<Stmt>) -> Halves {
        if let Some(h) = self.halves_of(v) {
            return h;
        }
        if self.undefined.contains(&v) {
            return Halves {
                some: self.flag(false, v, out),
                value: self.undef(v, out),
            };
        }
        let some = self.fresh(Shape::Int, v, "");
        let path = some_path();
        let pat = syn::parse_quote!(#path { .. });
        out.push(Stmt::Let(some, Op::Is(v, Vec::new(), Rc::new(pat))));
        let inside = self.inside(v);
        let (held, value) = (self.fresh(inside.clone(), v, ""), self.fresh(inside, v, ""));
        let payload = Proj::Payload(path.into(), syn::Member::Unnamed(0.into()));
        let mut stmts = Vec::new();
        let none = self.undef(v, &mut stmts);
        out.push(Stmt::If(If {
            cond: some,
            then_: Block {
                stmts: vec![Stmt::Let(held, Op::Get(v, vec![payload]))],
                yields: vec![held],
            },
            else_: Block {
                stmts,
                yields: vec![none],
            },
            outs: vec![value],
        }));
        Halves { some, value }
    }

    /// `v = if some { Some(value) } else { None }`, for those who want the whole.
    fn assemble(&mut self, v: V, halves: Halves, out: &mut Vec<Stmt>) {
        self.halves.insert(v, halves);
        self.whole.insert(v);
        let shape = self.func.shape(v).clone();
        let (yes, no) = (self.fresh(shape.clone(), v, ""), self.fresh(shape, v, ""));
        let fields = vec![(syn::Member::Unnamed(0.into()), halves.value)];
        let made = Op::Struct(some_path().into(), fields, true);
        let none = quote!(::core::option::Option::None);
        out.push(Stmt::If(If {
            cond: halves.some,
            then_: Block {
                stmts: vec![Stmt::Let(yes, made)],
                yields: vec![yes],
            },
            else_: Block {
                stmts: vec![Stmt::Let(no, Op::Const(none.into()))],
                yields: vec![no],
            },
            outs: vec![v],
        }));
    }

    fn find(&self, mut v: V) -> V {
        while let Some(w) = self.map.get(&v) {
            v = *w;
        }
        v
    }

    fn halves_of(&self, v: V) -> Option<Halves> {
        self.halves.get(&self.find(v)).copied()
    }

    /// A path into an `Option` that has halves, as one into what it holds.
    fn within(&self, root: V, path: &Path) -> Option<(V, Path)> {
        match path.split_first()? {
            (Proj::Payload(p, _), rest) if is_some(p) => {
                Some((self.halves_of(root)?.value, rest.to_vec()))
            }
            (Proj::Field(syn::Member::Unnamed(k)), rest) => {
                let parts = self.tuples.get(&self.find(root))?;
                let part = parts.get(k.index as usize)?;
                self.is_option(*part).then(|| (*part, rest.to_vec()))
            }
            _ => None,
        }
    }
}
