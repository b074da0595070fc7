//! The derivative of a function of one variable at 0, by central differences extrapolated to step 0.
//!
//! Source: C. J. F. Ridders, Accurate computation of F'(x) and F'(x)F''(x), Advances in Engineering Software 4 (1982), 75. Three changes: steps
//! that leave the function's domain start the tableau anew, and the search goes on past the first setback, which may be a coincidence; and
//! what rounding may do is part of the error, because at the smallest steps rounded values agree by accident.

use crate::Real;

/// A derivative with the estimate of its error.
#[derive(Clone, Copy, Debug)]
pub(super) struct Estimate {
    pub(super) value: f64,
    pub(super) error: f64,
    /// The smallest step that `value` depends on.
    pub(super) step: f64,
}

/// Steps are halved from here, so that they are powers of two and `t ± step` is rounded as little as possible.
const FIRST_STEP: f64 = 0.125;
/// Down to 2⁻²⁷, should the domain be that narrow.
const LEVELS: usize = 25;
/// More columns than this extrapolate nothing but noise.
const COLUMNS: usize = 8;
/// Levels without improvement after which the search ends.
const PATIENCE: usize = 3;

/// `rounding` is how far values of `f` may be off. `None` where no two steps in a row give a finite difference.
pub(super) fn derivative(mut f: impl FnMut(f64) -> f64, rounding: f64) -> Option<Estimate> {
    let mut best: Option<Estimate> = None;
    let mut above = [0.0; COLUMNS];
    let (mut filled, mut setbacks) = (0, 0);
    let mut step = FIRST_STEP;
    for _ in 0..LEVELS {
        let difference = (f(step) - f(-step)) / (2.0 * step);
        if difference.is_finite() {
            let mut row = [difference; COLUMNS];
            let mut improved = false;
            let mut power = 4.0;
            for k in 1..(filled + 1).min(COLUMNS) {
                row[k] = (power * row[k - 1] - above[k - 1]) / (power - 1.0);
                power *= 4.0;
                let error = Real::abs(row[k] - row[k - 1]).max(Real::abs(row[k] - above[k - 1]))
                    + rounding / step;
                if best.is_none_or(|best| error <= best.error) {
                    best = Some(Estimate {
                        value: row[k],
                        error,
                        step,
                    });
                    improved = true;
                }
            }
            above = row;
            filled += 1;
            setbacks = if improved || filled == 1 {
                0
            } else {
                setbacks + 1
            };
            if setbacks >= PATIENCE {
                break;
            }
        } else {
            filled = 0;
        }
        step *= 0.5;
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(f: impl Fn(f64) -> f64, rounding: f64, expected: f64, tolerance: f64) {
        let estimate = derivative(f, rounding).unwrap();
        let error = (estimate.value - expected).abs();
        assert!(error <= tolerance, "{estimate:?}, expected {expected}");
        assert!(
            error <= 10.0 * estimate.error,
            "{estimate:?} is overconfident: {expected}"
        );
    }

    #[test]
    fn smooth_functions() {
        check(|t| (1.0 + t).exp(), 3e-16, 1.0_f64.exp(), 1e-11);
        check(|t| (3.0 * t).sin(), 1e-16, 3.0, 1e-11);
        check(|t| 1e6 + t, 1e-10, 1.0, 1e-7);
        check(|_| 4.0, 0.0, 0.0, 0.0);
    }

    #[test]
    fn narrow_domains() {
        check(|t| (1e-4 + t).ln(), 1e-15, 1e4, 1e-5);
        check(|t| (1e-6 + t).sqrt(), 1e-19, 500.0, 1e-6);
        assert!(derivative(|t| if t == 0.0 { 1.0 } else { f64::NAN }, 0.0).is_none());
    }

    #[test]
    fn single_precision() {
        check(
            |t| f64::from((1.0 + t as f32).tanh()),
            6e-8,
            0.419_974_34,
            1e-4,
        );
    }
}
