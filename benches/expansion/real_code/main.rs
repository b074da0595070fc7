//! Real code: every function of Rust sources that were not written for this compiler, handed to it as tokens.
//!
//! ```text
//! cargo run --release -p backprop-expansion --bin real-code -- [FOLDER ..]
//! ```
//!
//! In: folders with sources; without any, those of the dependencies in Cargo's registry, and those of the standard library where they are
//! installed. Out: how many functions there were, how many of the numeric ones (with `f32` or `f64` in the signature) are accepted, what
//! refuses the others, and the longest time for each token. The compiler has to answer, whatever the function: a panic ends in failure.

mod find;
mod judge;
mod report;

use std::path::PathBuf;
use std::process::ExitCode;

use report::Report;

/// The stack that rustc gives its threads.
const STACK: usize = 8 << 20;

fn main() -> ExitCode {
    let named: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let folders = if named.is_empty() {
        find::folders()
    } else {
        named
    };
    // A panic of the compiler is what is looked for, and reported with its function.
    std::panic::set_hook(Box::new(|_| {}));
    let work = move || {
        let mut report = Report::default();
        for file in folders.iter().flat_map(|f| find::files(f)) {
            for function in find::functions(&file) {
                report.add(&file, judge::judge(function));
            }
        }
        report
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(work);
    let Ok(Ok(report)) = thread.map(std::thread::JoinHandle::join) else {
        eprintln!("real-code: the run did not end");
        return ExitCode::FAILURE;
    };
    print!("{report}");
    if report.is_clean() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
