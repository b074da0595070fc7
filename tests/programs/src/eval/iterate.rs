//! Iterators over floats, closures, and methods of options.

use super::place::Located;
use super::{Exit, Machine, Slot, Value, invalid};
use crate::syntax::{Binary, Block, Cut, End, Expr, Items, OnOption};

impl Machine<'_> {
    /// The elements that an iterator comes to: for each, where it lies in every source.
    fn elements(&mut self, items: &Items) -> Result<Vec<Vec<Located>>, Exit> {
        let mut sources = Vec::new();
        let mut length = usize::MAX;
        for source in &items.sources {
            let at = self.locate(&source.place)?;
            let Value::Many(parts) = self.read(&at)? else {
                return Ok(invalid("an iterator over a number")?);
            };
            let all = cut(&at, parts.len(), source.cut);
            length = length.min(all.len());
            sources.push(all);
        }
        let mut numbers: Vec<usize> = (0..length).collect();
        if items.reversed {
            numbers.reverse();
        }
        let numbers = numbers.into_iter().skip(items.skip);
        let numbers = numbers.take(items.take.unwrap_or(usize::MAX));
        Ok(numbers
            .map(|k| sources.iter().map(|all| all[k].clone()).collect())
            .collect())
    }

    fn bind(&mut self, items: &Items, number: usize, element: Vec<Located>) {
        if let Some(name) = &items.number {
            self.declare(name, Slot::Value(Value::Int(number)));
        }
        for (name, at) in items.names.iter().zip(element) {
            self.declare(name, Slot::Alias(at));
        }
    }

    pub(super) fn each(
        &mut self,
        label: Option<&String>,
        items: &Items,
        body: &Block,
    ) -> Result<Value, Exit> {
        for (number, element) in self.elements(items)?.into_iter().enumerate() {
            let outside = self.variables.len();
            self.bind(items, number, element);
            let left = self.once(label, body);
            self.variables.truncate(outside);
            if left?.is_some() {
                break;
            }
        }
        Ok(Value::Unit)
    }

    pub(super) fn chain(
        &mut self,
        items: &Items,
        filter: Option<&Expr>,
        end: &End,
        body: &Expr,
    ) -> Result<Value, Exit> {
        let mut so_far = match end {
            End::Sum => self.eval(&Expr::float(0.0))?,
            End::Product => self.eval(&Expr::float(1.0))?,
            End::Fold(start, _) => self.eval(start)?,
        };
        for (number, element) in self.elements(items)?.into_iter().enumerate() {
            self.step()?;
            let outside = self.variables.len();
            self.bind(items, number, element);
            let taken = match filter {
                Some(filter) => self.truth(filter)?,
                None => true,
            };
            if taken {
                if let End::Fold(_, name) = end {
                    self.declare(name, Slot::Value(so_far.clone()));
                }
                let value = self.eval(body)?;
                so_far = match end {
                    End::Sum => self.operate(Binary::Add, so_far, value)?,
                    End::Product => self.operate(Binary::Mul, so_far, value)?,
                    End::Fold(..) => value,
                };
            }
            self.variables.truncate(outside);
        }
        Ok(so_far)
    }

    /// What the closure does not see waits meanwhile.
    pub(super) fn apply_closure(&mut self, name: &str, arguments: &[Expr]) -> Result<Value, Exit> {
        let arguments: Result<Vec<Value>, Exit> = arguments.iter().map(|a| self.eval(a)).collect();
        let arguments = arguments?;
        self.step()?;
        let found = self.variables[self.frame..].iter();
        let closure = found.rev().find_map(|(other, slot)| match slot {
            Slot::Closure(start, params, body) if other == name => {
                Some((*start, params.clone(), body.clone()))
            }
            _ => None,
        });
        let Some((start, params, body)) = closure else {
            return Ok(invalid("an unknown closure")?);
        };
        let hidden = self.variables.split_off(start);
        for (param, argument) in params.iter().zip(arguments) {
            self.declare(param, Slot::Value(argument));
        }
        let value = self.eval(&body);
        self.variables.truncate(start);
        self.variables.extend(hidden);
        value
    }

    pub(super) fn on_option(&mut self, value: &Expr, method: &OnOption) -> Result<Value, Exit> {
        let Value::Variant(_, parts) = self.eval(value)? else {
            return Ok(invalid("an option")?);
        };
        let held = parts.into_iter().next();
        Ok(match method {
            OnOption::IsSome => Value::Bool(held.is_some()),
            OnOption::UnwrapOr(other) => {
                let other = self.eval(other)?;
                held.unwrap_or(other)
            }
            OnOption::MapOr(other, name, body) => {
                let other = self.eval(other)?;
                match held {
                    Some(held) => {
                        let outside = self.variables.len();
                        self.declare(name, Slot::Value(held));
                        let value = self.eval(body);
                        self.variables.truncate(outside);
                        value?
                    }
                    None => other,
                }
            }
        })
    }
}

/// The elements of an iterator over something of a length.
fn cut(at: &Located, length: usize, cut: Cut) -> Vec<Located> {
    match cut {
        Cut::Elements => (0..length).map(|k| at.element(k)).collect(),
        Cut::Windows(n) => (n..=length).map(|end| at.part(end - n, end)).collect(),
        Cut::Exact(n) => (1..=length / n)
            .map(|k| at.part((k - 1) * n, k * n))
            .collect(),
        Cut::Chunks(n) => (0..length.div_ceil(n))
            .map(|k| at.part(k * n, length.min((k + 1) * n)))
            .collect(),
    }
}
