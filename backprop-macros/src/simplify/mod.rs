//! Simplification: from what the rules say to what a careful person would write, and fusion of sweeps.
//!
//! Every pass takes a function to one that computes the same, up to the rounding of adjoint sums, and can be
//! switched off by name (`without(fold)`); tests run both ways.

mod accumulate;
pub(crate) mod algebra;
pub(crate) mod cse;
pub(crate) mod dce;
mod distribute;
mod fold;
pub(crate) mod fuse;
mod hoist;
mod left;
mod neighbours;
mod onto_zero;
mod reciprocal;
mod split;
mod terms;
pub(crate) mod versions;

use crate::ir::parts::constants;
use crate::ir::{Func, Stmt};
use crate::options::Options;

/// Runs all passes until nothing changes any more.
pub(crate) fn simplify(func: &mut Func, options: &Options) {
    settle(func, options);
    if options.on("fuse") {
        for _ in 0..ROUNDS {
            if !fuse::run(func) {
                break;
            }
            settle(func, options);
        }
        if left::run(func) {
            settle(func, options);
        }
    }
    if options.on("fold") {
        let loops = func.body.stmts.iter().any(|s| !matches!(s, Stmt::Let(..)));
        if loops {
            let constants = constants(&func.body);
            fuse::forwards(&mut func.body, &constants);
            hoist::run(func);
            accumulate::run(func);
            neighbours::run(func);
            if options.on("lanes") {
                split::run(func);
                distribute::run(func);
            }
            settle(func, options);
        }
        if terms::run(func) {
            settle(func, options);
        }
        reciprocal::run(func);
        dce::run(func);
        onto_zero::run(func);
    }
}

/// Takes sums out of loops that add to slots besides.
pub(crate) fn apart(func: &mut Func) {
    if split::apart(func) {
        distribute::run(func);
        dce::run(func);
    }
}

/// More rounds than any function has needed; a bound keeps the compiler linear whatever it is given.
const ROUNDS: usize = 8;

fn settle(func: &mut Func, options: &Options) {
    for _ in 0..ROUNDS {
        let mut news = false;
        if options.on("fold") {
            news |= fold::run(func);
        }
        if options.on("cse") {
            news |= cse::run(func);
            news |= cse::rerun::run(func);
        }
        // Not an optimisation where it takes away what nobody asked a loop to keep. It makes no work for the
        // other two.
        dce::run(func);
        if !news {
            break;
        }
    }
}
