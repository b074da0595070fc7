//! What the interpreter computes with: floats that carry their derivatives, and aggregates of them.

use crate::syntax::Type;

/// The most floats that a program may have as inputs.
pub(crate) const INPUTS: usize = 24;

/// A number and its derivatives by all inputs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Dual {
    pub(crate) x: f64,
    pub(crate) d: [f64; INPUTS],
}

impl Dual {
    pub(crate) fn constant(x: f64) -> Dual {
        Dual {
            x,
            d: [0.0; INPUTS],
        }
    }

    pub(crate) fn input(x: f64, number: usize) -> Dual {
        let mut dual = Dual::constant(x);
        dual.d[number] = 1.0;
        dual
    }

    /// The chain rule: a number whose partial derivatives by some others are known.
    pub(crate) fn chain(x: f64, others: &[(Dual, f64)]) -> Dual {
        let mut dual = Dual::constant(x);
        for (other, partial) in others {
            for (d, o) in dual.d.iter_mut().zip(other.d) {
                *d += partial * o;
            }
        }
        dual
    }

    /// The largest number in it.
    pub(crate) fn size(&self) -> f64 {
        self.d.iter().fold(self.x.abs(), |m, d| m.max(d.abs()))
    }

    pub(crate) fn is_finite(&self) -> bool {
        self.x.is_finite() && self.d.iter().all(|d| d.is_finite())
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Unit,
    Float(Dual),
    Int(usize),
    Small(i64),
    Bool(bool),
    Many(Vec<Value>),
    /// Of a sum: the variant's number, and what it holds.
    Variant(usize, Vec<Value>),
}

impl Value {
    /// Makes all floats in it NaN.
    pub(super) fn spoil(&mut self) {
        match self {
            Value::Float(x) => *x = Dual::constant(f64::NAN),
            Value::Many(parts) | Value::Variant(_, parts) => {
                parts.iter_mut().for_each(Value::spoil);
            }
            Value::Unit | Value::Int(_) | Value::Small(_) | Value::Bool(_) => {}
        }
    }

    /// A value of a type, with its leaves from two sources. Slices have the length that is given.
    pub(crate) fn build(
        ty: &Type,
        length: usize,
        float: &mut dyn FnMut() -> Dual,
        int: usize,
    ) -> Value {
        let mut many = |types: Vec<Type>| {
            Value::Many(
                types
                    .iter()
                    .map(|ty| Value::build(ty, length, float, int))
                    .collect(),
            )
        };
        match ty {
            Type::Unit => Value::Unit,
            Type::Float => Value::Float(float()),
            Type::Int => Value::Int(int),
            Type::Small(_) => Value::Small(0),
            Type::Bool => Value::Bool(false),
            Type::Array(element, n) => many(vec![(**element).clone(); *n]),
            Type::Slice(element) => many(vec![(**element).clone(); length]),
            Type::Tuple(_) | Type::Struct(_) => many(ty.parts()),
            Type::Sum(_) => Value::Variant(0, Vec::new()),
        }
    }

    /// The same without derivatives.
    pub(crate) fn stopped(self) -> Value {
        let all = |parts: Vec<Value>| parts.into_iter().map(Value::stopped).collect();
        match self {
            Value::Float(x) => Value::Float(Dual::constant(x.x)),
            Value::Many(parts) => Value::Many(all(parts)),
            Value::Variant(variant, parts) => Value::Variant(variant, all(parts)),
            other => other,
        }
    }

    /// Its floats, in order.
    pub(crate) fn floats(&self) -> Vec<Dual> {
        match self {
            Value::Float(x) => vec![*x],
            Value::Many(parts) | Value::Variant(_, parts) => {
                parts.iter().flat_map(Value::floats).collect()
            }
            _ => Vec::new(),
        }
    }
}
