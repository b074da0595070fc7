//! Buffers that a loop changes, turned back iteration by iteration: the reverse loop carries them backwards.
//!
//! ```text
//! for i { let mark = logged(); .. log(y[k]); log(k); y[k] = x; .. log(mark); }
//! for i, backwards { let mark = unlog(); while logged() > mark { let k = unlog(); y[k] = unlog(); } .. }
//! ```
//!
//! What the reverse loop then does with what an iteration started from, running it again included, leaves the buffers changed; the
//! walk (`walk.rs`) sees to it that they are put back before the iteration ends.

use std::collections::HashMap;

use super::log::{Log, fresh, number, record};
use crate::ir::buffers::is_buffer;
use crate::ir::subst::block_uses_mut;
use crate::ir::visit::{all_uses, blocks_mut, each};
use crate::ir::{Block, Constant, Func, Head, Loop, Op, Proj, Shape, Stmt, V};

/// Lets the reverse loop `r` carry what `f` has changed, for the values `asked` for (by their names in `r` and in `f`) and for
/// those that change places with them. Gives the results of `r` with what `f` started from, which they are equal to. Where that is
/// not possible, `None`, and both loops as they were.
pub(crate) fn turn(
    func: &mut Func,
    constants: &HashMap<V, Constant>,
    f: &mut Loop,
    r: &mut Loop,
    asked: &[(V, V)],
) -> Option<Vec<(V, V)>> {
    let turned = plan(func, constants, f, asked)?;
    if !turned.places.iter().all(|place| reads_own(f, r, *place)) {
        return None;
    }
    f.body = turned.body;
    let like = |func: &mut Func, v: V| {
        let (shape, name) = (func.shape(v).clone(), func.info(v).name.clone());
        fresh(func, shape, name)
    };
    let carried: Vec<V> = turned
        .places
        .iter()
        .map(|place| like(func, f.params[*place]))
        .collect();
    let mut versions = carried.clone();
    for (place, of) in turned.next.iter().enumerate() {
        versions[*of] = carried[place];
    }
    let mut first = Vec::new();
    for (&place, &q) in turned.places.iter().zip(&carried) {
        read_before(func, f, r, (place, q), &mut first);
    }
    if !turned.log.is_empty() {
        let mark = fresh(func, Shape::Int, None);
        // Behind what is kept at the beginning: that is found there, and may be moved to the end.
        let kept = |s: &&Stmt| matches!(s, Stmt::Save { at: None, .. });
        let begin = f.body.stmts.iter().take_while(kept).count();
        f.body.stmts.insert(begin, Stmt::Let(mark, Op::Logged));
        f.body.stmts.push(Stmt::Log(mark));
        let zero = number(func, 0, &mut first);
        let mark = fresh(func, Shape::Int, Some("mark".into()));
        first.push(Stmt::Let(mark, Op::Unlog(zero)));
        versions = turned.log.undo(func, mark, &versions, &mut first);
    }
    let mut equal = Vec::new();
    for ((&place, &q), &version) in turned.places.iter().zip(&carried).zip(&versions) {
        let out = like(func, q);
        r.params.push(q);
        r.inits.push(f.outs[place]);
        r.body.yields.push(version);
        r.outs.push(out);
        equal.push((out, f.inits[place]));
    }
    r.body
        .stmts
        .retain(|s| !matches!(s, Stmt::Let(v, Op::Kept(..)) if asked.iter().any(|(w, _)| w == v)));
    for (v, p) in asked {
        let place = turned.places.iter().position(|k| f.params[*k] == *p);
        let version = place.map_or(*v, |k| versions[k]);
        block_uses_mut(&mut r.body, &mut |u| {
            if u == v {
                *u = version;
            }
        });
    }
    r.body.stmts.splice(0..0, first);
    Some(equal)
}

