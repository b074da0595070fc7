//! Operators, methods, casts and the runtime's rules, on numbers.
//!
//! Floats are `f64` throughout: a run compares passes with each other, not with the machine.

use super::super::{Bin, Un};
use super::value::Value;

pub(crate) fn unary(op: Un, v: &Value) -> Result<Value, String> {
    Ok(match (op, v) {
        (_, Value::Undef) => Value::Undef,
        (_, Value::Zero) => Value::Zero,
        (Un::Neg, Value::Float(x)) => Value::Float(-x),
        (Un::Neg, Value::Int(n)) => Value::Int(-n),
        (Un::Not, Value::Bool(b)) => Value::Bool(!b),
        (op, v) => return Err(format!("{op:?} of {v:?}")),
    })
}

pub(crate) fn binary(op: Bin, a: &Value, b: &Value) -> Result<Value, String> {
    Ok(match (a, b) {
        (Value::Undef, _) | (_, Value::Undef) => Value::Undef,
        (Value::Zero, _) | (_, Value::Zero) => return zero_operand(op, a, b),
        (Value::Float(x), Value::Float(y)) => match op {
            Bin::Add => Value::Float(x + y),
            Bin::Sub => Value::Float(x - y),
            Bin::Mul => Value::Float(x * y),
            Bin::Div => Value::Float(x / y),
            Bin::Rem => Value::Float(x % y),
            op => Value::Bool(
                compare(op, x.partial_cmp(y))
                    .ok_or_else(|| format!("`{}` of floats", op.token()))?,
            ),
        },
        (Value::Int(x), Value::Int(y)) => return integers(op, *x, *y),
        (Value::Bool(x), Value::Bool(y)) => Value::Bool(match op {
            Bin::And => x & y,
            Bin::Or => x | y,
            Bin::Xor => x ^ y,
            op => compare(op, Some(x.cmp(y)))
                .ok_or_else(|| format!("`{}` of conditions", op.token()))?,
        }),
        (x, y) if op == Bin::Eq => Value::Bool(x == y),
        (x, y) if op == Bin::Ne => Value::Bool(x != y),
        (x, y) => return Err(format!("`{}` of {x:?} and {y:?}", op.token())),
    })
}

fn zero_operand(op: Bin, a: &Value, b: &Value) -> Result<Value, String> {
    Ok(match (op, a, b) {
        (Bin::Add, Value::Zero, v) | (Bin::Add | Bin::Sub, v, Value::Zero) => v.clone(),
        (Bin::Sub, Value::Zero, v) => return unary(Un::Neg, v),
        (Bin::Mul, ..) => Value::Zero,
        (Bin::Div | Bin::Rem, Value::Zero, _) => Value::Zero,
        (op, a, b) => return Err(format!("`{}` of {a:?} and {b:?}", op.token())),
    })
}

fn integers(op: Bin, x: i128, y: i128) -> Result<Value, String> {
    let result = match op {
        Bin::Add => x.checked_add(y),
        Bin::Sub => x.checked_sub(y),
        Bin::Mul => x.checked_mul(y),
        Bin::Div => x.checked_div(y),
        Bin::Rem => x.checked_rem(y),
        Bin::And => Some(x & y),
        Bin::Or => Some(x | y),
        Bin::Xor => Some(x ^ y),
        Bin::Shl => u32::try_from(y).ok().and_then(|y| x.checked_shl(y)),
        Bin::Shr => u32::try_from(y).ok().and_then(|y| x.checked_shr(y)),
        op => {
            return compare(op, Some(x.cmp(&y)))
                .map(Value::Bool)
                .ok_or_else(|| "a comparison of integers".into());
        }
    };
    result
        .map(Value::Int)
        .ok_or_else(|| format!("{x} {} {y} overflows", op.token()))
}

fn compare(op: Bin, order: Option<core::cmp::Ordering>) -> Option<bool> {
    Some(match op {
        Bin::Eq => order.is_some_and(|o| o.is_eq()),
        Bin::Ne => !order.is_some_and(|o| o.is_eq()),
        Bin::Lt => order.is_some_and(|o| o.is_lt()),
        Bin::Le => order.is_some_and(|o| o.is_le()),
        Bin::Gt => order.is_some_and(|o| o.is_gt()),
        Bin::Ge => order.is_some_and(|o| o.is_ge()),
        _ => return None,
    })
}

