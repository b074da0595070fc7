//! What kind each value is: integers and the like, floats, aggregates.
//!
//! The macro sees no types. It sees that `a + b` makes `a`, `b` and the sum of one type, that an index is an
//! integer and that `sqrt` takes a float, and what is read from one field is of one type each time; joining
//! these facts decides nearly every value. What takes part in
//! arithmetic and stays open is taken for a float, and the emitted code asserts it to rustc, so that no
//! integer and no overloaded operator slips through.

use std::collections::HashMap;

use crate::analyze::activity::Activity;
use crate::ir::visit::blocks;
use crate::ir::{Adapt, Arg, Bin, Block, Func, Head, Op, Path, Proj, Shape, Stmt, V};
use crate::rules::{self, Kind};

struct Solver {
    parent: Vec<u32>,
    kind: Vec<Option<Shape>>,
    /// Operand or result of arithmetic.
    arithmetic: Vec<bool>,
    /// Results of tokens that are not looked into.
    opaque: Vec<V>,
    /// The aggregate that each version of it was made from.
    first_version: HashMap<V, V>,
    /// What was read from a place, or put there, the first time. Elements of a list are one place.
    places: HashMap<(V, Vec<Step>), V>,
}

/// A step to a part, as far as the part's type depends on it.
#[derive(PartialEq, Eq, Hash)]
enum Step {
    Field(syn::Member),
    Element,
    Box,
}

/// Resolves open shapes and marks what the emitted code has to assert.
pub(crate) fn infer(func: &mut Func) {
    let n = func.infos.len();
    let mut s = Solver {
        parent: (0..n as u32).collect(),
        kind: vec![None; n],
        arithmetic: vec![false; n],
        opaque: Vec::new(),
        first_version: HashMap::new(),
        places: HashMap::new(),
    };
    for (k, info) in func.infos.iter().enumerate() {
        if info.shape.is_scalar() {
            s.kind[k] = Some(info.shape.clone());
        }
    }
    s.block(func, &func.body);
    // What `no_grad!` makes may be a number of any kind, as long as nothing that varies is of its type.
    let activity = Activity::of(func);
    let (mut opaque, mut varies) = (vec![false; n], vec![false; n]);
    for v in s.opaque.clone() {
        opaque[s.find(v) as usize] = true;
    }
    for k in 0..n {
        let root = s.find(V(k as u32)) as usize;
        varies[root] |= activity.varies(V(k as u32));
    }
    for k in 0..n {
        let v = V(k as u32);
        let root = s.find(v) as usize;
        let decided = s.kind[root].clone().or_else(|| {
            let number = match opaque[root] && !varies[root] {
                true => Shape::Int,
                false => Shape::Float,
            };
            s.arithmetic[root].then_some(number)
        });
        let info = &mut func.infos[k];
        let open = matches!(info.shape, Shape::Unknown | Shape::Named);
        if let (true, Some(kind)) = (open, decided)
            && (s.arithmetic[root] || info.shape == Shape::Unknown)
        {
            info.assert_real = kind == Shape::Float && s.arithmetic[root];
            info.shape = kind;
        }
    }
}

impl Solver {
    fn find(&mut self, v: V) -> u32 {
        let mut k = v.0;
        while self.parent[k as usize] != k {
            let up = self.parent[self.parent[k as usize] as usize];
            self.parent[k as usize] = up;
            k = up;
        }
        k
    }

    fn join(&mut self, a: V, b: V) {
        let (a, b) = (self.find(a) as usize, self.find(b) as usize);
        if a == b {
            return;
        }
        self.parent[b] = a as u32;
        self.arithmetic[a] |= self.arithmetic[b];
        if self.kind[a].is_none() {
            self.kind[a] = self.kind[b].take();
        }
    }

    fn is(&mut self, v: V, kind: Shape) {
        let r = self.find(v) as usize;
        if self.kind[r].is_none() {
            self.kind[r] = Some(kind);
        }
    }

    fn number(&mut self, v: V) {
        let r = self.find(v) as usize;
        self.arithmetic[r] = true;
    }

    /// What lies at a place of an aggregate is of one type in all its versions.
    fn lies_at(&mut self, func: &Func, aggregate: V, path: &Path, x: V) {
        let mut steps = Vec::new();
        for p in path {
            match p {
                Proj::Field(member) => steps.push(Step::Field(member.clone())),
                Proj::Index(_) => steps.push(Step::Element),
                Proj::Deref => steps.push(Step::Box),
                Proj::Range { .. } => {}
                Proj::Payload(..) => return,
            }
        }
        let first = self.first(aggregate);
        let known = *self.places.entry((first, steps)).or_insert(x);
        self.same(func, known, x);
    }

    fn first(&self, aggregate: V) -> V {
        let first = self.first_version.get(&aggregate);
        first.copied().unwrap_or(aggregate)
    }

