//! Evaluates tokens that the representation carries as they are: literals, constants, conditions of
//! `match` arms, assertions. Only what such tokens usually hold; anything else is an error, not a guess.

use std::collections::BTreeMap;
use std::f64::consts;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{BinOp, Expr, Lit, Macro, Pat, RangeLimits, Token, UnOp};

use super::super::print::compact;
use super::super::{Bin, Un};
use super::maths;
use super::value::{Step, Value};

type Result<T> = core::result::Result<T, String>;

/// What names stand for.
pub(crate) struct Names<'a> {
    pub(crate) holes: Vec<(String, Value)>,
    pub(crate) constants: &'a BTreeMap<String, Value>,
}

impl Names<'_> {
    pub(crate) fn tokens(&self, tokens: &TokenStream) -> Result<Value> {
        let e = syn::parse2::<Expr>(tokens.clone()).map_err(|_| unknown(tokens))?;
        self.expr(&e)
    }

    /// Runs an assertion: `Err` where it fails.
    pub(crate) fn effect(&self, tokens: &TokenStream) -> Result<()> {
        let mac = syn::parse2::<Macro>(tokens.clone()).map_err(|_| unknown(tokens))?;
        let name = mac
            .path
            .segments
            .last()
            .map(|s| s.ident.to_string())
            .unwrap_or_default();
        let args = Punctuated::<Expr, Token![,]>::parse_terminated
            .parse2(mac.tokens.clone())
            .map_err(|_| unknown(tokens))?;
        let two = |equal: bool| match (args.first(), args.get(1)) {
            (Some(a), Some(b)) => Ok((self.expr(a)? == self.expr(b)?) == equal),
            _ => Err(unknown(tokens)),
        };
        let holds = match name.trim_start_matches("debug_") {
            "assert" => args.first().map_or(Ok(true), |a| self.expr(a)?.bool())?,
            "assert_eq" => two(true)?,
            "assert_ne" => two(false)?,
            "panic" | "unreachable" => false,
            _ => return Err(unknown(tokens)),
        };
        if holds {
            Ok(())
        } else {
            Err(format!("panicked: {}", compact(tokens.clone())))
        }
    }

    fn expr(&self, e: &Expr) -> Result<Value> {
        match e {
            Expr::Lit(l) => literal(&l.lit),
            Expr::Path(p) => self.path(&p.path),
            Expr::Paren(p) => self.expr(&p.expr),
            Expr::Group(g) => self.expr(&g.expr),
            Expr::Reference(r) => self.expr(&r.expr),
            Expr::Unary(u) => {
                let v = self.expr(&u.expr)?;
                match u.op {
                    UnOp::Neg(_) => maths::unary(Un::Neg, &v),
                    UnOp::Not(_) => maths::unary(Un::Not, &v),
                    _ => Ok(v),
                }
            }
            Expr::Binary(b) => {
                let left = self.expr(&b.left)?;
                match (&b.op, &left) {
                    (BinOp::And(_), Value::Bool(false)) | (BinOp::Or(_), Value::Bool(true)) => {
                        Ok(left)
                    }
                    (BinOp::And(_) | BinOp::Or(_), _) => self.expr(&b.right),
                    (op, left) => maths::binary(
                        operator(op).ok_or_else(|| unknown(e))?,
                        left,
                        &self.expr(&b.right)?,
                    ),
                }
            }
            Expr::Cast(c) => maths::cast(&self.expr(&c.expr)?, &compact(c.ty.to_token_stream())),
            Expr::Tuple(t) if t.elems.is_empty() => Ok(Value::Unit),
            Expr::Tuple(t) => Ok(Value::Tuple(self.all(&t.elems)?)),
            Expr::Array(a) => Ok(Value::Seq(self.all(&a.elems)?)),
            Expr::Repeat(r) => Ok(Value::Seq(vec![
                self.expr(&r.expr)?;
                index(&self.expr(&r.len)?)?
            ])),
            Expr::Index(i) => self
                .expr(&i.expr)?
                .get(&[Step::Index(index(&self.expr(&i.index)?)?)]),
            Expr::Field(f) => self
                .expr(&f.base)?
                .get(&[Step::Field(compact(f.member.to_token_stream()))]),
            Expr::MethodCall(m) => {
                let mut args = vec![self.expr(&m.receiver)?];
                if m.method == "len" {
                    return args[0].len().map(|n| Value::Int(n as i128));
                }
                args.extend(self.all(&m.args)?);
                maths::method(&m.method.to_string(), &args)
            }
            Expr::Call(c) => match (
                compact(c.func.to_token_stream()),
                self.all(&c.args)?.as_slice(),
            ) {
                (name, [v]) if name.ends_with("::from") || name.ends_with("::from_f64") => {
                    maths::cast(v, "f64")
                }
                (name, args) if name.starts_with("f64::") || name.starts_with("f32::") => {
                    maths::method(&name[5..], args)
                }
                _ => Err(unknown(e)),
            },
            Expr::Macro(m)
                if m.mac
                    .path
                    .segments
                    .last()
                    .is_some_and(|s| s.ident == "matches") =>
            {
                let parse = |input: ParseStream<'_>| {
                    let e = input.parse::<Expr>()?;
                    input.parse::<Token![,]>()?;
                    Ok((e, Pat::parse_multi_with_leading_vert(input)?))
                };
                let (e, pat) = parse.parse2(m.mac.tokens.clone()).map_err(|_| unknown(m))?;
                self.matches(&pat, &self.expr(&e)?).map(Value::Bool)
            }
            e => Err(unknown(e)),
        }
    }

    fn all<'e>(&self, list: impl IntoIterator<Item = &'e Expr>) -> Result<Vec<Value>> {
        list.into_iter().map(|e| self.expr(e)).collect()
    }

    fn path(&self, path: &syn::Path) -> Result<Value> {
        let text = compact(path.to_token_stream());
        if let Some((_, v)) = self.holes.iter().find(|(n, _)| *n == text) {
            return Ok(v.clone());
        }
        if let Some(v) = self.constants.get(&text) {
            return Ok(v.clone());
        }
        let (owner, last) = text.rsplit_once("::").unwrap_or(("", &text));
        if let "MAX" | "MIN" = last
            && owner != "f64"
        {
            // The cast saturates, which gives the limit.
            return maths::cast(
                &Value::Float(if last == "MAX" {
                    f64::INFINITY
                } else {
                    f64::NEG_INFINITY
                }),
                owner,
            );
        }
        Ok(Value::Float(match last {
            "PI" => consts::PI,
            "TAU" => consts::TAU,
            "E" => consts::E,
            "LN_2" => consts::LN_2,
            "LN_10" => consts::LN_10,
            "SQRT_2" => consts::SQRT_2,
            "FRAC_1_SQRT_2" => consts::FRAC_1_SQRT_2,
            "FRAC_PI_2" => consts::FRAC_PI_2,
            "FRAC_PI_4" => consts::FRAC_PI_4,
            "FRAC_2_SQRT_PI" => consts::FRAC_2_SQRT_PI,
            "INFINITY" => f64::INFINITY,
            "NEG_INFINITY" => f64::NEG_INFINITY,
            "NAN" => f64::NAN,
            "EPSILON" => f64::EPSILON,
            "MIN_POSITIVE" => f64::MIN_POSITIVE,
            "MAX" => f64::MAX,
            "MIN" => f64::MIN,
            _ => return Err(format!("`{text}` has no value here")),
        }))
    }

    fn matches(&self, pat: &Pat, v: &Value) -> Result<bool> {
        match pat {
            Pat::Wild(_) => Ok(true),
            Pat::Paren(p) => self.matches(&p.pat, v),
            Pat::Lit(p) => equal(&literal(&p.lit)?, v),
            Pat::Path(p) => equal(&self.path(&p.path)?, v),
            Pat::Ident(p) => match &p.subpat {
                Some((_, sub)) => self.matches(sub, v),
                None => equal(&self.path(&p.ident.clone().into())?, v),
            },
            Pat::Or(p) => p
                .cases
                .iter()
                .try_fold(false, |seen, p| Ok(seen || self.matches(p, v)?)),
            Pat::Tuple(p) => match v {
                Value::Tuple(list) if list.len() == p.elems.len() => p
                    .elems
                    .iter()
                    .zip(list)
                    .try_fold(true, |all, (p, v)| Ok(all && self.matches(p, v)?)),
                _ => Err(unknown(p)),
            },
            Pat::Range(p) => {
                let last = if let RangeLimits::Closed(_) = p.limits {
                    Bin::Le
                } else {
                    Bin::Lt
                };
                let above = p.start.as_ref().map_or(Ok(true), |e| {
                    maths::binary(Bin::Ge, v, &self.expr(e)?)?.bool()
                })?;
                let below = p
                    .end
                    .as_ref()
                    .map_or(Ok(true), |e| maths::binary(last, v, &self.expr(e)?)?.bool())?;
                Ok(above && below)
            }
            p => Err(unknown(p)),
        }
    }
}

