//! Makes a failing program smaller for as long as it fails in the same way.

mod reduce;
mod walk;

use std::collections::BTreeSet;
use std::io;

use crate::print;
use crate::run::judge::{Failure, Kind, Verdict, judge, judge_compilation};
use crate::run::points::{POINTS, expected};
use crate::run::scratch::{Profile, Scratch};
use crate::run::source::Way;
use crate::syntax::{Node, Program};
use walk::Piece;

/// How many candidates are compiled at once: the compiler's start is what costs.
const BATCH: usize = 80;

/// More rounds bring little.
const ROUNDS: usize = 40;

/// The smallest program found, and its failure.
pub(crate) fn shrink(
    scratch: &Scratch,
    program: &Program,
    failure: &Failure,
    profile: Profile,
    way: Way,
) -> io::Result<(Program, Failure)> {
    let mut search = Search {
        scratch,
        profile,
        way: Way { off: 1, ..way },
        best: (program.clone(), failure.clone()),
    };
    for _ in 0..ROUNDS {
        if !search.round()? {
            break;
        }
    }
    Ok(search.best)
}

struct Search<'a> {
    scratch: &'a Scratch,
    profile: Profile,
    way: Way,
    best: (Program, Failure),
}

impl Search<'_> {
    /// Tries all single steps, then those together that go well alone. Returns whether the program got smaller.
    fn round(&mut self) -> io::Result<bool> {
        let start = self.best.0.clone();
        let before = size(&start);
        for whole in coarse(&start).chunks(BATCH) {
            self.try_all(whole)?;
        }
        if size(&self.best.0) < before {
            return Ok(true);
        }
        let edits = edits(&start);
        let mut good = Vec::new();
        for chunk in edits.chunks(BATCH) {
            let programs: Vec<Program> = chunk.iter().map(|(_, p)| p.clone()).collect();
            let failing = self.try_all(&programs)?;
            good.extend(failing.into_iter().map(|k| chunk[k].0));
            // Enough to go on with: much of the rest will be gone.
            if good.len() > 12 {
                break;
            }
        }
        self.try_all(&together(&start, good))?;
        Ok(size(&self.best.0) < before)
    }

    /// Which of the programs fail in the same way. The smallest of them is the best so far.
    fn try_all(&mut self, programs: &[Program]) -> io::Result<Vec<usize>> {
        if programs.is_empty() {
            return Ok(Vec::new());
        }
        let failing: Vec<(usize, Failure)> = match self.best.1.kind {
            Kind::Rustc | Kind::MacroPanic | Kind::Defect => {
                judge_compilation(self.scratch, programs, self.way)?
                    .into_iter()
                    .collect()
            }
            _ => judge(self.scratch, programs, self.profile, self.way)?
                .into_iter()
                .enumerate()
                .filter_map(|(k, verdict)| match verdict {
                    Verdict::Failed(failure) => Some((k, failure)),
                    _ => None,
                })
                .collect(),
        };
        let mut same_failure = Vec::new();
        for (k, failure) in failing {
            if same(&failure, &self.best.1) {
                same_failure.push(k);
                if size(&programs[k]) < size(&self.best.0) {
                    self.best = (programs[k].clone(), failure);
                }
            }
        }
        Ok(same_failure)
    }
}

fn same(a: &Failure, b: &Failure) -> bool {
    let code = |f: &Failure| f.detail.split(':').next().unwrap_or_default().to_string();
    a.kind == b.kind && (a.kind != Kind::Rustc || code(a) == code(b))
}

fn size(program: &Program) -> usize {
    print::program(program, &[]).len()
}

/// The number of a block or expression, and that of the step to do to it.
type Edit = (usize, usize);

/// Whether the program is worth a compilation: it runs to its end.
fn runs(program: &Program) -> bool {
    (0..POINTS).all(|at| expected(program, at).is_some())
}

/// Without functions, without parameters.
fn coarse(program: &Program) -> Vec<Program> {
    let mut list = without_functions(program);
    list.extend(without_params(program));
    list.retain(runs);
    list
}

/// All programs that are one step smaller, the smallest first.
fn edits(program: &Program) -> Vec<(Edit, Program)> {
    let mut seen = BTreeSet::from([print::program(program, &[])]);
    let mut list = Vec::new();
    for site in 0..sites(program) {
        for step in 0.. {
            let mut candidate = program.clone();
            if change(&mut candidate, site, step).is_none() {
                break;
            }
            let text = print::program(&candidate, &[]);
            let size = text.len();
            if seen.insert(text) && runs(&candidate) {
                list.push((size, (site, step), candidate));
            }
        }
    }
    list.sort_by_key(|(size, ..)| *size);
    list.into_iter()
        .map(|(_, edit, candidate)| (edit, candidate))
        .collect()
}

/// Several steps at once: all, and parts of them.
fn together(program: &Program, mut edits: Vec<Edit>) -> Vec<Program> {
    // Sites are numbered from the outside in and from first to last: done backwards, no step moves the next one's site.
    edits.sort_unstable_by(|a, b| b.cmp(a));
    edits.dedup_by_key(|(site, _)| *site);
    let mut list = Vec::new();
    let mut length = edits.len();
    while length > 1 {
        for chunk in edits.chunks(length) {
            let mut candidate = program.clone();
            for (site, step) in chunk {
                // A site inside of one that is gone is gone as well.
                let _ = change(&mut candidate, *site, *step);
            }
            if runs(&candidate) {
                list.push(candidate);
            }
        }
        length = length.div_ceil(2);
        if length == 2 {
            break;
        }
    }
    list
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
