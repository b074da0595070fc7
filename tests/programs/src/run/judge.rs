//! Compiles and runs a batch, and says of each program what came of it.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use super::points::{Expected, POINTS, expected, is_endless, product};
use super::scratch::{Failures, Message, Profile, Scratch};
use super::source::{self, Way};
use crate::syntax::Program;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// Compared at so many points.
    Right(usize),
    /// No point was good enough for a comparison.
    Unusable,
    /// The macro says that it cannot.
    Refused(String),
    Failed(Failure),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failure {
    pub(crate) kind: Kind,
    pub(crate) detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    WrongGradient,
    WrongValue,
    /// The generated code panics and the function does not.
    Panic,
    /// The process died or did not end.
    Crash,
    /// An error of rustc's in what was generated.
    Rustc,
    MacroPanic,
    /// The macro reports a defect of its own.
    Defect,
    /// Our own: the program does not come to its end.
    Endless,
    /// Our own: rustc refuses the program itself.
    NotRust,
    /// Our own: the evaluator and rustc do not agree on the value.
    Evaluator,
}

impl Kind {
    /// Whether the fault is in this package.
    pub(crate) fn is_own(self) -> bool {
        matches!(self, Kind::Endless | Kind::NotRust | Kind::Evaluator)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::WrongGradient => "wrong gradient",
            Kind::WrongValue => "wrong value",
            Kind::Panic => "panic at run time",
            Kind::Crash => "crash",
            Kind::Rustc => "rustc error in generated code",
            Kind::MacroPanic => "macro panic",
            Kind::Defect => "defect reported by the macro",
            Kind::Endless => "no end (a fault of the generator)",
            Kind::NotRust => "no Rust (a fault of the generator)",
            Kind::Evaluator => "value not reproduced (a fault of the evaluator)",
        }
    }
}

/// Judges all programs, in one profile.
pub(crate) fn judge(
    scratch: &Scratch,
    programs: &[Program],
    profile: Profile,
    way: Way,
) -> io::Result<Vec<Verdict>> {
    let numbered = programs.iter().enumerate().collect();
    Ok(judge_some(scratch, &numbered, profile, way)?
        .into_values()
        .collect())
}

/// Judges all programs, in several profiles. The first failure stands, and what one profile refuses is not tried in the next.
pub(crate) fn judge_in(
    scratch: &Scratch,
    programs: &[Program],
    profiles: &[Profile],
    way: Way,
) -> io::Result<Vec<(Profile, Verdict)>> {
    let mut verdicts: BTreeMap<usize, (Profile, Verdict)> = BTreeMap::new();
    for profile in profiles {
        let open = |k: &usize| {
            let known = verdicts.get(k).map(|(_, verdict)| verdict);
            !matches!(known, Some(Verdict::Refused(_) | Verdict::Failed(_)))
        };
        let numbered = programs.iter().enumerate();
        let left = numbered.filter(|(k, _)| open(k)).collect();
        let judged = judge_some(scratch, &left, *profile, way)?;
        verdicts.extend(judged.into_iter().map(|(k, v)| (k, (*profile, v))));
    }
    Ok(verdicts.into_values().collect())
}

/// What the compiler alone says to the programs, with and without optimisations: nothing is built or compared.
pub(crate) fn judge_expansion(programs: &[Program]) -> Vec<(Profile, Verdict)> {
    let way = Way {
        with_macro: false,
        off: 1,
        modes: false,
    };
    let verdict = |program| match source::module(0, program, Profile::Debug, way) {
        Ok(_) => Verdict::Unusable,
        Err(message) => of_message(&message),
    };
    let verdicts = programs.iter().map(verdict);
    verdicts.map(|v| (Profile::Debug, v)).collect()
}

