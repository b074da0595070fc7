//! The log-posterior of a mixture of Gaussians.
//!
//! The inverse covariance of a component is QᵀQ, where Q is lower triangular: so it is positive definite whatever the parameters. A component's
//! factor holds the logarithms of Q's diagonal, then what is below the diagonal, column by column.

use std::f64::consts::{LN_2, PI};

use backprop::math::{ln_gamma, logsumexp};
use backprop::prelude::*;

/// A Wishart distribution of the inverse covariances.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wishart {
    pub(crate) gamma: f64,
    /// Degrees of freedom beyond D + 1.
    pub(crate) excess: usize,
}

/// The logarithm of how probable the parameters of a mixture of K Gaussians in D dimensions are, given points and a prior.
///
/// `alphas`: K; `means` and `points`: rows of D; `factors`: K of D (D + 1) / 2. Room to work in: `diagonals`, K × D; `log_determinants`, K;
/// for one point at a time, `whitened`, K × D, and `terms`, K.
#[allow(
    clippy::too_many_arguments,
    reason = "parameters, data, and room to work in"
)]
#[differentiable(hvp)]
pub(crate) fn log_posterior(
    alphas: &[f64],
    means: &[f64],
    factors: &[f64],
    #[nodiff] points: &[f64],
    #[nodiff] prior: &Wishart,
    #[out] diagonals: &mut [f64],
    #[out] log_determinants: &mut [f64],
    #[out] whitened: &mut [f64],
    #[out] terms: &mut [f64],
) -> f64 {
    let d = means.len() / alphas.len();
    let size = d * (d + 1) / 2;
    let mut log_prior = 0.0;
    for k in 0..alphas.len() {
        let logarithms = &factors[k * size..][..d];
        let lower = &factors[k * size..][d..size];
        let diagonal = &mut diagonals[k * d..][..d];
        let (mut sum, mut squares) = (0.0, 0.0);
        for j in 0..d {
            let q = logarithms[j].exp();
            diagonal[j] = q;
            sum += logarithms[j];
            squares += q * q;
        }
        log_determinants[k] = sum;
        squares += lower.iter().map(|q| q * q).sum::<f64>();
        log_prior += 0.5 * prior.gamma * prior.gamma * squares - prior.excess as f64 * sum;
    }
    log_prior -= alphas.len() as f64 * log_normalizer(d, prior);

    let count = (points.len() / d) as f64;
    let mut log_likelihood = -count * (logsumexp(alphas) + 0.5 * d as f64 * (2.0 * PI).ln());
    for point in points.chunks_exact(d) {
        for k in 0..terms.len() {
            let lower = &factors[k * size..][d..size];
            let mean = &means[k * d..][..d];
            let diagonal = &diagonals[k * d..][..d];
            // Q (x − μ).
            let whitened = &mut whitened[k * d..][..d];
            for j in 0..d {
                whitened[j] = diagonal[j] * (point[j] - mean[j]);
            }
            for i in 0..d {
                let column = &lower[i * d - i * (i + 1) / 2..][..d - i - 1];
                let centered = point[i] - mean[i];
                for j in 0..column.len() {
                    whitened[i + 1 + j] += column[j] * centered;
                }
            }
            let square: f64 = whitened.iter().map(|w| w * w).sum();
            terms[k] = alphas[k] + log_determinants[k] - 0.5 * square;
        }
        log_likelihood += logsumexp(&*terms);
    }
    log_likelihood + log_prior
}

/// The logarithm of what normalizes the prior of one component.
pub(crate) fn log_normalizer(dimensions: usize, prior: &Wishart) -> f64 {
    let d = dimensions as f64;
    let freedom = d + prior.excess as f64 + 1.0;
    let mut log_gammas = 0.25 * d * (d - 1.0) * PI.ln();
    for j in 0..dimensions {
        log_gammas += ln_gamma(0.5 * (freedom - j as f64));
    }
    freedom * d * (prior.gamma.ln() - 0.5 * LN_2) - log_gammas
}