/// Whether the reverse loop reads of what the forward loop left no more than what each iteration put where its index is: that is there
/// when the iteration is turned back.
fn reads_own(f: &Loop, r: &Loop, place: usize) -> bool {
    let out = f.outs[place];
    let (mut reads, mut own) = (0, 0);
    for s in &r.body.stmts {
        all_uses(s, &mut |v| reads += usize::from(v == out));
    }
    each(&r.body, &mut |s| {
        own += usize::from(matches!(s, Stmt::Let(_, op) if is_own(r, out, op)));
    });
    reads += r.body.yields.iter().filter(|v| **v == out).count();
    let Head::For { i, .. } = &f.head else {
        return reads == 0;
    };
    let (p, y) = (f.params[place], f.body.yields[place]);
    let puts = |s: &Stmt| match s {
        Stmt::Let(v, Op::Set(a, path, _)) => {
            *v == y && *a == p && matches!(path[..], [Proj::Index(at)] if at == *i)
        }
        _ => false,
    };
    reads == 0 || (reads == own && f.body.stmts.iter().any(puts))
}

/// Whether an operation reads, of a buffer, what lies where the index of a loop is.
fn is_own(r: &Loop, buffer: V, op: &Op) -> bool {
    let (Head::For { i, .. }, Op::Get(a, path)) = (&r.head, op) else {
        return false;
    };
    *a == buffer && matches!(path[..], [Proj::Index(at)] if at == *i)
}

/// Lets that be read before the buffer is turned back.
fn read_before(
    func: &mut Func,
    f: &Loop,
    r: &mut Loop,
    (place, q): (usize, V),
    first: &mut Vec<Stmt>,
) {
    let out = f.outs[place];
    let mut values = Vec::new();
    each(&r.body, &mut |s| {
        if let Stmt::Let(v, op) = s
            && is_own(r, out, op)
        {
            values.push(*v);
        }
    });
    let (Some(&value), Head::For { i, .. }) = (values.first(), &r.head) else {
        return;
    };
    let i = *i;
    let (shape, name) = (func.shape(value).clone(), func.info(value).name.clone());
    let own = fresh(func, shape, name);
    first.push(Stmt::Let(own, Op::Get(q, vec![Proj::Index(i)])));
    block_uses_mut(&mut r.body, &mut |v| {
        if values.contains(v) {
            *v = own;
        }
    });
    drop_values(&mut r.body, &values);
}

fn drop_values(block: &mut Block, values: &[V]) {
    block
        .stmts
        .retain(|s| !matches!(s, Stmt::Let(v, _) if values.contains(v)));
    for s in &mut block.stmts {
        blocks_mut(s).for_each(|b| drop_values(b, values));
    }
}

/// Whether that is possible.
pub(crate) fn turns(
    func: &mut Func,
    constants: &HashMap<V, Constant>,
    f: &Loop,
    asked: &[(V, V)],
) -> bool {
    plan(func, constants, f, asked).is_some()
}

/// What is to become of a loop that is turned back.
struct Turned {
    /// Which of its parameters are the buffers.
    places: Vec<usize>,
    /// For each of them the buffer of which the next iteration finds a version there.
    next: Vec<usize>,
    /// The loop's body, which keeps a log.
    body: Block,
    log: Log,
}

fn plan(
    func: &mut Func,
    constants: &HashMap<V, Constant>,
    f: &Loop,
    asked: &[(V, V)],
) -> Option<Turned> {
    let buffers: Vec<usize> = (0..f.params.len())
        .filter(|k| is_buffer(func, f.params[*k]))
        .collect();
    let asked: Vec<usize> = buffers
        .iter()
        .copied()
        .filter(|k| asked.iter().any(|(_, p)| *p == f.params[*k]))
        .collect();
    if asked.is_empty() {
        return None;
    }
    with(func, constants, f, asked).or_else(|| with(func, constants, f, buffers))
}

fn with(
    func: &mut Func,
    constants: &HashMap<V, Constant>,
    f: &Loop,
    places: Vec<usize>,
) -> Option<Turned> {
    let params: Vec<V> = places.iter().map(|k| f.params[*k]).collect();
    let mut body = f.body.clone();
    let log = record(func, constants, &mut body, &params)?;
    let made_of = |k: &usize| log.buffer_of.get(&f.body.yields[*k]).copied();
    let next: Vec<usize> = places.iter().map(made_of).collect::<Option<_>>()?;
    let each = (0..places.len()).all(|k| next.contains(&k));
    each.then_some(Turned {
        places,
        next,
        body,
        log,
    })
}
