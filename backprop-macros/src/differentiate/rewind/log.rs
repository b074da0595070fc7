//! The log of a stretch of code: every change of a buffer says what was there and where, and a loop puts it back.
//!
//! ```text
//! y[i] = x;     =>  log(y[i]); log(i); log(1); y[i] = x;
//! while logged() > mark { let site = unlog(); let i = unlog(); y[i] = unlog(); }
//! ```
//!
//! Of a part that a callee is lent, all elements are put there, before the call, with where they begin and their number.
//!
//! The site, which tells changes of different form apart, is left out where there is only one.

use std::collections::HashMap;

use proc_macro2::Span;
use quote::quote;

use super::needs::asked;
use crate::ir::table::FastMap;
use crate::ir::{
    Adapt, Arg, Bin, Block, Call, Constant, Func, Head, Info, Loop, LoopId, Op, Path, Proj, Range,
    Shape, SlotArg, Stmt, V,
};

/// A place in the code where a buffer changes.
#[derive(Clone)]
pub(super) struct Site {
    /// Which of the buffers.
    pub(super) buffer: usize,
    /// From the buffer to what changes.
    pub(super) path: Vec<Step>,
}

#[derive(Clone)]
pub(super) enum Step {
    /// As it is: a field.
    Plain(Proj),
    /// An index that is the same each time.
    Fixed(Constant),
    /// The next index on the log.
    Logged,
    /// So many elements from an index on, both on the log.
    Many,
}

impl Site {
    /// Whether changes here are of the same form.
    fn is(&self, other: &Site) -> bool {
        let same = |(a, b): (&Step, &Step)| match (a, b) {
            (Step::Plain(Proj::Field(a)), Step::Plain(Proj::Field(b))) => a == b,
            (Step::Plain(Proj::Deref), Step::Plain(Proj::Deref)) => true,
            (Step::Fixed(a), Step::Fixed(b)) => a.text() == b.text(),
            (Step::Logged, Step::Logged) | (Step::Many, Step::Many) => true,
            _ => false,
        };
        self.buffer == other.buffer
            && self.path.len() == other.path.len()
            && self.path.iter().zip(&other.path).all(same)
    }
}

/// What has been recorded of a stretch of code.
pub(super) struct Log {
    pub(super) sites: Vec<Site>,
    /// Which of the buffers each version is of.
    pub(super) buffer_of: FastMap<V, usize>,
}

/// What an operation, which makes a version of a buffer, is about to overwrite. In a `Vec` that grows the place need not be there yet: then it is what goes
/// there, which does no harm where it is put back.
pub(super) fn overwritten(func: &Func, version: V, op: &Op) -> Option<Op> {
    Some(match op {
        Op::Set(base, path, x) => match path[..] {
            [Proj::Index(at)] if func.info(version).grows => {
                let name = |text| proc_macro2::Ident::new(text, Span::call_site());
                let holes = vec![(name("items"), *base), (name("at"), at), (name("item"), *x)];
                Op::Opaque(quote!(items.get(at).copied().unwrap_or(item)), holes)
            }
            _ => Op::Get(*base, path.clone()),
        },
        Op::AddAt(base, path, _) | Op::ClearAt(base, path) => Op::Get(*base, path.clone()),
        _ => return None,
    })
}

/// Lets all changes that a block makes to some buffers be put on the log. `None`, and the block as it was, where one of them is not
/// to be seen or cannot be put back.
pub(super) fn record(
    func: &mut Func,
    constants: &HashMap<V, Constant>,
    block: &mut Block,
    buffers: &[V],
) -> Option<Log> {
    let attempt = |func: &mut Func, numbered: bool| {
        let mut recorder = Recorder {
            func,
            constants,
            numbered,
            sites: Vec::new(),
            buffer_of: buffers.iter().copied().zip(0..).collect(),
        };
        let mut copy = block.clone();
        recorder.block(&mut copy)?;
        let log = Log {
            sites: recorder.sites,
            buffer_of: recorder.buffer_of,
        };
        Some((copy, log))
    };
    let (mut recorded, mut log) = attempt(func, false)?;
    if log.sites.len() > 1 {
        (recorded, log) = attempt(func, true)?;
    }
    *block = recorded;
    Some(log)
}

/// Puts all that some buffers hold on the log: what is done then, and the log. `None` where that is not numbers or arrays of them.
pub(super) fn snapshot(
    func: &mut Func,
    constants: &HashMap<V, Constant>,
    buffers: &[V],
) -> Option<(Vec<Stmt>, Log)> {
    let mut recorder = Recorder {
        func,
        constants,
        numbered: buffers.len() > 1,
        sites: Vec::new(),
        buffer_of: FastMap::default(),
    };
    let mut stmts = Vec::new();
    for (k, buffer) in buffers.iter().enumerate() {
        let all = Path::new();
        let held = Op::Get(*buffer, all.clone());
        recorder.change(k, *buffer, &all, held, &mut stmts)?;
    }
    let log = Log {
        sites: recorder.sites,
        buffer_of: recorder.buffer_of,
    };
    Some((stmts, log))
}

