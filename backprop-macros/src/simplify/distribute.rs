//! Loop distribution: inner loops that have nothing to do with each other run in loops of their own. A sum along
//! each row and additions to each row vectorise differently; side by side LLVM finds the form of neither.

use crate::ir::subst::{Map, copy};
use crate::ir::table::{Set, Table};
use crate::ir::visit::{all_uses, blocks_mut, outs};
use crate::ir::{Adapt, Block, Func, Head, Loop, LoopId, Op, Stmt, V};

/// Distributes what only adds to adjoints.
pub(crate) fn run(func: &mut Func) {
    let mut body = core::mem::take(&mut func.body);
    block(func, &mut body);
    func.body = body;
}

fn block(func: &mut Func, b: &mut Block) {
    let mut k = 0;
    while k < b.stmts.len() {
        for inner in blocks_mut(&mut b.stmts[k]) {
            block(func, inner);
        }
        if let Stmt::Loop(l) = &b.stmts[k]
            && let Some(loops) = distributed(func, l)
        {
            let count = loops.len();
            b.stmts.splice(k..=k, loops.into_iter().map(Stmt::Loop));
            k += count - 1;
        }
        k += 1;
    }
}

/// The loops that a loop falls apart into, in the order of their first statements.
fn distributed(func: &mut Func, l: &Loop) -> Option<Vec<Loop>> {
    let Head::For { i, range } = &l.head else {
        return None;
    };
    let plain = range.adapt.iter().all(|a| matches!(a, Adapt::Rev));
    if !plain || l.stop.is_some() || !l.params.is_empty() || asks(&l.body.stmts, l.reverses) {
        return None;
    }
    let groups = groups(&l.body.stmts)?;
    let mut loops = Vec::new();
    for (n, group) in groups.iter().enumerate() {
        let stmts = with_what_they_need(&l.body.stmts, group);
        let (mut index, mut own) = (*i, stmts);
        // The first keeps the names.
        if n > 0 {
            index = V(func.infos.len() as u32);
            func.infos.push(func.info(*i).clone());
            let mut map = Map::default();
            map.insert(*i, index);
            own = copy(func, &own, &mut map);
        }
        let id = if n == 0 { l.id } else { fresh(func) };
        loops.push(Loop {
            id,
            head: Head::For {
                i: index,
                range: range.clone(),
            },
            body: Block {
                stmts: own,
                yields: Vec::new(),
            },
            ..l.clone()
        });
    }
    Some(loops)
}

fn fresh(func: &mut Func) -> LoopId {
    func.loops += 1;
    LoopId(func.loops - 1)
}

/// Whether anything is asked for that the loop around keeps.
fn asks(stmts: &[Stmt], id: Option<LoopId>) -> bool {
    stmts
        .iter()
        .any(|s| matches!(s, Stmt::Let(_, Op::Kept(of, _)) if Some(*of) == id))
}

/// The statements that act, by what they have in common; `None` unless two groups at least have a loop.
fn groups(stmts: &[Stmt]) -> Option<Vec<Vec<usize>>> {
    let loops = stmts.iter().filter(|s| matches!(s, Stmt::Loop(_))).count();
    if loops < 2 {
        return None;
    }
    // For each statement the group of the acting statements that it follows from.
    let mut made_by: Table<usize> = Table::new();
    let mut leader: Vec<Option<usize>> = vec![None; stmts.len()];
    for (k, s) in stmts.iter().enumerate() {
        let acts = match s {
            Stmt::Let(_, op) if is_cheap(op) => false,
            Stmt::Loop(_) | Stmt::Accum { .. } => true,
            _ => return None,
        };
        let mut own = acts.then_some(k);
        let mut merge = Vec::new();
        all_uses(s, &mut |v| {
            merge.extend(made_by.get(&v).and_then(|j| leader[*j]));
        });
        // A reverse loop may ask its forward loop to keep something.
        if let Stmt::Loop(r) = s {
            let forward = |f: &Stmt| matches!(f, Stmt::Loop(f) if Some(f.id) == r.reverses);
            merge.extend(stmts[..k].iter().position(forward).and_then(|j| leader[j]));
        }
        for other in merge {
            let to = own.map_or(other, |k| k.min(other));
            for g in leader.iter_mut().flatten() {
                if *g == other || Some(*g) == own {
                    *g = to;
                }
            }
            own = Some(to);
        }
        leader[k] = own;
        outs(s, &mut |v| {
            made_by.insert(v, k);
        });
    }
    let mut groups: Vec<(usize, Vec<usize>)> = Vec::new();
    for (k, g) in leader.iter().enumerate() {
        let Some(g) = g else { continue };
        match groups.iter_mut().find(|(own, _)| own == g) {
            Some((_, members)) => members.push(k),
            None => groups.push((*g, vec![k])),
        }
    }
    let with_loop =
        |members: &Vec<usize>| members.iter().any(|k| matches!(stmts[*k], Stmt::Loop(_)));
    let apart = groups.iter().filter(|(_, m)| with_loop(m)).count();
    (apart >= 2).then(|| groups.into_iter().map(|(_, m)| m).collect())
}

/// What can be computed in each of the loops.
fn is_cheap(op: &Op) -> bool {
    matches!(
        op,
        Op::Const(_)
            | Op::Lit(_)
            | Op::Un(..)
            | Op::Bin(..)
            | Op::Get(..)
            | Op::Len(..)
            | Op::Cast(..)
    )
}

/// The statements of a group, and those before them whose values they use.
fn with_what_they_need(stmts: &[Stmt], group: &[usize]) -> Vec<Stmt> {
    let mut wanted = Set::new();
    let mut out = Vec::new();
    for (k, s) in stmts.iter().enumerate().rev() {
        let mut makes = false;
        outs(s, &mut |v| makes |= wanted.contains(&v));
        if makes || group.contains(&k) {
            all_uses(s, &mut |v| {
                wanted.insert(v);
            });
            out.push(s.clone());
        }
    }
    out.reverse();
    out
}
