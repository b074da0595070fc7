//! Functions of `math` in a loop over 1,000 numbers, against those of the standard library (of `libm`, where that has none).
//!
//! ```text
//! cargo bench --bench math
//! ```
//!
//! In a loop, compiled as the user's are, without compiler flags; and by `math::slice`, which chooses the processor's instructions. All are run in turn, many times; what counts is the
//! median of the ratios of neighbours: above 1, `math` is faster. One line for each function and format. `-- --brief` is for checking that it works, a word picks
//! functions.

#![allow(clippy::print_stdout, reason = "it is a program for the terminal")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use backprop::math;

/// How much to measure.
struct Plan {
    /// Pairs of measurements for each function.
    pairs: usize,
    /// The length of each measurement.
    slice: Duration,
    /// Part of the names that are wanted.
    filter: Option<String>,
}

fn main() {
    let mut plan = Plan {
        pairs: 301,
        slice: Duration::from_micros(300),
        filter: None,
    };
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            // What cargo passes to every benchmark.
            "--bench" => {}
            "--brief" => (plan.pairs, plan.slice) = (21, Duration::from_micros(50)),
            option if option.starts_with('-') => {
                eprintln!("unknown option `{option}`: there are --brief and a part of a name");
                std::process::exit(2);
            }
            part => plan.filter = Some(part.to_owned()),
        }
    }

    /// One function in both formats: the range of arguments, ours, and theirs for either format.
    macro_rules! compare {
        ($($name:ident in $low:literal..$high:literal: $single:expr, $double:expr;)*) => {$(
            let name = concat!(stringify!($name), "/f32");
            measure(&plan, name, ($low as f32, $high as f32), |x: f32| math::$name(x), math::slice::$name, $single);
            let name = concat!(stringify!($name), "/f64");
            measure(&plan, name, ($low, $high), |x: f64| math::$name(x), math::slice::$name, $double);
        )*};
    }
    compare! {
        exp in -20.0..20.0: f32::exp, f64::exp;
        exp_m1 in -2.0..2.0: f32::exp_m1, f64::exp_m1;
        ln in 0.01..100.0: f32::ln, f64::ln;
        ln_1p in -0.9..10.0: f32::ln_1p, f64::ln_1p;
        tanh in -4.0..4.0: f32::tanh, f64::tanh;
        sigmoid in -10.0..10.0: |x| 1.0 / (1.0 + (-x).exp()), |x| 1.0 / (1.0 + (-x).exp());
        softplus in -10.0..10.0: |x| x.max(0.0) + (-x.abs()).exp().ln_1p(), |x| x.max(0.0) + (-x.abs()).exp().ln_1p();
        gelu in -5.0..5.0:
            |x| 0.5 * x * libm::erfcf(-x * std::f32::consts::FRAC_1_SQRT_2),
            |x| 0.5 * x * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2);
        silu in -10.0..10.0: |x| x / (1.0 + (-x).exp()), |x| x / (1.0 + (-x).exp());
        sin in -100.0..100.0: f32::sin, f64::sin;
        cos in -100.0..100.0: f32::cos, f64::cos;
        erf in -3.0..3.0: libm::erff, libm::erf;
    }
}

/// Numbers that both loops take.
trait Number:
    Copy + std::ops::Add<Output = Self> + std::ops::Mul<Output = Self> + std::ops::Sub<Output = Self>
{
    const ZERO: Self;
    fn of(x: f64) -> Self;
}

impl Number for f32 {
    const ZERO: Self = 0.0;
    fn of(x: f64) -> Self {
        x as f32
    }
}

impl Number for f64 {
    const ZERO: Self = 0.0;
    fn of(x: f64) -> Self {
        x
    }
}

fn measure<T: Number>(
    plan: &Plan,
    name: &str,
    (low, high): (T, T),
    ours: impl Fn(T) -> T,
    slices: impl Fn(&[T], &mut [T]),
    theirs: impl Fn(T) -> T,
) {
    if plan
        .filter
        .as_ref()
        .is_some_and(|part| !name.contains(part))
    {
        return;
    }
    // In no order that a branch predictor could learn.
    let at = |i: usize| low + (high - low) * T::of((i as f64 * 0.618_033_988_749_894_9).fract());
    let xs: Vec<T> = (0..1000).map(at).collect();
    let mut out = vec![T::ZERO; xs.len()];
    let ours = by_element(ours);
    let theirs = by_element(theirs);
    let calls = calls_in(plan.slice, &xs, &mut out, &theirs);
    let mut times: [Vec<f64>; 3] = Default::default();
    let (mut ratios, mut slice_ratios) = (Vec::new(), Vec::new());
    for _ in 0..plan.pairs {
        let now = [
            time(calls, &xs, &mut out, &ours),
            time(calls, &xs, &mut out, &slices),
            time(calls, &xs, &mut out, &theirs),
        ];
        ratios.push(now[2] / now[0]);
        slice_ratios.push(now[2] / now[1]);
        times
            .iter_mut()
            .zip(now)
            .for_each(|(times, now)| times.push(now));
    }
    let [ours, slices, theirs] = times.map(|mut times| median(&mut times));
    println!(
        "math function={name} loop_ns={ours:.3} slice_ns={slices:.3} std_ns={theirs:.3} loop_ratio={:.2} slice_ratio={:.2}",
        median(&mut ratios),
        median(&mut slice_ratios)
    );
}

/// The loop over a function of one number.
fn by_element<T: Copy>(f: impl Fn(T) -> T) -> impl Fn(&[T], &mut [T]) {
    move |xs, out| {
        for (y, &x) in out.iter_mut().zip(xs) {
            *y = f(x);
        }
    }
}

/// How many passes over the numbers fill a stretch of time.
fn calls_in<T: Number>(
    slice: Duration,
    xs: &[T],
    out: &mut [T],
    f: &impl Fn(&[T], &mut [T]),
) -> usize {
    let mut calls = 1;
    while time(calls, xs, out, f) * ((calls * xs.len()) as f64) < slice.as_nanos() as f64 {
        calls *= 2;
    }
    calls
}

/// Nanoseconds for one number.
#[inline(never)]
fn time<T: Number>(calls: usize, xs: &[T], out: &mut [T], f: &impl Fn(&[T], &mut [T])) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        f(black_box(xs), black_box(&mut *out));
    }
    start.elapsed().as_nanos() as f64 / (calls * xs.len()) as f64
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
