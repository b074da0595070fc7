//! Why a fit failed.

use core::fmt;

use super::Solution;

/// Why [`LevenbergMarquardt`](super::LevenbergMarquardt) found no solution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LeastSquaresError {
    /// The residuals, their Jacobian or the step from them are not finite.
    NotFinite {
        /// What was found until then.
        found: Solution,
    },
    /// The steps did not suffice.
    Steps {
        /// What was found until then.
        found: Solution,
    },
    /// No step leads lower, though the residuals are not orthogonal to the Jacobian: it is not theirs, or they have a kink here.
    Stuck {
        /// What was found until then.
        found: Solution,
    },
}

impl fmt::Display for LeastSquaresError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LeastSquaresError::NotFinite { found } => write!(
                f,
                "the residuals or their Jacobian are not finite after {} steps",
                found.steps
            ),
            LeastSquaresError::Steps { found } => write!(
                f,
                "no solution after {} steps: the sum of squares is {:e}, the cosine {:.1e}",
                found.steps, found.sum_of_squares, found.cosine
            ),
            LeastSquaresError::Stuck { found } => write!(
                f,
                "no step leads lower after {} steps, and the cosine is {:.1e}: the Jacobian is not that of the residuals, or they have a kink here",
                found.steps, found.cosine
            ),
        }
    }
}

impl core::error::Error for LeastSquaresError {}
