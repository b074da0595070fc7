//! The elementary functions: `f64` against double-double arithmetic, `f32` against `f64`. The bounds are those of the rustdoc; what was measured is smaller.
//!
//! `STRIDE=1 cargo test --release -p backprop-runtime --test math single` tries all four billion numbers of `f32`: some minutes for each function. A larger stride tries fewer.

#![allow(
    clippy::print_stdout,
    reason = "what was measured is in the test's output"
)]

use backprop_runtime::math;

use super::double_double::{Dd, ulps};

/// A function: in `f64`, its reference, in `f32`, and a reference in `f64` for that.
struct Function {
    name: &'static str,
    double: fn(f64) -> f64,
    reference: fn(Dd) -> Dd,
    single: fn(f32) -> f32,
    /// Good to some units in the last place of `f64`.
    plain: fn(f64) -> f64,
    /// Where its result is neither trivial nor subnormal.
    range: (f64, f64),
    /// In units in the last place.
    bound: f64,
}

fn functions() -> [Function; 14] {
    let silu = |x: Dd| x * x.sigmoid();
    [
        Function {
            name: "exp",
            double: math::exp,
            reference: Dd::exp,
            single: math::exp,
            plain: f64::exp,
            range: (-708.0, 709.7),
            bound: 0.8,
        },
        Function {
            name: "exp_m1",
            double: math::exp_m1,
            reference: Dd::exp_m1,
            single: math::exp_m1,
            plain: f64::exp_m1,
            range: (-40.0, 709.7),
            bound: 1.3,
        },
        Function {
            name: "ln",
            double: math::ln,
            reference: Dd::ln,
            single: math::ln,
            plain: f64::ln,
            range: (1e-307, 1e308),
            bound: 0.9,
        },
        Function {
            name: "ln_1p",
            double: math::ln_1p,
            reference: Dd::ln_1p,
            single: math::ln_1p,
            plain: f64::ln_1p,
            range: (-1.0, 1e308),
            bound: 1.0,
        },
        Function {
            name: "tanh",
            double: math::tanh,
            reference: Dd::tanh,
            single: math::tanh,
            plain: f64::tanh,
            range: (-22.0, 22.0),
            bound: 1.7,
        },
        Function {
            name: "sigmoid",
            double: math::sigmoid,
            reference: Dd::sigmoid,
            single: math::sigmoid,
            plain: |x| 1.0 / (1.0 + (-x).exp()),
            range: (-708.0, 40.0),
            bound: 1.7,
        },
        Function {
            name: "softplus",
            double: math::softplus,
            reference: Dd::softplus,
            single: math::softplus,
            plain: |x| x.max(0.0) + (-x.abs()).exp().ln_1p(),
            range: (-708.0, 40.0),
            bound: 1.7,
        },
        Function {
            name: "silu",
            double: math::silu,
            reference: silu,
            single: math::silu,
            plain: |x| not_below(-700.0, x) / (1.0 + (-not_below(-700.0, x)).exp()),
            range: (-708.0, 40.0),
            bound: 1.7,
        },
        Function {
            name: "gelu",
            double: math::gelu,
            reference: |x| x * x.normal_cdf(),
            single: math::gelu,
            plain: |x| not_below(-100.0, x) * plain_cdf(x),
            range: (-37.5, 9.0),
            bound: 2.0,
        },
        Function {
            name: "sin",
            double: math::sin,
            reference: |x| x.sin_cos().0,
            single: math::sin,
            plain: f64::sin,
            range: (-1e8, 1e8),
            bound: 0.9,
        },
        Function {
            name: "cos",
            double: math::cos,
            reference: |x| x.sin_cos().1,
            single: math::cos,
            plain: f64::cos,
            range: (-1e8, 1e8),
            bound: 0.9,
        },
        Function {
            name: "erf",
            double: math::erf,
            reference: Dd::erf,
            single: math::erf,
            plain: libm::erf,
            range: (-6.0, 6.0),
            bound: 1.3,
        },
        Function {
            name: "erfc",
            double: math::erfc,
            reference: Dd::erfc,
            single: math::erfc,
            plain: libm::erfc,
            range: (-6.0, 26.5),
            bound: 4.0,
        },
        Function {
            name: "normal_cdf",
            double: math::normal_cdf,
            reference: Dd::normal_cdf,
            single: math::normal_cdf,
            plain: plain_cdf,
            range: (-37.5, 8.0),
            bound: 3.5,
        },
    ]
}

/// The larger of the two, NaN for NaN.
fn not_below(low: f64, x: f64) -> f64 {
    if x < low { low } else { x }
}

/// A number of which a multiple is x·Φ(x), also where x is infinite.
fn plain_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-not_below(-100.0, x) * std::f64::consts::FRAC_1_SQRT_2)
}

