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
            let name = shared(func, sweep);
            let what = name.map_or("a slice".to_string(), |name| format!("`{name}`"));
            errors.at_span(
                sweep.call.callee.span(),
                format!("{what} is lent to this call twice, and the call changes another slice: its reverse sweep would have to run twice on what it left there"),
                "copy what is lent the second time before the call, a slice by `.to_vec()`, and lend the copy; a whole array of up to 4096 numbers can be lent as often as you like",
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
    let roots = || {
        sweep.call.args.iter().map(|a| match a {
            Arg::Ref(root, _) => Some(*root),
            _ => None,
        })
    };
    let mut added = roots().zip(&sweep.slots).filter_map(|(root, slot)| {
        root.filter(|_| matches!(slot, SlotArg::Param(..) | SlotArg::Local(..)))
    });
    let twice = |root: &V| roots().filter(|other| *other == Some(*root)).count() > 1;
    let root = added.find(twice)?;
    func.info(root).name.clone()
}
