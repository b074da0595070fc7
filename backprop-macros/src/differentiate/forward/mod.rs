//! Forward mode on structured control flow.
//!
//! In: a function. Out: the function with a further parameter for each active one, its tangent, passed as that one is; the result becomes the
//! pair of value and tangent, and a `&mut` tangent is left as the tangent of what the function leaves. Each statement is followed by the
//! statement of its tangents; the tangent of a value has the value's type, and of a chain of versions it is a chain of versions. What does not
//! vary has none; where one is needed, since a branch or a loop hands on what varies on another way, it is the zero of the value, which is at
//! hand. Nothing is kept: a tangent goes with its value.
//!
//! Several tangents may travel together, in *lanes*: each statement is then followed by one of each lane, so that the function itself and its
//! partial derivatives are computed once. A parameter's tangents stand one behind the other.

mod aggregates;
mod branch;
mod call;
mod hessian;
mod loops;
mod op;
mod scalar;

use proc_macro2::{Ident, Span};

use crate::analyze::activity::Activity;
use crate::ir::build::Builder;
use crate::ir::subst::Map;
use crate::ir::table::{Set, Table};
use crate::ir::visit::blocks;
use crate::ir::{Arg, Block, By, Func, Op, Param, Path, Shape, Stmt, Sweep, V};

pub(crate) use hessian::{MOST, hessian};
pub(crate) use scalar::all_scalar;

/// How many tangents travel together in what callers call. Measured on x86-64: with eight, registers run out and a pass costs more
/// than two passes of four.
pub(crate) const LANES: usize = 4;

struct Forward {
    b: Builder,
    activity: Activity,
    /// In each lane.
    tangents: Vec<Map>,
    /// The one that statements are made for.
    lane: usize,
    /// The definitions seen so far, of what is no more than a placeholder.
    undefined: Set,
    /// Tangents passed by reference: they may not be there, so that they are read where parts are, and nowhere as a whole.
    lent: Set,
    /// The versions of `&mut` parameters that are excluded: what goes into them is refused, so none of them varies.
    excluded: Set,
    /// Whether this is a reverse sweep, and of what kind.
    swept: Swept,
    /// Zeros seen so far, and what they are the zeros of.
    zeros: Map,
    /// Results that are thrown away: a sweep has something in their cotangents' place.
    thrown: Set,
    /// Axes, and what they are called by; indices whose values are known.
    axes: Set,
    indices: Table<usize>,
    /// Calls along all axes, with their derivatives.
    scalars: Vec<scalar::Scalar>,
    /// How many parameters there were.
    own: usize,
}

/// Whether what is differentiated is a reverse sweep.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Swept {
    No,
    /// The adjoints of parameters are not asked for, but for those that are updated in place.
    Products,
    /// They are.
    All,
    /// The only one is, in each lane along one axis of that parameter.
    Axes,
}

/// The function together with its tangents. The parameters of those come behind the function's own, in their order. The second result is one
/// tangent, or the array of those in all lanes, where there are several.
pub(crate) fn differentiate(primal: &Func, lanes: usize) -> Func {
    tangents_of(primal, lanes, Swept::No)
}

/// Of a function and its reverse sweep: the value, and in place of the adjoints their tangents. That is the product of the Hessian with the
/// tangents that come in.
pub(crate) fn second(swept: &Func) -> Func {
    tangents_of(swept, 1, Swept::Products)
}

/// The same for callers: with the tangent of the value, and with the adjoints. The last parameter is the tangent of the seed, if there is one.
pub(crate) fn companion(swept: &Func) -> Func {
    tangents_of(swept, 1, Swept::All)
}