fn judge_some(
    scratch: &Scratch,
    programs: &BTreeMap<usize, &Program>,
    profile: Profile,
    way: Way,
) -> io::Result<BTreeMap<usize, Verdict>> {
    let (mut modules, mut verdicts) = (BTreeMap::new(), BTreeMap::new());
    for (k, program) in programs {
        if (0..POINTS).any(|at| is_endless(program, at)) {
            verdicts.insert(*k, failed(Kind::Endless, "a loop goes on, or Rust panics"));
            continue;
        }
        match source::module(*k, program, profile, way) {
            Ok(text) => drop(modules.insert(*k, text)),
            Err(message) => drop(verdicts.insert(*k, of_message(&message))),
        }
    }
    let failures = scratch.compile(&modules, profile)?;
    for (k, message) in &failures {
        modules.remove(k);
        verdicts.insert(*k, of_message(message));
    }
    let mut lines = Vec::new();
    while !modules.is_empty() {
        let run = scratch.run(profile, Duration::from_secs(120))?;
        let last = run.lines.last().and_then(|line| split(line));
        let culprit = match last {
            // Its last line is of the last module's last run: then it died in the next one.
            Some((k, what, at, _)) if what == source::last(k, way, profile) && at + 1 == POINTS => {
                modules.keys().copied().find(|m| *m > k)
            }
            Some((k, ..)) => Some(k),
            None => modules.keys().next().copied(),
        };
        if let (true, Some(k)) = (run.died, culprit) {
            modules.remove(&k);
            verdicts.insert(k, failed(Kind::Crash, "the process died or did not end"));
            scratch.compile(&modules, profile)?;
            continue;
        }
        lines = run.lines;
        break;
    }
    let mut results: BTreeMap<usize, Vec<Line<'_>>> = BTreeMap::new();
    for line in &lines {
        if let Some((k, what, at, values)) = split(line) {
            results.entry(k).or_default().push((what, at, values));
        }
    }
    for (k, lines) in results {
        verdicts
            .entry(k)
            .or_insert_with(|| compare(programs[&k], &lines));
    }
    check_rust(scratch, programs, &mut verdicts)?;
    Ok(verdicts)
}

/// For a failure to compile: which of the programs, all of them good Rust, fail too, as far as the compiler's first errors tell.
pub(crate) fn judge_compilation(
    scratch: &Scratch,
    programs: &[Program],
    way: Way,
) -> io::Result<BTreeMap<usize, Failure>> {
    let numbered = || programs.iter().enumerate();
    let plain = numbered().map(|(k, p)| (k, source::plain_module(p)));
    let invalid = scratch.check(&plain.collect())?;
    let valid = numbered().filter(|(k, _)| !invalid.contains_key(k));
    let (mut modules, mut messages) = (BTreeMap::new(), Failures::new());
    for (k, program) in valid {
        match source::module(k, program, Profile::Debug, way) {
            Ok(text) => drop(modules.insert(k, text)),
            Err(message) => drop(messages.insert(k, message)),
        }
    }
    messages.extend(scratch.check_once(&modules)?);
    let failures = messages.iter().filter_map(|(k, m)| match of_message(m) {
        Verdict::Failed(failure) => Some((*k, failure)),
        _ => None,
    });
    Ok(failures.collect())
}

/// Errors of rustc's that it has without the macro too are ours.
fn check_rust(
    scratch: &Scratch,
    programs: &BTreeMap<usize, &Program>,
    verdicts: &mut BTreeMap<usize, Verdict>,
) -> io::Result<()> {
    let suspects = verdicts.iter().filter(|(_, v)| match v {
        Verdict::Failed(failure) => failure.kind == Kind::Rustc,
        Verdict::Refused(_) => true,
        _ => false,
    });
    let suspects: BTreeMap<usize, String> = suspects
        .map(|(k, _)| (*k, source::plain_module(programs[k])))
        .collect();
    if suspects.is_empty() {
        return Ok(());
    }
    for (k, message) in scratch.check(&suspects)? {
        verdicts.insert(k, failed(Kind::NotRust, &message.text));
    }
    Ok(())
}

type Line<'a> = (&'a str, usize, Option<Vec<f64>>);

/// `12 on-grad 3 [1.0, 2.0]`, or `panic` in place of the numbers.
fn split(line: &str) -> Option<(usize, &str, usize, Option<Vec<f64>>)> {
    let mut parts = line.splitn(4, ' ');
    let (number, what) = (parts.next()?.parse().ok()?, parts.next()?);
    let (point, values) = (parts.next()?.parse().ok()?, parts.next()?);
    let values = match values.strip_prefix('[') {
        Some(list) => {
            let list = list.strip_suffix(']')?.split(", ");
            Some(list.filter_map(|x| x.parse().ok()).collect())
        }
        None => None,
    };
    Some((number, what, point, values))
}

fn failed(kind: Kind, detail: &str) -> Verdict {
    Verdict::Failed(Failure {
        kind,
        detail: detail.to_string(),
    })
}

