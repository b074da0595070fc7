//! The gradient of the log-posterior by hand.
//!
//! A point's term is the logarithm of a sum over the components, so its derivative by a component's term is that component's share of the sum
//! (its responsibility). One pass over the points: what Q (x − μ) was is kept for the components of one point.

use backprop::math::logsumexp;

use super::objective::{Wishart, log_normalizer};

#[allow(
    clippy::too_many_arguments,
    reason = "the signature of the generated one"
)]
pub(crate) fn log_posterior_grad<const D: usize, const K: usize>(
    alphas: &[f64; K],
    d_alphas: &mut [f64; K],
    means: &[[f64; D]; K],
    d_means: &mut [[f64; D]; K],
    factors: &[f64],
    d_factors: &mut [f64],
    points: &[[f64; D]],
    prior: &Wishart,
) -> f64 {
    let size = D * (D + 1) / 2;
    let weight = prior.gamma * prior.gamma;
    let mut diagonals = [[0.0; D]; K];
    let mut offsets = [0.0; K];
    let mut value = -(K as f64) * log_normalizer(D, prior);
    let parts = factors
        .chunks_exact(size)
        .zip(d_factors.chunks_exact_mut(size));
    for (k, (factor, d_factor)) in parts.enumerate() {
        let (logarithms, lower) = factor.split_at(D);
        let (d_logarithms, d_lower) = d_factor.split_at_mut(D);
        let (mut sum, mut squares) = (0.0, 0.0);
        for ((q, d), logarithm) in diagonals[k].iter_mut().zip(d_logarithms).zip(logarithms) {
            *q = logarithm.exp();
            sum += logarithm;
            squares += *q * *q;
            *d += weight * *q * *q - prior.excess as f64;
        }
        squares += dot(lower, lower);
        for (d, q) in d_lower.iter_mut().zip(lower) {
            *d += weight * q;
        }
        offsets[k] = alphas[k] + sum;
        value += 0.5 * weight * squares - prior.excess as f64 * sum;
    }

    let count = points.len() as f64;
    let log_sum = logsumexp(alphas);
    value -= count * (log_sum + 0.5 * D as f64 * std::f64::consts::TAU.ln());
    for (d, alpha) in d_alphas.iter_mut().zip(alphas) {
        *d -= count * (alpha - log_sum).exp();
    }
    // By the diagonals, not by their logarithms; and the sums of the responsibilities.
    let mut d_diagonals = [[0.0; D]; K];
    let mut shares = [0.0; K];
    for point in points {
        let mut terms = [0.0; K];
        let mut whitened = [[0.0; D]; K];
        for (k, factor) in factors.chunks_exact(size).enumerate() {
            let whitened = &mut whitened[k];
            whiten(&diagonals[k], &factor[D..], &means[k], point, whitened);
            terms[k] = offsets[k] - 0.5 * dot(whitened, whitened);
        }
        let highest = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut sum = 0.0;
        for term in &mut terms {
            *term = (*term - highest).exp();
            sum += *term;
        }
        value += highest + sum.ln();
        let parts = factors
            .chunks_exact(size)
            .zip(d_factors.chunks_exact_mut(size));
        for (k, (factor, d_factor)) in parts.enumerate() {
            let share = terms[k] / sum;
            shares[k] += share;
            let d_whitened = whitened[k].map(|w| -share * w);
            let (mut lower, mut d_lower) = (&factor[D..], &mut d_factor[D..]);
            for i in 0..D {
                let centered = point[i] - means[k][i];
                let below = D - i - 1;
                let (column, rest) = lower.split_at(below);
                let (d_column, d_rest) = d_lower.split_at_mut(below);
                (lower, d_lower) = (rest, d_rest);
                let d = &d_whitened[i + 1..];
                d_diagonals[k][i] += d_whitened[i] * centered;
                d_means[k][i] -= d_whitened[i] * diagonals[k][i] + dot(column, d);
                for (d_q, d) in d_column.iter_mut().zip(d) {
                    *d_q += d * centered;
                }
            }
        }
    }
    for (k, d_factor) in d_factors.chunks_exact_mut(size).enumerate() {
        d_alphas[k] += shares[k];
        for ((d, q), d_q) in d_factor.iter_mut().zip(&diagonals[k]).zip(&d_diagonals[k]) {
            *d += shares[k] + d_q * q;
        }
    }
    value
}

/// Q (x − μ).
#[inline(always)]
fn whiten<const D: usize>(
    diagonal: &[f64; D],
    mut lower: &[f64],
    mean: &[f64; D],
    point: &[f64; D],
    whitened: &mut [f64; D],
) {
    for j in 0..D {
        whitened[j] = diagonal[j] * (point[j] - mean[j]);
    }
    for i in 0..D {
        let centered = point[i] - mean[i];
        let (column, rest) = lower.split_at(D - i - 1);
        lower = rest;
        for (w, q) in whitened[i + 1..].iter_mut().zip(column) {
            *w += q * centered;
        }
    }
}

/// In eight lanes, which hide the latency of an addition.
#[inline(always)]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a_chunks, a_rest) = a.as_chunks::<8>();
    let (b_chunks, b_rest) = b.as_chunks::<8>();
    let mut lanes = [0.0; 8];
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += a * b;
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    let [a, b, c, d, e, f, g, h] = lanes;
    ((a + e) + (c + g)) + ((b + f) + (d + h)) + rest
}
