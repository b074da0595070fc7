//! Which values serve the adjoint of one parameter alone: where its slot is off they need not be computed.

use crate::ir::table::Table;
use crate::ir::visit::{all_uses, blocks, own_uses};
use crate::ir::{Block, Func, Loop, Stmt, V};

/// What a value is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Use {
    /// The adjoint of this parameter.
    Param(usize),
    /// More than one thing.
    Many,
}

/// For each value what it is for.
pub(crate) struct Serves(Table<Use>);

impl Serves {
    pub(crate) fn of(func: &Func) -> Serves {
        let mut s = Serves(Table::new());
        for v in func
            .ret
            .iter()
            .chain(func.finals.iter().flatten())
            .chain(func.adjoints.iter().flatten())
        {
            s.mark(*v, Use::Many);
        }
        s.block(&func.body);
        s
    }

    fn mark(&mut self, v: V, what: Use) {
        let entry = self.0.entry(v);
        *entry = match entry {
            Some(u) if *u != what => Some(Use::Many),
            _ => Some(what),
        };
    }

    fn block(&mut self, b: &Block) {
        for s in b.stmts.iter().rev() {
            let what = match s {
                Stmt::Accum { param, .. } => Use::Param(*param),
                Stmt::Let(v, _) => match self.0.get(v) {
                    Some(u) => *u,
                    None => continue,
                },
                Stmt::Loop(l) => self.whole(l).map_or(Use::Many, Use::Param),
                Stmt::If(i) if i.outs.is_empty() => only_param(s).map_or(Use::Many, Use::Param),
                _ => Use::Many,
            };
            if what != Use::Many {
                all_uses(s, &mut |v| self.mark(v, what));
                continue;
            }
            own_uses(s, &mut |v| self.mark(v, what));
            if let Stmt::Loop(l) = s {
                l.stop.iter().for_each(|v| self.mark(*v, what));
            }
            for inner in blocks(s) {
                inner.yields.iter().for_each(|v| self.mark(*v, what));
                self.block(inner);
            }
        }
    }

    /// The parameter for whose adjoint alone a loop runs.
    pub(crate) fn whole(&self, l: &Loop) -> Option<usize> {
        let mut found = None;
        let mut one = |k: usize| *found.get_or_insert(k) == k;
        for o in &l.outs {
            match self.0.get(o) {
                Some(Use::Param(k)) if one(*k) => {}
                None => {}
                _ => return None,
            }
        }
        for s in &l.body.stmts {
            match s {
                Stmt::Accum { param, .. } if one(*param) => {}
                Stmt::Let(..) => {}
                _ => return None,
            }
        }
        found
    }
}

/// The parameter to whose adjoint alone a statement adds.
fn only_param(s: &Stmt) -> Option<usize> {
    let mut found = None;
    for b in blocks(s) {
        for s in &b.stmts {
            match s {
                Stmt::Accum { param, .. } if *found.get_or_insert(*param) == *param => {}
                Stmt::Let(..) => {}
                _ => return None,
            }
        }
    }
    found
}