struct Recorder<'a> {
    func: &'a mut Func,
    constants: &'a HashMap<V, Constant>,
    /// Whether entries say which site they are of.
    numbered: bool,
    sites: Vec<Site>,
    buffer_of: FastMap<V, usize>,
}

impl Recorder<'_> {
    fn block(&mut self, block: &mut Block) -> Option<()> {
        let stmts = core::mem::take(&mut block.stmts);
        for mut s in stmts {
            self.stmt(&mut s, &mut block.stmts)?;
            block.stmts.push(s);
        }
        Some(())
    }

    fn buffer(&self, v: V) -> Option<usize> {
        self.buffer_of.get(&v).copied()
    }

    /// Follows a statement; what is to go before it is added to a list.
    fn stmt(&mut self, stmt: &mut Stmt, before: &mut Vec<Stmt>) -> Option<()> {
        // It takes off the log what its call has put there, from under what would be logged in between.
        if !asked(self.func, stmt).is_empty() {
            return None;
        }
        match stmt {
            Stmt::Let(v, op @ (Op::Set(..) | Op::AddAt(..) | Op::ClearAt(..))) => {
                if let Op::Set(a, path, _) | Op::AddAt(a, path, _) | Op::ClearAt(a, path) = &*op
                    && let Some(buffer) = self.buffer(*a)
                {
                    let old = overwritten(self.func, *v, op)?;
                    self.change(buffer, *a, path, old, before)?;
                    self.buffer_of.insert(*v, buffer);
                }
            }
            // The memory stays as it is.
            Stmt::Let(v, Op::Refill(a, _) | Op::Spent(a)) => {
                if let Some(buffer) = self.buffer(*a) {
                    self.buffer_of.insert(*v, buffer);
                }
            }
            Stmt::If(s) => {
                self.block(&mut s.then_)?;
                self.block(&mut s.else_)?;
                for (k, out) in s.outs.iter().enumerate() {
                    let buffer = self.buffer(s.then_.yields[k]);
                    if buffer != self.buffer(s.else_.yields[k]) {
                        return None;
                    }
                    self.buffer_of.extend(buffer.map(|b| (*out, b)));
                }
            }
            Stmt::Loop(l) => self.loop_(l)?,
            Stmt::Call(c) => self.call(c, before)?,
            Stmt::Sweep(s) => {
                if s.call.ret.is_some() {
                    self.call(&s.call, before)?;
                } else {
                    // Left as it is.
                    for a in &s.call.args {
                        if let Arg::Mut(root, _, again) = a {
                            let buffer = self.buffer(*root);
                            self.buffer_of.extend(buffer.map(|b| (*again, b)));
                        }
                    }
                }
                let lent = |slot: &SlotArg| matches!(slot, SlotArg::Local(a, ..) if self.buffer(*a).is_some());
                if s.slots.iter().any(lent) {
                    return None;
                }
            }
            // It keeps a log already.
            Stmt::Log(_) | Stmt::Let(_, Op::Unlog(_) | Op::Logged) => return None,
            _ => {}
        }
        Some(())
    }

    fn loop_(&mut self, l: &mut Loop) -> Option<()> {
        for (p, init) in l.params.iter().zip(&l.inits) {
            let buffer = self.buffer(*init);
            self.buffer_of.extend(buffer.map(|b| (*p, b)));
        }
        if let Head::While(cond) = &mut l.head {
            self.block(cond)?;
        }
        self.block(&mut l.body)?;
        for (k, p) in l.params.iter().enumerate() {
            let buffer = self.buffer(*p);
            // Buffers that change places would have to be told apart by the iteration.
            if buffer != self.buffer(l.body.yields[k]) {
                return None;
            }
            self.buffer_of.extend(buffer.map(|b| (l.outs[k], b)));
        }
        Some(())
    }

    /// What a callee is lent it may change.
    fn call(&mut self, c: &Call, before: &mut Vec<Stmt>) -> Option<()> {
        // Parts of one buffer that are lent together are all of the version before.
        let mut first: FastMap<V, V> = FastMap::default();
        for a in &c.args {
            let Arg::Mut(root, path, out) = a else {
                continue;
            };
            let Some(buffer) = self.buffer(*root) else {
                continue;
            };
            let version = *first.get(root).unwrap_or(root);
            let held = Op::Get(version, path.clone());
            self.change(buffer, version, path, held, before)?;
            first.insert(*out, version);
            self.buffer_of.insert(*out, buffer);
        }
        Some(())
    }

    /// Puts what is at a place on the log, and the place.
    fn change(
        &mut self,
        buffer: usize,
        version: V,
        path: &Path,
        held: Op,
        out: &mut Vec<Stmt>,
    ) -> Option<()> {
        let mut steps = Vec::new();
        let mut indices = Vec::new();
        // Where the part of a part begins.
        let mut start: Option<V> = None;
        for proj in path {
            match proj {
                Proj::Range { lo, .. } => {
                    if let Some(lo) = lo {
                        start = Some(self.sum(start, *lo, out));
                    }
                }
                Proj::Index(i) => match self.constants.get(i) {
                    Some(constant) if start.is_none() => {
                        steps.push(Step::Fixed(constant.clone()));
                    }
                    _ => {
                        indices.push(self.sum(start.take(), *i, out));
                        steps.push(Step::Logged);
                    }
                },
                Proj::Field(_) | Proj::Deref => steps.push(Step::Plain(proj.clone())),
                Proj::Payload(..) => return None,
            }
        }
        let shape = element(self.func.shape(version), path);
        let many = self.func.is_slice(version, path);
        let one = match &shape {
            Shape::Seq(e, _) if many => &**e,
            shape => shape,
        };
        let whole = path.is_empty() && !many;
        if whole || matches!(one, Shape::Named | Shape::Option(_) | Shape::Seq(_, None)) {
            return None;
        }
        if many {
            let one = one.clone();
            steps.push(Step::Many);
            self.elements(version, path, one, out);
            let start = start.unwrap_or_else(|| number(self.func, 0, out));
            let n = fresh(self.func, Shape::Int, None);
            out.push(Stmt::Let(n, Op::Len(version, path.clone())));
            indices.extend([start, n]);
        } else {
            let old = fresh(self.func, shape, None);
            out.push(Stmt::Let(old, held));
            out.push(Stmt::Log(old));
        }
        out.extend(indices.into_iter().map(Stmt::Log));
        let site = Site {
            buffer,
            path: steps,
        };
        let known = self.sites.iter().position(|other| other.is(&site));
        let k = known.unwrap_or(self.sites.len());
        if self.numbered {
            let number = number(self.func, k, out);
            out.push(Stmt::Log(number));
        }
        if known.is_none() {
            self.sites.push(site);
        }
        Some(())
    }

    /// Puts all elements of a part on the log.
    fn elements(&mut self, version: V, path: &Path, shape: Shape, out: &mut Vec<Stmt>) {
        let mut body = Block::default();
        let (n, i) = (
            fresh(self.func, Shape::Int, None),
            fresh(self.func, Shape::Int, None),
        );
        let old = fresh(self.func, shape, None);
        let zero = number(self.func, 0, out);
        let at = path.iter().cloned().chain([Proj::Index(i)]).collect();
        out.push(Stmt::Let(n, Op::Len(version, path.clone())));
        body.stmts.push(Stmt::Let(old, Op::Get(version, at)));
        body.stmts.push(Stmt::Log(old));
        let over = for_each(self.func, (zero, n), Vec::new(), i, None, body);
        out.push(over);
    }

    fn sum(&mut self, start: Option<V>, by: V, out: &mut Vec<Stmt>) -> V {
        let Some(start) = start else { return by };
        let sum = fresh(self.func, Shape::Int, None);
        out.push(Stmt::Let(sum, Op::Bin(Bin::Add, start, by)));
        sum
    }
}

