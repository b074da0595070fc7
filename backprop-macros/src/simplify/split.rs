//! Loop fission: a sum that is carried beside other work gets a loop of its own, because each of the two vectorises, and the two
//! together do not. One sum beside updates of elements stays there: the emitter has a form for the two in one loop (`emit/beside.rs`).

use crate::ir::subst::{Map, copy};
use crate::ir::table::{Set, Table};
use crate::ir::visit::{blocks_mut, each, kept, outs, own_uses, path_uses};
use crate::ir::{Bin, Block, Func, Head, Loop, Op, Path, Proj, Shape, Stmt, V};

/// Splits inner loops. Returns whether there were any.
pub(crate) fn run(func: &mut Func) -> bool {
    all(func, &|_| true)
}

/// Splits those with additions to adjoints of parameters that have been left together.
pub(crate) fn apart(func: &mut Func) -> bool {
    all(func, &|l| {
        let adds = |s: &Stmt| matches!(s, Stmt::Accum { .. });
        !l.body.stmts.iter().any(adds)
    })
}

/// Splits all but the loops with one sum beside updates that may stay together.
fn all(func: &mut Func, together: &dyn Fn(&Loop) -> bool) -> bool {
    let mut body = core::mem::take(&mut func.body);
    let mut asked = Set::new();
    kept(&body, &mut asked);
    let mut known = Table::new();
    each(&body, &mut |s| {
        if let Stmt::Let(v, op @ (Op::Const(_) | Op::Bin(Bin::Add, ..))) = s {
            known.insert(*v, op.clone());
        }
    });
    let around = Around {
        asked,
        known,
        together,
    };
    let news = block(func, &mut body, &around);
    func.body = body;
    news
}

/// What is known of the function.
struct Around<'a> {
    /// What reverse loops ask for.
    asked: Set,
    /// Constants, and sums of integers.
    known: Table<Op>,
    together: &'a dyn Fn(&Loop) -> bool,
}

fn block(func: &mut Func, b: &mut Block, around: &Around) -> bool {
    let mut news = false;
    let mut k = 0;
    while k < b.stmts.len() {
        for inner in blocks_mut(&mut b.stmts[k]) {
            news |= block(func, inner, around);
        }
        if let Stmt::Loop(l) = &mut b.stmts[k] {
            // What a reverse loop asks for goes on being carried.
            let sums = if l.params.iter().any(|p| around.asked.contains(p)) {
                Vec::new()
            } else {
                sums(func, l, around)
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
fn sums(func: &mut Func, l: &mut Loop, around: &Around) -> Vec<Loop> {
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
    if (around.together)(l) && beside(func, l, &around.known) {
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

/// Whether a loop carries one sum, and all else it does is to update elements one by one: that is emitted in lanes as it is.
fn beside(func: &Func, l: &Loop, known: &Table<Op>) -> bool {
    let Head::For { i, .. } = &l.head else {
        return false;
    };
    let mut inside = Set::from([*i]);
    for s in &l.body.stmts {
        outs(s, &mut |v| {
            inside.insert(v);
        });
    }
    let fixed = |v: V| !inside.contains(&v) || matches!(known.get(&v), Some(Op::Const(_)));
    let unit = |v: V| {
        let next = |v: V| match known.get(&v) {
            Some(Op::Bin(Bin::Add, a, b)) if fixed(*a) => Some(*b),
            Some(Op::Bin(Bin::Add, a, b)) if fixed(*b) => Some(*a),
            _ => None,
        };
        core::iter::successors(Some(v), |v| next(*v)).any(|v| v == *i)
    };
    let element = |path: &Path| match path.split_last() {
        Some((Proj::Index(at), before)) => {
            let mut steady = true;
            path_uses(&before.to_vec(), &mut |v| steady &= fixed(v));
            unit(*at) && steady
        }
        _ => false,
    };
    let updates = l.body.stmts.iter().all(|s| match s {
        Stmt::Accum { path, .. } | Stmt::Let(_, Op::AddAt(_, path, _) | Op::Set(_, path, _)) => {
            element(path)
        }
        Stmt::Let(_, Op::ClearAt(_, path)) => element(path),
        Stmt::Let(v, Op::Get(root, path)) => {
            *func.shape(*v) == Shape::Float && (element(path) || fixed(*root))
        }
        _ => true,
    });
    let mut sums = (0..l.params.len()).filter(|k| func.shape(l.params[*k]).is_scalar());
    match (sums.next(), sums.next()) {
        (Some(k), None) => updates && needed(func, l, k).is_some(),
        _ => false,
    }
}

/// The statements that the sum carried in parameter `k` takes, if they are cheap and nothing else sees it.
fn needed(func: &Func, l: &Loop, k: usize) -> Option<Vec<Stmt>> {
    let (p, y) = (l.params[k], l.body.yields[k]);
    if *func.shape(p) != Shape::Float || !super::fuse::only_sums(l, k) {
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
