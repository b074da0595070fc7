//! The functions of `math` against values of high precision, and their stated derivatives against finite differences.
//!
//! Bounds are those of the rustdoc, in units in the last place.

mod double_double;
mod elementary;
mod reference;

use backprop_runtime::math::*;
use reference as at;

/// Distance in units in the last place of `want`.
fn ulps(got: f64, want: f64) -> f64 {
    if got == want || (got.is_nan() && want.is_nan()) {
        return 0.0;
    }
    let ulp = f64::from_bits(want.abs().to_bits() + 1) - want.abs();
    (got - want).abs() / ulp
}

#[track_caller]
fn check(name: &str, f: fn(f64) -> f64, table: &[(f64, f64)], bound: impl Fn(f64) -> f64) {
    for &(x, want) in table {
        let (got, bound) = (f(x), bound(x));
        let error = ulps(got, want);
        assert!(
            error <= bound,
            "{name}({x}) = {got:e}, want {want:e}: {error} ulp, bound {bound}"
        );
    }
}

#[test]
fn activations_are_accurate() {
    check("sigmoid", sigmoid, at::SIGMOID, |_| 2.0);
    check("softplus", softplus, at::SOFTPLUS, |_| 2.0);
    check("log_sigmoid", log_sigmoid, at::LOG_SIGMOID, |_| 2.0);
    check("silu", silu, at::SILU, |_| 2.0);
    check("gelu", gelu, at::GELU, |_| 2.0);
    check("gelu_tanh", gelu_tanh, at::GELU_TANH, |x| {
        3.0 + if x < 0.0 {
            -6.4 * x * (1.0 + 0.044 * x * x)
        } else {
            0.0
        }
    });
}

#[test]
fn special_functions_are_accurate() {
    check("erf", erf, at::ERF, |_| 2.0);
    check("erfc", erfc, at::ERFC, |_| 3.0);
    check("normal_pdf", normal_pdf, at::NORMAL_PDF, |_| 2.0);
    check("normal_cdf", normal_cdf, at::NORMAL_CDF, |_| 3.0);
    check("ln_gamma", ln_gamma, at::LN_GAMMA, |x| {
        if x > 0.0 { 6.0 } else { f64::INFINITY }
    });
    check("trigamma", trigamma, at::TRIGAMMA, |x| {
        if x > 0.0 { 8.0 } else { 32.0 }
    });
}

/// Where a function has zeros that it does not treat specially, the error is bounded in absolute terms.
#[test]
fn zeros_cost_relative_accuracy_only() {
    for (name, f, table, bound) in [
        ("ln_gamma", ln_gamma as fn(f64) -> f64, at::LN_GAMMA, 1e-14),
        ("digamma", digamma, at::DIGAMMA, 4e-15),
    ] {
        for &(x, want) in table {
            let error = (f(x) - want).abs() / want.abs().max(1.0);
            assert!(
                error <= bound,
                "{name}({x}) = {}, want {want}: {error:e}",
                f(x)
            );
        }
    }
}

#[test]
fn special_functions_of_single_precision_are_rounded_once() {
    for &(x, _) in at::LN_GAMMA {
        let x = x as f32;
        assert_eq!(
            ln_gamma(x).to_bits(),
            (ln_gamma(f64::from(x)) as f32).to_bits()
        );
    }
}

#[test]
fn edges() {
    for f in [
        sigmoid,
        softplus,
        log_sigmoid,
        relu,
        silu,
        gelu,
        gelu_tanh,
        erf,
        erfc,
        normal_pdf,
        normal_cdf,
        ln_gamma,
        digamma,
        trigamma,
    ] {
        assert!(f(f64::NAN).is_nan());
    }
    let inf = f64::INFINITY;
    assert_eq!(
        [
            sigmoid(-inf),
            sigmoid(inf),
            softplus(-inf),
            softplus(inf),
            log_sigmoid(-inf)
        ],
        [0.0, 1.0, 0.0, inf, -inf]
    );
    assert_eq!(
        [
            erf(-inf),
            erf(inf),
            erfc(-inf),
            erfc(inf),
            normal_cdf(-inf),
            normal_pdf(inf)
        ],
        [-1.0, 1.0, 2.0, 0.0, 0.0, 0.0]
    );
    assert_eq!(
        [
            normal_pdf(1e200),
            erfc(1e200),
            gelu(1e200),
            gelu_tanh(1e200)
        ],
        [0.0, 0.0, 1e200, 1e200]
    );
    assert_eq!(
        [
            ln_gamma(inf),
            ln_gamma(0.0),
            ln_gamma(-3.0),
            ln_gamma(1.0),
            ln_gamma(2.0)
        ],
        [inf, inf, inf, 0.0, 0.0]
    );
    assert_eq!(
        [
            digamma(inf),
            digamma(0.0),
            digamma(-0.0),
            trigamma(-1.0),
            trigamma(0.0)
        ],
        [inf, -inf, inf, inf, inf]
    );
    assert!(digamma(-1.0_f64).is_nan());
    assert_eq!(trigamma(inf), 0.0);
    assert_eq!(erf(-0.0_f64).to_bits(), (-0.0_f64).to_bits());
    assert_eq!(
        [
            relu(-1.0),
            relu(0.0),
            relu(2.0),
            leaky_relu(-3.0, 0.5),
            leaky_relu(3.0, 0.5)
        ],
        [0.0, 0.0, 2.0, -1.5, 3.0]
    );
}