/// `for i in lo..hi`, with one value carried or none: its name inside, what it starts from, and what comes out.
pub(super) fn for_each(
    func: &mut Func,
    (lo, hi): (V, V),
    adapt: Vec<Adapt>,
    i: V,
    carried: Option<(V, V, V)>,
    body: Block,
) -> Stmt {
    let id = LoopId(func.loops);
    func.loops += 1;
    let carried = carried.as_slice();
    Stmt::Loop(Loop {
        id,
        head: Head::For {
            i,
            range: Range {
                lo,
                hi,
                inclusive: false,
                adapt,
            },
        },
        params: carried.iter().map(|c| c.0).collect(),
        inits: carried.iter().map(|c| c.1).collect(),
        body,
        stop: None,
        outs: carried.iter().map(|c| c.2).collect(),
        trips: None,
        reverses: None,
    })
}

/// What is known of a part.
pub(super) fn element(shape: &Shape, path: &[Proj]) -> Shape {
    let mut shape = shape;
    for proj in path {
        shape = match (shape, proj) {
            (Shape::Seq(e, _), Proj::Index(_)) => e,
            (shape, Proj::Range { .. }) => shape,
            (Shape::Tuple(es), Proj::Field(syn::Member::Unnamed(k))) => {
                match es.get(k.index as usize) {
                    Some(e) => e,
                    None => return Shape::Unknown,
                }
            }
            _ => return Shape::Unknown,
        };
    }
    shape.clone()
}

/// A value that something is about to define.
pub(super) fn fresh(func: &mut Func, shape: Shape, name: Option<String>) -> V {
    let v = V(func.infos.len() as u32);
    func.infos.push(Info {
        name,
        span: Span::call_site(),
        ..Info::new(shape)
    });
    v
}

/// A number of ours.
pub(super) fn number(func: &mut Func, n: usize, out: &mut Vec<Stmt>) -> V {
    let v = fresh(func, Shape::Int, None);
    let n = proc_macro2::Literal::usize_suffixed(n);
    out.push(Stmt::Let(v, Op::Const(quote!(#n).into())));
    v
}
