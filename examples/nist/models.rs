//! The residuals of all 27 regressions, model − observation, as plain Rust; several data sets share a model.
//!
//! In: the unknowns `b`, numbered from 0, and the data. Out: a residual for each observation. The attribute puts beside each function `f` its Jacobian,
//! `f_jacobian_into`. The formulas are those of the data files.

use std::f64::consts::PI;

use backprop::prelude::*;
use backprop::solve::array;

use crate::data::Data;

/// The residuals of a model, and with them their Jacobian, for unknowns that a solver hands over.
#[derive(Clone, Copy)]
pub(crate) struct Model {
    pub(crate) residuals: fn(&[f64], &Data, &mut [f64]),
    pub(crate) jacobian: fn(&[f64], &Data, &mut [f64], &mut [f64]),
}

/// The model of a data set, by the name in its file.
pub(crate) fn model(name: &str) -> Option<Model> {
    macro_rules! model {
        ($f:ident, $jacobian:ident) => {
            Model {
                residuals: |b, data, out| $f(array(b), &data.x, &data.y, out),
                jacobian: |b, data, out, j| $jacobian(array(b), &data.x, &data.y, out, j),
            }
        };
    }
    Some(match name {
        "Misra1a" | "BoxBOD" => model!(rise, rise_jacobian_into),
        "Misra1b" => model!(rise_square, rise_square_jacobian_into),
        "Misra1c" => model!(rise_root, rise_root_jacobian_into),
        "Misra1d" => model!(saturation, saturation_jacobian_into),
        "Chwirut1" | "Chwirut2" => model!(decay_quotient, decay_quotient_jacobian_into),
        "DanWood" => model!(power, power_jacobian_into),
        "Lanczos1" | "Lanczos2" | "Lanczos3" => model!(three_decays, three_decays_jacobian_into),
        "Gauss1" | "Gauss2" | "Gauss3" => model!(two_peaks, two_peaks_jacobian_into),
        "Kirby2" => model!(quadratic_quotient, quadratic_quotient_jacobian_into),
        "Hahn1" | "Thurber" => model!(cubic_quotient, cubic_quotient_jacobian_into),
        "Nelson" => model!(ageing, ageing_jacobian_into),
        "MGH17" => model!(two_decays, two_decays_jacobian_into),
        "Roszman1" => model!(quantum_defect, quantum_defect_jacobian_into),
        "ENSO" => model!(three_cycles, three_cycles_jacobian_into),
        "MGH09" => model!(kowalik_osborne, kowalik_osborne_jacobian_into),
        "MGH10" => model!(meyer, meyer_jacobian_into),
        "Eckerle4" => model!(peak, peak_jacobian_into),
        "Rat42" => model!(logistic, logistic_jacobian_into),
        "Rat43" => model!(richards, richards_jacobian_into),
        "Bennett5" => model!(magnetism, magnetism_jacobian_into),
        _ => return None,
    })
}

#[differentiable(jacobian)]
fn rise(b: &[f64; 2], #[nodiff] x: &[f64], #[nodiff] y: &[f64], out: &mut [f64]) {
    for ((out, x), y) in out.iter_mut().zip(x).zip(y) {
        *out = b[0] * (1.0 - (-b[1] * x).exp()) - y;
    }
}

#[differentiable(jacobian)]
fn rise_square(b: &[f64; 2], #[nodiff] x: &[f64], #[nodiff] y: &[f64], out: &mut [f64]) {
    for ((out, x), y) in out.iter_mut().zip(x).zip(y) {
        *out = b[0] * (1.0 - (1.0 + b[1] * x / 2.0).powi(-2)) - y;
    }
}

#[differentiable(jacobian)]
fn rise_root(b: &[f64; 2], #[nodiff] x: &[f64], #[nodiff] y: &[f64], out: &mut [f64]) {
    for ((out, x), y) in out.iter_mut().zip(x).zip(y) {
        *out = b[0] * (1.0 - 1.0 / (1.0 + 2.0 * b[1] * x).sqrt()) - y;
    }
}

#[differentiable(jacobian)]
fn saturation(b: &[f64; 2], #[nodiff] x: &[f64], #[nodiff] y: &[f64], out: &mut [f64]) {
    for ((out, x), y) in out.iter_mut().zip(x).zip(y) {
        *out = b[0] * b[1] * x / (1.0 + b[1] * x) - y;
    }
}

#[differentiable(jacobian)]
fn decay_quotient(b: &[f64; 3], #[nodiff] x: &[f64], #[nodiff] y: &[f64], out: &mut [f64]) {
    for ((out, x), y) in out.iter_mut().zip(x).zip(y) {
        *out = (-b[0] * x).exp() / (b[1] + b[2] * x) - y;
    }
}

#[differentiable(jacobian)]
fn power(b: &[f64; 2], #[nodiff] x: &[f64], #[nodiff] y: &[f64], out: &mut [f64]) {
    for ((out, x), y) in out.iter_mut().zip(x).zip(y) {
        *out = b[0] * x.powf(b[1]) - y;
    }
}

#[differentiable(jacobian)]
fn three_decays(b: &[f64; 6], #[nodiff] x: &[f64], #[nodiff] y: &[f64], out: &mut [f64]) {
    for ((out, x), y) in out.iter_mut().zip(x).zip(y) {
        let decay = |b: &[f64]| b[0] * (-b[1] * x).exp();
        *out = b.chunks_exact(2).map(decay).sum::<f64>() - y;
    }
}

