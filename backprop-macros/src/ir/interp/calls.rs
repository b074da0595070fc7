//! Calls of functions that the host brings, and their sweeps.

use quote::ToTokens;

use super::super::print::compact;
use super::super::{Arg, Call, Callee, Found, SlotArg, Sweep, V};
use super::{Function, Host, Inputs, Outcome, Result, Run, Value, run_with};

/// The version of a root that a call finds.
fn first(c: &Call, mut v: V) -> V {
    let before = |v: V| {
        c.args.iter().find_map(|a| match a {
            Arg::Mut(root, _, out) if *out == v => Some(*root),
            _ => None,
        })
    };
    while let Some(root) = before(v) {
        v = root;
    }
    v
}

impl Run<'_> {
    fn function(&self, callee: &Callee) -> Result<&Function> {
        let name = match callee {
            Callee::Function(p) | Callee::Associated(p) => compact(p.to_token_stream()),
            Callee::Method(name, _) => format!(".{name}"),
        };
        let host: &Host<'_> = self.host;
        host.functions
            .get(&name)
            .ok_or_else(|| format!("no function `{name}` is known"))
    }

    fn arguments(&self, c: &Call) -> Result<Vec<Value>> {
        let args = c.args.iter().map(|a| match a {
            Arg::Value(v) => self.value(*v),
            Arg::Ref(v, path) | Arg::Mut(v, path, _) | Arg::Again(v, path) => {
                self.value(first(c, *v))?.get(&self.known(path)?)
            }
        });
        args.collect()
    }

    pub(super) fn call(&mut self, c: &Call) -> Result<()> {
        let inputs = Inputs {
            args: self.arguments(c)?,
            ..Inputs::default()
        };
        let outcome = run_with(&self.function(&c.callee)?.primal, &inputs, self.host)?;
        self.entries(c)?;
        self.returns(c, &outcome)
    }

    /// Defines what a call finds.
    fn entries(&mut self, c: &Call) -> Result<()> {
        let found = self.arguments(c)?;
        for (entry, found) in c.entries.iter().zip(found) {
            if let Some(entry) = entry {
                self.define(*entry, found)?;
            }
        }
        Ok(())
    }

    /// Defines what a call leaves behind.
    fn returns(&mut self, c: &Call, outcome: &Outcome) -> Result<()> {
        if let Some(ret) = c.ret {
            self.define(ret, outcome.ret.clone().unwrap_or(Value::Unit))?;
        }
        for (a, last) in c.args.iter().zip(&outcome.finals) {
            if let (Arg::Mut(v, path, out), Some(last)) = (a, last) {
                let mut root = self.value(*v)?;
                root.set(&self.known(path)?, last.clone())?;
                self.define(*out, root)?;
            }
        }
        Ok(())
    }

    pub(super) fn sweep(&mut self, s: &Sweep) -> Result<()> {
        let mut inputs = Inputs {
            args: self.arguments(&s.call)?,
            seed: s.seed.map(|v| self.value(v)).transpose()?,
            ..Inputs::default()
        };
        for (arg, found) in inputs.args.iter_mut().zip(&s.found) {
            if let Found::Entry(v) = found {
                *arg = self.value(*v)?;
            }
        }
        self.entries(&s.call)?;
        for (slot, arg) in s.slots.iter().zip(&s.call.args) {
            inputs.cotangents.push(match (slot, arg) {
                (SlotArg::Local(d, path, _), Arg::Mut(..)) => {
                    Some(self.value(*d)?.get(&self.known(path)?)?)
                }
                _ => None,
            });
        }
        let function = self.function(&s.call.callee)?;
        let outcome = run_with(
            function
                .sweep
                .as_ref()
                .ok_or("a function without a sweep")?,
            &inputs,
            self.host,
        )?;
        self.returns(&s.call, &outcome)?;
        for ((slot, arg), d) in s.slots.iter().zip(&s.call.args).zip(&outcome.adjoints) {
            let d = d.clone().unwrap_or(Value::Zero);
            match slot {
                SlotArg::Off | SlotArg::Spare { .. } => {}
                SlotArg::Param(param, path) => {
                    let path = self.known(path)?;
                    self.accumulate(*param, &path, &d)?;
                }
                SlotArg::Local(before, path, after) => {
                    let (mut root, path) = (self.value(*before)?, self.known(path)?);
                    match arg {
                        Arg::Mut(..) => root.set(&path, d)?,
                        _ => root.change(&path, &mut |part| part.add(&d))?,
                    }
                    self.define(*after, root)?;
                }
                SlotArg::Fresh(v) => self.define(*v, d)?,
            }
        }
        Ok(())
    }
}
