//! Puts numbers into their places in the forward loop, and takes them from there in the reverse loop.

use super::define;
use super::twins::{Step, Twins};
use crate::ir::subst::{Map, block_uses_mut};
use crate::ir::table::FastMap;
use crate::ir::visit::{block_uses, blocks_mut, outs};
use crate::ir::{Bin, Block, Func, Head, Loop, LoopId, Op, Stmt, V};

/// Where everything is kept.
pub(super) struct Keeping {
    pub(super) area: usize,
    /// The forward loop.
    pub(super) root: LoopId,
    /// Of each loop with something to keep, how many words the loops inside it keep in one of its iterations, if there are such. Of
    /// the forward loop all words of an iteration.
    pub(super) strides: FastMap<LoopId, Option<V>>,
    /// By value, its store and the innermost loop around it.
    pub(super) stores: FastMap<V, (usize, LoopId)>,
}

/// Where an iteration of a loop finds what it keeps.
#[derive(Clone, Copy)]
struct Place {
    /// The word of its own in each row.
    own: V,
    /// How far from the first one what the loops inside it keep is.
    inside: V,
}

pub(super) struct Places<'p> {
    pub(super) func: &'p mut Func,
    pub(super) twins: &'p Twins,
    pub(super) keeping: &'p Keeping,
    pub(super) renamed: Map,
}

type Around = FastMap<LoopId, Place>;

impl Places<'_> {
    pub(super) fn forwards(&mut self, f: &mut Loop) {
        let mut around = Around::default();
        let begin = self.enter(f, self.keeping.root, &mut around);
        self.put_in(f, begin, &around);
    }

    pub(super) fn backwards(&mut self, r: &mut Loop) {
        let mut around = Around::default();
        let begin = self.enter(r, self.keeping.root, &mut around);
        let mut path = vec![Step::Loop(self.keeping.root)];
        self.take_from(&mut r.body, &around, &mut path);
        r.body.stmts.splice(0..0, begin);
        let renamed = core::mem::take(&mut self.renamed);
        block_uses_mut(&mut r.body, &mut |v| *v = *renamed.get(v).unwrap_or(v));
    }

    /// The place of an iteration, which is computed at the beginning of the loop's body.
    fn enter(&mut self, l: &Loop, id: LoopId, around: &mut Around) -> Vec<Stmt> {
        let mut begin = Vec::new();
        let Head::For { i, range } = &l.head else {
            return begin;
        };
        // Loops inside one whose iterations are not numbered are not known.
        let (Some(nest), Some(stride)) = (
            self.twins.nests.get(&id),
            self.keeping.strides.get(&id).copied(),
        ) else {
            return begin;
        };
        let root = id == self.keeping.root;
        let outer = match nest.parent.and_then(|p| around.get(&p)) {
            _ if root => None,
            Some(place) => Some(place.inside),
            None => return begin,
        };
        let func = &mut *self.func;
        let position = define(func, &mut begin, Op::Helper("trips", vec![range.lo, *i]));
        let inside = match stride {
            Some(stride) => define(func, &mut begin, Op::Bin(Bin::Mul, position, stride)),
            None => position,
        };
        let place = match outer {
            Some(outer) => Place {
                own: define(func, &mut begin, Op::Bin(Bin::Add, outer, position)),
                inside: define(func, &mut begin, Op::Bin(Bin::Add, outer, inside)),
            },
            None => Place {
                own: inside,
                inside,
            },
        };
        around.insert(id, place);
        begin
    }

    // ------------------------------------------------------------ forwards

    fn put_in(&mut self, l: &mut Loop, mut begin: Vec<Stmt>, around: &Around) {
        for p in &l.params {
            begin.extend(self.save(*p, around));
        }
        self.put(&mut l.body, around);
        l.body.stmts.splice(0..0, begin);
    }

    fn put(&mut self, block: &mut Block, around: &Around) {
        let mut out = Vec::with_capacity(block.stmts.len());
        for mut stmt in core::mem::take(&mut block.stmts) {
            if let Stmt::Loop(l) = &mut stmt {
                let mut around = around.clone();
                let begin = self.enter(l, l.id, &mut around);
                self.put_in(l, begin, &around);
            } else {
                for b in blocks_mut(&mut stmt) {
                    self.put(b, around);
                }
            }
            let mut made = Vec::new();
            outs(&stmt, &mut |v| made.push(v));
            out.push(stmt);
            for v in made {
                out.extend(self.save(v, around));
            }
        }
        block.stmts = out;
    }

    fn save(&self, v: V, around: &Around) -> Option<Stmt> {
        let (store, home) = self.keeping.stores.get(&v)?;
        Some(Stmt::Save {
            store: *store,
            at: Some(around.get(home)?.own),
            v,
        })
    }

    // ------------------------------------------------------------ backwards

    fn take_from(&mut self, block: &mut Block, around: &Around, path: &mut Vec<Step>) {
        let mut out = Vec::with_capacity(block.stmts.len());
        for mut stmt in core::mem::take(&mut block.stmts) {
            match &mut stmt {
                Stmt::Loop(l) => {
                    let mut around = around.clone();
                    let mut begin = Vec::new();
                    let partner = self.twins.partner(l.id);
                    if let Some(id) = partner {
                        begin = self.enter(l, id, &mut around);
                        path.push(Step::Loop(id));
                    }
                    for p in &l.params {
                        begin.extend(self.found_again(*p, &around, path));
                    }
                    self.take_from(&mut l.body, &around, path);
                    l.body.stmts.splice(0..0, begin);
                    if partner.is_some() {
                        path.pop();
                    }
                }
                Stmt::If(s) => {
                    let cond = self.twins.canonical(s.cond);
                    for (side, b) in [(true, &mut s.then_), (false, &mut s.else_)] {
                        path.push(Step::Side(cond, side));
                        self.take_from(b, around, path);
                        path.pop();
                    }
                }
                Stmt::Let(v, op) => {
                    if let Some(restore) = self.restore(*v, around, path) {
                        *op = restore;
                    }
                    out.push(stmt);
                    continue;
                }
                _ => {}
            }
            let mut made = Vec::new();
            outs(&stmt, &mut |v| made.push(v));
            out.push(stmt);
            for v in made {
                out.extend(self.found_again(v, around, path));
            }
        }
        block.stmts = out;
    }

    /// What was kept of a value, if it is one of those.
    fn restore(&self, v: V, around: &Around, path: &[Step]) -> Option<Op> {
        let number = self.twins.known(v)?;
        let (store, home) = self.keeping.stores.get(&number)?;
        let steps = self.twins.homes.get(&number)?;
        if !steps.iter().all(|s| path.contains(s)) {
            return None;
        }
        let at = around.get(home)?.own;
        Some(Op::Restore(*store, Some(at), at))
    }

    /// The same for what is not defined by an operation: it gets another name.
    fn found_again(&mut self, v: V, around: &Around, path: &[Step]) -> Option<Stmt> {
        let restore = self.restore(v, around, path)?;
        let again = V(self.func.infos.len() as u32);
        let info = self.func.info(v).clone();
        self.func.infos.push(info);
        self.renamed.insert(v, again);
        Some(Stmt::Let(again, restore))
    }
}

/// Whether a value that is used has no definition.
pub(super) fn is_blank(block: &Block, v: V) -> bool {
    let (mut blank, mut used) = (false, false);
    crate::ir::visit::each(block, &mut |s| {
        blank |= matches!(s, Stmt::Let(w, Op::Undef) if *w == v);
    });
    block_uses(block, &mut |u| used |= u == v);
    blank && used
}
