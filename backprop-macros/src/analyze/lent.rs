//! Arguments that lie in one slice, of a call that changes another one.
//!
//! Two slots cannot add to one slice at once, so that such a call has one sweep for each of them (`reverse/call.rs`). But what it left in
//! a slice has one cotangent, which the first sweep changes, and what it found there lies on the tape once.

use crate::diag::Errors;
use crate::ir::buffers::is_buffer;
use crate::ir::table::Set;
use crate::ir::visit::blocks;
use crate::ir::{Arg, Block, Found, Func, SlotArg, Stmt, Sweep, V};

/// Reports the calls, in a function with its reverse sweep.
pub(crate) fn check(func: &Func, tape: bool, errors: &mut Errors) {
    block(func, &func.body, tape, errors);
}

/// The sweeps of a call stand in one block. Those of others, in two branches, may begin with the same.
fn block(func: &Func, b: &Block, tape: bool, errors: &mut Errors) {
    let mut spent = Set::new();
    for stmt in &b.stmts {
        blocks(stmt).for_each(|b| block(func, b, tape, errors));
        let Stmt::Sweep(sweep) = stmt else { continue };
        let mut again = false;
        for v in once(func, sweep, tape) {
            again |= !spent.insert(v);
        }
        if again {
            let shared = shared(func, sweep).map_or("a slice".to_string(), |s| format!("`{s}`"));
            errors.at_span(
                sweep.call.callee.span(),
                format!("{shared} is lent to this call twice, and the call changes another slice: its reverse sweep would have to run twice on what it left there"),
                "lend a copy the second time: `let copy = a.to_vec();`; arrays of a fixed size can be lent as often as you like",
            );
        }
    }
}

/// What one sweep alone can have.
fn once(func: &Func, sweep: &Sweep, tape: bool) -> Vec<V> {
    let cotangents = sweep.slots.iter().filter_map(|slot| match slot {
        SlotArg::Local(d, ..) if is_buffer(func, *d) => Some(*d),
        _ => None,
    });
    let args = sweep.call.args.iter().zip(&sweep.found);
    let found = args.filter_map(|(a, found)| match (a, found) {
        (Arg::Mut(root, path, _), Found::Entry(v)) if tape && func.is_slice(*root, path) => {
            Some(*v)
        }
        _ => None,
    });
    cotangents.chain(found).collect()
}

/// The name of what a sweep adds to, and another one of the same call too.
fn shared(func: &Func, sweep: &Sweep) -> Option<String> {
    let args = || sweep.call.args.iter();
    let lent = |a: &Arg| match a {
        Arg::Ref(root, _) => Some(*root),
        _ => None,
    };
    let on = |slot: &SlotArg| matches!(slot, SlotArg::Param(..) | SlotArg::Local(..));
    let added = args().zip(&sweep.slots);
    let added = added.filter_map(|(a, slot)| lent(a).filter(|_| on(slot)));
    let twice = |root: &V| args().filter(|a| lent(a) == Some(*root)).count() > 1;
    added
        .into_iter()
        .find(twice)
        .and_then(|root| func.info(root).name.clone())
}
