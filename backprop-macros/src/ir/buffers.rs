//! Slices and `Vec`s: one place in memory, which holds one version at a time.

use super::{Arg, Func, Op, Shape, SlotArg, Stmt, V};

/// Whether a value is a slice or a `Vec`, which is never copied.
pub(crate) fn is_buffer(func: &Func, v: V) -> bool {
    matches!(func.shape(v), Shape::Seq(_, None))
}

/// Calls `f` on each buffer that a statement itself makes another version of.
pub(crate) fn own_changes(func: &Func, stmt: &Stmt, f: &mut impl FnMut(V)) {
    let mut change = |v: V| {
        if is_buffer(func, v) {
            f(v);
        }
    };
    let lent = |args: &[Arg], change: &mut dyn FnMut(V)| {
        for a in args {
            if let Arg::Mut(root, ..) = a {
                change(*root);
            }
        }
    };
    match stmt {
        Stmt::Let(_, Op::Set(a, ..) | Op::AddAt(a, ..) | Op::ClearAt(a, _) | Op::Spent(a)) => {
            change(*a);
        }
        Stmt::Loop(l) => l.inits.iter().for_each(|v| change(*v)),
        Stmt::Call(c) => lent(&c.args, &mut change),
        Stmt::Sweep(s) => {
            if s.call.ret.is_some() {
                lent(&s.call.args, &mut change);
            }
            for slot in &s.slots {
                if let SlotArg::Local(a, ..) = slot {
                    change(*a);
                }
            }
        }
        _ => {}
    }
}
