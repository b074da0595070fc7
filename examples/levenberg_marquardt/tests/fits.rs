//! The crate's solver reaches certified values with generated Jacobians.

use backprop::prelude::*;
use backprop::solve::{Residuals, array};
use example_levenberg_marquardt::Problem;
use levenberg_marquardt::LevenbergMarquardt;

/// Misra1a of the Statistical Reference Datasets of NIST.
const X: [f64; 14] = [
    77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0,
];
const Y: [f64; 14] = [
    10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40, 75.47,
    81.78,
];

#[differentiable(jacobian)]
fn misra1a(b: &[f64; 2], #[nodiff] x: &[f64], #[nodiff] y: &[f64], out: &mut [f64]) {
    for ((out, x), y) in out.iter_mut().zip(x).zip(y) {
        *out = b[0] * (1.0 - (-b[1] * x).exp()) - y;
    }
}

struct Misra1a;

impl Residuals for Misra1a {
    fn count(&self) -> usize {
        X.len()
    }

    fn residuals(&mut self, b: &[f64], out: &mut [f64]) {
        misra1a(array(b), &X, &Y, out);
    }

    fn jacobian(&mut self, b: &[f64], out: &mut [f64], j: &mut [f64]) {
        misra1a_jacobian_into(array(b), &X, &Y, out, j);
    }
}

#[test]
fn a_certified_fit_from_both_starts() {
    for start in [[500.0, 0.0001], [250.0, 0.0005]] {
        let (solved, report) = LevenbergMarquardt::new().minimize(Problem::new(Misra1a, &start));
        assert!(
            report.termination.was_successful(),
            "{:?}",
            report.termination
        );
        for (got, certified) in solved.x().iter().zip([2.3894212918E+02, 5.5015643181E-04]) {
            assert!((got / certified - 1.0).abs() < 1e-6, "{got} {certified}");
        }
        assert!((2.0 * report.objective_function / 1.2455138894E-01 - 1.0).abs() < 1e-9);
        // A step asks for residuals, then, at the same point, for the Jacobian.
        assert!(solved.evaluations() <= 2 * report.number_of_evaluations as u64 + 1);
    }
}
