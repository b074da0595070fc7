//! What a session found: counts, and a file for each failure.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Write as _};
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::print;
use crate::run::judge::{Failure, Verdict};
use crate::syntax::Program;

#[derive(Default)]
pub(crate) struct Report {
    pub(crate) programs: usize,
    right: usize,
    /// Comparisons of a gradient with the oracle's.
    points: usize,
    unusable: usize,
    /// By message, names left out, with the first seeds.
    refused: BTreeMap<String, Vec<u64>>,
    failed: BTreeMap<&'static str, Vec<u64>>,
}

impl Report {
    pub(crate) fn add(&mut self, seed: u64, verdict: &Verdict) {
        self.programs += 1;
        match verdict {
            Verdict::Right(points) => {
                self.right += 1;
                self.points += points;
            }
            Verdict::Unusable => self.unusable += 1,
            Verdict::Refused(message) => {
                self.refused
                    .entry(nameless(message))
                    .or_default()
                    .push(seed);
            }
            Verdict::Failed(failure) => {
                self.failed
                    .entry(failure.kind.name())
                    .or_default()
                    .push(seed);
            }
        }
    }

    pub(crate) fn refusals(&self) -> usize {
        self.refused.values().map(Vec::len).sum()
    }

    pub(crate) fn failures(&self) -> usize {
        self.failed.values().map(Vec::len).sum()
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} programs: {} right (at {} points), {} without a usable point, {} refused, {} failed",
            self.programs,
            self.right,
            self.points,
            self.unusable,
            self.refusals(),
            self.failures()
        )?;
        for (what, seeds) in &self.refused {
            let first = &seeds[..seeds.len().min(5)];
            writeln!(f, "refused {:4}: {what} (seeds {first:?})", seeds.len())?;
        }
        for (what, seeds) in &self.failed {
            writeln!(f, "failed {:5}: {what} (seeds {seeds:?})", seeds.len())?;
        }
        Ok(())
    }
}

/// The message with `_` for every name and number in it, so that equal ones count together.
fn nameless(message: &str) -> String {
    let parts = message.split('`').enumerate();
    let parts = parts.map(|(k, part)| if k % 2 == 1 { "`_`" } else { part });
    let text: String = parts.collect();
    text.chars().filter(|c| !c.is_ascii_digit()).collect()
}

/// Writes a failing program to the folder.
pub(crate) fn save(
    folder: &Path,
    seed: u64,
    program: &Program,
    failure: &Failure,
) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let mut text = format!("// Seed {seed}: {}.\n", failure.kind.name());
    for line in failure.detail.lines() {
        let _ = writeln!(text, "// {line}");
    }
    let _ = write!(text, "\n{}", print::program(program, &[]));
    let path = folder.join(format!(
        "{seed}-{}.rs",
        failure.kind.name().replace(' ', "-")
    ));
    fs::write(&path, text)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_without_names() {
        assert_eq!(nameless("`a1` is read in line 12"), "`_` is read in line ");
    }

    #[test]
    fn counts() {
        let mut report = Report::default();
        report.add(1, &Verdict::Right(8));
        report.add(2, &Verdict::Refused("`x` is read".into()));
        report.add(3, &Verdict::Refused("`y` is read".into()));
        assert_eq!(
            (report.programs, report.refusals(), report.failures()),
            (3, 2, 0)
        );
        assert!(
            report
                .to_string()
                .contains("refused    2: `_` is read (seeds [2, 3])")
        );
    }
}
