//! Turns a formula of the table into operations on values.

use std::collections::HashMap;
use std::f64::consts;

use proc_macro2::Span;
use syn::{BinOp, Expr, Lit, UnOp};

use crate::ir::build::Builder;
use crate::ir::{Bin, Op, Shape, Un, V};
use crate::rules;

/// Builds `formula` with its variables standing for values. `None` for what is no formula, which the
/// test over the whole table rules out.
pub(crate) fn build(
    b: &mut Builder,
    formula: &str,
    vars: &HashMap<&str, V>,
    span: Span,
) -> Option<V> {
    let expr: Expr = syn::parse_str(formula).ok()?;
    walk(b, &expr, vars, span)
}

fn walk(b: &mut Builder, e: &Expr, vars: &HashMap<&str, V>, span: Span) -> Option<V> {
    match e {
        Expr::Paren(p) => walk(b, &p.expr, vars, span),
        Expr::Lit(l) => {
            let value = match &l.lit {
                Lit::Int(i) => i.base10_parse().ok()?,
                Lit::Float(f) => f.base10_parse().ok()?,
                _ => return None,
            };
            Some(b.op(Op::Lit(value), Shape::Float, span))
        }
        Expr::Path(p) => {
            let name = p.path.get_ident()?.to_string();
            if let Some(v) = vars.get(name.as_str()) {
                return Some(*v);
            }
            let value = match name.as_str() {
                "LN_2" => consts::LN_2,
                "LN_10" => consts::LN_10,
                "DEGREES" => 180.0 / consts::PI,
                "RADIANS" => consts::PI / 180.0,
                _ => return None,
            };
            Some(b.op(Op::Lit(value), Shape::Float, span))
        }
        Expr::Unary(u) if matches!(u.op, UnOp::Neg(_)) => {
            let a = walk(b, &u.expr, vars, span)?;
            Some(b.op(Op::Un(Un::Neg, a), Shape::Float, span))
        }
        Expr::Binary(x) => {
            let op = match x.op {
                BinOp::Add(_) => Bin::Add,
                BinOp::Sub(_) => Bin::Sub,
                BinOp::Mul(_) => Bin::Mul,
                BinOp::Div(_) => Bin::Div,
                _ => return None,
            };
            let left = walk(b, &x.left, vars, span)?;
            let right = walk(b, &x.right, vars, span)?;
            Some(b.op(Op::Bin(op, left, right), Shape::Float, span))
        }
        Expr::MethodCall(m) => {
            let mut args = vec![walk(b, &m.receiver, vars, span)?];
            for a in &m.args {
                args.push(walk(b, a, vars, span)?);
            }
            let rule = rules::find(&m.method.to_string(), args.len())?;
            Some(b.op(Op::Fn(rule.name, args), Shape::Float, span))
        }
        Expr::Call(c) => {
            let Expr::Path(p) = &*c.func else { return None };
            let name = p.path.get_ident()?.to_string();
            let mut args = Vec::new();
            for a in &c.args {
                args.push(walk(b, a, vars, span)?);
            }
            if name == "chain" {
                let [d, p] = args[..] else { return None };
                return Some(b.op(Op::Chain(d, p), Shape::Float, span));
            }
            let name = HELPERS.iter().find(|h| **h == name)?;
            Some(b.op(Op::Helper(name, args), Shape::Float, span))
        }
        _ => None,
    }
}

/// The functions of the runtime's `rule` module that formulas use.
pub(crate) const HELPERS: [&str; 14] = [
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
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::table::RULES;

    #[test]
    fn every_formula_of_the_table_builds() {
        for rule in RULES {
            for formula in rule.partials.iter().filter(|p| !matches!(**p, "int" | "0")) {
                let mut b = Builder::new(crate::ir::empty("f"));
                let names = ["d", "d0", "d1", "x", "y", "z", "ret", "ret0", "ret1"];
                let vars = names
                    .iter()
                    .map(|n| (*n, b.fresh(Shape::Float, Span::call_site())))
                    .collect();
                assert!(
                    build(&mut b, formula, &vars, Span::call_site()).is_some(),
                    "{}: {formula}",
                    rule.name
                );
            }
        }
    }
}
