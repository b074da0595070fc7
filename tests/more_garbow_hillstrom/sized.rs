//! The problems of any size, at one: sums of squares, as the paper numbers them.

use backprop::prelude::*;

/// 20.
#[differentiable(hessian)]
pub(crate) fn watson(x: &[f64; 6]) -> f64 {
    let mut sum = x[0] * x[0] + (x[1] - x[0] * x[0] - 1.0).powi(2);
    for i in 1..30 {
        let t = i as f64 / 29.0;
        let (mut slope, mut value) = (0.0, 0.0);
        for j in 0..6 {
            value += x[j] * t.powi(j as i32);
            if j > 0 {
                slope += j as f64 * x[j] * t.powi(j as i32 - 1);
            }
        }
        sum += (slope - value * value - 1.0).powi(2);
    }
    sum
}

/// 21.
#[differentiable(hessian)]
pub(crate) fn extended_rosenbrock(x: &[f64; 10]) -> f64 {
    let valley = |p: &[f64]| 100.0 * (p[1] - p[0] * p[0]).powi(2) + (1.0 - p[0]).powi(2);
    x.chunks_exact(2).map(valley).sum::<f64>()
}

/// 22.
#[differentiable(hessian)]
pub(crate) fn extended_powell(x: &[f64; 8]) -> f64 {
    let mut sum = 0.0;
    for p in x.chunks_exact(4) {
        sum += (p[0] + 10.0 * p[1]).powi(2) + 5.0 * (p[2] - p[3]).powi(2);
        sum += (p[1] - 2.0 * p[2]).powi(4) + 10.0 * (p[0] - p[3]).powi(4);
    }
    sum
}

/// 23.
#[differentiable(hessian)]
pub(crate) fn penalty_one(x: &[f64; 4]) -> f64 {
    let square: f64 = x.iter().map(|v| v * v).sum();
    let off: f64 = x.iter().map(|v| (v - 1.0).powi(2)).sum();
    1e-5 * off + (square - 0.25).powi(2)
}

/// 24.
#[differentiable(hessian)]
pub(crate) fn penalty_two(x: &[f64; 4]) -> f64 {
    let mut sum = (x[0] - 0.2).powi(2);
    for i in 1..4 {
        let y = (0.1 * (i + 1) as f64).exp() + (0.1 * i as f64).exp();
        sum += 1e-5 * ((0.1 * x[i]).exp() + (0.1 * x[i - 1]).exp() - y).powi(2);
        sum += 1e-5 * ((0.1 * x[i]).exp() - (-0.1_f64).exp()).powi(2);
    }
    let mut weighted = -1.0;
    for (i, v) in x.iter().enumerate() {
        weighted += (4 - i) as f64 * v * v;
    }
    sum + weighted * weighted
}

/// 25.
#[differentiable(hessian)]
pub(crate) fn variably_dimensioned(x: &[f64; 6]) -> f64 {
    let mut off = 0.0;
    for (i, v) in x.iter().enumerate() {
        off += (i + 1) as f64 * (v - 1.0);
    }
    x.iter().map(|v| (v - 1.0).powi(2)).sum::<f64>() + off.powi(2) + off.powi(4)
}

/// 26.
#[differentiable(hessian)]
pub(crate) fn trigonometric(x: &[f64; 5]) -> f64 {
    let cosines = x.map(|v| v.cos());
    let rest = 5.0 - cosines.iter().sum::<f64>();
    let mut sum = 0.0;
    for i in 0..5 {
        sum += (rest + (i + 1) as f64 * (1.0 - cosines[i]) - x[i].sin()).powi(2);
    }
    sum
}

/// 27.
#[differentiable(hessian)]
pub(crate) fn brown_almost_linear(x: &[f64; 5]) -> f64 {
    let total: f64 = x.iter().sum();
    let product: f64 = x.iter().product();
    x[..4]
        .iter()
        .map(|v| (v + total - 6.0).powi(2))
        .sum::<f64>()
        + (product - 1.0).powi(2)
}

