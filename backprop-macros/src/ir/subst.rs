//! Renaming: replaces uses by a map, and copies blocks with fresh definitions.

use super::table::FastMap;
use super::visit::{all_defs, blocks_mut};
use super::{Adapt, Arg, Block, Call, Found, Func, Head, LoopId, Op, Path, Proj, SlotArg, Stmt, V};

/// From a value to what stands for it, for the few values of a loop or branch.
pub(crate) type Map = FastMap<V, V>;

fn path(p: &mut Path, f: &mut impl FnMut(&mut V)) {
    for p in p {
        match p {
            Proj::Field(_) | Proj::Deref | Proj::Payload(..) => {}
            Proj::Index(v) => f(v),
            Proj::Range { lo, hi, .. } => lo.iter_mut().chain(hi).for_each(&mut *f),
        }
    }
}

/// Calls `f` on each operand, to be changed.
pub(crate) fn op_uses_mut(op: &mut Op, f: &mut impl FnMut(&mut V)) {
    match op {
        Op::Const(_) | Op::Undef | Op::Lit(_) | Op::Kept(..) | Op::Logged => {}
        Op::Refill(a, _)
        | Op::Spent(a)
        | Op::ZeroLike(a)
        | Op::Unlog(a)
        | Op::Un(_, a)
        | Op::Cast(a, _)
        | Op::Convert(_, a)
        | Op::Repeat(a, _) => f(a),
        Op::Bin(_, a, b) | Op::Chain(a, b) | Op::CastBack { like: a, d: b } | Op::Filled(a, b) => {
            f(a);
            f(b);
        }
        Op::Fn(_, vs)
        | Op::Helper(_, vs)
        | Op::Method(_, _, vs)
        | Op::Array(vs)
        | Op::Tuple(vs) => vs.iter_mut().for_each(f),
        Op::Opaque(_, vs) => vs.iter_mut().for_each(|(_, v)| f(v)),
        Op::Struct(_, fs, _) => fs.iter_mut().for_each(|(_, v)| f(v)),
        Op::Len(a, p) | Op::Get(a, p) | Op::ClearAt(a, p) | Op::Is(a, p, _) => {
            f(a);
            path(p, f);
        }
        Op::Set(a, p, v) | Op::AddAt(a, p, v) => {
            f(a);
            path(p, f);
            f(v);
        }
        Op::Restore(_, at, like) => {
            at.iter_mut().for_each(&mut *f);
            f(like);
        }
    }
}

fn call(c: &mut Call, f: &mut impl FnMut(&mut V)) {
    let along = c.along.iter_mut().flat_map(|a| a.args.iter_mut().flatten());
    for arg in c.args.iter_mut().chain(along) {
        match arg {
            Arg::Value(v) => f(v),
            Arg::Ref(v, p) | Arg::Mut(v, p, _) | Arg::Again(v, p) => {
                f(v);
                path(p, f);
            }
        }
    }
}

/// Calls `f` on each use in a statement, nested blocks included.
pub(crate) fn uses_mut(stmt: &mut Stmt, f: &mut impl FnMut(&mut V)) {
    match stmt {
        Stmt::Let(_, op) => op_uses_mut(op, f),
        Stmt::If(s) => f(&mut s.cond),
        Stmt::Loop(l) => {
            l.inits.iter_mut().for_each(&mut *f);
            l.stop.iter_mut().for_each(&mut *f);
            if let Head::For { range, .. } = &mut l.head {
                f(&mut range.lo);
                f(&mut range.hi);
                for a in &mut range.adapt {
                    if let Adapt::StepBy(s) | Adapt::Backwards(Some(s)) = a {
                        f(s);
                    }
                }
            }
        }
        Stmt::Call(c) => call(c, f),
        Stmt::Sweep(s) => {
            call(&mut s.call, f);
            for found in &mut s.found {
                if let Found::Entry(v) = found {
                    f(v);
                }
            }
            s.seed.iter_mut().for_each(&mut *f);
            for slot in &mut s.slots {
                match slot {
                    SlotArg::Off | SlotArg::Fresh(_) | SlotArg::Spare { .. } => {}
                    SlotArg::Param(_, p) => path(p, f),
                    SlotArg::Local(a, p, _) => {
                        f(a);
                        path(p, f);
                    }
                }
            }
        }
        Stmt::Accum { path: p, v, .. } => {
            path(p, f);
            f(v);
        }
        Stmt::Effect(_, _, vs) => vs.iter_mut().for_each(|(_, v)| f(v)),
        Stmt::Open(_) | Stmt::Release(_) => {}
        Stmt::Log(v) => f(v),
        Stmt::Reserve { words, rows, .. } => {
            f(words);
            rows.iter_mut().for_each(|(_, start)| f(start));
        }
        Stmt::Save { at, v, .. } => {
            at.iter_mut().for_each(&mut *f);
            f(v);
        }
    }
    for b in blocks_mut(stmt) {
        block_uses_mut(b, f);
    }
}

