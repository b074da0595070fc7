//! One line for each elementary function: every stable float method of Rust that has a derivative.
//!
//! Formulas follow M. Abramowitz and I. Stegun, *Handbook of Mathematical Functions* (1964), §§3.3, 4.1–4.6;
//! the values at kinks are the contract's. `chain(d, p)` is `d * p`, but 0 where `d` is 0; the other lower-case
//! functions are in the runtime's `rule` module.

use super::Kind::{Float, Number, Pair};
use super::Rule;

const fn rule(name: &'static str, kind: super::Kind, partials: &'static [&'static str]) -> Rule {
    Rule {
        name,
        kind,
        partials,
    }
}

/// The partials of the helpers that formulas call, for derivatives of derivatives. Of what is not here they are zero: what jumps at a kink
/// is constant beside it.
pub(crate) static HELPERS: &[(&str, &[&str])] = &[
    (
        "atan2_x",
        &[
            "d * (ret * ret - atan2_y(x, y) * atan2_y(x, y))",
            "-(2 * d * ret * atan2_y(x, y))",
        ],
    ),
    (
        "atan2_y",
        &[
            "2 * d * ret * atan2_x(x, y)",
            "d * (atan2_x(x, y) * atan2_x(x, y) - ret * ret)",
        ],
    ),
    ("hypot_x", &["d / y", "-(d * ret / y)"]),
    (
        "powf_x",
        &[
            "chain(d, y * powf_x(x, y - 1))",
            "chain(d, x.powf(y - 1) * (1 + y * x.ln()))",
        ],
    ),
    ("powf_p", &["chain(d, z / x)", "0", "chain(d, x.ln())"]),
    ("powi_x", &["d * powi_xx(x, y)", "0"]),
];

pub(crate) static RULES: &[Rule] = &[
    rule("abs", Number, &["d * sign(x)"]),
    rule("acos", Float, &["-d / ((1 - x) * (1 + x)).sqrt()"]),
    rule("acosh", Float, &["d / ((x - 1).sqrt() * (x + 1).sqrt())"]),
    rule("asin", Float, &["d / ((1 - x) * (1 + x)).sqrt()"]),
    rule("asinh", Float, &["d / x.hypot(1)"]),
    rule("atan", Float, &["d / (1 + x * x)"]),
    rule("atan2", Float, &["d * atan2_y(x, y)", "d * atan2_x(x, y)"]),
    rule("atanh", Float, &["d / ((1 - x) * (1 + x))"]),
    rule("cbrt", Float, &["chain(d, 1 / (3 * (ret * ret)))"]),
    rule("ceil", Float, &["0"]),
    rule(
        "clamp",
        Number,
        &[
            "d * clamp_x(x, y, z)",
            "d * clamp_lo(x, y, z)",
            "d * clamp_hi(x, y, z)",
        ],
    ),
    rule("copysign", Float, &["d * copysign_x(x, y)", "0"]),
    rule("cos", Float, &["-(d * x.sin())"]),
    rule("cosh", Float, &["d * x.sinh()"]),
    rule("div_euclid", Number, &["0", "0"]),
    rule("exp", Float, &["d * ret"]),
    rule("exp2", Float, &["d * (ret * LN_2)"]),
    rule("exp_m1", Float, &["d * x.exp()"]),
    rule("floor", Float, &["0"]),
    rule("fract", Float, &["d"]),
    rule(
        "hypot",
        Float,
        &["d * hypot_x(x, ret)", "d * hypot_x(y, ret)"],
    ),
    rule("ln", Float, &["d / x"]),
    rule("ln_1p", Float, &["d / (1 + x)"]),
    rule(
        "log",
        Float,
        &["d / (x * y.ln())", "-(d * ret / (y * y.ln()))"],
    ),
    rule("log10", Float, &["d / (x * LN_10)"]),
    rule("log2", Float, &["d / (x * LN_2)"]),
    rule("max", Number, &["d * max_x(x, y)", "d * max_x(y, x)"]),
    rule("midpoint", Number, &["d * 0.5", "d * 0.5"]),
    rule("min", Number, &["d * min_x(x, y)", "d * min_x(y, x)"]),
    rule("mul_add", Float, &["d * y", "d * x", "d"]),
    rule(
        "powf",
        Float,
        &["chain(d, powf_x(x, y))", "chain(d, powf_p(x, y, ret))"],
    ),
    rule("powi", Float, &["d * powi_x(x, y)", "int"]),
    rule("recip", Float, &["-(d * (ret * ret))"]),
    rule("rem_euclid", Number, &["d", "-(d * x.div_euclid(y))"]),
    rule("round", Float, &["0"]),
    rule("round_ties_even", Float, &["0"]),
    rule("signum", Number, &["0"]),
    rule("sin", Float, &["d * x.cos()"]),
    rule("sin_cos", Pair, &["d0 * ret1 - d1 * ret0"]),
    rule("sinh", Float, &["d * x.cosh()"]),
    rule("sqrt", Float, &["chain(d, 0.5 / ret.abs())"]),
    rule("tan", Float, &["d * (1 + ret * ret)"]),
    rule("tanh", Float, &["d * (1 - ret * ret)"]),
    rule("to_degrees", Float, &["d * DEGREES"]),
    rule("to_radians", Float, &["d * RADIANS"]),
    rule("trunc", Float, &["0"]),
];
