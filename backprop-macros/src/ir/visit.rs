//! Walks: which values an operation uses, which a statement uses and defines.

use super::table::Set;
use super::{Adapt, Arg, Block, Call, Found, Head, Loop, Op, Path, Proj, SlotArg, Stmt, V};

/// Calls `f` on each value that a path mentions.
pub(crate) fn path_uses(path: &Path, f: &mut impl FnMut(V)) {
    for p in path {
        match p {
            Proj::Field(_) | Proj::Deref | Proj::Payload(..) => {}
            Proj::Index(v) => f(*v),
            Proj::Range { lo, hi, .. } => lo.iter().chain(hi).for_each(|v| f(*v)),
        }
    }
}

/// Calls `f` on each operand.
pub(crate) fn op_uses(op: &Op, f: &mut impl FnMut(V)) {
    match op {
        Op::Const(_) | Op::Undef | Op::Lit(_) | Op::Kept(..) | Op::Logged => {}
        Op::Refill(a, _)
        | Op::Spent(a)
        | Op::ZeroLike(a)
        | Op::Unlog(a)
        | Op::Un(_, a)
        | Op::Cast(a, _)
        | Op::Convert(_, a)
        | Op::Repeat(a, _) => f(*a),
        Op::Bin(_, a, b) | Op::Chain(a, b) | Op::CastBack { like: a, d: b } | Op::Filled(a, b) => {
            f(*a);
            f(*b);
        }
        Op::Fn(_, vs)
        | Op::Helper(_, vs)
        | Op::Method(_, _, vs)
        | Op::Array(vs)
        | Op::Tuple(vs) => vs.iter().for_each(|v| f(*v)),
        Op::Opaque(_, vs) => vs.iter().for_each(|(_, v)| f(*v)),
        Op::Struct(_, fs, _) => fs.iter().for_each(|(_, v)| f(*v)),
        Op::Len(a, p) | Op::Get(a, p) | Op::ClearAt(a, p) | Op::Is(a, p, _) => {
            f(*a);
            path_uses(p, f);
        }
        Op::Set(a, p, v) | Op::AddAt(a, p, v) => {
            f(*a);
            path_uses(p, f);
            f(*v);
        }
        Op::Restore(_, at, like) => {
            at.iter().for_each(|v| f(*v));
            f(*like);
        }
    }
}

fn call_uses(call: &Call, f: &mut impl FnMut(V)) {
    for arg in &call.args {
        if !call.is_between(arg.root()) {
            f(arg.root());
        }
        if let Arg::Ref(_, p) | Arg::Mut(_, p, _) | Arg::Again(_, p) = arg {
            path_uses(p, f);
        }
    }
    for along in &call.along {
        for arg in along.args.iter().flatten() {
            if !along.is_between(arg.root()) {
                f(arg.root());
            }
            if let Arg::Ref(_, p) | Arg::Mut(_, p, _) | Arg::Again(_, p) = arg {
                path_uses(p, f);
            }
        }
    }
}

fn call_defs(call: &Call, f: &mut impl FnMut(V)) {
    call.ret.iter().for_each(|v| f(*v));
    for arg in &call.args {
        if let Arg::Mut(.., out) = arg {
            f(*out);
        }
    }
    call.entries.iter().flatten().for_each(|v| f(*v));
    if let Some(beside) = &call.beside {
        beside.ret.iter().for_each(|v| f(*v));
    }
    for along in &call.along {
        along.ret.iter().for_each(|v| f(*v));
        for arg in along.args.iter().flatten() {
            if let Arg::Mut(.., out) = arg {
                f(*out);
            }
        }
    }
}

/// Calls `f` on each value that a statement itself uses, nested blocks aside.
pub(crate) fn own_uses(stmt: &Stmt, f: &mut impl FnMut(V)) {
    match stmt {
        Stmt::Let(_, op) => op_uses(op, f),
        Stmt::If(s) => f(s.cond),
        Stmt::Loop(l) => {
            l.inits.iter().for_each(|v| f(*v));
            if let Head::For { range, .. } = &l.head {
                f(range.lo);
                f(range.hi);
                for a in &range.adapt {
                    if let Adapt::StepBy(s) | Adapt::Backwards(Some(s)) = a {
                        f(*s);
                    }
                }
            }
        }
        Stmt::Call(c) => call_uses(c, f),
        Stmt::Sweep(s) => {
            call_uses(&s.call, f);
            for found in &s.found {
                if let Found::Entry(v) = found {
                    f(*v);
                }
            }
            s.seed.iter().for_each(|v| f(*v));
            for slot in &s.slots {
                match slot {
                    SlotArg::Off | SlotArg::Fresh(_) | SlotArg::Spare { .. } => {}
                    SlotArg::Param(_, p) => path_uses(p, f),
                    SlotArg::Local(a, p, _) => {
                        f(*a);
                        path_uses(p, f);
                    }
                }
            }
        }
        Stmt::Accum { path, v, .. } => {
            path_uses(path, f);
            f(*v);
        }
        Stmt::Effect(_, _, vs) => vs.iter().for_each(|(_, v)| f(*v)),
        Stmt::Open(_) | Stmt::Release(_) => {}
        Stmt::Log(v) => f(*v),
        Stmt::Reserve { words, rows, .. } => {
            f(*words);
            rows.iter().for_each(|(_, start)| f(*start));
        }
        Stmt::Save { at, v, .. } => {
            at.iter().for_each(|v| f(*v));
            f(*v);
        }
    }
}