fn tangents_of(primal: &Func, lanes: usize, swept: Swept) -> Func {
    let activity = match swept {
        Swept::No => Activity::of(primal),
        Swept::Products | Swept::All | Swept::Axes => Activity::of_sweep(primal),
    };
    let mut func = primal.clone();
    let body = core::mem::take(&mut func.body);
    let mut f = Forward {
        b: Builder::new(func),
        activity,
        tangents: vec![Map::default(); lanes],
        lane: 0,
        undefined: Set::new(),
        lent: Set::new(),
        excluded: excluded(primal),
        swept,
        zeros: Map::default(),
        thrown: Set::new(),
        axes: Set::new(),
        indices: Table::new(),
        scalars: Vec::new(),
        own: primal.params.len(),
    };
    f.parameters();
    f.cotangents();
    f.statements(&body.stmts);
    f.end();
    let body = f.b.close(Vec::new());
    let mut func = f.b.func;
    func.body = Block {
        stmts: body.stmts,
        yields: Vec::new(),
    };
    func
}

/// The versions of `&mut` parameters that are excluded.
fn excluded(primal: &Func) -> Set {
    let params = primal.params.iter();
    let params = params.filter(|p| p.by == By::Mut && !p.active);
    let mut found: Set = params.map(|p| p.v).collect();
    fn grow(found: &mut Set, block: &Block) -> bool {
        let mut news = false;
        for stmt in &block.stmts {
            let mut pairs: Vec<(V, V)> = Vec::new();
            match stmt {
                Stmt::Let(v, Op::Set(a, ..) | Op::AddAt(a, ..)) => pairs.push((*a, *v)),
                Stmt::Call(c) | Stmt::Sweep(Sweep { call: c, .. }) => {
                    pairs.extend(c.args.iter().filter_map(|a| match a {
                        Arg::Mut(root, _, out) => Some((*root, *out)),
                        _ => None,
                    }))
                }
                Stmt::If(s) => {
                    for b in [&s.then_, &s.else_] {
                        pairs.extend(b.yields.iter().copied().zip(s.outs.iter().copied()));
                    }
                }
                Stmt::Loop(l) => {
                    pairs.extend(l.inits.iter().copied().zip(l.params.iter().copied()));
                    pairs.extend(l.inits.iter().copied().zip(l.outs.iter().copied()));
                }
                _ => {}
            }
            // What an inner block leaves is a version of what it found.
            for (from, to) in pairs {
                news |= found.contains(&from) && found.insert(to);
            }
            for b in blocks(stmt) {
                news |= grow(found, b);
            }
        }
        news
    }
    while grow(&mut found, &primal.body) {}
    found
}

impl Forward {
    /// A parameter for the tangent of each active one.
    fn parameters(&mut self) {
        let own = self.b.func.params.clone();
        for p in own.iter().filter(|p| p.active) {
            self.each_lane(|f| f.parameter(p));
        }
    }

    fn parameter(&mut self, p: &Param) {
        let info = self.b.func.info(p.v).clone();
        let d = self.b.fresh(info.shape.clone(), info.span);
        let own = self.b.func.info_mut(d);
        own.name = Some(format!("d_{}", p.name));
        own.deref = info.deref;
        own.ty = info.ty;
        let name = Ident::new(
            &format!("d_{}", p.name.to_string().trim_start_matches("r#")),
            p.name.span(),
        );
        self.b.func.params.push(Param {
            v: d,
            name,
            by: p.by,
            active: true,
            out: false,
        });
        if self.swept == Swept::Axes {
            let axis = self.axis(p.v);
            self.axes.insert(axis);
            self.insert(p.v, axis);
            return;
        }
        self.insert(p.v, d);
        if p.by == By::Ref {
            self.lent.insert(d);
        }
    }

    /// The axis of the lane, as an array like `x`.
    fn axis(&mut self, x: V) -> V {
        let (shape, span) = (self.b.func.shape(x).clone(), self.b.func.info(x).span);
        let elements = (0..self.tangents.len())
            .map(|k| self.float(Op::Lit(f64::from(u8::from(k == self.lane))), span))
            .collect();
        self.b.op(Op::Array(elements), shape, span)
    }

    /// Does the same in all lanes, one after the other.
    fn each_lane(&mut self, mut step: impl FnMut(&mut Self)) {
        for lane in 0..self.tangents.len() {
            self.lane = lane;
            step(self);
        }
        self.lane = 0;
    }

