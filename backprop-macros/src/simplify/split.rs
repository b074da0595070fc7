//! Loop fission: a sum that is carried beside additions to elements gets a loop of its own, because each of
//! the two vectorises, and the two together do not.

use crate::ir::subst::{Map, copy};
use crate::ir::table::Set;
use crate::ir::visit::{blocks_mut, kept, own_uses};
use crate::ir::{Bin, Block, Func, Head, Loop, Op, Shape, Stmt, V};

/// Splits inner loops. Returns whether there were any.
pub(crate) fn run(func: &mut Func) -> bool {
    let mut body = core::mem::take(&mut func.body);
    let mut asked = Set::new();
    kept(&body, &mut asked);
    let news = block(func, &mut body, &asked);
    func.body = body;
    news
}

fn block(func: &mut Func, b: &mut Block, asked: &Set) -> bool {
    let mut news = false;
    let mut k = 0;
    while k < b.stmts.len() {
        for inner in blocks_mut(&mut b.stmts[k]) {
            news |= block(func, inner, asked);
        }
        if let Stmt::Loop(l) = &mut b.stmts[k] {
            // What a reverse loop asks for goes on being carried.
            let sums = if l.params.iter().any(|p| asked.contains(p)) {
                Vec::new()
            } else {
                sums(func, l)
            };
            news |= !sums.is_empty();
            k += sums.len();
            let at = k - sums.len();
            b.stmts.splice(at..at, sums.into_iter().map(Stmt::Loop));
        }
        k += 1;
    }
    news
}

/// Takes the sums out of a loop that has something else to do.
fn sums(func: &mut Func, l: &mut Loop) -> Vec<Loop> {
    let plain = matches!(&l.head, Head::For { range, .. } if range.adapt.is_empty() && !range.inclusive)
        && l.stop.is_none();
    let writes = l.body.stmts.iter().any(|s| {
        matches!(
            s,
            Stmt::Accum { .. } | Stmt::Let(_, Op::AddAt(..) | Op::Set(..))
        )
    });
    let straight = l
        .body
        .stmts
        .iter()
        .all(|s| matches!(s, Stmt::Accum { .. } | Stmt::Let(..)));
    if !plain || !writes || !straight {
        return Vec::new();
    }
    let mut out = Vec::new();
    let mut k = 0;
    while k < l.params.len() {
        match needed(func, l, k) {
            Some(stmts) => {
                let mut map = Map::default();
                let (p, y) = (l.params.remove(k), l.body.yields.remove(k));
                let (init, o) = (l.inits.remove(k), l.outs.remove(k));
                l.trips = None;
                l.body
                    .stmts
                    .retain(|s| !matches!(s, Stmt::Let(v, _) if *v == y));
                let Head::For { i, range } = &l.head else {
                    return out;
                };
                let index = V(func.infos.len() as u32);
                func.infos.push(func.info(*i).clone());
                map.insert(*i, index);
                let stmts = copy(func, &stmts, &mut map);
                let y = *map.get(&y).unwrap_or(&y);
                let id = crate::ir::LoopId(func.loops);
                func.loops += 1;
                let head = Head::For {
                    i: index,
                    range: range.clone(),
                };
                out.push(Loop {
                    id,
                    head,
                    params: vec![p],
                    inits: vec![init],
                    body: Block {
                        stmts,
                        yields: vec![y],
                    },
                    stop: None,
                    outs: vec![o],
                    trips: None,
                    reverses: None,
                });
            }
            None => k += 1,
        }
    }
    out
}

/// The statements that the sum carried in parameter `k` takes, if they are cheap and nothing else sees it.
fn needed(func: &Func, l: &Loop, k: usize) -> Option<Vec<Stmt>> {
    let (p, y) = (l.params[k], l.body.yields[k]);
    if *func.shape(p) != Shape::Float || !super::fuse::sums(p, y, &l.body) {
        return None;
    }
    let adds = l.body.stmts.iter().any(|s| matches!(s, Stmt::Let(v, Op::Bin(Bin::Add | Bin::Sub, a, b)) if *v == y && (*a == p || *b == p)));
    if !adds {
        return None;
    }
    let others: Set = l.params.iter().copied().filter(|q| *q != p).collect();
    let mut wanted = Set::from([y]);
    let mut stmts = Vec::new();
    for s in l.body.stmts.iter().rev() {
        let Stmt::Let(v, op) = s else { continue };
        if !wanted.contains(v) {
            continue;
        }
        let cheap = matches!(
            op,
            Op::Get(..)
                | Op::Bin(..)
                | Op::Un(..)
                | Op::Const(_)
                | Op::Lit(_)
                | Op::Fn("powi" | "abs", _)
        );
        let mut own = true;
        own_uses(s, &mut |u| {
            own &= !others.contains(&u);
            wanted.insert(u);
        });
        if !cheap || !own {
            return None;
        }
        stmts.push(s.clone());
    }
    // A sum that reads nothing element by element gains nothing.
    stmts
        .iter()
        .any(|s| matches!(s, Stmt::Let(_, Op::Get(..))))
        .then(|| {
            stmts.reverse();
            stmts
        })
}
