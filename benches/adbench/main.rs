//! ADBench, the field's benchmark of differentiation tools: four objectives from computer vision and machine learning.
//!
//! ```text
//! cargo bench --bench adbench -- --data DIR
//! ```
//!
//! `DIR` has the folders `gmm`, `lstm`, `ba` and `hand` in ADBench's formats, and `reference` with values to compare with; where there is no
//! reference for a set, the generated gradient is compared with the one by hand. For each set a row of a table, and a line for scripts.

#![allow(clippy::print_stdout, reason = "it is a program for the terminal")]

mod measure;
mod objectives;
mod report;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use allocation_counter::measure as count_allocations;
use clap::Parser;

use measure::{Plan, measure};
use objectives::data::DataError;
use objectives::{Problem, Set, sets};
use report::Row;

/// Times generated gradients of ADBench's objectives.
#[derive(Parser)]
struct Options {
    /// The folder of the data.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Measure little: to see that it works.
    #[arg(long)]
    brief: bool,
    /// Only what has one of these words in `objective/data`.
    words: Vec<String>,
    /// What cargo passes to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    fn wants(&self, set: &Set) -> bool {
        let name = format!("{}/{}", set.objective, set.name);
        self.words.is_empty() || self.words.iter().any(|word| name.contains(word))
    }

    fn plan(&self) -> Plan {
        if self.brief {
            Plan {
                rounds: (3, 9),
                slice: Duration::from_millis(1),
                limit: Duration::from_millis(200),
            }
        } else {
            Plan {
                rounds: (7, 201),
                slice: Duration::from_millis(5),
                limit: Duration::from_secs(6),
            }
        }
    }
}

fn main() -> ExitCode {
    let options = Options::parse();
    let Some(folder) = &options.data else {
        println!(
            "skipped: the data of ADBench are not part of this project; `-- --data DIR` says where they are"
        );
        return ExitCode::SUCCESS;
    };
    let wanted: Vec<Set> = sets().filter(|set| options.wants(set)).collect();
    if wanted.is_empty() {
        eprintln!("error: no set of data has {:?} in its name", options.words);
        return ExitCode::FAILURE;
    }
    let mut rows = Vec::new();
    for set in wanted {
        match run(&set, folder, &options.plan()) {
            Ok(row) => {
                println!("{}", row.line());
                rows.push(row);
            }
            Err(error) if error.is_missing() => {
                println!(
                    "skipped objective={} data={}: {error}",
                    set.objective, set.name
                );
            }
            Err(error) => {
                eprintln!("error: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    println!("\n{}", report::table(&rows));
    ExitCode::SUCCESS
}

fn run(set: &Set, folder: &Path, plan: &Plan) -> Result<Row, DataError> {
    let mut problem = (set.read)(folder, set.name)?;
    let problem: &mut dyn Problem = &mut *problem;
    problem.by_hand();
    let by_hand = problem.outcome();
    problem.generated();
    let generated = problem.outcome();
    let reference = problem.reference(&folder.join("reference"))?;
    // What the first call allocates, a tape for one, stays.
    let allocations = count_allocations(|| problem.generated()).count_total;
    Ok(Row {
        objective: set.objective,
        data: set.name,
        times: measure(plan, problem),
        error: generated.error(reference.as_ref().unwrap_or(&by_hand)),
        against: if reference.is_some() {
            "reference"
        } else {
            "by hand"
        },
        tape_bytes: problem.tape_bytes(),
        allocations,
    })
}