/// Calls `f` on each use in a block, nested blocks and yields included.
pub(crate) fn block_uses_mut(block: &mut Block, f: &mut impl FnMut(&mut V)) {
    for s in &mut block.stmts {
        uses_mut(s, f);
    }
    block.yields.iter_mut().for_each(f);
}

pub(crate) fn defs_mut(stmt: &mut Stmt, f: &mut impl FnMut(&mut V)) {
    let call_defs = |c: &mut Call, f: &mut dyn FnMut(&mut V)| {
        c.ret.iter_mut().for_each(&mut *f);
        let along = c.along.iter_mut();
        along.filter_map(|a| a.ret.as_mut()).for_each(&mut *f);
        let along = c.along.iter_mut().flat_map(|a| a.args.iter_mut().flatten());
        for arg in c.args.iter_mut().chain(along) {
            if let Arg::Mut(.., out) = arg {
                f(out);
            }
        }
        c.entries.iter_mut().flatten().for_each(&mut *f);
        let beside = c.beside.iter_mut();
        beside.filter_map(|b| b.ret.as_mut()).for_each(f);
    };
    match stmt {
        Stmt::Let(v, _) => f(v),
        Stmt::If(s) => s.outs.iter_mut().for_each(&mut *f),
        Stmt::Loop(l) => {
            l.outs.iter_mut().chain(&mut l.params).for_each(&mut *f);
            if let Head::For { i, .. } = &mut l.head {
                f(i);
            }
        }
        Stmt::Call(c) => call_defs(c, f),
        Stmt::Sweep(s) => {
            call_defs(&mut s.call, f);
            for slot in &mut s.slots {
                if let SlotArg::Local(_, _, v) | SlotArg::Fresh(v) = slot {
                    f(v);
                }
            }
        }
        Stmt::Accum { .. }
        | Stmt::Effect(..)
        | Stmt::Open(_)
        | Stmt::Reserve { .. }
        | Stmt::Release(_)
        | Stmt::Log(_)
        | Stmt::Save { .. } => {}
    }
    for b in blocks_mut(stmt) {
        for s in &mut b.stmts {
            defs_mut(s, f);
        }
    }
}

fn loops_mut(stmt: &mut Stmt, f: &mut impl FnMut(&mut LoopId)) {
    if let Stmt::Loop(l) = stmt {
        f(&mut l.id);
    }
    for b in blocks_mut(stmt) {
        for s in &mut b.stmts {
            loops_mut(s, f);
        }
    }
}

/// Copies statements with fresh definitions. `map` says what outer values become and afterwards holds the
/// copy of each value defined in them. Effects are left out: they run once, in the primal sweep.
pub(crate) fn copy(func: &mut Func, stmts: &[Stmt], map: &mut Map) -> Vec<Stmt> {
    let mut out: Vec<Stmt> = stmts.to_vec();
    strip_effects(&mut out);
    for s in &out {
        all_defs(s, &mut |v| {
            let mut info = func.infos[v.0 as usize].clone();
            info.origin = info.origin.or(Some(v));
            let fresh = V(func.infos.len() as u32);
            func.infos.push(info);
            map.insert(v, fresh);
        });
    }
    for s in &mut out {
        uses_mut(s, &mut |v| *v = *map.get(v).unwrap_or(v));
        defs_mut(s, &mut |v| *v = *map.get(v).unwrap_or(v));
        loops_mut(s, &mut |id| {
            *id = LoopId(func.loops);
            func.loops += 1;
        });
    }
    out
}

fn strip_effects(stmts: &mut Vec<Stmt>) {
    stmts.retain(|s| !matches!(s, Stmt::Effect(..)));
    for s in stmts {
        for b in blocks_mut(s) {
            strip_effects(&mut b.stmts);
        }
    }
}
