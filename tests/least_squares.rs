//! Levenberg-Marquardt with generated Jacobians, on systems and fits with published minima, from starting points near and ten times as far.
//!
//! Problems as numbered by J. J. Moré, B. S. Garbow, K. E. Hillstrom, ACM Transactions on Mathematical Software 7 (1981), 17.

use std::f64::consts::PI;

use backprop::prelude::*;
use backprop::solve::{LevenbergMarquardt, MemoResiduals, Residuals, array, write_columns};

/// 2.
#[differentiable(jacobian)]
fn freudenstein_roth(x: &[f64; 2]) -> [f64; 2] {
    [
        -13.0 + x[0] + ((5.0 - x[1]) * x[1] - 2.0) * x[1],
        -29.0 + x[0] + ((x[1] + 1.0) * x[1] - 14.0) * x[1],
    ]
}

/// 3.
#[differentiable(jacobian)]
fn powell_badly_scaled(x: &[f64; 2]) -> [f64; 2] {
    [
        1e4 * x[0] * x[1] - 1.0,
        (-x[0]).exp() + (-x[1]).exp() - 1.0001,
    ]
}

/// 4.
#[differentiable(jacobian)]
fn brown_badly_scaled(x: &[f64; 2]) -> [f64; 3] {
    [x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2.0]
}

/// 6.
#[differentiable(jacobian)]
fn jennrich_sampson(x: &[f64; 2]) -> [f64; 10] {
    let mut out = [0.0; 10];
    for (i, out) in out.iter_mut().enumerate() {
        let i = (i + 1) as f64;
        *out = 2.0 + 2.0 * i - ((i * x[0]).exp() + (i * x[1]).exp());
    }
    out
}

/// 7.
#[differentiable(jacobian)]
fn helical_valley(x: &[f64; 3]) -> [f64; 3] {
    let turn = (x[1] / x[0]).atan() / (2.0 * PI) + if x[0] < 0.0 { 0.5 } else { 0.0 };
    [
        10.0 * (x[2] - 10.0 * turn),
        10.0 * (x[0].hypot(x[1]) - 1.0),
        x[2],
    ]
}

/// 20.
#[differentiable(jacobian)]
fn watson(x: &[f64; 9]) -> [f64; 31] {
    let mut out = [0.0; 31];
    for i in 0..29 {
        let t = (i + 1) as f64 / 29.0;
        let (mut slope, mut value) = (0.0, 0.0);
        for j in (0..9).rev() {
            slope = t * slope + value;
            value = t * value + x[j];
        }
        out[i] = slope - value * value - 1.0;
    }
    out[29] = x[0];
    out[30] = x[1] - x[0] * x[0] - 1.0;
    out
}

/// 27.
#[differentiable(jacobian)]
fn brown_almost_linear(x: &[f64; 10]) -> [f64; 10] {
    let total: f64 = x.iter().sum();
    let mut out = x.map(|v| v + total - 11.0);
    out[9] = x.iter().product::<f64>() - 1.0;
    out
}

/// 35.
#[differentiable(jacobian)]
fn chebyquad(x: &[f64; 8]) -> [f64; 8] {
    let mut out = [0.0; 8];
    for v in x {
        let t = 2.0 * v - 1.0;
        let (mut last, mut this) = (1.0, t);
        for out in &mut out {
            *out += this / 8.0;
            (last, this) = (this, 2.0 * t * this - last);
        }
    }
    for i in (1..8).step_by(2) {
        let degree = (i + 1) as f64;
        out[i] += 1.0 / (degree * degree - 1.0);
    }
    out
}

type WithJacobian<const N: usize, const M: usize> = ([f64; M], [[f64; N]; M]);

/// A function of arrays as residuals.
struct System<const N: usize, const M: usize> {
    function: fn(&[f64; N]) -> [f64; M],
    jacobian: fn(&[f64; N]) -> WithJacobian<N, M>,
}

impl<const N: usize, const M: usize> Residuals for System<N, M> {
    fn count(&self) -> usize {
        M
    }

    fn residuals(&mut self, x: &[f64], residuals: &mut [f64]) {
        residuals.copy_from_slice(&(self.function)(array(x)));
    }

    fn jacobian(&mut self, x: &[f64], residuals: &mut [f64], jacobian: &mut [f64]) {
        let (values, rows) = (self.jacobian)(array(x));
        residuals.copy_from_slice(&values);
        write_columns(&rows, jacobian);
    }
}

/// From `factor * start`, to one of the `minima` of the sum of squares.
#[track_caller]
fn check<const N: usize, const M: usize>(
    mut system: System<N, M>,
    start: [f64; N],
    factors: &[f64],
    minima: &[f64],
) {
    for factor in factors {
        let mut x = start.map(|x| factor * x);
        let solution = LevenbergMarquardt::new(N, M).solve(&mut system, &mut x);
        let found =
            solution.unwrap_or_else(|error| panic!("from {factor} times the start: {error}"));
        let near = |m: &f64| (found.sum_of_squares - m).abs() <= 1e-5 * m + 1e-20;
        assert!(
            minima.iter().any(near),
            "from {factor} times the start: {found:?} at {x:?}"
        );
    }
}

macro_rules! system {
    ($f:ident, $jacobian:ident) => {
        System {
            function: $f,
            jacobian: $jacobian,
        }
    };
}

#[test]
fn fits_and_systems() {
    check(
        system!(freudenstein_roth, freudenstein_roth_jacobian),
        [0.5, -2.0],
        &[1.0, 10.0, 100.0],
        &[0.0, 48.98425],
    );
    check(
        system!(helical_valley, helical_valley_jacobian),
        [-1.0, 0.0, 0.0],
        &[1.0, 10.0, 100.0],
        &[0.0],
    );
    check(
        system!(jennrich_sampson, jennrich_sampson_jacobian),
        [0.3, 0.4],
        &[1.0],
        &[124.3622],
    );
    check(
        system!(watson, watson_jacobian),
        [0.0; 9],
        &[1.0],
        &[1.39976e-6],
    );
    check(
        system!(brown_almost_linear, brown_almost_linear_jacobian),
        [0.5; 10],
        &[1.0, 10.0],
        &[0.0, 1.0],
    );
    check(
        system!(chebyquad, chebyquad_jacobian),
        core::array::from_fn(|j| (j + 1) as f64 / 9.0),
        &[1.0],
        &[3.51687e-3],
    );
}

/// Unknowns that differ by ten orders of magnitude.
#[test]
fn bad_scales() {
    check(
        system!(powell_badly_scaled, powell_badly_scaled_jacobian),
        [0.0, 1.0],
        &[1.0],
        &[0.0],
    );
    check(
        system!(brown_badly_scaled, brown_badly_scaled_jacobian),
        [1.0, 1.0],
        &[1.0, 10.0],
        &[0.0],
    );
}

#[test]
fn a_memo_serves_a_generated_jacobian() {
    let system = system!(freudenstein_roth, freudenstein_roth_jacobian);
    let mut memo = MemoResiduals::new(system, [0.0; 2], [0.0; 2], [0.0; 4]);
    assert_eq!(memo.jacobian(&[5.0, 4.0]), [1.0, 1.0, -10.0, 42.0]);
    assert_eq!(memo.residuals(&[5.0, 4.0]), [0.0, 0.0]);
    assert_eq!(memo.evaluations(), 1);
}
