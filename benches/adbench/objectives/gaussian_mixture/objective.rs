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

/// The logarithm of how probable the parameters of a mixture of `K` Gaussians in `D` dimensions are, given points and a prior.
#[differentiable(wrt(alphas, means, factors))]
pub(crate) fn log_posterior<const D: usize, const K: usize>(
    alphas: &[f64; K],
    means: &[[f64; D]; K],
    factors: &[f64],
    points: &[[f64; D]],
    #[nodiff] prior: &Wishart,
) -> f64 {
    let size = D * (D + 1) / 2;
    let mut diagonals = [[0.0; D]; K];
    let mut log_determinants = [0.0; K];
    let mut log_prior = 0.0;
    for k in 0..K {
        let logarithms = &factors[k * size..][..D];
        let lower = &factors[k * size..][D..size];
        let (mut sum, mut squares) = (0.0, 0.0);
        for j in 0..D {
            let q = logarithms[j].exp();
            diagonals[k][j] = q;
            sum += logarithms[j];
            squares += q * q;
        }
        log_determinants[k] = sum;
        squares += lower.iter().map(|q| q * q).sum::<f64>();
        log_prior += 0.5 * prior.gamma * prior.gamma * squares - prior.excess as f64 * sum;
    }
    log_prior -= K as f64 * log_normalizer(D, prior);

    let count = points.len() as f64;
    let mut log_likelihood = -count * (logsumexp(alphas) + 0.5 * D as f64 * (2.0 * PI).ln());
    for point in points {
        let mut terms = [0.0; K];
        for k in 0..K {
            let lower = &factors[k * size..][D..size];
            let mean = &means[k];
            // Q (x − μ).
            let mut whitened = [0.0; D];
            for j in 0..D {
                whitened[j] = diagonals[k][j] * (point[j] - mean[j]);
            }
            for i in 0..D {
                let column = &lower[i * D - i * (i + 1) / 2..][..D - i - 1];
                let centered = point[i] - mean[i];
                for j in 0..column.len() {
                    whitened[i + 1 + j] += column[j] * centered;
                }
            }
            let square: f64 = whitened.iter().map(|w| w * w).sum();
            terms[k] = alphas[k] + log_determinants[k] - 0.5 * square;
        }
        log_likelihood += logsumexp(&terms);
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
