//! The elementary functions that programs call as methods: value, partial derivatives, and how far off the nearest kink is.
//!
//! The formulas stand here a second time, and not taken from the compiler, because they are what it is compared with.

/// Where a function is tame: arguments are brought there when a program is generated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Domain {
    All,
    /// Above one.
    Large,
    /// Above zero, and not near it.
    Positive,
    /// Between minus one and one, and not near them.
    Unit,
}

#[derive(Debug)]
pub(crate) struct Elementary {
    pub(crate) name: &'static str,
    /// For each argument.
    pub(crate) domains: &'static [Domain],
    pub(crate) value: fn(&[f64]) -> f64,
    pub(crate) partials: fn(&[f64]) -> [f64; 3],
    /// The distance to the nearest point where the formula changes.
    pub(crate) kink: fn(&[f64]) -> f64,
}

use Domain::{All, Large, Positive, Unit};

fn no_kink(_: &[f64]) -> f64 {
    f64::INFINITY
}

fn to_zero(x: &[f64]) -> f64 {
    x[0].abs()
}

fn to_integer(x: &[f64]) -> f64 {
    (x[0] - x[0].round()).abs()
}

fn to_half(x: &[f64]) -> f64 {
    0.5 - to_integer(x)
}

fn to_tie(x: &[f64]) -> f64 {
    (x[0] - x[1]).abs()
}

const fn smooth(
    name: &'static str,
    domains: &'static [Domain],
    value: fn(&[f64]) -> f64,
    partials: fn(&[f64]) -> [f64; 3],
) -> Elementary {
    Elementary {
        name,
        domains,
        value,
        partials,
        kink: no_kink,
    }
}

const fn kinked(
    name: &'static str,
    domains: &'static [Domain],
    value: fn(&[f64]) -> f64,
    partials: fn(&[f64]) -> [f64; 3],
    kink: fn(&[f64]) -> f64,
) -> Elementary {
    Elementary {
        name,
        domains,
        value,
        partials,
        kink,
    }
}

const fn one(d: f64) -> [f64; 3] {
    [d, 0.0, 0.0]
}

pub(crate) static SIN: Elementary = smooth("sin", &[All], |x| x[0].sin(), |x| one(x[0].cos()));
pub(crate) static TANH: Elementary = smooth(
    "tanh",
    &[All],
    |x| x[0].tanh(),
    |x| one(x[0].cosh().powi(-2)),
);