/// The derivative formulas of the rustdoc, written out.
#[test]
fn stated_derivatives() {
    use core::f64::consts::{FRAC_2_SQRT_PI, PI};
    type Pair = (fn(f64) -> f64, fn(f64) -> f64);
    let pairs: [Pair; 14] = [
        (sigmoid, |x| sigmoid(x) * (1.0 - sigmoid(x))),
        (softplus, sigmoid),
        (log_sigmoid, |x| sigmoid(-x)),
        (relu, |x| if x > 0.0 { 1.0 } else { 0.0 }),
        (|x| leaky_relu(x, 0.1), |x| if x > 0.0 { 1.0 } else { 0.1 }),
        (silu, |x| sigmoid(x) + silu(x) * (1.0 - sigmoid(x))),
        (gelu, |x| normal_cdf(x) + x * normal_pdf(x)),
        (gelu_tanh, |x| {
            let root = (2.0 / PI).sqrt();
            let (u, du) = (
                root * (x + 0.044_715 * x.powi(3)),
                root * (1.0 + 0.134_145 * x * x),
            );
            let s = sigmoid(2.0 * u);
            s + x * s * (1.0 - s) * 2.0 * du
        }),
        (erf, |x| FRAC_2_SQRT_PI * (-x * x).exp()),
        (erfc, |x| -FRAC_2_SQRT_PI * (-x * x).exp()),
        (normal_pdf, |x| -x * normal_pdf(x)),
        (normal_cdf, normal_pdf),
        (ln_gamma, digamma),
        (digamma, trigamma),
    ];
    for (i, (f, d)) in pairs.into_iter().enumerate() {
        for x in [-2.7, -1.3, -0.4, 0.2, 0.9, 1.6, 3.1, 8.7] {
            let h = 1e-3;
            let fd = (8.0 * (f(x + h) - f(x - h)) - (f(x + 2.0 * h) - f(x - 2.0 * h))) / (12.0 * h);
            assert!(
                (fd - d(x)).abs() <= 1e-8 * (1.0 + d(x).abs()),
                "function {i} at {x}: {} stated, {fd} found",
                d(x)
            );
        }
    }
}

#[test]
fn logsumexp_neither_overflows_nor_forgets() {
    assert_eq!(logsumexp::<f64>(&[]), f64::NEG_INFINITY);
    assert_eq!(logsumexp(&[f64::NEG_INFINITY; 3]), f64::NEG_INFINITY);
    assert_eq!(logsumexp(&[0.0, f64::INFINITY]), f64::INFINITY);
    assert!(logsumexp(&[0.0, f64::NAN, 1.0]).is_nan());
    // ln(e^0.1 + e^-2 + e^3.5), mpmath at 50 digits
    assert!(ulps(logsumexp(&[0.1, -2.0, 3.5]), 3.536775458066602) <= 4.0);
    assert_eq!(logsumexp(&[1e4_f32, 1e4]), 1e4 + 2.0_f32.ln());

    let xs = [0.1_f64, -2.0, 3.5];
    let mut d_xs = [1.0_f64; 3];
    logsumexp_vjp(&xs, &mut d_xs, 2.0);
    for (d, x) in d_xs.iter().zip(xs) {
        assert!((d - 1.0 - 2.0 * (x - logsumexp(&xs)).exp()).abs() < 1e-14);
    }
    assert!((d_xs.iter().sum::<f64>() - 5.0).abs() < 1e-14);
}

/// The last of `len` values, of which the others are 0, has a share of e^distance times the smallest normal number: there if that is
/// normal, else 0, in both modes and however many exponentials the rule keeps.
#[test]
fn logsumexp_has_no_subnormal_shares() {
    for (len, distance) in [2, 8, 9, 64, 65, 100]
        .into_iter()
        .flat_map(|n| [(n, 0.5), (n, -0.5), (n, -20.0)])
    {
        let others = ((len - 1) as f64).ln();
        macro_rules! check {
            ($float:ty, $relative:expr) => {{
                let smallest = f64::from(<$float>::MIN_POSITIVE);
                let mut xs = vec![0.0; len];
                xs[len - 1] = (smallest.ln() + others + distance) as $float;
                let mut d_xs = vec![0.0; len];
                logsumexp_vjp(&xs, &mut d_xs, 1.0);
                let mut along = vec![0.0; len];
                along[len - 1] = 1.0;
                let (_, forward) = logsumexp_jvp(&xs, &along);
                let share = if distance > 0.0 {
                    smallest * distance.exp()
                } else {
                    0.0
                };
                for found in [d_xs[len - 1], forward] {
                    let error = (f64::from(found) - share).abs();
                    assert!(
                        error <= $relative * share,
                        "{len} at {distance}: {found:e}, not {share:e}"
                    );
                }
            }};
        }
        check!(f64, 1e-12);
        check!(f32, 1e-4);
    }
}

#[test]
#[should_panic(expected = "logsumexp: 2 values and a gradient of 3")]
fn logsumexp_checks_lengths() {
    logsumexp_vjp(&[0.0; 2], &mut [0.0; 3], 1.0);
}
