//! A mixture of Gaussians: how probable its parameters are, given points.

mod by_hand;
mod format;
mod objective;
mod product;

use std::path::Path;

use super::data::{DataError, Fields};
use super::{Outcome, Problem};

pub(crate) use format::parse;
pub(crate) use objective::{Wishart, log_posterior, log_posterior_grad};
pub(crate) use product::read as read_product;

/// The sets of data, by the names of their files.
pub(crate) const SETS: &[&str] = &[
    "1k_d2_K5",
    "1k_d10_K25",
    "1k_d20_K50",
    "1k_d64_K25",
    "10k_d10_K50",
    "10k_d32_K50",
];

/// Gaussians, points, and what is computed of them.
pub(crate) struct Mixture {
    /// Of the set of data.
    name: String,
    pub(crate) alphas: Vec<f64>,
    pub(crate) means: Vec<f64>,
    pub(crate) factors: Vec<f64>,
    pub(crate) points: Vec<f64>,
    pub(crate) prior: Wishart,
    pub(crate) room: Room,
    /// What flows back to it; zero between calls.
    d_room: Room,
    value: f64,
    pub(crate) gradient: Gradient,
}

/// What the objective works in: see there.
#[derive(Clone)]
pub(crate) struct Room {
    pub(crate) diagonals: Vec<f64>,
    pub(crate) log_determinants: Vec<f64>,
    pub(crate) whitened: Vec<f64>,
    pub(crate) terms: Vec<f64>,
}

impl Room {
    fn new(dimensions: usize, components: usize) -> Self {
        Room {
            diagonals: vec![0.0; components * dimensions],
            log_determinants: vec![0.0; components],
            whitened: vec![0.0; components * dimensions],
            terms: vec![0.0; components],
        }
    }
}

/// By the three parameters.
pub(crate) struct Gradient {
    pub(crate) alphas: Vec<f64>,
    pub(crate) means: Vec<f64>,
    pub(crate) factors: Vec<f64>,
}

impl Gradient {
    fn clear(&mut self) {
        self.alphas.fill(0.0);
        self.means.fill(0.0);
        self.factors.fill(0.0);
    }
}

impl Problem for Mixture {
    fn evaluate(&mut self) {
        self.value = log_posterior(
            &self.alphas,
            &self.means,
            &self.factors,
            &self.points,
            &self.prior,
            &mut self.room.diagonals,
            &mut self.room.log_determinants,
            &mut self.room.whitened,
            &mut self.room.terms,
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
            &mut self.room.diagonals,
            &mut self.d_room.diagonals,
            &mut self.room.log_determinants,
            &mut self.d_room.log_determinants,
            &mut self.room.whitened,
            &mut self.d_room.whitened,
            &mut self.room.terms,
            &mut self.d_room.terms,
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
            &mut self.room,
            &mut self.d_room,
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
            derivatives: [&alphas[..], means, factors].concat(),
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
    Ok(Box::new(read_mixture(folder, name)?))
}

fn read_mixture(folder: &Path, name: &str) -> Result<Mixture, DataError> {
    let file = folder.join("gmm").join(format!("{name}.txt"));
    let mut mixture = parse(Fields::open(&file)?)?;
    name.clone_into(&mut mixture.name);
    Ok(mixture)
}