fn equal(a: &Value, b: &Value) -> Result<bool> {
    maths::binary(Bin::Eq, a, b)?.bool()
}

fn index(v: &Value) -> Result<usize> {
    usize::try_from(v.int()?).map_err(|_| "an index below zero".to_string())
}

fn literal(lit: &Lit) -> Result<Value> {
    match lit {
        Lit::Int(i) if i.suffix().starts_with('f') => i
            .base10_digits()
            .parse()
            .map(Value::Float)
            .map_err(|_| unknown(lit)),
        Lit::Int(i) => i.base10_parse().map(Value::Int).map_err(|_| unknown(lit)),
        Lit::Float(f) if f.suffix() == "f32" => f
            .base10_parse()
            .map(|x: f32| Value::Float(x.into()))
            .map_err(|_| unknown(lit)),
        Lit::Float(f) => f.base10_parse().map(Value::Float).map_err(|_| unknown(lit)),
        Lit::Bool(b) => Ok(Value::Bool(b.value)),
        Lit::Char(c) => Ok(Value::Int(u32::from(c.value()).into())),
        Lit::Byte(b) => Ok(Value::Int(b.value().into())),
        lit => Err(unknown(lit)),
    }
}

fn operator(op: &BinOp) -> Option<Bin> {
    let text = compact(op.to_token_stream());
    let all = [
        Bin::Add,
        Bin::Sub,
        Bin::Mul,
        Bin::Div,
        Bin::Rem,
        Bin::And,
        Bin::Or,
        Bin::Xor,
        Bin::Shl,
        Bin::Shr,
        Bin::Eq,
        Bin::Ne,
        Bin::Lt,
        Bin::Le,
        Bin::Gt,
        Bin::Ge,
    ];
    all.into_iter().find(|b| b.token() == text)
}

fn unknown(tokens: &impl ToTokens) -> String {
    format!("`{}` is not interpreted", compact(tokens.to_token_stream()))
}
