//! Expressions: numbers, operators, elementary functions.

use super::{Dual, Exit, Machine, Stop, Value, integer, invalid};
use crate::maths::Elementary;
use crate::syntax::{Binary, Expr, Node, Type};

impl Machine<'_> {
    pub(super) fn eval(&mut self, expr: &Expr) -> Result<Value, Exit> {
        Ok(match &expr.node {
            Node::Float(x) => Value::Float(Dual::constant(*x)),
            Node::Int(n) => Value::Int(*n),
            Node::Small(n) => Value::Small(*n),
            Node::Bool(b) => Value::Bool(*b),
            Node::Read(place) => {
                let at = self.locate(place)?;
                self.read(&at)?
            }
            Node::Length(place) => {
                let at = self.locate(place)?;
                match self.read(&at)? {
                    Value::Many(parts) => Value::Int(parts.len()),
                    _ => invalid("the length of a number")?,
                }
            }
            Node::Neg(a) => {
                let a = self.float(a)?;
                self.note(Dual::chain(-a.x, &[(a, -1.0)]))
            }
            Node::Not(a) => Value::Bool(!self.truth(a)?),
            Node::Cast(a) => self.cast(a, &expr.ty)?,
            Node::Binary(Binary::And, a, b) => Value::Bool(self.truth(a)? && self.truth(b)?),
            Node::Binary(Binary::Or, a, b) => Value::Bool(self.truth(a)? || self.truth(b)?),
            Node::Binary(op, a, b) => {
                let (a, b) = (self.eval(a)?, self.eval(b)?);
                let value = self.operate(*op, a, b)?;
                integer::inside(value, &expr.ty)?
            }
            Node::Method(method, arguments) => {
                let arguments: Result<Vec<Dual>, Exit> =
                    arguments.iter().map(|a| self.float(a)).collect();
                self.apply(method, &arguments?)
            }
            Node::Powi(a, n) => {
                let a = self.float(a)?;
                self.power(a, *n)
            }
            Node::PowiBy(a, n) => {
                let (a, n) = (self.float(a)?, self.eval(n)?);
                match n {
                    Value::Small(n) => self.power(a, n as i32),
                    _ => invalid("a power")?,
                }
            }
            Node::Widen(a) => self.cast(a, &expr.ty)?,
            Node::OnInteger(method, list) => {
                let list: Result<Vec<Value>, Exit> = list.iter().map(|a| self.eval(a)).collect();
                integer::method(*method, &list?, &expr.ty)?
            }
            Node::SinCos(a) => {
                let a = self.float(a)?;
                let (sin, cos) = a.x.sin_cos();
                let sine = self.note(Dual::chain(sin, &[(a, cos)]));
                Value::Many(vec![sine, self.note(Dual::chain(cos, &[(a, -sin)]))])
            }
            Node::StopGradient(a) => self.eval(a)?.stopped(),
            Node::Build(parts) => {
                let parts: Result<Vec<Value>, Exit> = parts.iter().map(|p| self.eval(p)).collect();
                Value::Many(parts?)
            }
            Node::Repeat(a) => {
                let Type::Array(_, n) = expr.ty else {
                    return Ok(invalid("a repeated value")?);
                };
                Value::Many(vec![self.eval(a)?; n])
            }
            Node::If(condition, then, otherwise) => {
                if self.truth(condition)? {
                    self.block(then)?
                } else if let Some(otherwise) = otherwise {
                    self.block(otherwise)?
                } else {
                    Value::Unit
                }
            }
            Node::Match(subject, arms) => self.choose(subject, arms)?,
            Node::Lent(place, _) => {
                let at = self.locate(place)?;
                self.read(&at)?
            }
            Node::Variant(variant, parts) => {
                let parts: Result<Vec<Value>, Exit> = parts.iter().map(|p| self.eval(p)).collect();
                Value::Variant(*variant, parts?)
            }
            Node::For {
                label,
                name,
                range,
                body,
            } => self.count(label.as_ref(), name, range, body)?,
            Node::While {
                label,
                condition,
                body,
            } => self.repeat(label.as_ref(), Some(condition), body)?,
            Node::Loop { label, body } => self.repeat(label.as_ref(), None, body)?,
            Node::Block(block) => self.block(block)?,
            Node::Labeled(label, block) => match self.block(block) {
                Err(Exit::Break(Some(to), value)) if to == *label => *value,
                other => other?,
            },
            Node::Each { label, items, body } => self.each(label.as_ref(), items, body)?,
            Node::Chain {
                items,
                filter,
                end,
                body,
            } => self.chain(items, filter.as_deref(), end, body)?,
            Node::Apply(name, arguments) => self.apply_closure(name, arguments)?,
            Node::OnOption(value, method) => self.on_option(value, method)?,
            Node::Replace(place, new) => {
                let at = self.locate(place)?;
                let old = self.read(&at)?;
                let new = self.eval(new)?;
                self.write(&at, new)?;
                old
            }
            Node::Filled(value, length) => {
                let value = self.eval(value)?;
                Value::Many(vec![value; self.int(length)?])
            }
            Node::ToVec(place) => {
                let at = self.locate(place)?;
                self.read(&at)?
            }
            Node::Counted(value, place) => {
                let value = self.eval(value)?;
                let at = self.locate(place)?;
                let Value::Many(parts) = self.read(&at)? else {
                    return Ok(invalid("the length of a number")?);
                };
                Value::Many(vec![value; parts.len()])
            }
            Node::Call(number, arguments) => self.call_by_number(*number, arguments)?,
        })
    }

    fn float(&mut self, expr: &Expr) -> Result<Dual, Exit> {
        match self.eval(expr)? {
            Value::Float(x) => Ok(x),
            _ => Ok(invalid("a float is expected")?),
        }
    }

    pub(super) fn int(&mut self, expr: &Expr) -> Result<usize, Exit> {
        match self.eval(expr)? {
            Value::Int(n) => Ok(n),
            _ => Ok(invalid("an integer is expected")?),
        }
    }

    pub(super) fn truth(&mut self, expr: &Expr) -> Result<bool, Exit> {
        match self.eval(expr)? {
            Value::Bool(b) => Ok(b),
            _ => Ok(invalid("a condition is expected")?),
        }
    }

    fn power(&mut self, a: Dual, n: i32) -> Value {
        let slope = if n == 0 {
            0.0
        } else {
            f64::from(n) * a.x.powi(n - 1)
        };
        self.note(Dual::chain(a.x.powi(n), &[(a, slope)]))
    }

    fn cast(&mut self, operand: &Expr, ty: &Type) -> Result<Value, Exit> {
        Ok(match (self.eval(operand)?, ty) {
            (Value::Int(n), Type::Float) => self.note(Dual::constant(n as f64)),
            (Value::Float(x), Type::Int) => {
                self.pass((x.x - x.x.round()).abs());
                Value::Int(x.x as usize)
            }
            (Value::Float(x), Type::Small(kind)) => {
                self.pass((x.x - x.x.round()).abs());
                Value::Small(kind.of_float(x.x))
            }
            (Value::Small(n), Type::Float) => self.note(Dual::constant(n as f64)),
            (Value::Small(n), Type::Int) => Value::Int(n as usize),
            (Value::Small(n), Type::Small(kind)) => Value::Small(kind.wrap(n)),
            (Value::Int(n), Type::Small(kind)) => Value::Small(kind.wrap(n as i64)),
            (Value::Bool(b), Type::Int) => Value::Int(b.into()),
            (Value::Bool(b), Type::Small(_)) => Value::Small(b.into()),
            (Value::Int(n), Type::Int) => Value::Int(n),
            _ => invalid("a cast")?,
        })
    }

    fn apply(&mut self, method: &Elementary, arguments: &[Dual]) -> Value {
        let numbers: Vec<f64> = arguments.iter().map(|a| a.x).collect();
        self.pass((method.kink)(&numbers));
        let partials = (method.partials)(&numbers);
        let pairs: Vec<(Dual, f64)> = arguments.iter().copied().zip(partials).collect();
        self.note(Dual::chain((method.value)(&numbers), &pairs))
    }

    pub(super) fn operate(&mut self, op: Binary, a: Value, b: Value) -> Result<Value, Stop> {
        match (a, b) {
            (Value::Float(a), Value::Float(b)) => self.floats(op, a, b),
            (Value::Int(a), Value::Int(b)) => integer::operate(op, a, b),
            (Value::Small(a), Value::Small(b)) => integer::operate_small(op, a, b),
            (Value::Bool(a), Value::Bool(b)) if op == Binary::Equal => Ok(Value::Bool(a == b)),
            _ => invalid("an operator"),
        }
    }

    fn floats(&mut self, op: Binary, a: Dual, b: Dual) -> Result<Value, Stop> {
        if let Binary::Less | Binary::AtMost | Binary::Equal = op {
            self.pass((a.x - b.x).abs());
        }
        Ok(match op {
            Binary::Add => self.note(Dual::chain(a.x + b.x, &[(a, 1.0), (b, 1.0)])),
            Binary::Sub => self.note(Dual::chain(a.x - b.x, &[(a, 1.0), (b, -1.0)])),
            Binary::Mul => self.note(Dual::chain(a.x * b.x, &[(a, b.x), (b, a.x)])),
            Binary::Div => {
                let partials = [(a, b.x.recip()), (b, -a.x / (b.x * b.x))];
                self.note(Dual::chain(a.x / b.x, &partials))
            }
            Binary::Rem => {
                let turns = a.x / b.x;
                self.pass((turns - turns.round()).abs());
                self.note(Dual::chain(a.x % b.x, &[(a, 1.0), (b, -turns.trunc())]))
            }
            Binary::Less => Value::Bool(a.x < b.x),
            Binary::AtMost => Value::Bool(a.x <= b.x),
            Binary::Equal => Value::Bool(a.x == b.x),
            Binary::And | Binary::Or => invalid("`&&` of floats")?,
        })
    }
}
