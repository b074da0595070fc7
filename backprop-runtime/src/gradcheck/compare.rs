//! One derivative after the other: entry by entry, or along random directions with a search for the culprit.

use alloc::format;
use alloc::string::String;

use super::probe::{Along, Direction, Find, Move, Survey};
use super::report::{Comparison, Failure, Report};
use super::ridders;
use crate::{Differentiable, Path, Real};

/// A check in progress.
pub(super) struct Checker<'a, F, M> {
    f: F,
    at: &'a M,
    gradient: &'a M,
    /// Where the point is moved.
    moved: M,
    len: usize,
    value: f64,
    epsilon: f64,
    tolerance: f64,
    /// The norm of the whole gradient divided by the root of its length: what an entry is like.
    typical: f64,
}

impl<'a, M: Differentiable, T: Real, F: FnMut(&M) -> T> Checker<'a, F, M> {
    /// Looks at the point itself first.
    pub(super) fn new(
        mut f: F,
        at: &'a M,
        gradient: &'a M,
        tolerance: Option<f64>,
    ) -> Result<Self, Failure> {
        let Survey { len, epsilon } = Survey::of(at);
        if len == 0 {
            return Err(Failure::NothingToCheck);
        }
        let epsilon = Real::max(epsilon, T::EPSILON.to_f64());
        let value = f(at).to_f64();
        if !value.is_finite() {
            return Err(Failure::ValueNotFinite { value });
        }
        // Compares the shapes, too.
        let mut moved = at.zeros_like();
        moved.accumulate(gradient);
        if let Some((name, value)) = Find::first(gradient, |_, g| !g.is_finite()) {
            return Err(Failure::GradientNotFinite { name, value });
        }
        let everywhere = Direction::Random {
            seed: 0,
            range: 0..len,
        };
        let typical = (Along::of(&everywhere, at, gradient).squares / len as f64).sqrt();
        let tolerance = tolerance.unwrap_or_else(|| 10.0 * epsilon.sqrt());
        Ok(Checker {
            f,
            at,
            gradient,
            moved,
            len,
            value,
            epsilon,
            tolerance,
            typical,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Every entry by itself.
    pub(super) fn every_entry(&mut self) -> Result<Report, Failure> {
        let mut tally = Tally::default();
        for i in 0..self.len {
            tally.add(self.compare(&Direction::Entry(i))?);
        }
        tally.result(self.len)
    }

    /// Some random directions; the first that disagrees is traced to an entry.
    pub(super) fn random_directions(&mut self, count: usize, seed: u64) -> Result<Report, Failure> {
        let mut tally = Tally::default();
        for i in 0..count {
            let seed = seed.wrapping_add(i as u64);
            let mut comparison = self.compare(&Direction::Random {
                seed,
                range: 0..self.len,
            })?;
            let failed = comparison.severity() > 1.0;
            if failed && let Some(culprit) = self.culprit(seed)? {
                comparison = culprit;
            }
            tally.add(comparison);
            if failed {
                break;
            }
        }
        tally.result(self.len)
    }

    /// Halves a direction that disagrees until one entry is left. `None` if the disagreement gets lost on the way, being spread over many.
    fn culprit(&mut self, seed: u64) -> Result<Option<Comparison>, Failure> {
        let mut range = 0..self.len;
        while range.len() > 1 {
            let middle = range.start + range.len() / 2;
            let low = self.compare(&Direction::Random {
                seed,
                range: range.start..middle,
            })?;
            range = if low.severity() > 1.0 {
                range.start..middle
            } else {
                middle..range.end
            };
        }
        let entry = self.compare(&Direction::Entry(range.start))?;
        Ok((entry.severity() > 1.0).then_some(entry))
    }

    /// The derivative along one direction, in both ways.
    fn compare(&mut self, direction: &Direction) -> Result<Comparison, Failure> {
        let along = Along::of(direction, self.at, self.gradient);
        let (f, at, moved) = (&mut self.f, self.at, &mut self.moved);
        let rounding = self.epsilon * (self.value.abs() + along.sensitivity);
        let numeric = ridders::derivative(
            |t| {
                M::visit(
                    [at],
                    [moved],
                    Path::root(),
                    &mut Move {
                        direction,
                        t,
                        next: 0,
                    },
                );
                f(moved).to_f64()
            },
            rounding,
        );
        let Some(numeric) = numeric else {
            return Err(Failure::NoNeighbourhood {
                name: self.name(direction),
            });
        };
        // An entry's derivative is reported per unit of the entry, a direction's per step along all entries.
        let unit = if matches!(direction, Direction::Entry(_)) {
            along.component
        } else {
            1.0
        };
        let (analytic, value) = (along.derivative, numeric.value);
        let scale = analytic
            .abs()
            .max(value.abs())
            .max(along.squares.sqrt())
            .max(0.01 * self.typical);
        // The estimated error counts, but not for more than a hundredth: it must not excuse a wrong gradient.
        let allowed = self.tolerance * scale
            + 8.0 * rounding / numeric.step
            + (2.0 * numeric.error).min(0.01 * scale);
        Ok(Comparison {
            name: self.name(direction),
            analytic: analytic / unit,
            numeric: value / unit,
            uncertainty: numeric.error / unit,
            allowed: allowed / unit,
            step: numeric.step * unit,
        })
    }

    fn name(&self, direction: &Direction) -> String {
        match direction {
            Direction::Entry(entry) => {
                Find::first(self.at, |i, _| i == *entry).map_or_else(String::new, |(name, _)| name)
            }
            Direction::Random { seed, range } => {
                format!("{} entries at once (seed {seed})", range.len())
            }
        }
    }
}

/// Counts, and remembers the worst.
#[derive(Default)]
struct Tally {
    compared: usize,
    failed: usize,
    worst: Option<Comparison>,
}

impl Tally {
    fn add(&mut self, comparison: Comparison) {
        self.compared += 1;
        self.failed += usize::from(comparison.severity() > 1.0);
        if self
            .worst
            .as_ref()
            .is_none_or(|worst| comparison.severity() > worst.severity())
        {
            self.worst = Some(comparison);
        }
    }

    fn result(self, entries: usize) -> Result<Report, Failure> {
        let Tally {
            compared,
            failed,
            worst,
        } = self;
        match worst {
            None => Err(Failure::NothingToCheck),
            Some(worst) if failed > 0 => Err(Failure::Mismatch {
                failed,
                compared,
                worst,
            }),
            Some(worst) => Ok(Report {
                entries,
                compared,
                worst,
            }),
        }
    }
}
