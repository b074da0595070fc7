//! A mixture of Gaussians: how probable its parameters are, given points.

mod by_hand;
mod format;
mod objective;

use std::path::Path;

use super::data::{DataError, Fields};
use super::{Outcome, Problem};

pub(crate) use format::{parse, shape};
pub(crate) use objective::{Wishart, log_posterior, log_posterior_grad};

/// The sets of data, by the names of their files.
pub(crate) const SETS: &[&str] = &[
    "1k_d2_K5",
    "1k_d10_K25",
    "1k_d20_K50",
    "1k_d64_K25",
    "10k_d10_K50",
    "10k_d32_K50",
];

/// `K` Gaussians in `D` dimensions, points, and what is computed of them.
pub(crate) struct Mixture<const D: usize, const K: usize> {
    /// Of the set of data.
    name: String,
    pub(crate) alphas: [f64; K],
    pub(crate) means: [[f64; D]; K],
    pub(crate) factors: Vec<f64>,
    pub(crate) points: Vec<[f64; D]>,
    pub(crate) prior: Wishart,
    value: f64,
    pub(crate) gradient: Gradient<D, K>,
}

/// By the three parameters.
pub(crate) struct Gradient<const D: usize, const K: usize> {
    pub(crate) alphas: [f64; K],
    pub(crate) means: [[f64; D]; K],
    pub(crate) factors: Vec<f64>,
}

impl<const D: usize, const K: usize> Gradient<D, K> {
    fn new() -> Self {
        Gradient {
            alphas: [0.0; K],
            means: [[0.0; D]; K],
            factors: vec![0.0; K * D * (D + 1) / 2],
        }
    }

    fn clear(&mut self) {
        self.alphas.fill(0.0);
        self.means.as_flattened_mut().fill(0.0);
        self.factors.fill(0.0);
    }
}

impl<const D: usize, const K: usize> Problem for Mixture<D, K> {
    fn evaluate(&mut self) {
        self.value = log_posterior(
            &self.alphas,
            &self.means,
            &self.factors,
            &self.points,
            &self.prior,
        );
    }

    fn generated(&mut self) {
        let gradient = &mut self.gradient;
        gradient.clear();
        self.value = log_posterior_grad(
            &self.alphas,
            &mut gradient.alphas,
            &self.means,
            &mut gradient.means,
            &self.factors,
            &mut gradient.factors,
            &self.points,
            &self.prior,
        );
    }

    fn by_hand(&mut self) {
        let gradient = &mut self.gradient;
        gradient.clear();
        self.value = by_hand::log_posterior_grad(
            &self.alphas,
            &mut gradient.alphas,
            &self.means,
            &mut gradient.means,
            &self.factors,
            &mut gradient.factors,
            &self.points,
            &self.prior,
        );
    }

    fn outcome(&self) -> Outcome {
        let Gradient {
            alphas,
            means,
            factors,
        } = &self.gradient;
        Outcome {
            values: vec![self.value],
            derivatives: [alphas, means.as_flattened(), factors].concat(),
        }
    }

    fn reference(&self, folder: &Path) -> Result<Option<Outcome>, DataError> {
        if self.name != SETS[0] {
            return Ok(None);
        }
        let mut fields = Fields::open(&folder.join("gmm_1k_d2_K5.txt"))?;
        let value = fields.number("the log-posterior")?;
        let derivatives = fields.rest("a derivative")?;
        Ok(Some(Outcome {
            values: vec![value],
            derivatives,
        }))
    }
}

/// Reads one of the [`SETS`].
pub(crate) fn read(folder: &Path, name: &str) -> Result<Box<dyn Problem>, DataError> {
    let file = folder.join("gmm").join(format!("{name}.txt"));
    let mut fields = Fields::open(&file)?;
    match shape(&mut fields)? {
        (2, 5) => of_shape::<2, 5>(fields, name),
        (10, 25) => of_shape::<10, 25>(fields, name),
        (10, 50) => of_shape::<10, 50>(fields, name),
        (20, 50) => of_shape::<20, 50>(fields, name),
        (32, 50) => of_shape::<32, 50>(fields, name),
        (64, 25) => of_shape::<64, 25>(fields, name),
        (d, k) => Err(fields.error(format!("no code for {k} Gaussians in {d} dimensions"))),
    }
}

fn of_shape<const D: usize, const K: usize>(
    fields: Fields,
    name: &str,
) -> Result<Box<dyn Problem>, DataError> {
    let mut mixture = parse::<D, K>(fields)?;
    name.clone_into(&mut mixture.name);
    Ok(Box::new(mixture))
}
