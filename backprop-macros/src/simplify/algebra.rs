//! Arithmetic identities on one operation. Signs and literal factors move outwards, where they meet.
//!
//! The primal keeps its rounding: only exact identities touch it. Literals of ours (`Op::Lit`) stand in
//! adjoint code alone, whose products may be regrouped.

use crate::ir::{Bin, Op, Shape, Un, V};

/// What an operation becomes.
pub(crate) enum New {
    /// An operand.
    Alias(V),
    Op(Op),
}

impl New {
    /// Whether it reads no aggregate.
    pub(crate) fn is_settled(&self) -> bool {
        !matches!(self, New::Op(Op::Get(..)))
    }
}

/// What is known of values.
pub(crate) trait Known {
    fn op(&self, v: V) -> Option<&Op>;
}

/// What is known of operands, and a way to define another.
pub(crate) trait Context: Known {
    fn define(&mut self, op: Op, shape: Shape) -> V;
    /// Whether a value has one use: then it can be regrouped at no cost.
    fn single(&self, v: V) -> bool;
}

/// Whether a value is the number 1, the user's or ours.
pub(crate) fn is_one(k: &impl Known, v: V) -> bool {
    lit(k, v).or_else(|| constant(k, v)) == Some(1.0)
}

pub(crate) fn lit(k: &impl Known, v: V) -> Option<f64> {
    match k.op(v)? {
        Op::Lit(x) => Some(*x),
        _ => None,
    }
}

fn constant(k: &impl Known, v: V) -> Option<f64> {
    match k.op(v)? {
        Op::Const(t) => t.number(),
        _ => None,
    }
}

/// A number of moderate size, the user's or ours, so that regrouping with it cannot overflow.
pub(crate) fn coefficient(k: &impl Known, v: V) -> Option<f64> {
    lit(k, v)
        .or_else(|| constant(k, v))
        .filter(|c| (1e-3..=1e3).contains(&c.abs()))
}

fn negated(k: &impl Context, v: V) -> Option<V> {
    match k.op(v)? {
        Op::Un(Un::Neg, a) => Some(*a),
        _ => None,
    }
}

/// `factor * value` with a literal of moderate size, so that regrouping cannot overflow.
fn scaled(k: &impl Context, v: V) -> Option<(f64, V)> {
    match k.op(v)? {
        Op::Bin(Bin::Mul, a, b) => lit(k, *a)
            .filter(|c| (1e-3..=1e3).contains(&c.abs()))
            .map(|c| (c, *b)),
        _ => None,
    }
}

/// The same with a factor of the user's.
fn scaled_by_constant(k: &impl Context, v: V) -> Option<(f64, V)> {
    let Op::Bin(Bin::Mul, a, b) = k.op(v)? else {
        return None;
    };
    [(a, b), (b, a)].into_iter().find_map(|(c, rest)| {
        constant(k, *c)
            .filter(|c| (1e-3..=1e3).contains(&c.abs()))
            .map(|c| (c, *rest))
    })
}

/// `(t / (a / b)) * (1 / b)` is `t / a`: what goes through the logarithm of a quotient.
fn through_quotient(k: &impl Context, x: V, y: V) -> Option<Op> {
    let (Op::Bin(Bin::Div, t, q), Op::Bin(Bin::Div, one, m)) = (k.op(x)?, k.op(y)?) else {
        return None;
    };
    let Op::Bin(Bin::Div, a, b) = k.op(*q)? else {
        return None;
    };
    (b == m && lit(k, *one) == Some(1.0)).then_some(Op::Bin(Bin::Div, *t, *a))
}

fn float(k: &mut impl Context, op: Op) -> V {
    k.define(op, Shape::Float)
}

fn times(k: &mut impl Context, c: f64, v: V) -> New {
    if c == 1.0 {
        return New::Alias(v);
    }
    let c = float(k, Op::Lit(c));
    New::Op(Op::Bin(Bin::Mul, c, v))
}

fn minus(k: &mut impl Context, op: Op) -> New {
    let v = float(k, op);
    New::Op(Op::Un(Un::Neg, v))
}