/// `v as ty`.
pub(crate) fn cast(v: &Value, ty: &str) -> Result<Value, String> {
    let float = matches!(ty, "f32" | "f64") || ty.len() == 1;
    Ok(match v {
        Value::Undef => Value::Undef,
        Value::Zero => Value::Zero,
        Value::Float(x) if ty == "f32" => Value::Float(f64::from(*x as f32)),
        Value::Float(x) if float => Value::Float(*x),
        Value::Float(x) => {
            Value::Int(limits(ty).map_or(*x as i128, |(lo, hi)| (*x as i128).clamp(lo, hi)))
        }
        Value::Int(n) if ty == "f32" => Value::Float(f64::from(*n as f32)),
        Value::Int(n) if float => Value::Float(*n as f64),
        Value::Int(n) => Value::Int(wrap(*n, ty)),
        Value::Bool(b) => Value::Int(i128::from(*b)),
        v => return Err(format!("{v:?} as {ty}")),
    })
}

fn bits(ty: &str) -> Option<(bool, u32)> {
    let signed = ty.starts_with('i');
    let size = match &ty[1..] {
        "8" => 8,
        "16" => 16,
        "32" => 32,
        "64" | "size" => 64,
        _ => return None,
    };
    (signed || ty.starts_with('u')).then_some((signed, size))
}

fn limits(ty: &str) -> Option<(i128, i128)> {
    bits(ty).map(|(signed, size)| {
        if signed {
            (-(1 << (size - 1)), (1 << (size - 1)) - 1)
        } else {
            (0, (1 << size) - 1)
        }
    })
}

fn wrap(n: i128, ty: &str) -> i128 {
    match limits(ty) {
        Some((lo, hi)) => (n - lo).rem_euclid(hi - lo + 1) + lo,
        None => n,
    }
}

/// A method of floats or integers, by Rust's name.
pub(crate) fn method(name: &str, args: &[Value]) -> Result<Value, String> {
    if args.contains(&Value::Undef) {
        return Ok(Value::Undef);
    }
    let floats: Option<Vec<f64>> = args
        .iter()
        .map(|a| {
            if let Value::Float(x) = a {
                Some(*x)
            } else {
                None
            }
        })
        .collect();
    let ints: Option<Vec<i128>> = args
        .iter()
        .map(|a| {
            if let Value::Int(n) = a {
                Some(*n)
            } else {
                None
            }
        })
        .collect();
    let result = match (args, floats, ints) {
        ([Value::Float(x), Value::Int(n)], ..) if name == "powi" => {
            i32::try_from(*n).ok().map(|n| Value::Float(x.powi(n)))
        }
        (_, Some(f), _) => float_method(name, &f),
        (_, _, Some(n)) => int_method(name, &n),
        _ => None,
    };
    result.ok_or_else(|| format!("no method `{name}` of {args:?} is known"))
}

fn float_method(name: &str, f: &[f64]) -> Option<Value> {
    let number = match *f {
        [x] => match name {
            "abs" => x.abs(),
            "acos" => x.acos(),
            "acosh" => x.acosh(),
            "asin" => x.asin(),
            "asinh" => x.asinh(),
            "atan" => x.atan(),
            "atanh" => x.atanh(),
            "cbrt" => x.cbrt(),
            "ceil" => x.ceil(),
            "cos" => x.cos(),
            "cosh" => x.cosh(),
            "exp" => x.exp(),
            "exp2" => x.exp2(),
            "exp_m1" => x.exp_m1(),
            "floor" => x.floor(),
            "fract" => x.fract(),
            "ln" => x.ln(),
            "ln_1p" => x.ln_1p(),
            "log10" => x.log10(),
            "log2" => x.log2(),
            "recip" => x.recip(),
            "round" => x.round(),
            "round_ties_even" => x.round_ties_even(),
            "signum" => x.signum(),
            "sin" => x.sin(),
            "sinh" => x.sinh(),
            "sqrt" => x.sqrt(),
            "tan" => x.tan(),
            "tanh" => x.tanh(),
            "to_degrees" => x.to_degrees(),
            "to_radians" => x.to_radians(),
            "trunc" => x.trunc(),
            "clone" | "to_owned" => x,
            "sin_cos" => {
                return Some(Value::Tuple(vec![
                    Value::Float(x.sin()),
                    Value::Float(x.cos()),
                ]));
            }
            "is_nan" => return Some(Value::Bool(x.is_nan())),
            "is_finite" => return Some(Value::Bool(x.is_finite())),
            "is_infinite" => return Some(Value::Bool(x.is_infinite())),
            "is_normal" => return Some(Value::Bool(x.is_normal())),
            "is_subnormal" => return Some(Value::Bool(x.is_subnormal())),
            "is_sign_positive" => return Some(Value::Bool(x.is_sign_positive())),
            "is_sign_negative" => return Some(Value::Bool(x.is_sign_negative())),
            _ => return None,
        },
        [x, y] => match name {
            "atan2" => x.atan2(y),
            "copysign" => x.copysign(y),
            "div_euclid" => x.div_euclid(y),
            "hypot" => x.hypot(y),
            "log" => x.log(y),
            "max" => x.max(y),
            "midpoint" => x.midpoint(y),
            "min" => x.min(y),
            "powf" => x.powf(y),
            "rem_euclid" => x.rem_euclid(y),
            _ => return None,
        },
        [x, y, z] => match name {
            "clamp" if y <= z => x.clamp(y, z),
            "mul_add" => x.mul_add(y, z),
            _ => return None,
        },
        _ => return None,
    };
    Some(Value::Float(number))
}