    /// Of each of some values its tangent or a zero, lane by lane.
    fn in_lanes(&mut self, vs: &[V]) -> Vec<V> {
        let mut out = Vec::new();
        self.each_lane(|f| out.extend(vs.iter().map(|v| f.tangent_or_zero(*v))));
        out
    }

    fn insert(&mut self, v: V, d: V) {
        if let Some(tangents) = self.tangents.get_mut(self.lane) {
            tangents.insert(v, d);
        }
    }

    /// Of a reverse sweep: the tangents of what it starts from.
    fn cotangents(&mut self) {
        let count = self.b.func.params.len();
        if self.swept == Swept::No {
            self.b.func.cotangents = vec![None; count];
            return;
        }
        let mut cotangents = self.b.func.cotangents.clone();
        cotangents.resize(count, None);
        for k in 0..self.own {
            let Some(d) = cotangents[k] else { continue };
            let h = self.b.fresh_like(d, "d_");
            self.b.func.info_mut(h).deref = self.b.func.info(d).deref;
            let at = self.tangent_of_parameter(k);
            cotangents[at] = Some(h);
            self.insert(d, h);
        }
        self.b.func.cotangents = cotangents;
        if let Some(d) = self.b.func.seed {
            let h = self.b.fresh_like(d, "d_");
            let name = Ident::new("h_ret", Span::call_site());
            self.b.func.info_mut(h).name = Some(name.to_string());
            self.b.func.params.push(Param {
                v: h,
                name,
                by: By::Value,
                active: true,
                out: false,
            });
            self.insert(d, h);
            self.b.func.cotangents.push(None);
        }
    }

    /// Which parameter is the tangent of an active one.
    fn tangent_of_parameter(&self, k: usize) -> usize {
        let before = self.b.func.params.iter().take(k);
        self.own + self.tangents.len() * before.filter(|p| p.active).count() + self.lane
    }

    /// What the function leaves, with tangents.
    fn end(&mut self) {
        if let Some(ret) = self
            .b
            .func
            .ret
            .filter(|_| matches!(self.swept, Swept::No | Swept::All))
        {
            let lanes = self.in_lanes(&[ret]);
            let shape = self.b.func.shape(ret).clone();
            let span = self.b.func.info(ret).span;
            let d = match &lanes[..] {
                [one] => *one,
                all => {
                    let count = all.len().to_string();
                    let shape = Shape::Seq(Box::new(shape.clone()), Some(count));
                    self.b.op(Op::Array(lanes), shape, span)
                }
            };
            let both = Shape::Tuple(vec![shape, self.b.func.shape(d).clone()]);
            let pair = self.b.op(Op::Tuple(vec![ret, d]), both, span);
            self.b.func.ret = Some(pair);
        }
        let own = self.b.func.finals.len();
        let params: Vec<Param> = self.b.func.params[..own].to_vec();
        let finals = self.b.func.finals.clone();
        for (p, last) in params.iter().zip(finals) {
            if p.active {
                let last = last.filter(|_| p.by == By::Mut);
                self.each_lane(|f| {
                    let d = last.map(|v| f.tangent_or_zero(v));
                    f.b.func.finals.push(d);
                });
            }
        }
        let count = self.b.func.params.len();
        self.b.func.finals.resize(count, None);
        let adjoints = core::mem::replace(&mut self.b.func.adjoints, vec![None; count]);
        if self.swept == Swept::No {
            return;
        }
        for (k, (p, d)) in params.iter().zip(adjoints).enumerate() {
            if p.active {
                self.each_lane(|f| {
                    let at = f.tangent_of_parameter(k);
                    f.b.func.adjoints[at] = d.map(|d| f.tangent_or_zero(d));
                });
                if self.swept != Swept::Products || p.by == By::Mut {
                    self.b.func.adjoints[k] = d;
                }
            }
        }
    }