/// Simplifies an operation on floats.
pub(crate) fn rewrite(k: &mut impl Context, op: &Op) -> Option<New> {
    match op {
        Op::Un(Un::Neg, a) => neg(k, *a),
        Op::Bin(Bin::Add, a, b) => add(k, *a, *b),
        Op::Bin(Bin::Sub, a, b) => sub(k, *a, *b),
        Op::Bin(Bin::Mul, a, b) => mul(k, *a, *b),
        Op::Bin(Bin::Div, a, b) => div(k, *a, *b),
        Op::Chain(d, p) => match lit(k, *d) {
            Some(0.0) => Some(New::Alias(*d)),
            Some(_) => Some(New::Op(Op::Bin(Bin::Mul, *d, *p))),
            None => finite(k, *p).then_some(New::Op(Op::Bin(Bin::Mul, *d, *p))),
        },
        Op::Helper("powi_x", vs) => powi(k, vs),
        Op::Helper("powi_xx", vs) => curvature(k, vs),
        // A root's sign is in doubt at -0 only.
        Op::Fn("abs", vs) => match k.op(vs[0]) {
            Some(Op::Fn("sqrt", args)) if least(k, args[0], 8) > 0.0 => Some(New::Alias(vs[0])),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a partial has no pole: a literal over the root of something positive.
fn finite(k: &impl Context, p: V) -> bool {
    let Some(Op::Bin(Bin::Div, n, root)) = k.op(p) else {
        return false;
    };
    let Some(Op::Fn("sqrt", args)) = k.op(*root) else {
        return false;
    };
    lit(k, *n).is_some() && least(k, args[0], 8) > 0.0
}

/// A lower bound, as far as it shows: squares, exponentials and bounded functions.
pub(crate) fn least(k: &impl Known, v: V, depth: u32) -> f64 {
    let Some(op) = k.op(v).filter(|_| depth > 0) else {
        return f64::NEG_INFINITY;
    };
    match op {
        Op::Lit(x) => *x,
        Op::Const(t) => t.number().unwrap_or(f64::NEG_INFINITY),
        Op::Bin(Bin::Mul, a, b) if a == b => 0.0,
        Op::Bin(Bin::Mul, a, b)
            if least(k, *a, depth - 1) >= 0.0 && least(k, *b, depth - 1) >= 0.0 =>
        {
            0.0
        }
        Op::Bin(Bin::Add, a, b) => least(k, *a, depth - 1) + least(k, *b, depth - 1),
        Op::Fn("exp" | "exp2" | "abs" | "sqrt" | "hypot" | "cosh", _) => 0.0,
        Op::Fn("powi", args) => match k.op(args[1]) {
            Some(Op::Const(t)) if t.integer().is_some_and(|n| n % 2 == 0) => 0.0,
            _ => f64::NEG_INFINITY,
        },
        Op::Fn("tanh" | "sin" | "cos", _) => -1.0,
        _ => f64::NEG_INFINITY,
    }
}

fn neg(k: &mut impl Context, a: V) -> Option<New> {
    if let Some(x) = lit(k, a) {
        return Some(New::Op(Op::Lit(-x)));
    }
    if let Some(x) = negated(k, a) {
        return Some(New::Alias(x));
    }
    let (c, rest) = scaled(k, a).filter(|_| k.single(a))?;
    Some(times(k, -c, rest))
}

fn add(k: &mut impl Context, a: V, b: V) -> Option<New> {
    match (lit(k, a), lit(k, b)) {
        (Some(x), Some(y)) => return Some(New::Op(Op::Lit(x + y))),
        (Some(0.0), _) => return Some(New::Alias(b)),
        (_, Some(0.0)) => return Some(New::Alias(a)),
        _ => {}
    }
    if let Some(sum) = alike(k, a, b, 1.0) {
        return Some(sum);
    }
    if let Some(y) = negated(k, b) {
        return Some(New::Op(Op::Bin(Bin::Sub, a, y)));
    }
    if let Some(x) = negated(k, a) {
        return Some(New::Op(Op::Bin(Bin::Sub, b, x)));
    }
    // x + (-c y) is x - c y, and x + x is 2 x where the x is an adjoint of ours.
    for (x, y) in [(a, b), (b, a)] {
        if let Some((c, rest)) = scaled(k, y).filter(|(c, _)| *c < 0.0) {
            let New::Op(op) = times(k, -c, rest) else {
                return Some(New::Op(Op::Bin(Bin::Sub, x, rest)));
            };
            let y = float(k, op);
            return Some(New::Op(Op::Bin(Bin::Sub, x, y)));
        }
    }
    None
}

fn sub(k: &mut impl Context, a: V, b: V) -> Option<New> {
    match (lit(k, a), lit(k, b)) {
        (Some(x), Some(y)) => return Some(New::Op(Op::Lit(x - y))),
        (Some(0.0), _) => return Some(New::Op(Op::Un(Un::Neg, b))),
        (_, Some(0.0)) => return Some(New::Alias(a)),
        _ => {}
    }
    // -x - x is -2 x.
    if negated(k, a) == Some(b) {
        return Some(times(k, -2.0, b));
    }
    if let Some(difference) = alike(k, a, b, -1.0) {
        return Some(difference);
    }
    let y = negated(k, b)?;
    Some(New::Op(Op::Bin(Bin::Add, a, y)))
}

/// `c x ± e x` as `(c ± e) x`, where one of the factors at least is a literal of ours.
fn alike(k: &mut impl Context, a: V, b: V, sign: f64) -> Option<New> {
    let (c, x) = scaled(k, a).unwrap_or((1.0, a));
    let (e, y) = scaled(k, b).unwrap_or((1.0, b));
    let ours = x != a || y != b;
    if x == y && ours && c + sign * e != 0.0 {
        return Some(times(k, c + sign * e, x));
    }
    // c x ± c y is c (x ± y).
    if x != a && y != b && c.abs() == e.abs() && k.single(a) && k.single(b) {
        let op = if (c == e) == (sign > 0.0) {
            Bin::Add
        } else {
            Bin::Sub
        };
        let sum = float(k, Op::Bin(op, x, y));
        return Some(times(k, c, sum));
    }
    None
}

fn mul(k: &mut impl Context, a: V, b: V) -> Option<New> {
    match (lit(k, a), lit(k, b)) {
        (Some(x), Some(y)) => return Some(New::Op(Op::Lit(x * y))),
        (Some(0.0), _) => return Some(New::Alias(a)),
        (_, Some(0.0)) => return Some(New::Alias(b)),
        (Some(1.0), _) => return Some(New::Alias(b)),
        (_, Some(1.0)) => return Some(New::Alias(a)),
        (Some(-1.0), _) => return Some(New::Op(Op::Un(Un::Neg, b))),
        (None, Some(_)) => return Some(New::Op(Op::Bin(Bin::Mul, b, a))),
        _ => {}
    }
    if let Some(x) = negated(k, a) {
        return Some(minus(k, Op::Bin(Bin::Mul, x, b)));
    }
    if let Some(y) = negated(k, b) {
        return Some(minus(k, Op::Bin(Bin::Mul, a, y)));
    }
    if let Some(quotient) = through_quotient(k, a, b).or_else(|| through_quotient(k, b, a)) {
        return Some(New::Op(quotient));
    }
    if let Some(c) = lit(k, a) {
        let inner = scaled(k, b).or_else(|| scaled_by_constant(k, b));
        if let Some((e, rest)) = inner.filter(|_| k.single(b)) {
            return Some(times(k, c * e, rest));
        }
        if let Some(e) = constant(k, b) {
            return Some(New::Op(Op::Lit(c * e)));
        }
        // Twice is exact.
        if let Some(Op::Bin(Bin::Add, x, y)) = k.op(b)
            && x == y
            && k.single(b)
        {
            return Some(times(k, 2.0 * c, *x));
        }
        if let Some(Op::Bin(Bin::Div, n, m)) = k.op(b).cloned() {
            let n = lit(k, n)?;
            let n = float(k, Op::Lit(c * n));
            return Some(New::Op(Op::Bin(Bin::Div, n, m)));
        }
        return None;
    }
    for (x, y) in [(a, b), (b, a)] {
        let Some((c, rest)) = scaled(k, y).filter(|_| k.single(y)) else {
            continue;
        };
        if let Some(e) = constant(k, x) {
            return Some(times(k, c * e, rest));
        }
        let product = if x == a {
            Op::Bin(Bin::Mul, x, rest)
        } else {
            Op::Bin(Bin::Mul, rest, x)
        };
        let v = float(k, product);
        return Some(times(k, c, v));
    }
    None
}

fn div(k: &mut impl Context, a: V, b: V) -> Option<New> {
    if let (Some(x), Some(y)) = (lit(k, a), lit(k, b)) {
        return Some(New::Op(Op::Lit(x / y)));
    }
    if lit(k, b) == Some(1.0) {
        return Some(New::Alias(a));
    }
    if let Some(x) = negated(k, a) {
        return Some(minus(k, Op::Bin(Bin::Div, x, b)));
    }
    let y = negated(k, b)?;
    Some(minus(k, Op::Bin(Bin::Div, a, y)))
}

/// n x^(n-1) where n is a literal.
/// The second derivative of a power of small order.
fn curvature(k: &mut impl Context, vs: &[V]) -> Option<New> {
    let [x, n] = vs else { return None };
    let Some(Op::Const(t)) = k.op(*n) else {
        return None;
    };
    match t.integer()? {
        0 | 1 => Some(New::Op(Op::Lit(0.0))),
        2 => Some(New::Op(Op::Lit(2.0))),
        3 => Some(times(k, 6.0, *x)),
        _ => None,
    }
}

fn powi(k: &mut impl Context, vs: &[V]) -> Option<New> {
    let [x, n] = vs else { return None };
    let Some(Op::Const(t)) = k.op(*n) else {
        return None;
    };
    let n = t.integer()?;
    match n {
        0 => Some(New::Op(Op::Lit(0.0))),
        1 => Some(New::Op(Op::Lit(1.0))),
        2 => Some(times(k, 2.0, *x)),
        3 => {
            let square = float(k, Op::Bin(Bin::Mul, *x, *x));
            Some(times(k, 3.0, square))
        }
        _ if (-1000..=1000).contains(&n) => {
            let less: proc_macro2::Literal = proc_macro2::Literal::i64_unsuffixed(n - 1);
            let less = k.define(
                Op::Const(quote::ToTokens::to_token_stream(&less).into()),
                Shape::Int,
            );
            let power = float(k, Op::Fn("powi", vec![*x, less]));
            Some(times(k, n as f64, power))
        }
        _ => None,
    }
}