/// Refusals that need types, which the macro does not see: rustc says them, in our words.
const BY_TRAITS: [&str; 6] = [
    "the callee may leave elements of this",
    "is thrown away: its derivative is asked for",
    "takes part in differentiated arithmetic",
    "the callee may update",
    "the reverse sweep needs the old contents of",
    "is not there on every way through this function",
];

fn of_message(message: &Message) -> Verdict {
    let text = &message.text;
    match &message.code {
        Some(_) if BY_TRAITS.iter().any(|part| text.contains(part)) => {
            Verdict::Refused(text.clone())
        }
        Some(code) => failed(Kind::Rustc, &format!("{code}: {text}")),
        None if text.contains("panicked") => failed(Kind::MacroPanic, text),
        None if text.contains("defect") || text.contains("could not be kept") => {
            failed(Kind::Defect, text)
        }
        // Syntax errors have no code.
        None if text.starts_with("expected") || text.contains("not allowed here") => {
            failed(Kind::Rustc, text)
        }
        None => Verdict::Refused(text.clone()),
    }
}

/// The worst that the lines of a program say.
fn compare(program: &Program, lines: &[Line<'_>]) -> Verdict {
    let mut worst: Option<Failure> = None;
    let mut good = Vec::new();
    for at in 0..POINTS {
        let Some(expected) = expected(program, at) else {
            continue;
        };
        if !expected.usable {
            continue;
        }
        good.push(at);
        for (what, _, values) in lines.iter().filter(|(_, k, _)| *k == at) {
            let product = match *what {
                "on-hvp" => match product(program, at) {
                    Some(product) => Some(product),
                    None => continue,
                },
                _ => None,
            };
            if let Some((kind, text)) = mistake(&expected, product, what, values.as_deref()) {
                let detail = format!("{what} at point {at} (n = {}): {text}", at % 4);
                if worst.as_ref().is_none_or(|w| kind < w.kind) {
                    worst = Some(Failure { kind, detail });
                }
            }
        }
    }
    match worst {
        Some(failure) => Verdict::Failed(failure),
        None if good.is_empty() => Verdict::Unusable,
        None => Verdict::Right(good.len()),
    }
}

fn mistake(
    expected: &Expected,
    product: Option<(Vec<f64>, f64)>,
    what: &str,
    got: Option<&[f64]>,
) -> Option<(Kind, String)> {
    let (product, tolerance) = product.unwrap_or((Vec::new(), expected.tolerance));
    let want = match what {
        "value" => &expected.primal,
        "on-grad" => &expected.grad,
        "on-jvp" => &expected.jvp,
        "on-hvp" => &product,
        _ => &expected.vjp,
    };
    let Some(got) = got else {
        let kind = if what == "value" {
            Kind::Evaluator
        } else {
            Kind::Panic
        };
        return Some((kind, "it panics".to_string()));
    };
    let near = |k: usize| {
        let scale = want[k].abs().max(1.0);
        (got[k] - want[k]).abs() <= tolerance * scale
    };
    let values = expected.primal.len();
    let wrong = (0..want.len()).find(|k| got.len() != want.len() || !near(*k))?;
    let kind = match what {
        "value" => Kind::Evaluator,
        _ if wrong < values => Kind::WrongValue,
        _ => Kind::WrongGradient,
    };
    Some((
        kind,
        format!("entry {wrong} of\n  got  {got:?}\n  want {want:?}"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        assert_eq!(
            split("3 value 2 [1.0, -2.5]"),
            Some((3, "value", 2, Some(vec![1.0, -2.5])))
        );
        assert_eq!(
            split("3 value 2 [NaN]")
                .and_then(|l| l.3)
                .map(|v| v[0].is_nan()),
            Some(true)
        );
        assert_eq!(split("3 on-grad 0 panic"), Some((3, "on-grad", 0, None)));
    }

    #[test]
    fn messages_are_told_apart() {
        let message = |code: Option<&str>, text: &str| Message {
            code: code.map(str::to_string),
            text: text.to_string(),
        };
        let refused = of_message(&message(None, "closures are not accepted yet"));
        assert_eq!(
            refused,
            Verdict::Refused("closures are not accepted yet".into())
        );
        let kind = |m: &Message| match of_message(m) {
            Verdict::Failed(failure) => Some(failure.kind),
            _ => None,
        };
        assert_eq!(
            kind(&message(Some("E0308"), "mismatched types")),
            Some(Kind::Rustc)
        );
        assert_eq!(
            kind(&message(None, "custom attribute panicked")),
            Some(Kind::MacroPanic)
        );
    }
}
