//! Turns a formula of the table into operations on values.

use std::cell::RefCell;
use std::collections::HashMap;
use std::f64::consts;
use std::rc::Rc;

use proc_macro2::Span;
use syn::{BinOp, Expr, Lit, UnOp};

use crate::ir::build::Builder;
use crate::ir::{Bin, Op, Shape, Un, V};
use crate::rules;

/// A formula that has been read. Without tokens, so that it outlives the expansion that it was first needed in.
enum Formula {
    Number(f64),
    Variable(String),
    Neg(Box<Formula>),
    Bin(Bin, Box<[Formula; 2]>),
    Fn(&'static str, Vec<Formula>),
    Helper(&'static str, Vec<Formula>),
    Chain(Box<[Formula; 2]>),
}

thread_local! {
    /// The formulas read so far, by their text.
    static KNOWN: RefCell<HashMap<&'static str, Option<Rc<Formula>>>> = RefCell::new(HashMap::new());
}

/// Builds `formula` with its variables standing for values. `None` for what is no formula, which the
/// test over the whole table rules out.
pub(crate) fn build(
    b: &mut Builder,
    formula: &'static str,
    vars: &[(&str, V)],
    span: Span,
) -> Option<V> {
    known(formula)?.build(b, vars, span)
}

fn known(formula: &'static str) -> Option<Rc<Formula>> {
    KNOWN.with_borrow_mut(|known| {
        let new = || read(&syn::parse_str(formula).ok()?).map(Rc::new);
        known.entry(formula).or_insert_with(new).clone()
    })
}

/// The variables of a formula that is linear in two of them, of which one is zero.
pub(crate) struct Linear<'a> {
    pub(crate) zero: &'a str,
    pub(crate) vars: &'a [(&'a str, V)],
}

/// Builds what is left of `formula` where the one variable is zero; `None` where nothing is.
pub(crate) fn build_linear(
    b: &mut Builder,
    formula: &'static str,
    linear: &Linear,
    span: Span,
) -> Option<V> {
    let parsed = known(formula)?;
    parsed.left(linear, b, span)
}

impl Formula {
    /// The terms without the variable that is zero.
    fn left(&self, linear: &Linear, b: &mut Builder, span: Span) -> Option<V> {
        match self {
            Formula::Variable(name) if name == linear.zero => None,
            Formula::Neg(a) => {
                let a = a.left(linear, b, span)?;
                Some(b.op(Op::Un(Un::Neg, a), Shape::Float, span))
            }
            Formula::Bin(op @ (Bin::Add | Bin::Sub), sides) => {
                let [x, y] = &**sides;
                match (x.left(linear, b, span), y.left(linear, b, span)) {
                    (Some(x), Some(y)) => Some(b.op(Op::Bin(*op, x, y), Shape::Float, span)),
                    (None, Some(y)) if *op == Bin::Sub => {
                        Some(b.op(Op::Un(Un::Neg, y), Shape::Float, span))
                    }
                    (x, y) => x.or(y),
                }
            }
            Formula::Bin(op, sides) => {
                let [x, y] = &**sides;
                let x = x.left(linear, b, span)?;
                let y = y.left(linear, b, span)?;
                Some(b.op(Op::Bin(*op, x, y), Shape::Float, span))
            }
            _ => self.build(b, linear.vars, span),
        }
    }

    fn build(&self, b: &mut Builder, vars: &[(&str, V)], span: Span) -> Option<V> {
        let op = match self {
            Formula::Number(x) => Op::Lit(*x),
            Formula::Variable(name) => {
                return vars.iter().find(|(n, _)| n == name).map(|(_, v)| *v);
            }
            Formula::Neg(a) => Op::Un(Un::Neg, a.build(b, vars, span)?),
            Formula::Bin(op, sides) => {
                let [left, right] = &**sides;
                let left = left.build(b, vars, span)?;
                Op::Bin(*op, left, right.build(b, vars, span)?)
            }
            Formula::Chain(sides) => {
                let [d, p] = &**sides;
                let d = d.build(b, vars, span)?;
                Op::Chain(d, p.build(b, vars, span)?)
            }
            Formula::Fn(name, args) => Op::Fn(name, all(args, b, vars, span)?),
            Formula::Helper(name, args) => Op::Helper(name, all(args, b, vars, span)?),
        };
        Some(b.op(op, Shape::Float, span))
    }
}

