//! Random programs, differentiated twice: by backprop, and by dual numbers in an interpreter that shares nothing with it.
//!
//! Every program is printed as Rust, compiled with the real macro (optimised and not), run at several points, and compared: values,
//! `f_grad`, `f_vjp`. What is not right is made smaller and saved. `--help` tells how to use it.

mod eval;
mod generate;
mod maths;
mod options;
mod print;
mod random;
mod report;
mod run;
mod shrink;
mod syntax;

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;

use options::{Command, Options};
use report::Report;
use run::judge::{Verdict, judge_expansion, judge_in};
use run::scratch::Scratch;
use run::source::Way;
use syntax::Program;

fn main() -> ExitCode {
    let outcome = match options::read(std::env::args().skip(1)) {
        Ok(Command::Help) => say(options::HELP).map(|()| true),
        Ok(Command::Show(seed)) => {
            say(&print::program(&generate::program(seed), &[])).map(|()| true)
        }
        Ok(Command::Test(options)) => test(&options),
        Err(mistake) => Err(io::Error::other(mistake)),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::from(2)
        }
    }
}

fn say(text: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{}", text.trim_end())
}

/// Whether all went well. Batches are shared out among so many threads, each with a scratch crate of its own.
fn test(options: &Options) -> io::Result<bool> {
    let first: Vec<u64> = (0..options.programs.div_ceil(options.batch))
        .map(|k| options.seed + (k * options.batch) as u64)
        .collect();
    let left = Mutex::new(first.into_iter());
    let report = Mutex::new(Report::default());
    let work = |worker: usize| -> io::Result<()> {
        let name = match worker {
            0 => options.name.clone(),
            k => format!("{}-{k}", options.name),
        };
        let scratch = Scratch::new(&name, options.audit)?;
        let next = || left.lock().map_or(None, |mut left| left.next());
        while let Some(seed) = next() {
            batch(options, &scratch, seed, &report)?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..options.jobs)
            .map(|k| scope.spawn(move || work(k)))
            .collect();
        let ends = workers.into_iter().map(thread::ScopedJoinHandle::join);
        ends.collect::<Vec<_>>()
            .into_iter()
            .try_for_each(|end| end.unwrap_or_else(|_| Err(io::Error::other("a thread panicked"))))
    })?;
    let report = report.into_inner().unwrap_or_default();
    say(&report.to_string())?;
    Ok(report.failures() == 0)
}

fn batch(
    options: &Options,
    scratch: &Scratch,
    seed: u64,
    report: &Mutex<Report>,
) -> io::Result<()> {
    let last = options.seed + options.programs as u64;
    let seeds: Vec<u64> = (seed..last).take(options.batch).collect();
    let programs: Vec<Program> = seeds.iter().map(|s| generate::program(*s)).collect();
    // Spans and hygiene are rustc's: some batches go through the macro.
    let number = (seed - options.seed) / options.batch as u64;
    let way = Way {
        with_macro: options.with_macro || options.audit || number % 8 == 7,
        off: options.off,
        modes: options.modes,
    };
    let verdicts = match &options.profiles[..] {
        [] => judge_expansion(&programs),
        profiles => judge_in(scratch, &programs, profiles, way)?,
    };
    for ((seed, program), (profile, verdict)) in seeds.iter().zip(&programs).zip(&verdicts) {
        if let Verdict::Failed(failure) = verdict {
            say(&format!(
                "seed {seed}, {}: {}",
                profile.name(),
                failure.kind.name()
            ))?;
            let (program, failure) = if options.shrink && !failure.kind.is_own() {
                shrink::shrink(scratch, program, failure, *profile, way)?
            } else {
                (program.clone(), failure.clone())
            };
            let path = report::save(&options.folder, *seed, &program, &failure)?;
            say(&format!("  saved as {}", path.display()))?;
        }
    }
    let Ok(mut report) = report.lock() else {
        return Ok(());
    };
    for (seed, (_, verdict)) in seeds.iter().zip(&verdicts) {
        report.add(*seed, verdict);
    }
    say(&format!(
        "{} of {} programs, {} refused, {} failed",
        report.programs,
        options.programs,
        report.refusals(),
        report.failures()
    ))
}

#[cfg(test)]
mod tests;
