//! The oracle of the integration tests: finite differences of the plain function, which know nothing of the macro.
//!
//! Central differences with shrinking steps, extrapolated to step 0 (C. J. F. Ridders, Advances in Engineering Software 4 (1982), 75);
//! the tableau's spread is the estimate of their error. A gradient has to agree within a fixed tolerance *and* the estimate has to be
//! small, so that a bad point fails the test instead of passing it.

#![allow(dead_code, reason = "each test binary uses its part")]

/// Relative agreement asked of an `f64` gradient.
pub(crate) const TOLERANCE: f64 = 2e-7;

/// The derivative of `f` at 0 and an estimate of its error.
pub(crate) fn derivative(mut f: impl FnMut(f64) -> f64) -> (f64, f64) {
    const ROWS: usize = 10;
    let (mut step, mut best) = (0.02, (f64::NAN, f64::INFINITY));
    let mut table = [[0.0; ROWS]; ROWS];
    for row in 0..ROWS {
        table[row][0] = (f(step) - f(-step)) / (2.0 * step);
        let mut factor = 1.0;
        for col in 1..=row {
            factor *= 4.0;
            table[row][col] =
                (factor * table[row][col - 1] - table[row - 1][col - 1]) / (factor - 1.0);
            let (left, above) = (table[row][col - 1], table[row - 1][col - 1]);
            let error = (table[row][col] - left)
                .abs()
                .max((table[row][col] - above).abs());
            if error < best.1 {
                best = (table[row][col], error);
            }
        }
        step /= 2.0;
    }
    best
}

/// Panics unless `got` is what finite differences of `f` at 0 say.
#[track_caller]
pub(crate) fn check_derivative(what: &str, got: f64, f: impl FnMut(f64) -> f64) {
    let (want, error) = derivative(f);
    let scale = 1.0_f64.max(want.abs());
    assert!(
        error < 1e-5 * scale,
        "{what}: the finite differences are no good here: {want} ± {error}"
    );
    assert!(
        (got - want).abs() <= TOLERANCE * scale + 4.0 * error,
        "{what}: got {got}, finite differences say {want} ± {error:.1e}"
    );
}

/// Panics unless `got` is the gradient of `f` at `x`.
#[track_caller]
pub(crate) fn check_gradient(f: impl Fn(&[f64]) -> f64, x: &[f64], got: &[f64]) {
    assert_eq!(x.len(), got.len(), "a gradient has an entry for each input");
    for k in 0..x.len() {
        check_derivative(&format!("entry {k} of {x:?}"), got[k], |h| {
            let mut moved = x.to_vec();
            moved[k] += h;
            f(&moved)
        });
    }
}

/// Checks `grad`, which returns value and gradient as a flat tuple, against `f` at several points.
#[track_caller]
pub(crate) fn check_args<const N: usize, R: Flat<N>>(
    f: impl Fn([f64; N]) -> f64,
    grad: impl Fn([f64; N]) -> R,
    points: &[[f64; N]],
) {
    for x in points {
        let (value, gradient) = grad(*x).flat();
        assert_same(value, f(*x));
        check_gradient(|x| f(core::array::from_fn(|k| x[k])), x, &gradient);
    }
}

/// Checks `grad`, which adds the gradient into a slice, against `f`, and that it adds.
#[track_caller]
pub(crate) fn check_slice(
    f: impl Fn(&[f64]) -> f64,
    mut grad: impl FnMut(&[f64], &mut [f64]) -> f64,
    x: &[f64],
) {
    let mut d = vec![0.0; x.len()];
    assert_same(grad(x, &mut d), f(x));
    check_gradient(&f, x, &d);
    let mut sum: Vec<f64> = (0..x.len()).map(|k| 7.0 + k as f64).collect();
    grad(x, &mut sum);
    for k in 0..x.len() {
        assert_near(sum[k], d[k] + 7.0 + k as f64, 1e-12);
    }
}

/// Panics unless two numbers are the same up to a relative (below 1: absolute) tolerance. Infinities equal themselves, and NaN does here.
#[track_caller]
pub(crate) fn assert_near(got: f64, want: f64, tolerance: f64) {
    let same = got == want
        || (got.is_nan() && want.is_nan())
        || (got - want).abs() <= tolerance * 1.0_f64.max(want.abs());
    assert!(same, "got {got}, want {want}");
}

/// [`assert_near`] for slices.
#[track_caller]
pub(crate) fn assert_all_near(got: &[f64], want: &[f64], tolerance: f64) {
    assert_eq!(got.len(), want.len());
    for k in 0..got.len() {
        let same =
            got[k] == want[k] || (got[k] - want[k]).abs() <= tolerance * 1.0_f64.max(want[k].abs());
        assert!(same, "entry {k}: got {got:?}, want {want:?}");
    }
}

/// Values: the generated function computes the same expression, so only a few units in the last place are forgiven.
#[track_caller]
pub(crate) fn assert_same(got: f64, want: f64) {
    assert_near(got, want, 1e-14);
}

/// A generator of test inputs in (-1, 1), fixed by its seed (Knuth's MMIX multiplier).
pub(crate) fn noise(seed: u64, n: usize) -> Vec<f64> {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    };
    (0..n).map(|_| next()).collect()
}

/// `sum(a[i] * b[i])`.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A flat tuple: the value, then `N` derivatives.
pub(crate) trait Flat<const N: usize> {
    fn flat(self) -> (f64, [f64; N]);
}

macro_rules! flat {
    ($($n:literal: $($d:ident)*;)*) => {$(
        impl Flat<$n> for (f64, $(flat!(@ $d)),*) {
            fn flat(self) -> (f64, [f64; $n]) {
                let (value, $($d),*) = self;
                (value, [$($d),*])
            }
        }
    )*};
    (@ $d:ident) => { f64 };
}
flat! {
    1: a;
    2: a b;
    3: a b c;
    4: a b c d;
    5: a b c d e;
}

/// Checks a function in place: what it leaves, and its product with a cotangent by what it finds.
#[track_caller]
pub(crate) fn check_in_place(
    f: impl Fn(&mut [f64]),
    vjp: impl Fn(&mut [f64], &mut [f64], &mut backprop::Tape<'_>),
    x: &[f64],
) {
    let w = noise(77, x.len());
    let mut tape = backprop::Tape::new();
    for _ in 0..2 {
        let (mut y, mut d) = (x.to_vec(), w.clone());
        vjp(&mut y, &mut d, &mut tape);
        let mut left = x.to_vec();
        f(&mut left);
        assert_all_near(&y, &left, 1e-14);
        let total = |x: &[f64]| {
            let mut y = x.to_vec();
            f(&mut y);
            dot(&y, &w)
        };
        check_gradient(total, x, &d);
        assert_eq!((tape.mark(), tape.logged()), (0, 0));
    }
}
