//! Patterns: what fits, and what its names stand for.

use super::place::Located;
use super::{Exit, Machine, Slot, Value, invalid};
use crate::syntax::{Arm, Expr, Node, Pattern};

/// What is matched: a value, or a place that names refer to.
#[derive(Clone)]
pub(super) enum Subject {
    Value(Value),
    Place(Located),
}

impl Machine<'_> {
    pub(super) fn subject(&mut self, of: &Expr) -> Result<Subject, Exit> {
        Ok(match &of.node {
            Node::Lent(place, _) => Subject::Place(self.locate(place)?),
            _ => Subject::Value(self.eval(of)?),
        })
    }

    pub(super) fn choose(&mut self, of: &Expr, arms: &[Arm]) -> Result<Value, Exit> {
        let subject = self.subject(of)?;
        for arm in arms {
            let outside = self.variables.len();
            let open = self.take_apart(&arm.pattern, &subject)?
                && match &arm.guard {
                    Some(guard) => self.truth(guard)?,
                    None => true,
                };
            let value = if open {
                Some(self.block(&arm.body)?)
            } else {
                None
            };
            self.variables.truncate(outside);
            if let Some(value) = value {
                return Ok(value);
            }
        }
        Ok(invalid("no arm fits")?)
    }

    /// Declares the pattern's names, if it fits.
    pub(super) fn take_apart(
        &mut self,
        pattern: &Pattern,
        subject: &Subject,
    ) -> Result<bool, Exit> {
        let mut names = Vec::new();
        let fits = self.fits(pattern, subject, &mut names)?;
        if fits {
            for (name, slot) in names {
                self.declare(&name, slot);
            }
        }
        Ok(fits)
    }

    fn fits(
        &mut self,
        pattern: &Pattern,
        subject: &Subject,
        names: &mut Vec<(String, Slot)>,
    ) -> Result<bool, Exit> {
        let value = match subject {
            Subject::Value(value) => value.clone(),
            Subject::Place(at) => self.read(at)?,
        };
        Ok(match (pattern, value) {
            (Pattern::Any, _) => true,
            (Pattern::Name(name), _) => {
                names.push((name.clone(), subject.slot()));
                true
            }
            (Pattern::Numbers(spans), Value::Int(n)) => within(spans, n as i64),
            (Pattern::Numbers(spans), Value::Small(n)) => within(spans, n),
            (Pattern::Bool(wanted), Value::Bool(b)) => *wanted == b,
            (Pattern::At(name, inner), _) => {
                names.push((name.clone(), subject.slot()));
                self.fits(inner, subject, names)?
            }
            (Pattern::Parts(inner), Value::Many(_)) => {
                self.all(inner.iter().enumerate(), subject, names)?
            }
            (Pattern::Variant(wanted, inner), Value::Variant(found, _)) => {
                *wanted == found && self.all(inner.iter().enumerate(), subject, names)?
            }
            (Pattern::Elements { front, rest, back }, Value::Many(parts)) => {
                let (n, least) = (parts.len(), front.len() + back.len());
                if n < least || rest.is_none() && n > least {
                    return Ok(false);
                }
                if let Some(Some(name)) = rest {
                    let rest = subject.part(front.len(), n - back.len());
                    names.push((name.clone(), rest.slot()));
                }
                let back = back.iter().enumerate();
                let back = back.map(|(k, p)| (n - least + front.len() + k, p));
                self.all(front.iter().enumerate().chain(back), subject, names)?
            }
            (Pattern::Either(ways), _) => {
                for way in ways {
                    let before = names.len();
                    if self.fits(way, subject, names)? {
                        return Ok(true);
                    }
                    names.truncate(before);
                }
                false
            }
            _ => invalid("a pattern")?,
        })
    }

    /// Whether patterns fit the parts of these numbers.
    fn all<'p>(
        &mut self,
        patterns: impl Iterator<Item = (usize, &'p Pattern)>,
        subject: &Subject,
        names: &mut Vec<(String, Slot)>,
    ) -> Result<bool, Exit> {
        for (k, pattern) in patterns {
            let Some(part) = subject.element(k) else {
                return Ok(invalid("a pattern of too many parts")?);
            };
            if !self.fits(pattern, &part, names)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn within(spans: &[(i64, Option<i64>)], n: i64) -> bool {
    let mut spans = spans.iter();
    spans.any(|(low, high)| *low <= n && high.is_none_or(|high| n <= high))
}

impl Subject {
    fn slot(&self) -> Slot {
        match self {
            Subject::Value(value) => Slot::Value(value.clone()),
            Subject::Place(at) => Slot::Alias(at.clone()),
        }
    }

    fn element(&self, k: usize) -> Option<Subject> {
        Some(match self {
            Subject::Value(Value::Many(parts) | Value::Variant(_, parts)) => {
                Subject::Value(parts.get(k)?.clone())
            }
            Subject::Value(_) => return None,
            Subject::Place(at) => Subject::Place(at.element(k)),
        })
    }

    /// Of elements that are known to be there.
    fn part(&self, low: usize, high: usize) -> Subject {
        match self {
            Subject::Value(Value::Many(parts)) => {
                Subject::Value(Value::Many(parts[low..high].to_vec()))
            }
            Subject::Value(_) => self.clone(),
            Subject::Place(at) => Subject::Place(at.part(low, high)),
        }
    }
}