/// The largest error over `n` numbers spread over the range: evenly, and evenly in the exponent from either side of 0.
fn worst(f: &Function, n: u32) -> (f64, f64) {
    let (mut worst, mut at) = (0.0, 0.0);
    let mut visit = |x: f64| {
        if x <= f.range.0 || x >= f.range.1 || x == 0.0 {
            return;
        }
        let error = ulps((f.double)(x), (f.reference)(Dd::from(x)));
        if error.is_nan() || error > worst {
            (worst, at) = (error, x);
        }
    };
    // Irrational steps: no two sets of numbers share a pattern of bits.
    let (mut even, mut exponent) = (0.123_f64, 0.456_f64);
    for _ in 0..n {
        even = (even + 0.618_033_988_749_894_9).fract();
        exponent = (exponent + 0.754_877_666_246_692_8).fract();
        visit(f.range.0 + even * (f.range.1 - f.range.0));
        visit(-4.0 + 8.0 * even);
        visit(-1.0 + 2.0 * even);
        let largest = f.range.1.abs().max(f.range.0.abs());
        let x = largest * (-60.0 * exponent).exp() * (1.0 + even);
        visit(x);
        visit(-x);
        visit(1.0 + 0.5 * even * (-20.0 * exponent).exp());
    }
    (worst, at)
}

#[test]
fn double_precision_is_within_its_bounds() {
    let n = if cfg!(debug_assertions) { 300 } else { 20_000 };
    let mut within = true;
    for f in functions() {
        let (error, x) = worst(&f, n);
        println!("{}: {error:.3} ulp at {x:e}", f.name);
        within &= error <= f.bound;
    }
    assert!(within, "the output lists the errors");
}

/// Every `stride`-th number of `f32`, and all special ones: the largest error and where it is.
fn worst_single(f: &Function, stride: u64) -> (f64, f32) {
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let shares = std::thread::scope(|scope| {
        let share = |k| {
            let bits = (k * stride..1 << 32).step_by((stride * threads) as usize);
            scope.spawn(move || worst_of(f, bits.map(|bits| bits as u32)))
        };
        let running: Vec<_> = (0..threads).map(share).collect();
        running
            .into_iter()
            .map(|share| share.join().unwrap())
            .collect::<Vec<_>>()
    });
    let special = worst_of(f, special_bits());
    shares
        .into_iter()
        .fold(special, |a, b| if b.0 > a.0 { b } else { a })
}

fn worst_of(f: &Function, bits: impl Iterator<Item = u32>) -> (f64, f32) {
    let (mut worst, mut at) = (0.0, 0.0);
    for x in bits.map(f32::from_bits) {
        // Beyond, the stated bound is another one.
        if matches!(f.name, "sin" | "cos") && x.abs() > 1e8 {
            continue;
        }
        let error = ulps_single((f.single)(x), (f.plain)(f64::from(x)));
        if error > worst {
            (worst, at) = (error, x);
        }
    }
    (worst, at)
}

/// Zeros, infinities, NaN, the smallest, largest, and what lies beside the powers of two, of both signs.
fn special_bits() -> impl Iterator<Item = u32> {
    (0..=255).flat_map(|exponent| {
        [0, 1, 2, 0x40_0000, 0x7f_ffff, 0x7f_fffe]
            .into_iter()
            .flat_map(move |fraction| [0, 1_u32 << 31].map(|sign| sign | exponent << 23 | fraction))
    })
}

/// The error in units in the last place of the result as an `f32`.
fn ulps_single(got: f32, want: f64) -> f64 {
    let rounded = want as f32;
    if got.is_nan() || rounded.is_nan() {
        return if got.is_nan() && rounded.is_nan() {
            0.0
        } else {
            f64::INFINITY
        };
    }
    if got == rounded {
        // Half a unit, or an overflow on both sides; and zeros have signs.
        let signs = got == 0.0 && got.is_sign_negative() != want.is_sign_negative();
        return if signs { f64::INFINITY } else { 0.5 };
    }
    let size = want.abs().max(f64::from(f32::MIN_POSITIVE));
    let ulp = 2.0_f64.powi(size.min(f64::from(f32::MAX)).log2().floor() as i32 - 23);
    (f64::from(got) - want).abs() / ulp
}

#[test]
fn single_precision_is_within_its_bounds() {
    let asked = std::env::var("STRIDE")
        .ok()
        .and_then(|stride| stride.parse().ok());
    let usual = if cfg!(debug_assertions) {
        65_537
    } else {
        4_093
    };
    let stride = asked.unwrap_or(usual);
    let mut within = true;
    for f in functions() {
        let (error, x) = worst_single(&f, stride);
        println!("{}: {error:.3} ulp at {x:e}", f.name);
        within &= error <= f.bound;
    }
    assert!(within, "the output lists the errors");
}