    fn statements(&mut self, stmts: &[Stmt]) {
        for stmt in stmts {
            match stmt {
                Stmt::Let(v, op) => {
                    self.b.push(stmt.clone());
                    if matches!(op, Op::Undef) {
                        self.undefined.insert(*v);
                    }
                    if matches!(op, Op::Helper("thrown_away", _)) {
                        self.thrown.insert(*v);
                    }
                    if let Op::ZeroLike(of) = op {
                        self.zeros.insert(*v, *of);
                    }
                    if let Op::Const(c) = op
                        && let Some(index) = c.integer().and_then(|i| i.try_into().ok())
                    {
                        self.indices.insert(*v, index);
                    }
                    if self.varies(*v) {
                        self.each_lane(|f| {
                            if let Some(d) = f.op(*v, op) {
                                f.set(*v, d);
                            }
                        });
                    }
                }
                Stmt::If(s) => self.branch(s),
                Stmt::Loop(l) => self.loop_(l),
                Stmt::Call(c) if self.swept == Swept::No => self.call(c),
                Stmt::Call(c) if self.along_axes() => self.scalar_call(c),
                Stmt::Sweep(s) if self.along_axes() => self.scalar_sweep(s),
                Stmt::Call(c) => self.call_beside(c),
                Stmt::Sweep(s) => self.sweep(s),
                Stmt::Accum { param, path, v } => {
                    if self.swept == Swept::Axes {
                        self.b.push(stmt.clone());
                    }
                    self.each_lane(|f| f.accumulate(*param, path, *v));
                }
                other => self.b.push(other.clone()),
            }
        }
    }

    /// What is added to an adjoint: the tangent goes to the adjoint of the parameter's tangent.
    fn accumulate(&mut self, param: usize, path: &Path, v: V) {
        if self.swept == Swept::All {
            let path = path.clone();
            self.b.push(Stmt::Accum { param, path, v });
        }
        let Some(v) = self.tangent(v) else { return };
        let param = self.tangent_of_parameter(param);
        let path = path.clone();
        self.b.push(Stmt::Accum { param, path, v });
    }

    /// Lets `d` be the tangent of `v`.
    fn set(&mut self, v: V, d: V) {
        let info = self.b.func.info(v);
        let (name, ty) = (
            info.name.as_ref().map(|n| format!("d_{n}")),
            info.ty.clone(),
        );
        let own = self.b.func.info_mut(d);
        own.name = own.name.take().or(name);
        own.ty = own.ty.take().or(ty);
        self.insert(v, d);
    }

    fn varies(&self, v: V) -> bool {
        self.activity.varies(v) && !self.excluded.contains(&v)
    }

    /// The tangent of a value, if it varies, for reading a part of it.
    fn parts_of(&self, v: V) -> Option<V> {
        self.tangents.get(self.lane)?.get(&v).copied()
    }

    /// The tangent of a value, if it varies.
    fn tangent(&mut self, v: V) -> Option<V> {
        let d = self.parts_of(v)?;
        if !self.lent.contains(&d) {
            return Some(d);
        }
        let (shape, span) = (self.b.func.shape(d).clone(), self.b.func.info(v).span);
        Some(self.b.op(Op::Get(d, Vec::new()), shape, span))
    }

    /// The tangent of a value, or a zero.
    fn tangent_or_zero(&mut self, v: V) -> V {
        match self.tangent(v) {
            Some(d) => d,
            None => self.zero(v),
        }
    }

    /// The tangent of what does not vary; of a placeholder it is another one.
    fn zero(&mut self, v: V) -> V {
        let (shape, span) = (self.b.func.shape(v).clone(), self.b.func.info(v).span);
        let op = if self.undefined.contains(&v) {
            Op::Undef
        } else if self.thrown.contains(&v) {
            Op::Helper("thrown_away", Vec::new())
        } else {
            Op::ZeroLike(self.zeros.get(&v).copied().unwrap_or(v))
        };
        let d = self.b.op(op, shape, span);
        let name = self.b.func.info(v).name.as_ref().map(|n| format!("d_{n}"));
        self.b.func.info_mut(d).name = name;
        d
    }

    fn float(&mut self, op: Op, span: Span) -> V {
        self.b.op(op, Shape::Float, span)
    }
}