/// All of them.
pub(crate) static FUNCTIONS: &[Elementary] = &[
    smooth("sin", &[All], |x| x[0].sin(), |x| one(x[0].cos())),
    smooth("cos", &[All], |x| x[0].cos(), |x| one(-x[0].sin())),
    smooth(
        "tanh",
        &[All],
        |x| x[0].tanh(),
        |x| one(x[0].cosh().powi(-2)),
    ),
    smooth(
        "atan",
        &[All],
        |x| x[0].atan(),
        |x| one((1.0 + x[0] * x[0]).recip()),
    ),
    smooth(
        "asinh",
        &[All],
        |x| x[0].asinh(),
        |x| one((1.0 + x[0] * x[0]).sqrt().recip()),
    ),
    smooth(
        "to_radians",
        &[All],
        |x| x[0].to_radians(),
        |_| one(1_f64.to_radians()),
    ),
    smooth("exp", &[Unit], |x| x[0].exp(), |x| one(x[0].exp())),
    smooth(
        "exp2",
        &[Unit],
        |x| x[0].exp2(),
        |x| one(x[0].exp2() * 2_f64.ln()),
    ),
    smooth("exp_m1", &[Unit], |x| x[0].exp_m1(), |x| one(x[0].exp())),
    smooth("cosh", &[Unit], |x| x[0].cosh(), |x| one(x[0].sinh())),
    smooth("sinh", &[Unit], |x| x[0].sinh(), |x| one(x[0].cosh())),
    smooth("tan", &[Unit], |x| x[0].tan(), |x| one(x[0].cos().powi(-2))),
    smooth(
        "asin",
        &[Unit],
        |x| x[0].asin(),
        |x| one((1.0 - x[0] * x[0]).sqrt().recip()),
    ),
    smooth(
        "acos",
        &[Unit],
        |x| x[0].acos(),
        |x| one(-(1.0 - x[0] * x[0]).sqrt().recip()),
    ),
    smooth(
        "atanh",
        &[Unit],
        |x| x[0].atanh(),
        |x| one((1.0 - x[0] * x[0]).recip()),
    ),
    smooth(
        "ln_1p",
        &[Unit],
        |x| x[0].ln_1p(),
        |x| one((1.0 + x[0]).recip()),
    ),
    smooth(
        "sqrt",
        &[Positive],
        |x| x[0].sqrt(),
        |x| one(0.5 / x[0].sqrt()),
    ),
    smooth(
        "cbrt",
        &[Positive],
        |x| x[0].cbrt(),
        |x| one(x[0].cbrt() / (3.0 * x[0])),
    ),
    smooth("ln", &[Positive], |x| x[0].ln(), |x| one(x[0].recip())),
    smooth(
        "log10",
        &[Positive],
        |x| x[0].log10(),
        |x| one((x[0] * 10_f64.ln()).recip()),
    ),
    smooth(
        "log2",
        &[Positive],
        |x| x[0].log2(),
        |x| one((x[0] * 2_f64.ln()).recip()),
    ),
    smooth(
        "recip",
        &[Positive],
        |x| x[0].recip(),
        |x| one(-x[0].powi(-2)),
    ),
    smooth(
        "acosh",
        &[Large],
        |x| x[0].acosh(),
        |x| one((x[0] * x[0] - 1.0).sqrt().recip()),
    ),
    kinked(
        "abs",
        &[All],
        |x| x[0].abs(),
        |x| one(x[0].signum()),
        to_zero,
    ),
    kinked("signum", &[All], |x| x[0].signum(), |_| one(0.0), to_zero),
    kinked("floor", &[All], |x| x[0].floor(), |_| one(0.0), to_integer),
    kinked("ceil", &[All], |x| x[0].ceil(), |_| one(0.0), to_integer),
    kinked("trunc", &[All], |x| x[0].trunc(), |_| one(0.0), to_integer),
    kinked("fract", &[All], |x| x[0].fract(), |_| one(1.0), to_integer),
    kinked("round", &[All], |x| x[0].round(), |_| one(0.0), to_half),
    smooth(
        "hypot",
        &[Positive, All],
        |x| x[0].hypot(x[1]),
        |x| {
            let r = x[0].hypot(x[1]);
            [x[0] / r, x[1] / r, 0.0]
        },
    ),
    smooth(
        "atan2",
        &[All, Positive],
        |x| x[0].atan2(x[1]),
        |x| {
            let square = x[0] * x[0] + x[1] * x[1];
            [x[1] / square, -x[0] / square, 0.0]
        },
    ),
    smooth(
        "powf",
        &[Positive, Unit],
        |x| x[0].powf(x[1]),
        |x| {
            [
                x[1] * x[0].powf(x[1] - 1.0),
                x[0].powf(x[1]) * x[0].ln(),
                0.0,
            ]
        },
    ),
    smooth(
        "log",
        &[Positive, Large],
        |x| x[0].log(x[1]),
        |x| {
            [
                (x[0] * x[1].ln()).recip(),
                -x[0].ln() / (x[1] * x[1].ln().powi(2)),
                0.0,
            ]
        },
    ),
    kinked(
        "max",
        &[All, All],
        |x| x[0].max(x[1]),
        |x| {
            if x[0] > x[1] {
                [1.0, 0.0, 0.0]
            } else {
                [0.0, 1.0, 0.0]
            }
        },
        to_tie,
    ),
    kinked(
        "min",
        &[All, All],
        |x| x[0].min(x[1]),
        |x| {
            if x[0] < x[1] {
                [1.0, 0.0, 0.0]
            } else {
                [0.0, 1.0, 0.0]
            }
        },
        to_tie,
    ),
    kinked(
        "copysign",
        &[All, All],
        |x| x[0].copysign(x[1]),
        |x| one(x[0].signum() * x[1].signum()),
        |x| x[0].abs().min(x[1].abs()),
    ),
    kinked(
        "rem_euclid",
        &[All, Positive],
        |x| x[0].rem_euclid(x[1]),
        |x| [1.0, -x[0].div_euclid(x[1]), 0.0],
        |x| to_integer(&[x[0] / x[1]]),
    ),
    smooth(
        "mul_add",
        &[All, All, All],
        |x| x[0].mul_add(x[1], x[2]),
        |x| [x[1], x[0], 1.0],
    ),
    kinked(
        "clamp",
        &[All, Unit, Large],
        // Rust panics where a bound is NaN; such a point is not compared.
        |x| {
            if x[1] <= x[2] {
                x[0].clamp(x[1], x[2])
            } else {
                f64::NAN
            }
        },
        |x| {
            if x[0] < x[1] {
                [0.0, 1.0, 0.0]
            } else if x[0] > x[2] {
                [0.0, 0.0, 1.0]
            } else {
                one(1.0)
            }
        },
        |x| (x[0] - x[1]).abs().min((x[0] - x[2]).abs()),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(domain: Domain, at: f64) -> f64 {
        match domain {
            All => at,
            Large => 1.5 + at * at,
            Positive => 0.5 + at * at,
            Unit => 0.8 * at.sin(),
        }
    }

    #[test]
    fn partials_agree_with_differences() {
        for f in FUNCTIONS {
            for start in [-1.37, -0.41, 0.23, 1.61] {
                let x: Vec<f64> = (0..f.domains.len())
                    .map(|k| inside(f.domains[k], start + 0.77 * k as f64))
                    .collect();
                assert!((f.kink)(&x) > 1e-3, "{} at {x:?}", f.name);
                for k in 0..x.len() {
                    let moved = |h: f64| {
                        let mut x = x.clone();
                        x[k] += h;
                        (f.value)(&x)
                    };
                    let want = (moved(1e-5) - moved(-1e-5)) / 2e-5;
                    let got = (f.partials)(&x)[k];
                    assert!(
                        (got - want).abs() < 1e-8 * (1.0 + want.abs()),
                        "{} at {x:?}: {got}, {want}",
                        f.name
                    );
                }
            }
        }
    }
}
