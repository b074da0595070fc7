//! The problems with a fixed number of unknowns: sums of squares, as the paper numbers them.

use std::f64::consts::PI;

use backprop::prelude::*;

/// 1.
#[differentiable(hessian)]
pub(crate) fn rosenbrock(x: &[f64; 2]) -> f64 {
    (10.0 * (x[1] - x[0] * x[0])).powi(2) + (1.0 - x[0]).powi(2)
}

/// 2.
#[differentiable(hessian)]
pub(crate) fn freudenstein_roth(x: &[f64; 2]) -> f64 {
    let a = -13.0 + x[0] + ((5.0 - x[1]) * x[1] - 2.0) * x[1];
    let b = -29.0 + x[0] + ((x[1] + 1.0) * x[1] - 14.0) * x[1];
    a * a + b * b
}

/// 3.
#[differentiable(hessian)]
pub(crate) fn powell_badly_scaled(x: &[f64; 2]) -> f64 {
    (1e4 * x[0] * x[1] - 1.0).powi(2) + ((-x[0]).exp() + (-x[1]).exp() - 1.0001).powi(2)
}

/// 4.
#[differentiable(hessian)]
pub(crate) fn brown_badly_scaled(x: &[f64; 2]) -> f64 {
    (x[0] - 1e6).powi(2) + (x[1] - 2e-6).powi(2) + (x[0] * x[1] - 2.0).powi(2)
}

/// 5.
#[differentiable(hessian)]
pub(crate) fn beale(x: &[f64; 2]) -> f64 {
    let mut sum = 0.0;
    for (i, y) in [1.5, 2.25, 2.625].iter().enumerate() {
        sum += (y - x[0] * (1.0 - x[1].powi(i as i32 + 1))).powi(2);
    }
    sum
}

/// 6.
#[differentiable(hessian)]
pub(crate) fn jennrich_sampson(x: &[f64; 2]) -> f64 {
    let residual = |i: f64| 2.0 + 2.0 * i - ((i * x[0]).exp() + (i * x[1]).exp());
    (1..=10).map(|i| residual(i as f64).powi(2)).sum::<f64>()
}

/// 7. The angle is that of the point in the plane, in turns, from -1/4 to 3/4.
#[differentiable(hessian)]
pub(crate) fn helical_valley(x: &[f64; 3]) -> f64 {
    let turn = if x[0] > 0.0 {
        (x[1] / x[0]).atan() / (2.0 * PI)
    } else {
        (x[1] / x[0]).atan() / (2.0 * PI) + 0.5
    };
    let radius = x[0].hypot(x[1]);
    (10.0 * (x[2] - 10.0 * turn)).powi(2) + (10.0 * (radius - 1.0)).powi(2) + x[2] * x[2]
}

const BARD: [f64; 15] = [
    0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39,
];

/// 8.
#[differentiable(hessian)]
pub(crate) fn bard(x: &[f64; 3]) -> f64 {
    let mut sum = 0.0;
    for i in 0..15 {
        let (u, v) = (i as f64 + 1.0, 15.0 - i as f64);
        sum += (BARD[i] - (x[0] + u / (v * x[1] + u.min(v) * x[2]))).powi(2);
    }
    sum
}

const GAUSSIAN: [f64; 8] = [
    0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521, 0.3989,
];

/// 9.
#[differentiable(hessian)]
pub(crate) fn gaussian(x: &[f64; 3]) -> f64 {
    let mut sum = 0.0;
    for i in 0..15 {
        let t = 0.5 * (7.0 - i as f64);
        let y = GAUSSIAN[if i < 8 { i } else { 14 - i }];
        sum += (x[0] * (-0.5 * x[1] * (t - x[2]).powi(2)).exp() - y).powi(2);
    }
    sum
}

const MEYER: [f64; 16] = [
    34780.0, 28610.0, 23650.0, 19630.0, 16370.0, 13720.0, 11540.0, 9744.0, 8261.0, 7030.0, 6005.0,
    5147.0, 4427.0, 3820.0, 3307.0, 2872.0,
];

/// 10.
#[differentiable(hessian)]
pub(crate) fn meyer(x: &[f64; 3]) -> f64 {
    let mut sum = 0.0;
    for (i, y) in MEYER.iter().enumerate() {
        let t = 50.0 + 5.0 * i as f64;
        sum += (x[0] * (x[1] / (t + x[2])).exp() - y).powi(2);
    }
    sum
}

/// 11.
#[differentiable(hessian)]
pub(crate) fn gulf(x: &[f64; 3]) -> f64 {
    let mut sum = 0.0;
    for i in 1..100 {
        let t = i as f64 / 100.0;
        let y = 25.0 + (-50.0 * t.ln()).powf(2.0 / 3.0);
        sum += ((-(y - x[1]).abs().powf(x[2]) / x[0]).exp() - t).powi(2);
    }
    sum
}

