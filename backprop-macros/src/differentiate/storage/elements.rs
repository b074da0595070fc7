//! An element that an iteration changes several times is read once and written once.
//!
//! ```text
//! d[i] += x; let t = d[i]; d[i] = 0; d[i] += t * y;
//! let t = d[i] + x; d[i] = t * y;
//! ```

use crate::ir::subst::{Map, block_uses_mut};
use crate::ir::visit::{all_uses, blocks_mut};
use crate::ir::{Bin, Block, Func, Info, Loop, Op, Path, Proj, Shape, Stmt, V, same_path};

/// Does so in the loops of a block that have no loop inside.
pub(super) fn run(func: &mut Func, block: &mut Block) {
    for s in &mut block.stmts {
        for b in blocks_mut(s) {
            run(func, b);
        }
        if let Stmt::Loop(l) = s {
            for k in 0..l.params.len() {
                if let Some(steps) = steps(func, l, k) {
                    in_a_register(func, l, k, &steps);
                }
            }
        }
    }
}

/// The statements that use the versions of what a loop carries, if all of them are about one element.
fn steps(func: &Func, l: &Loop, k: usize) -> Option<Vec<usize>> {
    let (mut version, last) = (l.params[k], l.body.yields[k]);
    let mut element: Option<&Path> = None;
    let (mut steps, mut updates) = (Vec::new(), 0);
    for (at, s) in l.body.stmts.iter().enumerate() {
        let mut uses = false;
        all_uses(s, &mut |v| uses |= v == version);
        if !uses {
            continue;
        }
        let float = |v: V| *func.shape(v) == Shape::Float;
        let (path, next) = match s {
            Stmt::Let(v, Op::Get(a, path)) if *a == version && float(*v) => (path, None),
            Stmt::Let(v, Op::Set(a, path, x) | Op::AddAt(a, path, x))
                if *a == version && float(*x) =>
            {
                (path, Some(*v))
            }
            Stmt::Let(v, Op::ClearAt(a, path)) if *a == version => (path, Some(*v)),
            _ => return None,
        };
        // What leads there is no version itself, and has been computed by then.
        let plain = |p: &Proj| matches!(p, Proj::Index(_) | Proj::Field(_));
        if !path.iter().all(plain) || !matches!(path.last(), Some(Proj::Index(_))) {
            return None;
        }
        if !element.is_none_or(|first| same_path(first, path)) {
            return None;
        }
        element = Some(path);
        steps.push(at);
        if let Some(v) = next {
            updates += 1;
            version = v;
        }
    }
    let carried = l.body.yields.iter().filter(|y| **y == version).count();
    let stays = l
        .body
        .yields
        .iter()
        .all(|y| *y == last || !is_version(l, &steps, *y));
    let known = steps.iter().any(|at| {
        matches!(
            &l.body.stmts[*at],
            Stmt::Let(_, Op::Get(..) | Op::AddAt(..))
        )
    });
    (updates > 1 && version == last && carried == 1 && stays && known).then_some(steps)
}

fn is_version(l: &Loop, steps: &[usize], v: V) -> bool {
    steps.iter().any(|at| {
        matches!(&l.body.stmts[*at], Stmt::Let(w, Op::Set(..) | Op::AddAt(..) | Op::ClearAt(..)) if *w == v)
    })
}

/// What the element is on the way.
enum Now {
    Value(V),
    Zero,
}

fn in_a_register(func: &mut Func, l: &mut Loop, k: usize, steps: &[usize]) {
    let (first, last) = (l.params[k], l.body.yields[k]);
    let mut names = Map::default();
    let mut now: Option<Now> = None;
    let mut out = Vec::with_capacity(l.body.stmts.len() + 2);
    for (at, s) in core::mem::take(&mut l.body.stmts).into_iter().enumerate() {
        let Stmt::Let(v, op) = &s else {
            out.push(s);
            continue;
        };
        if !steps.contains(&at) {
            out.push(s);
            continue;
        }
        let (Op::Get(_, path) | Op::Set(_, path, _) | Op::AddAt(_, path, _) | Op::ClearAt(_, path)) =
            op
        else {
            continue;
        };
        // What nobody has looked at yet is read.
        let read = |func: &mut Func, out: &mut Vec<Stmt>| {
            let v = float(func);
            out.push(Stmt::Let(v, Op::Get(first, path.clone())));
            v
        };
        match op {
            Op::Get(..) => match now {
                Some(Now::Value(value)) => {
                    names.insert(*v, value);
                }
                Some(Now::Zero) => out.push(Stmt::Let(*v, Op::Lit(0.0))),
                None => {
                    now = Some(Now::Value(*v));
                    out.push(Stmt::Let(*v, Op::Get(first, path.clone())));
                }
            },
            Op::Set(_, _, x) => now = Some(Now::Value(*x)),
            Op::ClearAt(..) => now = Some(Now::Zero),
            Op::AddAt(_, _, x) => {
                let old = match now {
                    Some(Now::Zero) => {
                        now = Some(Now::Value(*x));
                        None
                    }
                    Some(Now::Value(old)) => Some(old),
                    None => Some(read(func, &mut out)),
                };
                if let Some(old) = old {
                    let sum = float(func);
                    out.push(Stmt::Let(sum, Op::Bin(Bin::Add, old, *x)));
                    now = Some(Now::Value(sum));
                }
            }
            _ => {}
        }
        if *v == last {
            let written = match now {
                Some(Now::Value(value)) => Op::Set(first, path.clone(), value),
                _ => Op::ClearAt(first, path.clone()),
            };
            out.push(Stmt::Let(last, written));
        }
    }
    l.body.stmts = out;
    block_uses_mut(&mut l.body, &mut |v| {
        while let Some(w) = names.get(v) {
            *v = *w;
        }
    });
}

fn float(func: &mut Func) -> V {
    let v = V(func.infos.len() as u32);
    func.infos.push(Info::new(Shape::Float));
    v
}
