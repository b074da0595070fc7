//! Forward mode on structured control flow.
//!
//! In: a function. Out: the function with a further parameter for each active one, its tangent, passed as that one is; the result becomes the
//! pair of value and tangent, and a `&mut` tangent is left as the tangent of what the function leaves. Each statement is followed by the
//! statement of its tangents; the tangent of a value has the value's type, and of a chain of versions it is a chain of versions. What does not
//! vary has none; where one is needed, since a branch or a loop hands on what varies on another way, it is the zero of the value, which is at
//! hand. Nothing is kept: a tangent goes with its value.

mod aggregates;
mod branch;
mod call;
mod loops;
mod op;

use proc_macro2::{Ident, Span};

use crate::analyze::activity::Activity;
use crate::ir::build::Builder;
use crate::ir::subst::Map;
use crate::ir::table::Set;
use crate::ir::visit::blocks;
use crate::ir::{Arg, Block, By, Func, Op, Param, Path, Shape, Stmt, V};

struct Forward {
    b: Builder,
    activity: Activity,
    tangents: Map,
    /// The definitions seen so far, of what is no more than a placeholder.
    undefined: Set,
    /// Tangents passed by reference: they may not be there, so that they are read where parts are, and nowhere as a whole.
    lent: Set,
    /// The versions of `&mut` parameters that are excluded: what goes into them is refused, so none of them varies.
    excluded: Set,
    /// Whether this is a reverse sweep.
    swept: bool,
    /// How many parameters there were.
    own: usize,
}

/// The function together with its tangents. The parameters of those come behind the function's own, in their order.
pub(crate) fn differentiate(primal: &Func) -> Func {
    tangents_of(primal, false)
}

/// Of a function and its reverse sweep: the value, and in place of the adjoints their tangents. That is the product of the Hessian with the
/// tangents that come in.
pub(crate) fn second(swept: &Func) -> Func {
    tangents_of(swept, true)
}

fn tangents_of(primal: &Func, swept: bool) -> Func {
    let activity = Activity::of(primal);
    let mut func = primal.clone();
    let body = core::mem::take(&mut func.body);
    let mut f = Forward {
        b: Builder::new(func),
        activity,
        tangents: Map::default(),
        undefined: Set::new(),
        lent: Set::new(),
        excluded: excluded(primal),
        swept,
        own: primal.params.len(),
    };
    f.parameters();
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
                Stmt::Call(c) => pairs.extend(c.args.iter().filter_map(|a| match a {
                    Arg::Mut(root, _, out) => Some((*root, *out)),
                    _ => None,
                })),
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
            self.tangents.insert(p.v, d);
            if p.by == By::Ref {
                self.lent.insert(d);
            }
        }
    }

    /// What the function leaves, with tangents.
    fn end(&mut self) {
        if let Some(ret) = self.b.func.ret.filter(|_| !self.swept) {
            let d = self.tangent_or_zero(ret);
            let shape = self.b.func.shape(ret).clone();
            let both = Shape::Tuple(vec![shape.clone(), shape]);
            let span = self.b.func.info(ret).span;
            let pair = self.b.op(Op::Tuple(vec![ret, d]), both, span);
            self.b.func.ret = Some(pair);
        }
        let own = self.b.func.finals.len();
        let params: Vec<Param> = self.b.func.params[..own].to_vec();
        let finals = self.b.func.finals.clone();
        for (p, last) in params.iter().zip(finals) {
            if p.active {
                let d = last.filter(|_| p.by == By::Mut);
                let d = d.map(|v| self.tangent_or_zero(v));
                self.b.func.finals.push(d);
            }
        }
        let count = self.b.func.params.len();
        let adjoints = core::mem::replace(&mut self.b.func.adjoints, vec![None; count]);
        if self.swept {
            let active = params.iter().zip(adjoints).filter(|(p, _)| p.active);
            let active: Vec<Option<V>> = active.map(|(_, d)| d).collect();
            for (k, d) in active.into_iter().enumerate() {
                self.b.func.adjoints[self.own + k] = d.map(|d| self.tangent_or_zero(d));
            }
        }
        self.b.func.cotangents = vec![None; count];
    }

    fn statements(&mut self, stmts: &[Stmt]) {
        for stmt in stmts {
            match stmt {
                Stmt::Let(v, op) => {
                    self.b.push(stmt.clone());
                    if matches!(op, Op::Undef) {
                        self.undefined.insert(*v);
                    }
                    if self.varies(*v)
                        && let Some(d) = self.op(*v, op)
                    {
                        self.set(*v, d);
                    }
                }
                Stmt::If(s) => self.branch(s),
                Stmt::Loop(l) => self.loop_(l),
                Stmt::Call(c) => self.call(c),
                Stmt::Accum { param, path, v } => self.accumulate(*param, path, *v),
                other => self.b.push(other.clone()),
            }
        }
    }

    /// What is added to an adjoint: the tangent goes to the adjoint of the parameter's tangent.
    fn accumulate(&mut self, param: usize, path: &Path, v: V) {
        let Some(v) = self.tangent(v) else { return };
        let before = self.b.func.params.iter().take(param);
        let param = self.own + before.filter(|p| p.active).count();
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
        self.tangents.insert(v, d);
    }

    fn varies(&self, v: V) -> bool {
        self.activity.varies(v) && !self.excluded.contains(&v)
    }

    /// The tangent of a value, if it varies, for reading a part of it.
    fn parts_of(&self, v: V) -> Option<V> {
        self.tangents.get(&v).copied()
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
        } else {
            Op::ZeroLike(v)
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
