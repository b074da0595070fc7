//! Cotangents of scratch: an iteration that fills it whole hands on zero, so it takes nothing from the iterations around it.

use super::only_sums;
use crate::ir::parts::{Constants, Parts};
use crate::ir::{Loop, Op, Stmt, V};

/// Whether the iterations of a loop can run in any order but for the cotangents of scratch, which each hands on as zero.
pub(super) fn spends(l: &Loop, constants: &Constants) -> bool {
    let parts = Parts::of(l, constants);
    (0..l.params.len()).all(|k| {
        let (p, y) = (l.params[k], l.body.yields[k]);
        only_sums(l, k) || spent(l, y) || parts.as_ref().is_some_and(|s| s.own(p, y).is_some())
    })
}

fn spent(l: &Loop, y: V) -> bool {
    l.body
        .stmts
        .iter()
        .any(|s| matches!(s, Stmt::Let(v, Op::Spent(_)) if *v == y))
}

/// Whether all cotangents of scratch that a reverse loop begins with are zero: then any iteration can come first. Else it
/// is the forward loop's last one that they come from.
pub(super) fn begins_with_zero(r: &Loop, stmts: &[Stmt]) -> bool {
    r.inits.iter().zip(&r.body.yields).all(|(init, y)| {
        let zero =
            |s: &Stmt| matches!(s, Stmt::Let(v, Op::ZeroLike(_) | Op::Spent(_)) if v == init);
        !spent(r, *y) || stmts.iter().any(zero)
    })
}