#[differentiable(jacobian)]
fn two_peaks(b: &[f64; 8], #[nodiff] x: &[f64], #[nodiff] y: &[f64], out: &mut [f64]) {
    let peak =
        |x: f64, height: f64, at: f64, width: f64| height * (-((x - at) / width).powi(2)).exp();
    for ((out, &x), y) in out.iter_mut().zip(x).zip(y) {
        let baseline = b[0] * (-b[1] * x).exp();
        *out = baseline + peak(x, b[2], b[3], b[4]) + peak(x, b[5], b[6], b[7]) - y;
    }
}

#[differentiable(jacobian)]
fn quadratic_quotient(b: &[f64; 5], #[nodiff] x: &[f64], #[nodiff] y: &[f64], out: &mut [f64]) {
    for ((out, x), y) in out.iter_mut().zip(x).zip(y) {
        *out = (b[0] + x * (b[1] + x * b[2])) / (1.0 + x * (b[3] + x * b[4])) - y;
    }
}

#[differentiable(jacobian)]
fn cubic_quotient(b: &[f64; 7], #[nodiff] x: &[f64], #[nodiff] y: &[f64], out: &mut [f64]) {
    for ((out, x), y) in out.iter_mut().zip(x).zip(y) {
        let above = b[0] + x * (b[1] + x * (b[2] + x * b[3]));
        *out = above / (1.0 + x * (b[4] + x * (b[5] + x * b[6]))) - y;
    }
}

/// Time and temperature stand in turn in `x`; the logarithm of the observation is fitted.
#[differentiable(jacobian)]
fn ageing(b: &[f64; 3], #[nodiff] x: &[f64], #[nodiff] y: &[f64], out: &mut [f64]) {
    for ((out, x), y) in out.iter_mut().zip(x.chunks_exact(2)).zip(y) {
        let (time, temperature) = (x[0], x[1]);
        *out = b[0] - b[1] * time * (-b[2] * temperature).exp() - y.ln();
    }
}

#[differentiable(jacobian)]
fn two_decays(b: &[f64; 5], #[nodiff] x: &[f64], #[nodiff] y: &[f64], out: &mut [f64]) {
    for ((out, x), y) in out.iter_mut().zip(x).zip(y) {
        *out = b[0] + b[1] * (-x * b[3]).exp() + b[2] * (-x * b[4]).exp() - y;
    }
}

#[differentiable(jacobian)]
fn quantum_defect(b: &[f64; 4], #[nodiff] x: &[f64], #[nodiff] y: &[f64], out: &mut [f64]) {
    for ((out, x), y) in out.iter_mut().zip(x).zip(y) {
        *out = b[0] - b[1] * x - (b[2] / (x - b[3])).atan() / PI - y;
    }
}

/// The cycle of a year, and two more, whose lengths are unknowns.
#[differentiable(jacobian)]
fn three_cycles(b: &[f64; 9], #[nodiff] x: &[f64], #[nodiff] y: &[f64], out: &mut [f64]) {
    for ((out, &x), y) in out.iter_mut().zip(x).zip(y) {
        let cycle = |period: f64, cosine: f64, sine: f64| {
            let (sin, cos) = (2.0 * PI * x / period).sin_cos();
            cosine * cos + sine * sin
        };
        let year = cycle(12.0, b[1], b[2]);
        *out = b[0] + year + cycle(b[3], b[4], b[5]) + cycle(b[6], b[7], b[8]) - y;
    }
}

#[differentiable(jacobian)]
fn kowalik_osborne(b: &[f64; 4], #[nodiff] x: &[f64], #[nodiff] y: &[f64], out: &mut [f64]) {
    for ((out, x), y) in out.iter_mut().zip(x).zip(y) {
        *out = b[0] * (x * x + x * b[1]) / (x * x + x * b[2] + b[3]) - y;
    }
}

#[differentiable(jacobian)]
fn meyer(b: &[f64; 3], #[nodiff] x: &[f64], #[nodiff] y: &[f64], out: &mut [f64]) {
    for ((out, x), y) in out.iter_mut().zip(x).zip(y) {
        *out = b[0] * (b[1] / (x + b[2])).exp() - y;
    }
}

#[differentiable(jacobian)]
fn peak(b: &[f64; 3], #[nodiff] x: &[f64], #[nodiff] y: &[f64], out: &mut [f64]) {
    for ((out, x), y) in out.iter_mut().zip(x).zip(y) {
        *out = b[0] / b[1] * (-0.5 * ((x - b[2]) / b[1]).powi(2)).exp() - y;
    }
}

#[differentiable(jacobian)]
fn logistic(b: &[f64; 3], #[nodiff] x: &[f64], #[nodiff] y: &[f64], out: &mut [f64]) {
    for ((out, x), y) in out.iter_mut().zip(x).zip(y) {
        *out = b[0] / (1.0 + (b[1] - b[2] * x).exp()) - y;
    }
}

#[differentiable(jacobian)]
fn richards(b: &[f64; 4], #[nodiff] x: &[f64], #[nodiff] y: &[f64], out: &mut [f64]) {
    for ((out, x), y) in out.iter_mut().zip(x).zip(y) {
        *out = b[0] / (1.0 + (b[1] - b[2] * x).exp()).powf(1.0 / b[3]) - y;
    }
}

#[differentiable(jacobian)]
fn magnetism(b: &[f64; 3], #[nodiff] x: &[f64], #[nodiff] y: &[f64], out: &mut [f64]) {
    for ((out, x), y) in out.iter_mut().zip(x).zip(y) {
        *out = b[0] * (b[1] + x).powf(-1.0 / b[2]) - y;
    }
}
