//! Integers of all types. A result that a type does not have is a panic.

use super::{Stop, Value, invalid};
use crate::syntax::{Binary, OnInteger, Type};

pub(super) fn operate(op: Binary, a: usize, b: usize) -> Result<Value, Stop> {
    computed(op, a as i128, b as i128, |n| {
        usize::try_from(n).ok().map(Value::Int)
    })
}

/// Before it is known whether the type has the result.
pub(super) fn operate_small(op: Binary, a: i64, b: i64) -> Result<Value, Stop> {
    computed(op, a.into(), b.into(), |n| {
        i64::try_from(n).ok().map(Value::Small)
    })
}

/// `of`: the value of a result, if there is one.
fn computed(
    op: Binary,
    a: i128,
    b: i128,
    of: impl Fn(i128) -> Option<Value>,
) -> Result<Value, Stop> {
    let number = match op {
        Binary::Add => Some(a + b),
        Binary::Sub => Some(a - b),
        Binary::Mul => a.checked_mul(b),
        Binary::Div => a.checked_div(b),
        Binary::Rem => a.checked_rem(b),
        Binary::Less => return Ok(Value::Bool(a < b)),
        Binary::AtMost => return Ok(Value::Bool(a <= b)),
        Binary::Equal => return Ok(Value::Bool(a == b)),
        Binary::And | Binary::Or => return invalid("`&&` of integers"),
    };
    number.and_then(of).ok_or(Stop::Panic)
}

/// The value, if its type has it.
pub(super) fn inside(value: Value, ty: &Type) -> Result<Value, Stop> {
    match (&value, ty) {
        (Value::Small(n), Type::Small(kind)) if kind.saturate(*n) != *n => Err(Stop::Panic),
        _ => Ok(value),
    }
}

pub(super) fn method(method: OnInteger, list: &[Value], ty: &Type) -> Result<Value, Stop> {
    let Type::Small(kind) = ty else {
        return invalid("a method of an integer");
    };
    let (a, b) = match list {
        [Value::Small(a)] => (*a, 0),
        [Value::Small(a), Value::Small(b)] => (*a, *b),
        _ => return invalid("a method of an integer"),
    };
    let number = match method {
        OnInteger::Abs => a.checked_abs(),
        OnInteger::Signum => Some(a.signum()),
        OnInteger::Min => Some(a.min(b)),
        OnInteger::Max => Some(a.max(b)),
        OnInteger::Pow => a.checked_pow(2),
        OnInteger::RemEuclid => a.checked_rem_euclid(b),
        OnInteger::DivEuclid => a.checked_div_euclid(b),
        OnInteger::WrappingAdd => Some(kind.wrap(a.wrapping_add(b))),
        OnInteger::WrappingSub => Some(kind.wrap(a.wrapping_sub(b))),
        OnInteger::WrappingMul => Some(kind.wrap(a.wrapping_mul(b))),
        OnInteger::SaturatingSub => Some(kind.saturate(a.saturating_sub(b))),
    };
    inside(Value::Small(number.ok_or(Stop::Panic)?), ty)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::Kind;

    fn of(kind: Kind, what: OnInteger, list: &[i64]) -> Result<Value, Stop> {
        let list: Vec<Value> = list.iter().map(|n| Value::Small(*n)).collect();
        method(what, &list, &Type::Small(kind))
    }

    #[test]
    fn integers_are_those_of_rust() {
        let small = |n: i64| Ok(Value::Small(n));
        let wrapped = i64::from(3_u8.wrapping_sub(5));
        let got = of(Kind::U8, OnInteger::WrappingSub, &[3, 5]);
        assert_eq!(got, small(wrapped));
        let got = of(Kind::I32, OnInteger::WrappingSub, &[3, 5]);
        assert_eq!(got, small(-2));
        let saturated = i64::from(3_u8.saturating_sub(5));
        let got = of(Kind::U8, OnInteger::SaturatingSub, &[3, 5]);
        assert_eq!(got, small(saturated));
        let rest = (-7_i64).rem_euclid(3);
        let got = of(Kind::I64, OnInteger::RemEuclid, &[-7, 3]);
        assert_eq!(got, small(rest));
        assert_eq!(of(Kind::U8, OnInteger::Pow, &[16]), Err(Stop::Panic));
        assert_eq!(Kind::U8.of_float(-3.7), i64::from(-3.7_f64 as u8));
    }
}