fn int_method(name: &str, n: &[i128]) -> Option<Value> {
    let number = match *n {
        [x] => match name {
            "abs" | "unsigned_abs" => x.abs(),
            "signum" => x.signum(),
            "clone" | "to_owned" => x,
            "isqrt" if x >= 0 => x.isqrt(),
            "count_ones" if x >= 0 => i128::from(x.count_ones()),
            "trailing_zeros" if x > 0 => i128::from(x.trailing_zeros()),
            "is_power_of_two" => return Some(Value::Bool(x > 0 && x & (x - 1) == 0)),
            _ => return None,
        },
        [x, y] => match name {
            "max" => x.max(y),
            "min" => x.min(y),
            "pow" => x.checked_pow(u32::try_from(y).ok()?)?,
            "abs_diff" => x.checked_sub(y)?.abs(),
            "div_euclid" => x.checked_div_euclid(y)?,
            "rem_euclid" => x.checked_rem_euclid(y)?,
            "midpoint" => (x + y).div_euclid(2),
            "div_ceil" if y > 0 => x.div_euclid(y) + i128::from(x.rem_euclid(y) > 0),
            "saturating_sub" => (x - y).max(0),
            _ => return None,
        },
        [x, y, z] if name == "clamp" && y <= z => x.clamp(y, z),
        _ => return None,
    };
    Some(Value::Int(number))
}

/// A function of the runtime's `rule` module. The values at kinks are the contract's.
pub(crate) fn rule(name: &str, args: &[Value]) -> Option<Value> {
    if args.contains(&Value::Undef) {
        return Some(Value::Undef);
    }
    if let ("sum_elements", [Value::Seq(list), zero @ ..]) = (name, args) {
        let mut sum = zero.first().cloned().unwrap_or(Value::Zero);
        for v in list {
            sum.add(v).ok()?;
        }
        return Some(sum);
    }
    if let ("trips", [Value::Int(lo), Value::Int(hi)]) = (name, args) {
        return Some(Value::Int((hi - lo).max(0)));
    }
    if name == "thrown_away" {
        return Some(Value::Zero);
    }
    if let ("powi_x", [Value::Float(x), Value::Int(n)]) = (name, args) {
        let n = i32::try_from(*n).ok()?;
        return Some(Value::Float(if n == 0 {
            0.0
        } else {
            f64::from(n) * x.powi(n - 1)
        }));
    }
    let f: Vec<f64> = args.iter().map(|a| a.float().ok()).collect::<Option<_>>()?;
    let flag = |b: bool| f64::from(u8::from(b));
    let ahead = |x: f64, y: f64| {
        if x == y {
            0.5
        } else {
            flag(x > y || y.is_nan())
        }
    };
    let number = match (name, &f[..]) {
        ("sign", [x]) => {
            if *x == 0.0 {
                0.0
            } else {
                x.signum()
            }
        }
        ("atan2_y" | "atan2_x", [0.0, 0.0]) => 0.0,
        ("atan2_y", [y, x]) => x / (x * x + y * y),
        ("atan2_x", [y, x]) => -y / (x * x + y * y),
        ("clamp_x", [x, lo, hi]) => flag(lo <= x && x <= hi),
        ("clamp_lo", [x, lo, _]) => flag(x < lo),
        ("clamp_hi", [x, _, hi]) => flag(x > hi),
        ("copysign_x", [x, y]) => {
            if x.is_sign_negative() == y.is_sign_negative() {
                1.0
            } else {
                -1.0
            }
        }
        ("hypot_x", [x, ret]) => {
            if *ret == 0.0 {
                0.0
            } else {
                x / ret
            }
        }
        ("max_x", [x, y]) => ahead(*x, *y),
        ("min_x", [x, y]) => ahead(-*x, -*y),
        ("powf_x", [_, 0.0]) => 0.0,
        ("powf_x", [x, p]) => p * x.powf(p - 1.0),
        ("powf_p", [0.0, p, _]) if *p > 0.0 => 0.0,
        ("powf_p", [x, _, ret]) => ret * x.ln(),
        _ => return None,
    };
    Some(Value::Float(number))
}
