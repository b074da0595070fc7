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

use options::{Command, Options};
use report::Report;
use run::judge::{Verdict, judge};
use run::scratch::{Profile, Scratch};
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

/// Whether all went well.
fn test(options: &Options) -> io::Result<bool> {
    let scratch = Scratch::new(&options.name, true)?;
    let mut report = Report::default();
    let last = options.seed + options.programs as u64;
    let mut seed = options.seed;
    while seed < last {
        let seeds: Vec<u64> = (seed..last).take(options.batch).collect();
        let programs: Vec<Program> = seeds.iter().map(|s| generate::program(*s)).collect();
        batch(options, &scratch, &seeds, &programs, &mut report)?;
        seed += seeds.len() as u64;
        say(&format!(
            "{} of {} programs, {} refused, {} failed",
            report.programs,
            options.programs,
            report.refusals(),
            report.failures()
        ))?;
    }
    say(&report.to_string())?;
    Ok(report.failures() == 0)
}

fn batch(
    options: &Options,
    scratch: &Scratch,
    seeds: &[u64],
    programs: &[Program],
    report: &mut Report,
) -> io::Result<()> {
    let mut verdicts = vec![(Profile::Debug, Verdict::Unusable); programs.len()];
    for profile in &options.profiles {
        let judged = judge(scratch, programs, *profile)?;
        for (known, new) in verdicts.iter_mut().zip(judged) {
            // The first failure stands.
            if !matches!(known.1, Verdict::Failed(_)) {
                *known = (*profile, new);
            }
        }
    }
    for ((seed, program), (profile, verdict)) in seeds.iter().zip(programs).zip(&verdicts) {
        report.add(*seed, verdict);
        if let Verdict::Failed(failure) = verdict {
            say(&format!(
                "seed {seed}, {}: {}",
                profile.name(),
                failure.kind.name()
            ))?;
            let (program, failure) = if options.shrink {
                shrink::shrink(scratch, program, failure, *profile)?
            } else {
                (program.clone(), failure.clone())
            };
            let path = report::save(&options.folder, *seed, &program, &failure)?;
            say(&format!("  saved as {}", path.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
