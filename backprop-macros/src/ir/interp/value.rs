//! Trees of numbers, and what is done to their parts.

use std::collections::BTreeMap;

/// What a value of the representation holds in a run.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Value {
    Float(f64),
    Int(i128),
    Bool(bool),
    Seq(Vec<Value>),
    Tuple(Vec<Value>),
    Struct(BTreeMap<String, Value>),
    /// Of an enum: the variant's name and its fields.
    Variant(String, BTreeMap<String, Value>),
    Unit,
    /// A variable that was not assigned on this path. It spreads; to decide by it is an error.
    Undef,
    /// The zero of something of which only an `Undef` was seen: the neutral element of addition.
    Zero,
}

/// One step of a path, with its indices evaluated.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Field(String),
    Payload(String, String),
    Index(usize),
    Range(usize, Option<usize>),
}

type Change<'f> = &'f mut dyn FnMut(&mut Value) -> Result<(), String>;

impl Value {
    /// A slice of floats.
    pub(crate) fn floats(list: &[f64]) -> Value {
        Value::Seq(list.iter().map(|x| Value::Float(*x)).collect())
    }

    pub(crate) fn float(&self) -> Result<f64, String> {
        match self {
            Value::Float(x) => Ok(*x),
            Value::Zero => Ok(0.0),
            v => Err(format!("{v:?} is no float")),
        }
    }

    pub(crate) fn int(&self) -> Result<i128, String> {
        match self {
            Value::Int(n) => Ok(*n),
            v => Err(format!("{v:?} is no integer")),
        }
    }

    pub(crate) fn bool(&self) -> Result<bool, String> {
        match self {
            Value::Bool(b) => Ok(*b),
            v => Err(format!("{v:?} is no condition")),
        }
    }

    /// The same shape with NaN for every float.
    pub(crate) fn poisoned(&self) -> Value {
        match self {
            Value::Float(_) => Value::Float(f64::NAN),
            Value::Seq(list) => Value::Seq(list.iter().map(Value::poisoned).collect()),
            Value::Tuple(list) => Value::Tuple(list.iter().map(Value::poisoned).collect()),
            Value::Struct(fields) => Value::Struct(
                fields
                    .iter()
                    .map(|(k, v)| (k.clone(), v.poisoned()))
                    .collect(),
            ),
            other => other.clone(),
        }
    }

    /// The zero of the same shape. Integers keep no derivative: theirs is 0.
    pub(crate) fn zero(&self) -> Value {
        match self {
            Value::Float(_) => Value::Float(0.0),
            Value::Int(_) => Value::Int(0),
            Value::Bool(_) => Value::Bool(false),
            Value::Seq(list) => Value::Seq(list.iter().map(Value::zero).collect()),
            Value::Tuple(list) => Value::Tuple(list.iter().map(Value::zero).collect()),
            Value::Struct(fields) => {
                Value::Struct(fields.iter().map(|(k, v)| (k.clone(), v.zero())).collect())
            }
            Value::Variant(name, fields) => Value::Variant(
                name.clone(),
                fields.iter().map(|(k, v)| (k.clone(), v.zero())).collect(),
            ),
            Value::Unit => Value::Unit,
            Value::Undef | Value::Zero => Value::Zero,
        }
    }

    /// Adds an adjoint to an adjoint. Integers and conditions ignore it.
    pub(crate) fn add(&mut self, d: &Value) -> Result<(), String> {
        match (&mut *self, d) {
            (_, Value::Zero)
            | (Value::Int(_), Value::Int(_))
            | (Value::Bool(_), Value::Bool(_))
            | (Value::Unit, Value::Unit) => {}
            (Value::Zero, d) => *self = d.clone(),
            (Value::Float(x), Value::Float(y)) => *x += y,
            (Value::Seq(x), Value::Seq(y)) | (Value::Tuple(x), Value::Tuple(y))
                if x.len() == y.len() =>
            {
                for (x, y) in x.iter_mut().zip(y) {
                    x.add(y)?;
                }
            }
            (Value::Struct(x), Value::Struct(y)) if x.keys().eq(y.keys()) => {
                for (x, y) in x.values_mut().zip(y.values()) {
                    x.add(y)?;
                }
            }
            (Value::Variant(n, x), Value::Variant(m, y)) if n == m => {
                for (x, y) in x.values_mut().zip(y.values()) {
                    x.add(y)?;
                }
            }
            (x, y) => return Err(format!("adjoints of different shapes: {x:?} and {y:?}")),
        }
        Ok(())
    }

    /// A copy of a part.
    pub(crate) fn get(&self, path: &[Step]) -> Result<Value, String> {
        if let Value::Zero = self {
            return Ok(Value::Zero);
        }
        let mut part = None;
        // Parts are found in one place only: the copy costs nothing that a test would notice.
        self.clone().change(path, &mut |v| {
            part = Some(v.clone());
            Ok(())
        })?;
        part.ok_or_else(|| "a path without an end".to_string())
    }

    pub(crate) fn set(&mut self, path: &[Step], new: Value) -> Result<(), String> {
        self.change(path, &mut |v| {
            if let (Value::Seq(old), Value::Seq(new)) = (&*v, &new)
                && old.len() != new.len()
                && !path.is_empty()
            {
                return Err(format!("{} elements replaced by {}", old.len(), new.len()));
            }
            *v = new.clone();
            Ok(())
        })
    }

    pub(crate) fn len(&self) -> Result<usize, String> {
        match self {
            Value::Seq(list) => Ok(list.len()),
            v => Err(format!("{v:?} has no length")),
        }
    }

    /// Applies `f` to a part.
    pub(crate) fn change(&mut self, path: &[Step], f: Change<'_>) -> Result<(), String> {
        let Some((step, rest)) = path.split_first() else {
            return f(self);
        };
        match (self, step) {
            (Value::Undef, _) => Err("a part of a variable that was not assigned".into()),
            (Value::Variant(variant, fields), Step::Payload(asked, name)) if variant == asked => {
                match fields.get_mut(name) {
                    Some(v) => v.change(rest, f),
                    None => Err(format!("no field `{name}` in `{variant}`")),
                }
            }
            (Value::Struct(fields), Step::Field(name) | Step::Payload(_, name)) => {
                match fields.get_mut(name) {
                    Some(v) => v.change(rest, f),
                    None => Err(format!("no field `{name}`")),
                }
            }
            (Value::Tuple(list), Step::Field(name)) => {
                match name.parse::<usize>().ok().and_then(|k| list.get_mut(k)) {
                    Some(v) => v.change(rest, f),
                    None => Err(format!("no field `{name}` in a tuple")),
                }
            }
            (Value::Seq(list), Step::Index(k)) => {
                let len = list.len();
                match list.get_mut(*k) {
                    Some(v) => v.change(rest, f),
                    None => Err(format!("index {k} of {len}")),
                }
            }
            (Value::Seq(list), Step::Range(lo, hi)) => {
                let (hi, len) = (hi.unwrap_or(list.len()), list.len());
                let part = list
                    .get(*lo..hi)
                    .ok_or_else(|| format!("range {lo}..{hi} of {len}"))?;
                let mut part = Value::Seq(part.to_vec());
                part.change(rest, f)?;
                let Value::Seq(part) = part else {
                    return Err("a range replaced by something else".into());
                };
                if part.len() != hi - lo {
                    return Err(format!(
                        "range {lo}..{hi} replaced by {} elements",
                        part.len()
                    ));
                }
                list.splice(*lo..hi, part);
                Ok(())
            }
            (v, step) => Err(format!("{step:?} of {v:?}")),
        }
    }
}
