//! What a check found, in numbers and in words.

use alloc::string::String;
use core::error::Error;
use core::fmt;

/// One derivative, computed in two ways.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The entry, such as `layers.0.weights[7]`; or what was moved instead of a single entry.
    pub name: String,
    /// From the gradient under test.
    pub analytic: f64,
    /// From finite differences.
    pub numeric: f64,
    /// The estimated error of `numeric`.
    pub uncertainty: f64,
    /// The difference that would have been accepted.
    pub allowed: f64,
    /// The last step of the finite differences.
    pub step: f64,
}

impl Comparison {
    /// How much of the allowed difference there is: more than 1 is a failure.
    #[must_use]
    pub fn severity(&self) -> f64 {
        let difference = (self.analytic - self.numeric).abs();
        if difference == 0.0 {
            0.0
        } else {
            difference / self.allowed
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Comparison {
            name,
            analytic,
            numeric,
            uncertainty,
            allowed,
            step,
        } = self;
        write!(
            f,
            "{name}: gradient {analytic:e}, finite differences {numeric:e} ± {uncertainty:.1e} (step {step:.1e}); "
        )?;
        write!(
            f,
            "they differ by {:.1e}, allowed {allowed:.1e}",
            (analytic - numeric).abs()
        )
    }
}

/// A gradient that agrees with finite differences.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The number of floats in the input.
    pub entries: usize,
    /// The number of derivatives compared: one for each entry or direction.
    pub compared: usize,
    /// The one that agrees least.
    pub worst: Comparison,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} derivatives over {} entries agree; the worst is {}",
            self.compared, self.entries, self.worst
        )
    }
}

/// A gradient that disagrees, or cannot be checked.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// The gradient differs from finite differences.
    Mismatch {
        /// How many derivatives differ by more than is allowed.
        failed: usize,
        /// How many were compared.
        compared: usize,
        /// The worst of them.
        worst: Comparison,
    },
    /// The function is not finite at the point itself.
    ValueNotFinite {
        /// Its value.
        value: f64,
    },
    /// An entry of the gradient is infinite or NaN.
    GradientNotFinite {
        /// The entry.
        name: String,
        /// Its value.
        value: f64,
    },
    /// The function is not finite on any step around the point.
    NoNeighbourhood {
        /// The entry or direction.
        name: String,
    },
    /// There is no float in the input, or no direction was asked for.
    NothingToCheck,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Mismatch {
                failed,
                compared,
                worst,
            } => {
                write!(
                    f,
                    "the gradient is wrong: {failed} of {compared} derivatives disagree with finite differences\n  {worst}"
                )?;
                if worst.uncertainty > worst.allowed {
                    f.write_str(
                        "\n  finite differences do not settle here: is there a kink, or noise?",
                    )?;
                }
                Ok(())
            }
            Failure::ValueNotFinite { value } => {
                write!(f, "the function is {value} at the point of the check")
            }
            Failure::GradientNotFinite { name, value } => {
                write!(f, "the gradient is {value} at {name}")
            }
            Failure::NoNeighbourhood { name } => write!(
                f,
                "the function is not finite around the point of the check, moving {name}"
            ),
            Failure::NothingToCheck => f.write_str(
                "there is nothing to check: no float in the input, or no direction asked for",
            ),
        }
    }
}

impl Error for Failure {}