fn all(args: &[Formula], b: &mut Builder, vars: &[(&str, V)], span: Span) -> Option<Vec<V>> {
    args.iter().map(|a| a.build(b, vars, span)).collect()
}

fn read(e: &Expr) -> Option<Formula> {
    Some(match e {
        Expr::Paren(p) => read(&p.expr)?,
        Expr::Lit(l) => Formula::Number(match &l.lit {
            Lit::Int(i) => i.base10_parse().ok()?,
            Lit::Float(f) => f.base10_parse().ok()?,
            _ => return None,
        }),
        Expr::Path(p) => {
            let name = p.path.get_ident()?.to_string();
            match name.as_str() {
                "LN_2" => Formula::Number(consts::LN_2),
                "LN_10" => Formula::Number(consts::LN_10),
                "DEGREES" => Formula::Number(180.0 / consts::PI),
                "RADIANS" => Formula::Number(consts::PI / 180.0),
                _ => Formula::Variable(name),
            }
        }
        Expr::Unary(u) if matches!(u.op, UnOp::Neg(_)) => Formula::Neg(Box::new(read(&u.expr)?)),
        Expr::Binary(x) => {
            let op = match x.op {
                BinOp::Add(_) => Bin::Add,
                BinOp::Sub(_) => Bin::Sub,
                BinOp::Mul(_) => Bin::Mul,
                BinOp::Div(_) => Bin::Div,
                _ => return None,
            };
            Formula::Bin(op, Box::new([read(&x.left)?, read(&x.right)?]))
        }
        Expr::MethodCall(m) => {
            let mut args = vec![read(&m.receiver)?];
            for a in &m.args {
                args.push(read(a)?);
            }
            let rule = rules::find(&m.method.to_string(), args.len())?;
            Formula::Fn(rule.name, args)
        }
        Expr::Call(c) => {
            let Expr::Path(p) = &*c.func else { return None };
            let name = p.path.get_ident()?.to_string();
            let args: Vec<Formula> = c.args.iter().map(read).collect::<Option<_>>()?;
            if name == "chain" {
                return Some(Formula::Chain(Box::new(args.try_into().ok()?)));
            }
            let name = HELPERS.iter().find(|h| **h == name)?;
            Formula::Helper(name, args)
        }
        _ => return None,
    })
}

/// The functions of the runtime's `rule` module that formulas use.
pub(crate) const HELPERS: [&str; 17] = [
    "sign",
    "atan2_y",
    "atan2_x",
    "clamp_x",
    "clamp_lo",
    "clamp_hi",
    "copysign_x",
    "hypot_x",
    "max_x",
    "min_x",
    "powf_x",
    "powf_p",
    "powi_x",
    "sum_elements",
    "thrown_away",
    "of_a_float",
    "powi_xx",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::table::{self, RULES};

    #[test]
    fn every_formula_of_the_table_builds() {
        let second = table::HELPERS.iter().map(|(name, p)| (*name, *p));
        for (name, partials) in RULES.iter().map(|r| (r.name, r.partials)).chain(second) {
            for formula in partials.iter().filter(|p| !matches!(**p, "int" | "0")) {
                let mut b = Builder::new(crate::ir::empty("f"));
                let names = ["d", "d0", "d1", "x", "y", "z", "ret", "ret0", "ret1"];
                let vars: Vec<_> = names
                    .iter()
                    .map(|n| (*n, b.fresh(Shape::Float, Span::call_site())))
                    .collect();
                assert!(
                    build(&mut b, formula, &vars, Span::call_site()).is_some(),
                    "{}: {formula}",
                    name
                );
            }
        }
    }
}