/// Calls `f` on each statement, those in nested blocks included.
pub(crate) fn each<'a>(block: &'a Block, f: &mut impl FnMut(&'a Stmt)) {
    for stmt in &block.stmts {
        f(stmt);
        for inner in blocks(stmt) {
            each(inner, f);
        }
    }
}

/// Calls `f` on each value that a statement defines for the statements after it.
pub(crate) fn outs(stmt: &Stmt, f: &mut impl FnMut(V)) {
    match stmt {
        Stmt::Let(v, _) => f(*v),
        Stmt::If(s) => s.outs.iter().for_each(|v| f(*v)),
        Stmt::Loop(l) => l.outs.iter().for_each(|v| f(*v)),
        Stmt::Call(c) => call_defs(c, f),
        Stmt::Sweep(s) => {
            call_defs(&s.call, f);
            for slot in &s.slots {
                if let SlotArg::Local(_, _, v) | SlotArg::Fresh(v) = slot {
                    f(*v);
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
}

/// The blocks directly inside a statement.
pub(crate) fn blocks(stmt: &Stmt) -> impl Iterator<Item = &Block> {
    let (a, b) = match stmt {
        Stmt::If(s) => (Some(&s.then_), Some(&s.else_)),
        Stmt::Loop(Loop {
            head: Head::While(cond),
            body,
            ..
        }) => (Some(cond), Some(body)),
        Stmt::Loop(l) => (Some(&l.body), None),
        _ => (None, None),
    };
    a.into_iter().chain(b)
}

/// The blocks directly inside a statement, to be changed.
pub(crate) fn blocks_mut(stmt: &mut Stmt) -> impl Iterator<Item = &mut Block> {
    let (a, b) = match stmt {
        Stmt::If(s) => (Some(&mut s.then_), Some(&mut s.else_)),
        Stmt::Loop(Loop {
            head: Head::While(cond),
            body,
            ..
        }) => (Some(cond), Some(body)),
        Stmt::Loop(l) => (Some(&mut l.body), None),
        _ => (None, None),
    };
    a.into_iter().chain(b)
}

/// Calls `f` on each value used anywhere in a statement, nested blocks included.
pub(crate) fn all_uses(stmt: &Stmt, f: &mut impl FnMut(V)) {
    own_uses(stmt, f);
    for b in blocks(stmt) {
        block_uses(b, f);
    }
    if let Stmt::Loop(l) = stmt {
        l.stop.iter().for_each(|v| f(*v));
    }
}

/// Whether a loop asks a value whether there is another iteration.
pub(crate) fn decides(l: &Loop, v: V) -> bool {
    let mut found = false;
    if let Head::While(condition) = &l.head {
        block_uses(condition, &mut |u| found |= u == v);
    }
    found
}

/// Calls `f` on each value used anywhere in a block.
pub(crate) fn block_uses(block: &Block, f: &mut impl FnMut(V)) {
    for s in &block.stmts {
        all_uses(s, f);
    }
    block.yields.iter().for_each(|v| f(*v));
}

/// Calls `f` on each value defined anywhere in a statement, nested blocks and loop parameters included.
pub(crate) fn all_defs(stmt: &Stmt, f: &mut impl FnMut(V)) {
    outs(stmt, f);
    if let Stmt::Loop(l) = stmt {
        l.params.iter().for_each(|v| f(*v));
        if let Head::For { i, .. } = &l.head {
            f(*i);
        }
    }
    for b in blocks(stmt) {
        for s in &b.stmts {
            all_defs(s, f);
        }
    }
}

/// The carried values that some reverse loop asks to be kept: their loop must go on carrying them.
pub(crate) fn kept(block: &Block, out: &mut Set) {
    for s in &block.stmts {
        if let Stmt::Let(_, Op::Kept(_, p)) = s {
            out.insert(*p);
        }
        for inner in blocks(s) {
            kept(inner, out);
        }
    }
}
