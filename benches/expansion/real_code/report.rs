//! What all answers come to.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::judge::{Answer, Judged};

/// Rows of the table of refusals.
const ROWS: usize = 60;
/// Functions of fewer tokens say nothing of the time for each.
const LONG: usize = 200;

/// Counts, and what went wrong.
#[derive(Default)]
pub(crate) struct Report {
    functions: usize,
    numeric: usize,
    accepted: usize,
    numeric_accepted: usize,
    refusals: BTreeMap<String, Refusal>,
    failures: Vec<(PathBuf, &'static str, String)>,
    /// The most time for a token, in a function of some length, and where.
    slowest: Option<(Duration, PathBuf)>,
    total: Duration,
    tokens: usize,
}

/// How often a message was given to a numeric function.
#[derive(Default)]
struct Refusal {
    functions: usize,
    /// Where there was no other: these would be accepted.
    alone: usize,
    example: String,
}

impl Report {
    pub(crate) fn add(&mut self, file: &Path, judged: Judged) {
        self.functions += 1;
        self.numeric += usize::from(judged.numeric);
        self.total += judged.time;
        self.tokens += judged.tokens;
        if judged.tokens >= LONG {
            let each = judged.time / u32::try_from(judged.tokens).unwrap_or(u32::MAX);
            if self.slowest.as_ref().is_none_or(|(most, _)| *most < each) {
                self.slowest = Some((each, file.to_owned()));
            }
        }
        match judged.answer {
            Answer::Accepted => {
                self.accepted += 1;
                self.numeric_accepted += usize::from(judged.numeric);
            }
            Answer::Refused(messages) if judged.numeric => {
                self.refused(file, messages, &judged.item)
            }
            Answer::Refused(_) => {}
            Answer::Panicked => self.failed(file, "panicked", &judged.item),
            Answer::Unreadable => self.failed(file, "answered what is no Rust", &judged.item),
        }
    }

    fn failed(&mut self, file: &Path, how: &'static str, item: &proc_macro2::TokenStream) {
        self.failures.push((file.to_owned(), how, item.to_string()));
    }

    fn refused(&mut self, file: &Path, mut messages: Vec<String>, item: &proc_macro2::TokenStream) {
        messages.sort();
        messages.dedup();
        let alone = messages.len() == 1;
        for message in messages {
            let entry = self.refusals.entry(message).or_default();
            entry.functions += 1;
            entry.alone += usize::from(alone);
            if alone && entry.example.is_empty() {
                let name = item
                    .clone()
                    .into_iter()
                    .skip_while(|t| t.to_string() != "fn")
                    .nth(1);
                let name = name.map(|t| t.to_string()).unwrap_or_default();
                let file = file.file_name().unwrap_or_default().to_string_lossy();
                entry.example = format!("{name} in {file}");
            }
        }
    }

    /// Whether the compiler answered every time, in Rust.
    pub(crate) fn is_clean(&self) -> bool {
        self.failures.is_empty()
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} functions, {} accepted; {} numeric ones, {} accepted",
            self.functions, self.accepted, self.numeric, self.numeric_accepted
        )?;
        let each = self.total.as_secs_f64() * 1e6 / self.tokens.max(1) as f64;
        writeln!(f, "{} tokens, {each:.2} µs each", self.tokens)?;
        if let Some((most, file)) = &self.slowest {
            writeln!(
                f,
                "the slowest: {:.2} µs for a token, in {}",
                most.as_secs_f64() * 1e6,
                file.display()
            )?;
        }
        let mut rows: Vec<(&String, &Refusal)> = self.refusals.iter().collect();
        rows.sort_by_key(|(_, r)| std::cmp::Reverse((r.alone, r.functions)));
        writeln!(f, "\nalone  with others  what refuses numeric functions")?;
        for (message, r) in rows.iter().take(ROWS) {
            let others = r.functions - r.alone;
            writeln!(f, "{:>5} {others:>12}  {message}  ({})", r.alone, r.example)?;
        }
        for (file, how, item) in &self.failures {
            writeln!(f, "\n{how}: {}\n{item}", file.display())?;
        }
        Ok(())
    }
}
