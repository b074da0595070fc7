//! The four objectives of ADBench: F. Šrajer, Z. Kukelova, A. Fitzgibbon, *A benchmark of selected algorithmic differentiation tools on some
//! problems in computer vision and machine learning*, Optimization Methods and Software 33 (2018).
//!
//! Each folder has the objective as a user writes it, a gradient by hand, and the format of its data.

pub(crate) mod bundle_adjustment;
mod compare;
pub(crate) mod data;
pub(crate) mod gaussian_mixture;
pub(crate) mod hand_tracking;
pub(crate) mod lstm;

use std::path::Path;

pub(crate) use compare::relative_error;
use data::DataError;

/// An objective with its data and room for what it computes.
pub(crate) trait Problem {
    /// Runs the objective alone.
    fn evaluate(&mut self);

    /// Runs the generated gradient.
    fn generated(&mut self);

    /// Runs the gradient by hand.
    fn by_hand(&mut self);

    /// What the last run left. After `evaluate` only the values count.
    fn outcome(&self) -> Outcome;

    /// The most bytes that were ever on the tape.
    fn tape_bytes(&self) -> usize {
        0
    }

    /// What the folder of reference values says about these data, if anything.
    fn reference(&self, _folder: &Path) -> Result<Option<Outcome>, DataError> {
        Ok(None)
    }
}

/// Values and derivatives of an objective, each in an order that the objective chooses.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) values: Vec<f64>,
    pub(crate) derivatives: Vec<f64>,
}

impl Outcome {
    /// The largest relative error of a value or a derivative.
    pub(crate) fn error(&self, wanted: &Outcome) -> f64 {
        let values = relative_error(&self.values, &wanted.values);
        values.max(relative_error(&self.derivatives, &wanted.derivatives))
    }
}

/// One set of data.
pub(crate) struct Set {
    pub(crate) objective: &'static str,
    pub(crate) name: &'static str,
    pub(crate) read: Read,
}

/// Reads a set, by its name, from the folder of all data.
pub(crate) type Read = fn(folder: &Path, name: &str) -> Result<Box<dyn Problem>, DataError>;

/// All sets, in the order of the tables.
pub(crate) fn sets() -> impl Iterator<Item = Set> {
    let all: [(_, &'static [&'static str], Read); 7] = [
        ("gmm", gaussian_mixture::SETS, gaussian_mixture::read),
        (
            "gmm_hvp",
            gaussian_mixture::SETS,
            gaussian_mixture::read_product,
        ),
        ("lstm", lstm::SETS, lstm::read),
        ("lstm_math", lstm::SETS, lstm::read_with_math),
        ("ba", bundle_adjustment::SETS, bundle_adjustment::read),
        ("hand", hand_tracking::SETS, hand_tracking::read),
        (
            "hand_jacobian",
            hand_tracking::jacobian::SIMPLE,
            hand_tracking::jacobian::read,
        ),
    ];
    all.into_iter().flat_map(|(objective, names, read)| {
        names.iter().map(move |name| Set {
            objective,
            name,
            read,
        })
    })
}
