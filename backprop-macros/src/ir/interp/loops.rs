//! Loops: their iterations, forwards and backwards, and what they keep.

use super::super::{Adapt, Head, Loop, LoopId, Range, V};
use super::{LIMIT, Record, Result, Run, Value};

impl Run<'_> {
    pub(super) fn kept(&self, id: LoopId, v: V) -> Result<Value> {
        let (_, record, at) = self
            .backwards
            .iter()
            .rev()
            .find(|(l, ..)| *l == id)
            .ok_or_else(|| {
                format!(
                    "%{} of L{} is asked for outside its reverse loop",
                    v.0, id.0
                )
            })?;
        record
            .get(*at)
            .and_then(|r| r.get(&v))
            .cloned()
            .ok_or_else(|| format!("%{} was not kept by iteration {at} of L{}", v.0, id.0))
    }

    pub(super) fn loop_(&mut self, l: &Loop) -> Result<()> {
        let mut carried = self.all(&l.inits)?;
        let items = match &l.head {
            Head::For { i, range } => Some((*i, self.items(range)?)),
            Head::While(_) | Head::Forever => None,
        };
        let kept = l
            .reverses
            .map(|id| (id, self.records.get(&id).cloned().unwrap_or_default()));
        let mut record = Record::new();
        let mut trip = 0;
        while let Some(item) = items.as_ref().map_or(Some(None), |(i, list)| {
            list.get(trip).map(|n| Some((*i, *n)))
        }) {
            if let Some((i, n)) = item {
                self.define(i, Value::Int(n))?;
            }
            for (p, v) in l.params.iter().zip(&carried) {
                self.define(*p, v.clone())?;
            }
            if let Head::While(cond) = &l.head {
                self.statements(cond)?;
                if !self
                    .all(&cond.yields)?
                    .into_iter()
                    .try_fold(true, |all, v| Ok::<bool, String>(all && v.bool()?))?
                {
                    break;
                }
            }
            record.push(l.params.iter().copied().zip(carried).collect());
            if let Some((id, kept)) = &kept {
                // A forward loop that was removed left no record; nothing it kept is asked for then.
                self.backwards
                    .push((*id, kept.clone(), kept.len().wrapping_sub(trip + 1)));
            }
            self.statements(&l.body)?;
            if kept.is_some() {
                self.backwards.pop();
            }
            carried = self.all(&l.body.yields)?;
            trip += 1;
            if let Some(stop) = l.stop
                && self.value(stop)?.bool()?
            {
                break;
            }
        }
        self.records.insert(l.id, record);
        l.outs
            .iter()
            .zip(carried)
            .try_for_each(|(out, v)| self.define(*out, v))
    }

    fn items(&self, range: &Range) -> Result<Vec<i128>> {
        let (lo, hi) = (
            self.value(range.lo)?.int()?,
            self.value(range.hi)?.int()? + i128::from(range.inclusive),
        );
        if hi - lo > i128::from(LIMIT) {
            return Err(format!("a loop of {} iterations", hi - lo));
        }
        let mut items: Vec<i128> = (lo..hi).collect();
        for a in &range.adapt {
            match a {
                Adapt::Rev | Adapt::Backwards(None) => items.reverse(),
                Adapt::StepBy(n) => match self.index(*n)? {
                    0 => return Err("a step of zero".into()),
                    n => items = items.into_iter().step_by(n).collect(),
                },
                Adapt::Backwards(Some(n)) => {
                    items.truncate(self.index(*n)?);
                    items.reverse();
                }
            }
        }
        Ok(items)
    }
}
