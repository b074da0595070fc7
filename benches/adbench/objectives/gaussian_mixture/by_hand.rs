//! The gradient of the log-posterior by hand.
//!
//! A point's term is the logarithm of a sum over the components, so its derivative by a component's term is that component's share of the sum
//! (its responsibility). One pass over the points: what Q (x − μ) was is kept for the components of one point, and a column of Q is read once
//! for both of its derivatives.

use backprop::math::logsumexp;

use super::Room;
use super::objective::{Wishart, log_normalizer};

#[allow(
    clippy::too_many_arguments,
    reason = "the signature of the generated one, but for the room"
)]
pub(crate) fn log_posterior_grad(
    alphas: &[f64],
    d_alphas: &mut [f64],
    means: &[f64],
    d_means: &mut [f64],
    factors: &[f64],
    d_factors: &mut [f64],
    points: &[f64],
    prior: &Wishart,
    room: &mut Room,
    d_room: &mut Room,
) -> f64 {
    let d = means.len() / alphas.len();
    let size = d * (d + 1) / 2;
    let weight = prior.gamma * prior.gamma;
    let (diagonals, offsets) = (&mut room.diagonals, &mut room.log_determinants);
    let (whitened, terms) = (&mut room.whitened, &mut room.terms);
    let mut value = -(alphas.len() as f64) * log_normalizer(d, prior);
    let parts = factors
        .chunks_exact(size)
        .zip(d_factors.chunks_exact_mut(size))
        .zip(diagonals.chunks_exact_mut(d));
    for (k, ((factor, d_factor), diagonal)) in parts.enumerate() {
        let (logarithms, lower) = factor.split_at(d);
        let (d_logarithms, d_lower) = d_factor.split_at_mut(d);
        let (mut sum, mut squares) = (0.0, 0.0);
        for ((q, d), logarithm) in diagonal.iter_mut().zip(d_logarithms).zip(logarithms) {
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

    let count = (points.len() / d) as f64;
    let log_sum = logsumexp(alphas);
    value -= count * (log_sum + 0.5 * d as f64 * std::f64::consts::TAU.ln());
    for (d, alpha) in d_alphas.iter_mut().zip(alphas) {
        *d -= count * (alpha - log_sum).exp();
    }
    // By the diagonals, not by their logarithms; and the sums of the responsibilities.
    let (d_diagonals, shares) = (&mut d_room.diagonals, &mut d_room.log_determinants);
    for point in points.chunks_exact(d) {
        for k in 0..alphas.len() {
            let whitened = &mut whitened[k * d..][..d];
            let lower = &factors[k * size..][d..size];
            whiten(
                &diagonals[k * d..][..d],
                lower,
                &means[k * d..][..d],
                point,
                whitened,
            );
            terms[k] = offsets[k] - 0.5 * dot(whitened, whitened);
        }
        let highest = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut sum = 0.0;
        for term in &mut *terms {
            *term = (*term - highest).exp();
            sum += *term;
        }
        value += highest + sum.ln();
        for k in 0..alphas.len() {
            let mut share = terms[k] / sum;
            // Subnormal numbers take the processor many times as long, and what they add to is far larger.
            if share < f64::MIN_POSITIVE {
                share = 0.0;
            }
            shares[k] += share;
            let d_whitened = &mut whitened[k * d..][..d];
            for w in &mut *d_whitened {
                *w *= -share;
            }
            let mut lower = &factors[k * size..][d..size];
            let mut d_lower = &mut d_factors[k * size..][d..size];
            let (mean, d_mean) = (&means[k * d..][..d], &mut d_means[k * d..][..d]);
            let diagonal = &diagonals[k * d..][..d];
            let d_diagonal = &mut d_diagonals[k * d..][..d];
            for i in 0..d {
                let below = d - i - 1;
                let (column, rest) = lower.split_at(below);
                let (d_column, d_rest) = d_lower.split_at_mut(below);
                (lower, d_lower) = (rest, d_rest);
                let centered = point[i] - mean[i];
                let by_centered = dot_and_add(column, &d_whitened[i + 1..], centered, d_column);
                d_diagonal[i] += d_whitened[i] * centered;
                d_mean[i] -= d_whitened[i] * diagonal[i] + by_centered;
            }
        }
    }
    for (k, d_factor) in d_factors.chunks_exact_mut(size).enumerate() {
        d_alphas[k] += shares[k];
        let diagonal = diagonals[k * d..][..d]
            .iter()
            .zip(&d_diagonals[k * d..][..d]);
        for (d, (q, d_q)) in d_factor.iter_mut().zip(diagonal) {
            *d += shares[k] + d_q * q;
        }
    }
    d_diagonals.fill(0.0);
    shares.fill(0.0);
    value
}

/// Q (x − μ).
#[inline(always)]
fn whiten(diagonal: &[f64], mut lower: &[f64], mean: &[f64], point: &[f64], whitened: &mut [f64]) {
    let d = whitened.len();
    let (diagonal, mean, point) = (&diagonal[..d], &mean[..d], &point[..d]);
    for j in 0..d {
        whitened[j] = diagonal[j] * (point[j] - mean[j]);
    }
    for i in 0..d {
        let centered = point[i] - mean[i];
        let (column, rest) = lower.split_at(d - i - 1);
        lower = rest;
        for (w, q) in whitened[i + 1..].iter_mut().zip(column) {
            *w += q * centered;
        }
    }
}

/// a · b, and `x` b added to `c`: in four lanes, in one go.
#[inline(always)]
fn dot_and_add(a: &[f64], b: &[f64], x: f64, c: &mut [f64]) -> f64 {
    let (a_chunks, a_rest) = a.as_chunks::<4>();
    let (b_chunks, b_rest) = b.as_chunks::<4>();
    let (c_chunks, c_rest) = c.as_chunks_mut::<4>();
    let mut lanes = [0.0; 4];
    for ((a, b), c) in a_chunks.iter().zip(b_chunks).zip(c_chunks) {
        for l in 0..4 {
            lanes[l] += a[l] * b[l];
            c[l] += b[l] * x;
        }
    }
    let mut rest = 0.0;
    for ((a, b), c) in a_rest.iter().zip(b_rest).zip(c_rest) {
        rest += a * b;
        *c += b * x;
    }
    (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]) + rest
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