/// 28.
#[differentiable(hessian)]
pub(crate) fn boundary_value(x: &[f64; 6]) -> f64 {
    let h = 1.0 / 7.0;
    let mut sum = 0.0;
    for i in 0..6 {
        let left = if i > 0 { x[i - 1] } else { 0.0 };
        let right = if i < 5 { x[i + 1] } else { 0.0 };
        let t = (i + 1) as f64 * h;
        sum += (2.0 * x[i] - left - right + 0.5 * h * h * (x[i] + t + 1.0).powi(3)).powi(2);
    }
    sum
}

/// 29.
#[differentiable(hessian)]
pub(crate) fn integral_equation(x: &[f64; 6]) -> f64 {
    let h = 1.0 / 7.0;
    let mut cubes = [0.0; 6];
    for j in 0..6 {
        cubes[j] = (x[j] + (j + 1) as f64 * h + 1.0).powi(3);
    }
    let mut sum = 0.0;
    for i in 0..6 {
        let t = (i + 1) as f64 * h;
        let (mut below, mut above) = (0.0, 0.0);
        for j in 0..6 {
            let at = (j + 1) as f64 * h;
            if j <= i {
                below += at * cubes[j];
            } else {
                above += (1.0 - at) * cubes[j];
            }
        }
        sum += (x[i] + 0.5 * h * ((1.0 - t) * below + t * above)).powi(2);
    }
    sum
}

/// 30.
#[differentiable(hessian)]
pub(crate) fn broyden_tridiagonal(x: &[f64; 8]) -> f64 {
    let mut sum = 0.0;
    for i in 0..8 {
        let mut residual = (3.0 - 2.0 * x[i]) * x[i] + 1.0;
        if i > 0 {
            residual -= x[i - 1];
        }
        if i + 1 < 8 {
            residual -= 2.0 * x[i + 1];
        }
        sum += residual * residual;
    }
    sum
}

/// 31.
#[differentiable(hessian)]
pub(crate) fn broyden_banded(x: &[f64; 8]) -> f64 {
    let mut sum = 0.0;
    for i in 0_usize..8 {
        let mut residual = x[i] * (2.0 + 5.0 * x[i] * x[i]) + 1.0;
        for j in 0_usize..8 {
            if j != i && j + 5 >= i && j <= i + 1 {
                residual -= x[j] * (1.0 + x[j]);
            }
        }
        sum += residual.powi(2);
    }
    sum
}

/// 32, with ten residuals.
#[differentiable(hessian)]
pub(crate) fn linear_full_rank(x: &[f64; 5]) -> f64 {
    let total: f64 = x.iter().sum();
    let behind = 5.0 * (0.2 * total + 1.0).powi(2);
    x.iter()
        .map(|v| (v - 0.2 * total - 1.0).powi(2))
        .sum::<f64>()
        + behind
}

/// 33, with ten residuals.
#[differentiable(hessian)]
pub(crate) fn linear_rank_one(x: &[f64; 5]) -> f64 {
    let mut weighted = 0.0;
    for (j, v) in x.iter().enumerate() {
        weighted += (j + 1) as f64 * v;
    }
    (1..=10)
        .map(|i| (i as f64 * weighted - 1.0).powi(2))
        .sum::<f64>()
}

/// 34, with ten residuals, of which the first and the last are -1.
#[differentiable(hessian)]
pub(crate) fn linear_zero_columns(x: &[f64; 5]) -> f64 {
    let mut weighted = 0.0;
    for j in 1..4 {
        weighted += (j + 1) as f64 * x[j];
    }
    let middle = (1..9)
        .map(|i| (i as f64 * weighted - 1.0).powi(2))
        .sum::<f64>();
    2.0 + middle
}

/// 35.
#[differentiable(hessian)]
pub(crate) fn chebyquad(x: &[f64; 8]) -> f64 {
    let mut means = [0.0; 8];
    for v in x {
        // Chebyshev's polynomials on [0, 1], by their recurrence.
        let t = 2.0 * v - 1.0;
        let (mut last, mut this) = (1.0, t);
        for i in 0..8 {
            means[i] += this / 8.0;
            let next = 2.0 * t * this - last;
            last = this;
            this = next;
        }
    }
    let mut sum = 0.0;
    for i in 0..8 {
        let degree = (i + 1) as f64;
        let integral = if i % 2 == 1 {
            -1.0 / (degree * degree - 1.0)
        } else {
            0.0
        };
        sum += (means[i] - integral).powi(2);
    }
    sum
}
