//! Makes a failing program smaller for as long as it fails in the same way.

mod reduce;
mod walk;

use std::collections::BTreeSet;
use std::io;

use crate::print;
use crate::run::judge::{Failure, Kind, Verdict, judge};
use crate::run::points::{POINTS, expected};
use crate::run::scratch::{Profile, Scratch};
use crate::syntax::{Node, Program};
use walk::Piece;

/// How many candidates are compiled at once: the compiler's start is what costs.
const BATCH: usize = 40;

/// More rounds bring little.
const ROUNDS: usize = 60;

/// The smallest program found, and its failure.
pub(crate) fn shrink(
    scratch: &Scratch,
    program: &Program,
    failure: &Failure,
    profile: Profile,
) -> io::Result<(Program, Failure)> {
    let mut best = (program.clone(), failure.clone());
    let mut start = 0;
    for _ in 0..ROUNDS {
        let candidates = candidates(&best.0);
        if candidates.is_empty() {
            break;
        }
        // Goes on where the last round found something, for what stands before it was tried already.
        let start_here = start % candidates.len();
        let order = (start_here..candidates.len()).chain(0..start_here);
        let order: Vec<usize> = order.collect();
        let mut found = None;
        for chunk in order.chunks(BATCH) {
            let chosen: Vec<Program> = chunk.iter().map(|k| candidates[*k].clone()).collect();
            let verdicts = judge(scratch, &chosen, profile)?;
            found = verdicts
                .into_iter()
                .enumerate()
                .filter_map(|(k, verdict)| match verdict {
                    Verdict::Failed(f) if same(&f, failure) => Some((k, f)),
                    _ => None,
                })
                .min_by_key(|(k, _)| size(&chosen[*k]))
                .map(|(k, f)| (chunk[k], chosen[k].clone(), f));
            if found.is_some() {
                break;
            }
        }
        let Some((at, program, failure)) = found else {
            break;
        };
        start = at;
        best = (program, failure);
    }
    Ok(best)
}

fn same(a: &Failure, b: &Failure) -> bool {
    let code = |f: &Failure| f.detail.split(':').next().unwrap_or_default().to_string();
    a.kind == b.kind && (a.kind != Kind::Rustc || code(a) == code(b))
}

fn size(program: &Program) -> usize {
    print::program(program, &[]).len()
}

/// All programs that are one step smaller and run to their end, the smallest first.
fn candidates(program: &Program) -> Vec<Program> {
    let mut seen = BTreeSet::from([print::program(program, &[])]);
    let mut list: Vec<(usize, Program)> = Vec::new();
    let mut consider = |candidate: Program| {
        let text = print::program(&candidate, &[]);
        let size = text.len();
        let runs = || (0..POINTS).all(|at| expected(&candidate, at).is_some());
        if seen.insert(text) && runs() {
            list.push((size, candidate));
        }
    };
    without_functions(program)
        .into_iter()
        .chain(without_params(program))
        .for_each(&mut consider);
    for site in 0..sites(program) {
        for step in 0.. {
            let mut candidate = program.clone();
            if change(&mut candidate, site, step).is_none() {
                break;
            }
            consider(candidate);
        }
    }
    list.sort_by_key(|(size, _)| *size);
    list.into_iter().map(|(_, candidate)| candidate).collect()
}

fn each(program: &mut Program, visit: &mut dyn FnMut(Piece<'_>)) {
    for function in &mut program.functions {
        walk::block(&mut function.body, visit);
    }
}

fn sites(program: &Program) -> usize {
    let mut count = 0;
    each(&mut program.clone(), &mut |_| count += 1);
    count
}

/// Does a step to the block or expression of a number.
fn change(program: &mut Program, site: usize, step: usize) -> Option<()> {
    let (mut at, mut done) = (0, None);
    each(program, &mut |piece| {
        if at == site {
            done = reduce::apply(piece, step);
        }
        at += 1;
    });
    done
}

/// Without a function that nothing calls.
fn without_functions(program: &Program) -> Vec<Program> {
    let mut list = Vec::new();
    for k in 0..program.functions.len() - 1 {
        let (mut candidate, mut called) = (program.clone(), false);
        candidate.functions.remove(k);
        each(&mut candidate, &mut |piece| {
            if let Piece::Expr(expr) = piece
                && let Node::Call(number, _) = &mut expr.node
            {
                called |= *number == k;
                *number -= usize::from(*number > k);
            }
        });
        if !called {
            list.push(candidate);
        }
    }
    list
}

/// Without a parameter of the entry. The last one is `n`, which the points vary.
fn without_params(program: &Program) -> Vec<Program> {
    let entry = program.functions.len() - 1;
    let without = |k: usize| {
        let mut candidate = program.clone();
        candidate.functions[entry].params.remove(k);
        candidate
    };
    (0..program.entry().params.len() - 1).map(without).collect()
}
