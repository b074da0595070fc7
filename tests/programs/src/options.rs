//! The command line.

use std::path::PathBuf;

use crate::run::scratch::Profile;

pub(crate) const HELP: &str = "\
Writes random programs, differentiates them with backprop, and compares the gradients with those of dual numbers.

usage: backprop-programs [--programs N] [--seed S] [options]

  --programs N       how many programs (default 200)
  --seed S           the first program's seed; the others follow (default 1)
  --batch B          programs that are compiled together (default 200)
  --jobs J           batches that are compiled at the same time (default 1)
  --profile P        debug, release or both (default both); none: what the compiler says, and no gradient
  --off K            one program of so many is tested without optimisations, too, in debug (default 4)
  --with-macro       rustc expands the macro in every batch, not only in one of eight
  --failures FOLDER  where failing programs are saved (default target/programs/failures)
  --name NAME        of the scratch crate: give different ones to runs at the same time (default main)
  --audit            let every gradient compare itself with forward mode, too
  --modes            forward mode and products with the Hessian, too
  --no-shrink        save failing programs as they are
  --show S           print the program of a seed, and nothing else
  --help             print this text

Exit status: 0 if every program is right or refused, 1 if one is not, 2 if the test could not be run.";

#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    Help,
    Show(u64),
    Test(Options),
}

#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    pub(crate) programs: usize,
    pub(crate) seed: u64,
    pub(crate) batch: usize,
    pub(crate) jobs: usize,
    pub(crate) profiles: Vec<Profile>,
    pub(crate) off: usize,
    pub(crate) with_macro: bool,
    pub(crate) folder: PathBuf,
    pub(crate) name: String,
    pub(crate) shrink: bool,
    pub(crate) audit: bool,
    pub(crate) modes: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            programs: 200,
            seed: 1,
            batch: 200,
            jobs: 1,
            profiles: vec![Profile::Debug, Profile::Release],
            off: 4,
            with_macro: false,
            folder: PathBuf::from("target/programs/failures"),
            name: "main".to_string(),
            shrink: true,
            audit: false,
            modes: false,
        }
    }
}

/// Reads the arguments; the mistake, if there is one, as a sentence.
pub(crate) fn read(arguments: impl Iterator<Item = String>) -> Result<Command, String> {
    let mut options = Options::default();
    let mut arguments = arguments.peekable();
    while let Some(option) = arguments.next() {
        match option.as_str() {
            "--help" | "-h" => return Ok(Command::Help),
            "--audit" => {
                options.audit = true;
                continue;
            }
            "--modes" => {
                options.modes = true;
                continue;
            }
            "--no-shrink" => {
                options.shrink = false;
                continue;
            }
            "--with-macro" => {
                options.with_macro = true;
                continue;
            }
            _ => {}
        }
        let value = arguments.next();
        let value = value.ok_or_else(|| format!("`{option}` needs a value; see --help"))?;
        match option.as_str() {
            "--programs" => options.programs = number(&option, &value)? as usize,
            "--seed" => options.seed = number(&option, &value)?,
            "--batch" => options.batch = number(&option, &value)?.max(1) as usize,
            "--jobs" => options.jobs = number(&option, &value)?.max(1) as usize,
            "--off" => options.off = number(&option, &value)?.max(1) as usize,
            "--show" => return Ok(Command::Show(number(&option, &value)?)),
            "--failures" => options.folder = PathBuf::from(value),
            "--name" => options.name = value,
            "--profile" => {
                options.profiles = match value.as_str() {
                    "debug" => vec![Profile::Debug],
                    "release" => vec![Profile::Release],
                    "none" => Vec::new(),
                    "both" => vec![Profile::Debug, Profile::Release],
                    _ => return Err(format!("`{value}` is not a profile; see --help")),
                };
            }
            _ => return Err(format!("`{option}` is not an option; see --help")),
        }
    }
    Ok(Command::Test(options))
}

fn number(option: &str, value: &str) -> Result<u64, String> {
    let number = value.parse();
    number.map_err(|_| format!("`{option}` takes a number, not `{value}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Command, String> {
        read(text.split_whitespace().map(str::to_string))
    }

    #[test]
    fn options_are_read() {
        let Ok(Command::Test(options)) = of("--programs 7 --seed 3 --profile debug --no-shrink")
        else {
            panic!("a test")
        };
        assert_eq!(
            (options.programs, options.seed, options.shrink),
            (7, 3, false)
        );
        assert_eq!(options.profiles, [Profile::Debug]);
        assert_eq!(of("--show 5"), Ok(Command::Show(5)));
        assert_eq!(of("--programs 1 --help"), Ok(Command::Help));
        for bad in ["--programs", "--programs x", "--what 1", "--profile fast"] {
            assert!(of(bad).is_err(), "{bad}");
        }
    }
}
