//! Blocks, statements, branches, loops.

use super::place::Located;
use super::{Exit, Machine, Slot, Stop, Value, invalid};
use crate::syntax::{Argument, Block, By, Expr, Place, Range, Statement};

impl Machine<'_> {
    /// The names that a block declares end with it, whichever way it is left.
    pub(super) fn block(&mut self, block: &Block) -> Result<Value, Exit> {
        let start = self.variables.len();
        let value = self.inside(block);
        self.variables.truncate(start);
        value
    }

    fn inside(&mut self, block: &Block) -> Result<Value, Exit> {
        for statement in &block.statements {
            self.statement(statement)?;
        }
        match &block.value {
            Some(value) => self.eval(value),
            None => Ok(Value::Unit),
        }
    }

    fn statement(&mut self, statement: &Statement) -> Result<(), Exit> {
        self.step()?;
        match statement {
            Statement::Let { name, value, .. } => {
                let value = self.eval(value)?;
                self.declare(name, Slot::Value(value));
            }
            Statement::LetPattern {
                pattern,
                value,
                otherwise,
            } => {
                let subject = self.subject(value)?;
                if self.take_apart(pattern, &subject)? {
                    return Ok(());
                }
                if let Some(otherwise) = otherwise {
                    self.block(otherwise)?;
                }
                return Ok(invalid("`else` comes to its end")?);
            }
            Statement::Declare { name, .. } => self.declare(name, Slot::Empty),
            Statement::Borrow { name, place } => {
                let at = self.locate(place)?;
                // Rust would panic here, and not where it is used.
                self.read(&at)?;
                self.declare(name, Slot::Alias(at));
            }
            Statement::Choose {
                name,
                condition,
                places: [a, b],
                ..
            } => {
                let place = if self.truth(condition)? { a } else { b };
                let at = self.locate(place)?;
                self.read(&at)?;
                self.declare(name, Slot::Alias(at));
            }
            Statement::Split {
                names: [a, b],
                place,
                at,
                ..
            } => {
                let whole = self.locate(place)?;
                let Value::Many(parts) = self.read(&whole)? else {
                    return Ok(invalid("a number is split")?);
                };
                let at = self.int(at)?;
                if at > parts.len() {
                    return Err(Stop::Panic.into());
                }
                self.declare(a, Slot::Alias(whole.part(0, at)));
                self.declare(b, Slot::Alias(whole.part(at, parts.len())));
            }
            Statement::Assign(place, value) => {
                let value = self.eval(value)?;
                self.assign(place, value)?;
            }
            Statement::Update(op, place, value) => {
                // Of numbers, Rust computes the right side first.
                let right = self.eval(value)?;
                let at = self.locate(place)?;
                let left = self.read(&at)?;
                let new = self.operate(*op, left, right)?;
                self.write(&at, new)?;
            }
            Statement::AssignParts(places, values) => {
                let values: Result<Vec<Value>, Exit> =
                    values.iter().map(|value| self.eval(value)).collect();
                for (place, value) in places.iter().zip(values?) {
                    self.assign(place, value)?;
                }
            }
            Statement::Closure { name, params, body } => {
                let start = self.variables.len();
                self.declare(name, Slot::Closure(start, params.clone(), body.clone()));
            }
            Statement::Swap(place, i, j) => {
                let at = self.locate(place)?;
                let (a, b) = (at.element(self.int(i)?), at.element(self.int(j)?));
                let (x, y) = (self.read(&a)?, self.read(&b)?);
                self.write(&a, y)?;
                self.write(&b, x)?;
            }
            Statement::Exchange(a, b) => {
                let (a, b) = (self.locate(a)?, self.locate(b)?);
                let (x, y) = (self.read(&a)?, self.read(&b)?);
                self.write(&a, y)?;
                self.write(&b, x)?;
            }
            Statement::Fill(place, value) => {
                let at = self.locate(place)?;
                let value = self.eval(value)?;
                let Value::Many(parts) = self.read(&at)? else {
                    return Ok(invalid("a number is filled")?);
                };
                self.write(&at, Value::Many(vec![value; parts.len()]))?;
            }
            Statement::CopyFrom(to, from) => {
                let (to, from) = (self.locate(to)?, self.locate(from)?);
                let new = self.read(&from)?;
                self.write(&to, new)?;
            }
            Statement::Break(label, value) => {
                let value = match value {
                    Some(value) => self.eval(value)?,
                    None => Value::Unit,
                };
                return Err(Exit::Break(label.clone(), Box::new(value)));
            }
            Statement::Continue(label) => return Err(Exit::Continue(label.clone())),
            Statement::Return(value) => {
                let value = match value {
                    Some(value) => self.eval(value)?,
                    None => Value::Unit,
                };
                return Err(Exit::Return(Box::new(value)));
            }
            Statement::Do(expr) => {
                self.eval(expr)?;
            }
        }
        Ok(())
    }

    fn assign(&mut self, place: &Place, value: Value) -> Result<(), Exit> {
        let at = self.locate(place)?;
        Ok(self.write(&at, value)?)
    }

    pub(super) fn count(
        &mut self,
        label: Option<&String>,
        name: &str,
        range: &Range,
        body: &Block,
    ) -> Result<Value, Exit> {
        let (start, end) = (self.eval(&range.start)?, self.eval(&range.end)?);
        let mut numbers: Vec<Value> = match (start, end) {
            (Value::Int(start), Value::Int(end)) => {
                let end = end + usize::from(range.inclusive);
                (start..end).map(Value::Int).collect()
            }
            (Value::Small(start), Value::Small(end)) => {
                let end = end + i64::from(range.inclusive);
                (start..end).map(Value::Small).collect()
            }
            _ => invalid("a range")?,
        };
        if range.reversed {
            numbers.reverse();
        }
        for number in numbers.into_iter().step_by(range.step) {
            let outside = self.variables.len();
            self.declare(name, Slot::Value(number));
            let left = self.once(label, body);
            self.variables.truncate(outside);
            if left?.is_some() {
                break;
            }
        }
        Ok(Value::Unit)
    }

    /// `while` with a condition, `loop` without.
    pub(super) fn repeat(
        &mut self,
        label: Option<&String>,
        condition: Option<&Expr>,
        body: &Block,
    ) -> Result<Value, Exit> {
        loop {
            if let Some(condition) = condition
                && !self.truth(condition)?
            {
                return Ok(Value::Unit);
            }
            if let Some(value) = self.once(label, body)? {
                return Ok(value);
            }
        }
    }

    /// One iteration. Gives what a `break` carries, if it ends the loop.
    pub(super) fn once(
        &mut self,
        label: Option<&String>,
        body: &Block,
    ) -> Result<Option<Value>, Exit> {
        self.step()?;
        let here = |l: &Option<String>| l.is_none() || l.as_ref() == label;
        match self.block(body) {
            Ok(_) => Ok(None),
            Err(Exit::Continue(l)) if here(&l) => Ok(None),
            Err(Exit::Break(l, value)) if here(&l) => Ok(Some(*value)),
            Err(exit) => Err(exit),
        }
    }

    pub(super) fn call_by_number(
        &mut self,
        number: usize,
        arguments: &[Argument],
    ) -> Result<Value, Exit> {
        let program = self.program;
        let Some(function) = program.functions.get(number) else {
            return Ok(invalid("an unknown function")?);
        };
        let mut values = Vec::new();
        let mut places: Vec<Option<Located>> = Vec::new();
        for (k, argument) in arguments.iter().enumerate() {
            let (value, place) = match argument {
                Argument::Value(value) | Argument::Temporary(value) => (self.eval(value)?, None),
                Argument::Ref(place) | Argument::Mut(place) => {
                    let at = self.locate(place)?;
                    (self.read(&at)?, Some(at))
                }
            };
            let excluded = function.params.get(k).is_some_and(|p| p.excluded);
            values.push(if excluded { value.stopped() } else { value });
            places.push(place);
        }
        let (value, left) = self.call(function, values)?;
        for ((param, place), new) in function.params.iter().zip(places).zip(left) {
            if let Some(at) = place.filter(|_| param.by == By::Mut) {
                self.write(&at, new)?;
            }
        }
        Ok(value)
    }
}