    fn path(&mut self, path: &Path) {
        for p in path {
            match p {
                Proj::Field(_) | Proj::Deref | Proj::Payload(..) => {}
                Proj::Index(i) => self.is(*i, Shape::Int),
                Proj::Range { lo, hi, .. } => {
                    for v in lo.iter().chain(hi) {
                        self.is(*v, Shape::Int);
                    }
                }
            }
        }
    }

    fn block(&mut self, func: &Func, block: &Block) {
        for stmt in &block.stmts {
            self.stmt(func, stmt);
            for b in blocks(stmt) {
                self.block(func, b);
            }
        }
    }

    fn stmt(&mut self, func: &Func, stmt: &Stmt) {
        match stmt {
            Stmt::Let(v, op) => self.op(func, *v, op),
            Stmt::If(s) => {
                self.is(s.cond, Shape::Int);
                for (k, out) in s.outs.iter().enumerate() {
                    self.same(func, *out, s.then_.yields[k]);
                    self.same(func, *out, s.else_.yields[k]);
                }
            }
            Stmt::Loop(l) => {
                if let Head::For { i, range } = &l.head {
                    self.join(*i, range.lo);
                    self.join(*i, range.hi);
                    self.is(*i, Shape::Int);
                    for a in &range.adapt {
                        if let Adapt::StepBy(s) = a {
                            self.is(*s, Shape::Int);
                        }
                    }
                }
                for (k, p) in l.params.iter().enumerate() {
                    self.same(func, *p, l.inits[k]);
                    self.same(func, *p, l.body.yields[k]);
                    self.same(func, *p, l.outs[k]);
                    let first = self.first(l.inits[k]);
                    self.first_version.insert(*p, first);
                    self.first_version.insert(l.outs[k], first);
                }
            }
            Stmt::Call(c) => {
                for a in &c.args {
                    if let Arg::Ref(_, p) | Arg::Mut(_, p, _) = a {
                        self.path(p);
                    }
                }
            }
            _ => {}
        }
    }

    /// Two names for one value: joined unless it is an aggregate.
    fn same(&mut self, func: &Func, a: V, b: V) {
        let aggregate = |v: V| {
            matches!(
                func.shape(v),
                Shape::Seq(..) | Shape::Tuple(_) | Shape::Option(_)
            )
        };
        if !aggregate(a) && !aggregate(b) {
            self.join(a, b);
        }
    }

    fn op(&mut self, func: &Func, v: V, op: &Op) {
        match op {
            Op::Un(_, a) => {
                self.join(v, *a);
                self.number(v);
            }
            Op::Bin(op, a, b) => match op {
                Bin::Shl | Bin::Shr => {
                    self.is(v, Shape::Int);
                    self.is(*a, Shape::Int);
                    self.is(*b, Shape::Int);
                }
                Bin::And | Bin::Or | Bin::Xor => {
                    self.join(v, *a);
                    self.join(*a, *b);
                    self.is(v, Shape::Int);
                }
                op if op.is_comparison() => {
                    self.join(*a, *b);
                    self.is(v, Shape::Int);
                }
                _ => {
                    self.join(v, *a);
                    self.join(*a, *b);
                    self.number(v);
                }
            },
            Op::Fn(name, args) => {
                let Some(rule) = rules::find(name, args.len()) else {
                    return;
                };
                match rule.kind {
                    Kind::Number => {
                        self.number(v);
                        for a in args {
                            self.join(v, *a);
                        }
                    }
                    Kind::Float | Kind::Pair => {
                        for (a, integer) in args.iter().zip(rule.integers()) {
                            self.is(*a, if integer { Shape::Int } else { Shape::Float });
                            self.number(*a);
                        }
                    }
                }
            }
            Op::Set(a, p, x) => {
                self.path(p);
                self.lies_at(func, *a, p, *x);
                let first = self.first(*a);
                self.first_version.insert(v, first);
                // What goes into a list of floats is a float.
                if let Some(shape @ (Shape::Float | Shape::Int)) = part(func.shape(*a), p) {
                    self.is(*x, shape.clone());
                }
            }
            Op::Opaque(..) => self.opaque.push(v),
            Op::Get(a, p) => {
                self.path(p);
                self.lies_at(func, *a, p, v);
            }
            Op::Len(_, p) | Op::Is(_, p, _) => self.path(p),
            _ => {}
        }
    }
}

/// The shape of a part, as far as it is known.
fn part<'s>(mut shape: &'s Shape, path: &Path) -> Option<&'s Shape> {
    for p in path {
        shape = match (shape, p) {
            (Shape::Seq(e, _), Proj::Index(_)) => e,
            (Shape::Seq(..), Proj::Range { .. }) => shape,
            (Shape::Tuple(es), Proj::Field(syn::Member::Unnamed(k))) => es.get(k.index as usize)?,
            _ => return None,
        };
    }
    Some(shape)
}