/// 12.
#[differentiable(hessian)]
pub(crate) fn box_three(x: &[f64; 3]) -> f64 {
    let mut sum = 0.0;
    for i in 1..=10 {
        let t = 0.1 * i as f64;
        let target = (-t).exp() - (-10.0 * t).exp();
        sum += ((-t * x[0]).exp() - (-t * x[1]).exp() - x[2] * target).powi(2);
    }
    sum
}

/// 13.
#[differentiable(hessian)]
pub(crate) fn powell_singular(x: &[f64; 4]) -> f64 {
    let [a, b, c, d] = *x;
    (a + 10.0 * b).powi(2) + 5.0 * (c - d).powi(2) + (b - 2.0 * c).powi(4) + 10.0 * (a - d).powi(4)
}

/// 14.
#[differentiable(hessian)]
pub(crate) fn wood(x: &[f64; 4]) -> f64 {
    let [a, b, c, d] = *x;
    100.0 * (b - a * a).powi(2)
        + (1.0 - a).powi(2)
        + 90.0 * (d - c * c).powi(2)
        + (1.0 - c).powi(2)
        + 10.0 * (b + d - 2.0).powi(2)
        + 0.1 * (b - d).powi(2)
}

const KOWALIK_OSBORNE: [(f64, f64); 11] = [
    (0.1957, 4.0),
    (0.1947, 2.0),
    (0.1735, 1.0),
    (0.1600, 0.5),
    (0.0844, 0.25),
    (0.0627, 0.167),
    (0.0456, 0.125),
    (0.0342, 0.1),
    (0.0323, 0.0833),
    (0.0235, 0.0714),
    (0.0246, 0.0625),
];

/// 15.
#[differentiable(hessian)]
pub(crate) fn kowalik_osborne(x: &[f64; 4]) -> f64 {
    let mut sum = 0.0;
    for (y, u) in KOWALIK_OSBORNE {
        sum += (y - x[0] * (u * u + u * x[1]) / (u * u + u * x[2] + x[3])).powi(2);
    }
    sum
}

/// 16.
#[differentiable(hessian)]
pub(crate) fn brown_dennis(x: &[f64; 4]) -> f64 {
    let mut sum = 0.0;
    for i in 1..=20 {
        let t = i as f64 / 5.0;
        let a = x[0] + t * x[1] - t.exp();
        let b = x[2] + x[3] * t.sin() - t.cos();
        sum += (a * a + b * b).powi(2);
    }
    sum
}

const OSBORNE_ONE: [f64; 33] = [
    0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818, 0.784, 0.751, 0.718, 0.685,
    0.658, 0.628, 0.603, 0.580, 0.558, 0.538, 0.522, 0.506, 0.490, 0.478, 0.467, 0.457, 0.448,
    0.438, 0.431, 0.424, 0.420, 0.414, 0.411, 0.406,
];

/// 17.
#[differentiable(hessian)]
pub(crate) fn osborne_one(x: &[f64; 5]) -> f64 {
    let mut sum = 0.0;
    for (i, y) in OSBORNE_ONE.iter().enumerate() {
        let t = 10.0 * i as f64;
        sum += (y - (x[0] + x[1] * (-t * x[3]).exp() + x[2] * (-t * x[4]).exp())).powi(2);
    }
    sum
}

/// 18.
#[differentiable(hessian)]
pub(crate) fn biggs(x: &[f64; 6]) -> f64 {
    let mut sum = 0.0;
    for i in 1..=13 {
        let t = 0.1 * i as f64;
        let y = (-t).exp() - 5.0 * (-10.0 * t).exp() + 3.0 * (-4.0 * t).exp();
        let sum_of_terms =
            x[2] * (-t * x[0]).exp() - x[3] * (-t * x[1]).exp() + x[5] * (-t * x[4]).exp();
        sum += (sum_of_terms - y).powi(2);
    }
    sum
}

const OSBORNE_TWO: [f64; 65] = [
    1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608,
    0.655, 0.616, 0.606, 0.602, 0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661,
    0.612, 0.558, 0.533, 0.495, 0.500, 0.423, 0.395, 0.375, 0.372, 0.391, 0.396, 0.405, 0.428,
    0.429, 0.523, 0.562, 0.607, 0.653, 0.672, 0.708, 0.633, 0.668, 0.645, 0.632, 0.591, 0.559,
    0.597, 0.625, 0.739, 0.710, 0.729, 0.720, 0.636, 0.581, 0.428, 0.292, 0.162, 0.098, 0.054,
];

/// 19.
#[differentiable(hessian)]
pub(crate) fn osborne_two(x: &[f64; 11]) -> f64 {
    let mut sum = 0.0;
    for (i, y) in OSBORNE_TWO.iter().enumerate() {
        let t = 0.1 * i as f64;
        let mut model = x[0] * (-t * x[4]).exp();
        for k in 1..4 {
            model += x[k] * (-(t - x[7 + k]).powi(2) * x[4 + k]).exp();
        }
        sum += (y - model).powi(2);
    }
    sum
}
