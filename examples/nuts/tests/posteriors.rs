//! Posteriors with two parameters of interest, sampled and integrated on a grid: means and deviations agree.

use backprop::math::softplus;
use backprop::prelude::*;
use example_nuts::sample;

/// Coaching in eight schools: effects and their standard errors. D. B. Rubin, Journal of Educational Statistics 6 (1981), 377.
const EFFECTS: [f64; 8] = [28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0];
const ERRORS: [f64; 8] = [15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0];

/// The mean of all schools, ~ N(0, 5²); the logarithm of their spread, ~ half-Cauchy(5); each school's place within it, ~ N(0, 1).
#[differentiable]
fn eight_schools(x: &[f64; 10]) -> f64 {
    let (mean, spread) = (x[0], x[1].exp());
    let mut log_density = -0.5 * (mean / 5.0).powi(2) - (spread / 5.0).powi(2).ln_1p() + x[1];
    for i in 0..8 {
        let place = x[2 + i];
        let surprise = (EFFECTS[i] - mean - spread * place) / ERRORS[i];
        log_density -= 0.5 * (surprise * surprise + place * place);
    }
    log_density
}

/// The same without the schools' places, which are integrated out by hand: effect ~ N(mean, error² + spread²).
fn marginal(mean: f64, log_spread: f64) -> f64 {
    let spread = log_spread.exp();
    let mut log_density = -0.5 * (mean / 5.0).powi(2) - (spread / 5.0).powi(2).ln_1p() + log_spread;
    for (effect, error) in EFFECTS.iter().zip(ERRORS) {
        let variance = error * error + spread * spread;
        log_density -= 0.5 * ((effect - mean).powi(2) / variance + variance.ln());
    }
    log_density
}

/// Launches of the space shuttle: temperature in degrees Fahrenheit, and whether an O-ring was damaged. S. R. Dalal, E. B. Fowlkes, B. Hoadley, JASA 84 (1989), 945.
const LAUNCHES: [(f64, f64); 23] = [
    (66.0, 0.0),
    (70.0, 1.0),
    (69.0, 0.0),
    (68.0, 0.0),
    (67.0, 0.0),
    (72.0, 0.0),
    (73.0, 0.0),
    (70.0, 0.0),
    (57.0, 1.0),
    (63.0, 1.0),
    (70.0, 1.0),
    (78.0, 0.0),
    (67.0, 0.0),
    (53.0, 1.0),
    (67.0, 0.0),
    (75.0, 0.0),
    (70.0, 0.0),
    (81.0, 0.0),
    (76.0, 0.0),
    (79.0, 0.0),
    (75.0, 1.0),
    (76.0, 0.0),
    (58.0, 1.0),
];

/// Logistic regression on temperature, from 70 degrees in steps of 10, with N(0, 3²) before both coefficients.
#[differentiable]
fn damage(x: &[f64; 2]) -> f64 {
    let mut log_density = -(x[0] * x[0] + x[1] * x[1]) / 18.0;
    for (temperature, damaged) in LAUNCHES {
        let score = x[0] + x[1] * (temperature - 70.0) / 10.0;
        log_density += damaged * score - softplus(score);
    }
    log_density
}

/// Mean and standard deviation of both coordinates, on a grid so fine that the sums are exact to rounding.
fn integrate(log_density: impl Fn(f64, f64) -> f64, [a, b]: [[f64; 2]; 2]) -> [[f64; 2]; 2] {
    const STEPS: usize = 400;
    let at = |[low, high]: [f64; 2], i: usize| low + (high - low) * i as f64 / STEPS as f64;
    let mut moments = [[0.0; 2]; 2];
    let mut total = 0.0;
    for i in 0..=STEPS {
        for j in 0..=STEPS {
            let point = [at(a, i), at(b, j)];
            let weight = log_density(point[0], point[1]).exp();
            total += weight;
            for k in 0..2 {
                moments[k][0] += weight * point[k];
                moments[k][1] += weight * point[k] * point[k];
            }
        }
    }
    moments.map(|[first, second]| {
        let mean = first / total;
        [mean, (second / total - mean * mean).sqrt()]
    })
}

fn moments(draws: &[Vec<f64>], k: usize) -> [f64; 2] {
    let n = draws.len() as f64;
    let mean = draws.iter().map(|x| x[k]).sum::<f64>() / n;
    let variance = draws.iter().map(|x| (x[k] - mean).powi(2)).sum::<f64>() / n;
    [mean, variance.sqrt()]
}

/// With some thousand draws, a mean is known to a few hundredths of the deviation.
#[track_caller]
fn assert_posterior(draws: &[Vec<f64>], wanted: [[f64; 2]; 2]) {
    for (k, [mean, deviation]) in wanted.into_iter().enumerate() {
        let [got_mean, got_deviation] = moments(draws, k);
        assert!(
            (got_mean - mean).abs() < 0.1 * deviation,
            "{k}: mean {got_mean}, wanted {mean} ± {deviation}"
        );
        assert!(
            (got_deviation / deviation - 1.0).abs() < 0.1,
            "{k}: deviation {got_deviation}, wanted {deviation}"
        );
    }
}

#[test]
fn eight_schools_are_much_alike() {
    let wanted = integrate(marginal, [[-25.0, 35.0], [-12.0, 6.0]]);
    // Known from the literature, too: 4.4 ± 3.3.
    assert!((wanted[0][0] - 4.4).abs() < 0.1 && (wanted[0][1] - 3.3).abs() < 0.1);
    let function = |x: &[f64], d: &mut [f64]| {
        eight_schools_grad(backprop::solve::array(x), backprop::solve::array_mut(d))
    };
    let draws = sample(function, &[0.0; 10], 2000, 1).unwrap();
    assert_posterior(&draws, wanted);
}

#[test]
fn damage_becomes_likelier_in_the_cold() {
    let wanted = integrate(|a, b| damage(&[a, b]), [[-8.0, 6.0], [-12.0, 6.0]]);
    let function = |x: &[f64], d: &mut [f64]| {
        damage_grad(backprop::solve::array(x), backprop::solve::array_mut(d))
    };
    let draws = sample(function, &[0.0; 2], 2000, 2).unwrap();
    assert_posterior(&draws, wanted);
    let colder = draws.iter().filter(|x| x[1] < 0.0).count();
    assert!(colder > 1950, "{colder} of 2000");
}

#[test]
fn a_density_that_is_not_finite_at_the_start() {
    let function = |x: &[f64], _: &mut [f64]| x[0].ln();
    assert!(sample(function, &[-1.0], 10, 1).is_err());
}
