//! Common subexpressions, whole branches and loops included: the same computation is done once.

pub(crate) mod arms;
mod bare;
pub(crate) mod key;
pub(crate) mod repeated;
pub(crate) mod rerun;
mod scope;

use crate::ir::buffers::is_buffer;
use crate::ir::subst::uses_mut;
use crate::ir::table::{FastMap, Table};
use crate::ir::visit::{blocks_mut, outs};
use crate::ir::{Block, Func, Op, Shape, Stmt, V};
use key::{Word, Writer};
use scope::Scope;

/// Merges equal computations. Returns whether there were any.
pub(crate) fn run(func: &mut Func) -> bool {
    let writer = Writer::of(func);
    let mut body = core::mem::take(&mut func.body);
    let values = func.infos.len();
    let mut pass = Pass {
        func,
        known: Scope::new(values),
        writer,
        map: Table::new(),
        loops: FastMap::default(),
    };
    pass.block(&mut body);
    let (map, loops) = (pass.map, pass.loops);
    replace(func, body, &map, &loops);
    !map.is_empty()
}

/// Puts a function's body back, in which some values, and the names of some loops, stand for others now.
fn replace(func: &mut Func, mut body: Block, map: &Table<V>, loops: &FastMap<u32, u32>) {
    if !map.is_empty() {
        let mut resolve = |v: &mut V| *v = *map.get(v).unwrap_or(v);
        crate::ir::subst::block_uses_mut(&mut body, &mut resolve);
        let results = func
            .ret
            .iter_mut()
            .chain(func.finals.iter_mut().flatten())
            .chain(func.adjoints.iter_mut().flatten());
        results.for_each(resolve);
        relink(&mut body, loops, map);
    }
    func.body = body;
}

/// What a statement defines.
fn outs_of(stmt: &Stmt) -> Vec<V> {
    let mut all = Vec::new();
    outs(stmt, &mut |v| all.push(v));
    all
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

struct Pass<'a> {
    func: &'a mut Func,
    known: Scope,
    writer: Writer,
    map: Table<V>,
    loops: FastMap<u32, u32>,
}

impl Pass<'_> {
    fn block(&mut self, block: &mut Block) {
        let before = self.known.len();
        block.stmts.retain_mut(|stmt| self.stays(stmt));
        self.known.forget(before);
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
        if write(self.func, &mut self.writer, stmt) {
            let defs = Defs::of(stmt);
            if let Some(first) = self.known.get(&self.writer.out) {
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
            self.known.learn(&self.writer.out, defs);
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
}

/// Writes what a statement computes. Returns false for what is not to be merged.
fn write(func: &Func, w: &mut Writer, stmt: &Stmt) -> bool {
    w.clear();
    let Stmt::Let(v, op) = stmt else {
        outs(stmt, &mut |v| w.untyped(func, v));
        return w.stmt(stmt);
    };
    let aggregate = !matches!(func.shape(*v), Shape::Float | Shape::Int);
    // A number is written where it is used.
    if aggregate || !matches!(op, Op::Const(_) | Op::Lit(_)) {
        w.untyped(func, *v);
    }
    match op {
        Op::Undef | Op::Kept(..) | Op::Restore(..) | Op::Unlog(_) | Op::Logged => return false,
        // Each is of the type of one callee's result.
        Op::Helper("thrown_away", _) => return false,
        // Two buffers that start out equal are still two buffers.
        Op::ZeroLike(_) if aggregate => return false,
        // So are two `vec![x; n]`; but what the reverse sweep makes once more is the same.
        Op::Filled(..) | Op::Array(_) | Op::Const(_) if is_buffer(func, *v) => {
            w.word(Word::Of);
            w.v(func.info(*v).origin.unwrap_or(*v));
        }
        // A named constant takes its type from how the name is used.
        Op::Const(_) if func.info(*v).name.is_some() => {
            w.word(Word::Of);
            w.v(func.info(*v).origin.unwrap_or(*v));
        }
        _ => {}
    }
    w.op(op);
    true
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
