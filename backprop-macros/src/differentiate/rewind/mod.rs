//! Buffers that are never copied, slices and `Vec`s, go back in time.
//!
//! The representation speaks of versions: `y1 = set y0[i] = x`. The emitted code has one buffer, which holds one of them. Where the
//! reverse sweep reads a version that has been overwritten, what was changed since is put back: what an element held lies in a
//! variable, or, of loops and branches, on the log (`log.rs`), with the place where it was.
//!
//! In: the function after `storage`, whose reverse loops carry the buffers that their forward loops change (`turn.rs`). Out: the same
//! function, in which a version is read while the buffer holds it (`walk.rs`), and `&mut` parameters end with what the function leaves
//! (`leave.rs`). What cannot be put back is left as it was; the emitter refuses to copy it.

mod calls;
mod decided;
mod leave;
mod log;
mod needs;
mod nested;
mod order;
mod restore;
mod turn;
mod undo;
mod walk;

use std::collections::{HashMap, HashSet};

pub(crate) use turn::{turn, turns};

use crate::ir::{Constant, Func, LoopId, V};
use crate::simplify::dce;
use walk::{Faults, Plan, Walk};

/// What has become of the loops whose buffers are turned back.
#[derive(Default)]
pub(crate) struct Turns {
    /// The results of reverse loops, with what they are equal to.
    pub(crate) equal: Vec<(V, V)>,
    /// The forward loops, which keep a log of each iteration.
    pub(crate) logged: HashSet<LoopId>,
}

/// What has become of it.
pub(crate) enum Outcome {
    /// All is read that is there, or the emitter sees that it is not.
    Fine,
    /// This version could not be put back, and so others may not be what they are taken for.
    Missed(V),
    /// The log is out of order: a mistake of ours.
    Unsound,
}

/// Sees to it that versions are read while they are there. `tape`: whether there is a log.
pub(crate) fn run(
    func: &mut Func,
    constants: &HashMap<V, Constant>,
    turns: &Turns,
    tape: bool,
) -> Outcome {
    if turns.logged.is_empty() && !needs::any(func) {
        return Outcome::Fine;
    }
    decided::run(func);
    let mut best: Option<(Faults, Func)> = None;
    for plan in Plan::all() {
        let mut trial = func.clone();
        let faults = Walk::new(&mut trial, constants, turns, tape, plan).run();
        let cost = faults.cost();
        if best.as_ref().is_none_or(|(least, _)| cost < least.cost()) {
            best = Some((faults, trial));
        }
        if cost == (false, 0, 0) {
            break;
        }
    }
    let Some((faults, walked)) = best else {
        return Outcome::Fine;
    };
    *func = walked;
    dce::run(func);
    if faults.unsound {
        return Outcome::Unsound;
    }
    match (faults.gone.first(), faults.missed.first()) {
        (Some(version), _) => Outcome::Missed(*version),
        _ if order::is_kept(func, &turns.logged) => Outcome::Fine,
        (None, Some(version)) => Outcome::Missed(*version),
        (None, None) => Outcome::Unsound,
    }
}
