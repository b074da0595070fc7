//! Every loss against its formula as it is published, its gradients against finite differences, and both at the edges, where the formula
//! overflows, cancels or has no value.

use backprop_runtime::loss::*;

const P: [f64; 6] = [0.3, -1.2, 2.5, 0.05, -0.7, 1.1];
const T: [f64; 6] = [0.0, 1.0, 1.0, 0.25, 0.2, 0.5];
/// Probabilities, and two distributions of three.
const Q: [f64; 6] = [0.2, 0.5, 0.3, 0.05, 0.15, 0.8];
const R: [f64; 6] = [0.6, 0.1, 0.3, 0.45, 0.35, 0.2];
const INFINITY: f64 = f64::INFINITY;

#[track_caller]
fn near(a: f64, b: f64) {
    assert!(
        (a - b).abs() <= 4e-15 * b.abs().max(1.0),
        "{a}, expected {b}"
    );
}

/// The value, and for each argument its gradient, times 3 and added to ones.
type Vjp = (f64, Vec<[f64; 6]>);

/// Compares value, sum, mean and gradients by all arguments; `vjp` seeds the mean with 3.
#[track_caller]
fn check<const N: usize>(
    args: [[f64; 6]; N],
    expected_sum: f64,
    samples: f64,
    sum: impl Fn([&[f64]; N]) -> f64,
    mean: impl Fn([&[f64]; N]) -> f64,
    vjp: Vjp,
) {
    let value = mean(args.each_ref().map(|x| x.as_slice()));
    near(sum(args.each_ref().map(|x| x.as_slice())), expected_sum);
    near(value, expected_sum / samples);
    assert_eq!(vjp.0, value);
    assert_eq!(vjp.1.len(), N);
    for (k, gradient) in vjp.1.iter().enumerate() {
        for i in 0..6 {
            let at = |h: f64| {
                let mut args = args;
                args[k][i] += h;
                mean(args.each_ref().map(|x| x.as_slice()))
            };
            let h = 1e-3;
            let numeric = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
            let stated = (gradient[i] - 1.0) / 3.0;
            assert!(
                (stated - numeric).abs() < 2e-7 * numeric.abs().max(1e-3),
                "argument {k}, element {i}: {stated} stated, {numeric} found"
            );
        }
    }
}

/// Calls a vjp with two active arguments.
fn two(a: [f64; 6], b: [f64; 6], f: impl Fn(&[f64], &mut [f64], &[f64], &mut [f64]) -> f64) -> Vjp {
    let (mut d_a, mut d_b) = ([1.0; 6], [1.0; 6]);
    let value = f(&a, &mut d_a, &b, &mut d_b);
    (value, vec![d_a, d_b])
}

fn one(a: [f64; 6], f: impl Fn(&[f64], &mut [f64]) -> f64) -> Vjp {
    let mut d_a = [1.0; 6];
    let value = f(&a, &mut d_a);
    (value, vec![d_a])
}

fn sum_of(a: [f64; 6], b: [f64; 6], f: impl Fn(f64, f64) -> f64) -> f64 {
    a.iter().zip(b).map(|(&a, b)| f(a, b)).sum()
}

#[test]
fn regression() {
    check(
        [P, T],
        sum_of(P, T, |p, t| (p - t).powi(2)),
        6.0,
        |[p, t]| squared_error_sum(p, t),
        |[p, t]| mean_squared_error(p, t),
        two(P, T, |p, d_p, t, d_t| {
            mean_squared_error_vjp(p, d_p, t, d_t, 3.0)
        }),
    );
    check(
        [P, T],
        sum_of(P, T, |p, t| (p - t).abs()),
        6.0,
        |[p, t]| absolute_error_sum(p, t),
        |[p, t]| mean_absolute_error(p, t),
        two(P, T, |p, d_p, t, d_t| {
            mean_absolute_error_vjp(p, d_p, t, d_t, 3.0)
        }),
    );
    for delta in [0.4, 1.0, 10.0] {
        check(
            [P, T],
            sum_of(P, T, |p, t| {
                let e = (p - t).abs();
                if e < delta {
                    e * e / 2.0
                } else {
                    delta * e - delta * delta / 2.0
                }
            }),
            6.0,
            |[p, t]| huber_sum(p, t, delta),
            |[p, t]| huber(p, t, delta),
            two(P, T, |p, d_p, t, d_t| huber_vjp(p, d_p, t, d_t, delta, 3.0)),
        );
    }
    check(
        [P, T],
        sum_of(P, T, |p, t| (p - t).cosh().ln()),
        6.0,
        |[p, t]| log_cosh_sum(p, t),
        |[p, t]| log_cosh(p, t),
        two(P, T, |p, d_p, t, d_t| log_cosh_vjp(p, d_p, t, d_t, 3.0)),
    );
}

#[test]
fn regression_at_the_edges() {
    // e²/2 − e⁴/12 + ..: the textbook's ln(cosh) has nothing left of it.
    near(log_cosh(&[1e-6], &[0.0]) * 1e12, 0.5 - 1e-12 / 12.0);
    near(log_cosh(&[-2000.0], &[0.0]), 2000.0 - 2_f64.ln());
    assert_eq!(log_cosh(&[INFINITY], &[0.0]), INFINITY);
    let (mut d, mut d_t) = ([0.0; 3], [0.0; 3]);
    log_cosh_vjp(&[1e4, 0.0, -INFINITY], &mut d, &[0.0; 3], &mut d_t, 3.0);
    assert_eq!((d, d_t), ([1.0, 0.0, -1.0], [-1.0, 0.0, 1.0]));
    // Continuous where the parabola ends, and its slope too.
    let (mut d, mut d_t) = ([0.0; 2], [0.0; 2]);
    assert_eq!(
        huber_sum_vjp(&[0.5, 0.5 + 1e-12], &mut d, &[0.0; 2], &mut d_t, 0.5, 1.0),
        0.25 + 5e-13
    );
    assert_eq!(d, [0.5; 2]);
    let (mut d, mut d_t) = ([0.0], [0.0]);
    mean_absolute_error_vjp(&[2.0], &mut d, &[2.0], &mut d_t, 1.0);
    assert_eq!((d, d_t), ([0.0], [0.0]));
    for loss in [mean_squared_error::<f64>, mean_absolute_error, log_cosh] {
        assert!(loss(&[], &[]).is_nan());
        assert!(loss(&[f64::NAN], &[0.0]).is_nan());
    }
    assert!(huber(&[f64::NAN], &[0.0], 1.0).is_nan());
}

fn sigma(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

#[test]
fn yes_or_no() {
    check(
        [P, T],
        sum_of(P, T, |z, t| {
            -t * sigma(z).ln() - (1.0 - t) * (1.0 - sigma(z)).ln()
        }),
        6.0,
        |[z, t]| binary_cross_entropy_with_logits_sum(z, t),
        |[z, t]| binary_cross_entropy_with_logits(z, t),
        two(P, T, |z, d_z, t, d_t| {
            binary_cross_entropy_with_logits_vjp(z, d_z, t, d_t, 3.0)
        }),
    );
    check(
        [Q, R],
        sum_of(Q, R, |p, t| -t * p.ln() - (1.0 - t) * (1.0 - p).ln()),
        6.0,
        |[p, t]| binary_cross_entropy_sum(p, t),
        |[p, t]| binary_cross_entropy(p, t),
        two(Q, R, |p, d_p, t, d_t| {
            binary_cross_entropy_vjp(p, d_p, t, d_t, 3.0)
        }),
    );
    let signs = [1.0, -1.0, 1.0, -1.0, -1.0, 1.0];
    check(
        [P, signs],
        sum_of(P, signs, |z, t| (1.0 - t * z).max(0.0)),
        6.0,
        |[z, t]| hinge_sum(z, t),
        |[z, t]| hinge(z, t),
        two(P, signs, |z, d_z, t, d_t| hinge_vjp(z, d_z, t, d_t, 3.0)),
    );
    let answers = signs.map(|t| t > 0.0);
    for (alpha, gamma) in [(0.25, 2.0), (0.5, 0.0), (0.9, 0.5)] {
        check(
            [P],
            sum_of(P, signs, |z, t| {
                let (p, a) = if t > 0.0 {
                    (sigma(z), alpha)
                } else {
                    (1.0 - sigma(z), 1.0 - alpha)
                };
                -a * (1.0 - p).powf(gamma) * p.ln()
            }),
            6.0,
            |[z]| focal_sum(z, &answers, alpha, gamma),
            |[z]| focal(z, &answers, alpha, gamma),
            one(P, |z, d_z| focal_vjp(z, d_z, &answers, alpha, gamma, 3.0)),
        );
    }
}

/// The sum and its gradients by two arguments.
fn at<const N: usize>(
    a: [f64; N],
    b: [f64; N],
    f: impl Fn(&[f64], &mut [f64], &[f64], &mut [f64], f64) -> f64,
) -> (f64, [f64; N], [f64; N]) {
    let (mut d_a, mut d_b) = ([0.0; N], [0.0; N]);
    let value = f(&a, &mut d_a, &b, &mut d_b, 1.0);
    (value, d_a, d_b)
}

#[test]
fn certain_answers() {
    // Right ones cost nothing, wrong ones everything.
    let logits = |z, t| at([z], [t], binary_cross_entropy_with_logits_sum_vjp);
    assert_eq!(logits(INFINITY, 1.0), (0.0, [0.0], [-INFINITY]));
    assert_eq!(logits(-INFINITY, 0.0), (0.0, [0.0], [INFINITY]));
    assert_eq!(logits(INFINITY, 0.0), (INFINITY, [1.0], [-INFINITY]));
    assert_eq!(logits(-INFINITY, 0.5).0, INFINITY);
    assert_eq!(logits(-40.0, 0.0).1, [sigma(-40.0)]);
    assert_eq!(
        logits(40.0, 1.0),
        ((-40_f64).exp(), [-sigma(-40.0)], [-40.0])
    );

    let probabilities = |p, t| at([p], [t], binary_cross_entropy_sum_vjp);
    assert_eq!(probabilities(0.0, 0.0), (0.0, [1.0], [INFINITY]));
    assert_eq!(probabilities(1.0, 1.0), (0.0, [-1.0], [-INFINITY]));
    assert_eq!(probabilities(0.0, 1.0), (INFINITY, [-INFINITY], [INFINITY]));
    assert_eq!(probabilities(1.0, 0.5).0, INFINITY);
    near(probabilities(1e-20, 0.0).0 * 1e20, 1.0);

    for gamma in [0.0, 0.5, 2.0] {
        let mut d = [0.0; 4];
        let z = [INFINITY, -INFINITY, 800.0, -800.0];
        let loss = focal_sum_vjp(&z, &mut d, &[true, false, true, false], 0.5, gamma, 1.0);
        assert_eq!((loss, d), (0.0, [0.0; 4]));
        let mut d = [0.0; 2];
        let loss = focal_sum_vjp(&[-INFINITY, -800.0], &mut d, &[true, true], 0.5, gamma, 1.0);
        assert_eq!((loss, d), (INFINITY, [-0.5; 2]));
        near(focal(&[-800.0], &[true], 0.5, gamma), 400.0);
    }
    // The kink belongs to the side without a loss.
    assert_eq!(at([1.0], [1.0], hinge_vjp), (0.0, [0.0], [0.0]));
}

/// −ln of the softmax, as it stands in books.
fn nll(z: &[f64]) -> Vec<f64> {
    let sum: f64 = z.iter().map(|z| z.exp()).sum();
    z.iter().map(|z| -(z.exp() / sum).ln()).collect()
}

#[test]
fn classes() {
    let rows = [nll(&P[..3]), nll(&P[3..])];
    let labels = [2, 0];
    check(
        [P],
        rows[0][2] + rows[1][0],
        2.0,
        |[z]| softmax_cross_entropy_batch_sum(z, &labels),
        |[z]| softmax_cross_entropy_batch(z, &labels),
        one(P, |z, d_z| {
            softmax_cross_entropy_batch_vjp(z, d_z, &labels, 3.0)
        }),
    );
    for epsilon in [0.0, 0.1, 1.0] {
        let mixed = |row: &[f64], label: usize| {
            (1.0 - epsilon) * row[label] + epsilon / 3.0 * row.iter().sum::<f64>()
        };
        check(
            [P],
            mixed(&rows[0], 2) + mixed(&rows[1], 0),
            2.0,
            |[z]| softmax_cross_entropy_smoothed_batch_sum(z, &labels, epsilon),
            |[z]| softmax_cross_entropy_smoothed_batch(z, &labels, epsilon),
            one(P, |z, d_z| {
                softmax_cross_entropy_smoothed_batch_vjp(z, d_z, &labels, epsilon, 3.0)
            }),
        );
    }
    // Targets that do not add up to one, too.
    for targets in [Q, T] {
        check(
            [P, targets],
            rows.iter().flatten().zip(targets).map(|(l, t)| l * t).sum(),
            2.0,
            |[z, t]| softmax_cross_entropy_dense_batch_sum(z, t, 2),
            |[z, t]| softmax_cross_entropy_dense_batch(z, t, 2),
            two(P, targets, |z, d_z, t, d_t| {
                softmax_cross_entropy_dense_batch_vjp(z, d_z, t, d_t, 2, 3.0)
            }),
        );
    }
}

#[test]
fn classes_ruled_out_and_certain() {
    let integer = |z: [f64; 3], label| {
        let mut d = [0.0; 3];
        (softmax_cross_entropy_vjp(&z, &mut d, label, 1.0), d)
    };
    assert_eq!(
        integer([0.0, -INFINITY, 0.0], 0),
        (2_f64.ln(), [-0.5, 0.0, 0.5])
    );
    assert_eq!(
        integer([0.0, -INFINITY, 0.0], 1),
        (INFINITY, [0.5, -1.0, 0.5])
    );
    assert_eq!(integer([0.0, INFINITY, 0.0], 1), (0.0, [0.0; 3]));
    assert_eq!(
        integer([0.0, INFINITY, 0.0], 2),
        (INFINITY, [0.0, 1.0, -1.0])
    );
    assert!(integer([-INFINITY; 3], 0).0.is_nan());
    // One hot targets and a label are the same, to the last digit of a tiny gradient.
    for z in [
        [60.0, 0.0, 1.0],
        [0.0, -INFINITY, 0.5],
        [0.0, INFINITY, 0.0],
        [1e4, -1e4, 0.0],
    ] {
        for label in 0..3 {
            let mut target = [0.0; 3];
            target[label] = 1.0;
            let (loss, d, _) = at(z, target, softmax_cross_entropy_dense_vjp);
            let mut smooth = [0.0; 3];
            assert_eq!(
                softmax_cross_entropy_smoothed_vjp(&z, &mut smooth, label, 0.0, 1.0),
                loss
            );
            assert_eq!(smooth, d);
            let expected = integer(z, label);
            assert_eq!(loss, expected.0);
            for (d, expected) in d.iter().zip(expected.1) {
                assert!(
                    (d - expected).abs() <= 1e-15 * expected.abs(),
                    "{d}, expected {expected}"
                );
            }
        }
    }
    assert!(softmax_cross_entropy_dense_batch::<f64>(&[], &[], 0).is_nan());
    assert!(softmax_cross_entropy_smoothed_batch::<f64>(&[], &[], 0.1).is_nan());
}

#[test]
fn likelihoods() {
    let variance = [0.5_f64, 1.0, 2.0, 0.1, 3.0, 0.7];
    let expected = |log: bool| {
        let mut sum = 0.0;
        for i in 0..6 {
            let v = if log { variance[i].exp() } else { variance[i] };
            let density =
                (-(P[i] - T[i]).powi(2) / (2.0 * v)).exp() / (std::f64::consts::TAU * v).sqrt();
            sum -= density.ln() + 0.5 * std::f64::consts::TAU.ln();
        }
        sum
    };
    let vjp = |log: bool| {
        let (mut m, mut v, mut t) = ([1.0; 6], [1.0; 6], [1.0; 6]);
        let f = if log {
            gaussian_nll_log_variance_vjp
        } else {
            gaussian_nll_vjp
        };
        let value = f(&P, &mut m, &variance, &mut v, &T, &mut t, 3.0);
        (value, vec![m, v, t])
    };
    check(
        [P, variance, T],
        expected(false),
        6.0,
        |[m, v, t]| gaussian_nll_sum(m, v, t),
        |[m, v, t]| gaussian_nll(m, v, t),
        vjp(false),
    );
    check(
        [P, variance, T],
        expected(true),
        6.0,
        |[m, v, t]| gaussian_nll_log_variance_sum(m, v, t),
        |[m, v, t]| gaussian_nll_log_variance(m, v, t),
        vjp(true),
    );
    let counts = [0.0, 1.0, 3.0, 2.0, 0.0, 1.0];
    let factorial = [1.0, 1.0, 6.0, 2.0, 1.0, 1.0];
    let mut expected = 0.0;
    for i in 0..6 {
        let rate = P[i].exp();
        let probability: f64 = rate.powf(counts[i]) * (-rate).exp() / factorial[i];
        expected -= probability.ln() + f64::ln(factorial[i]);
    }
    check(
        [P, counts],
        expected,
        6.0,
        |[z, t]| poisson_sum(z, t),
        |[z, t]| poisson(z, t),
        two(P, counts, |z, d_z, t, d_t| poisson_vjp(z, d_z, t, d_t, 3.0)),
    );
    assert_eq!(
        at([-INFINITY], [0.0], poisson_vjp),
        (0.0, [0.0], [INFINITY])
    );
    assert_eq!(
        at([-INFINITY], [2.0], poisson_vjp),
        (INFINITY, [-2.0], [INFINITY])
    );
    assert!(gaussian_nll(&[0.0_f64], &[-1.0], &[0.0]).is_nan());
    assert_eq!(gaussian_nll_log_variance(&[1.0], &[-700.0], &[1.0]), -350.0);
}

#[test]
fn divergences() {
    check(
        [Q, R],
        sum_of(Q, R, |q, t| t * (t / q).ln()),
        2.0,
        |[q, t]| kl_divergence(q, t),
        |[q, t]| kl_divergence_batch(q, t, 2),
        two(Q, R, |q, d_q, t, d_t| {
            kl_divergence_batch_vjp(q, d_q, t, d_t, 2, 3.0)
        }),
    );
    let logs = Q.map(f64::ln);
    check(
        [logs, R],
        sum_of(Q, R, |q, t| t * (t / q).ln()),
        2.0,
        |[q, t]| kl_divergence_from_log(q, t),
        |[q, t]| kl_divergence_from_log_batch(q, t, 2),
        two(logs, R, |q, d_q, t, d_t| {
            kl_divergence_from_log_batch_vjp(q, d_q, t, d_t, 2, 3.0)
        }),
    );
    // Of a distribution from itself there is nothing; 0·ln 0 is 0.
    assert_eq!(kl_divergence(&R, &R), 0.0);
    let (value, d_q, _) = at([0.0, 1.0], [0.0, 1.0], kl_divergence_vjp);
    assert_eq!((value, d_q), (0.0, [0.0, -1.0]));
    let (value, d_q, _) = at([-INFINITY, 0.0], [0.0, 1.0], kl_divergence_from_log_vjp);
    assert_eq!((value, d_q), (0.0, [0.0, -1.0]));
    assert_eq!(kl_divergence(&[0.0, 1.0], &[0.5, 0.5]), INFINITY);
}

#[test]
fn directions() {
    let cos = |a: &[f64], b: &[f64]| {
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
    };
    check(
        [P, Q],
        2.0 - cos(&P[..3], &Q[..3]) - cos(&P[3..], &Q[3..]),
        2.0,
        |[a, b]| cosine_batch_sum(a, b, 2),
        |[a, b]| cosine_batch(a, b, 2),
        two(P, Q, |a, d_a, b, d_b| {
            cosine_batch_vjp(a, d_a, b, d_b, 2, 3.0)
        }),
    );
    assert_eq!(
        at([0.0, 0.0], [1.0, 2.0], cosine_vjp),
        (1.0, [0.0; 2], [0.0; 2])
    );
    // Tiny and huge vectors: the gradient is by the tiny one's length.
    let (value, d_a, d_b) = at([1e-200, 1e-200], [1e200, 0.0], cosine_vjp);
    near(value, 1.0 - 0.5_f64.sqrt());
    near(d_a[0] * 1e-200, -0.5 / 2_f64.sqrt());
    near(d_b[1] * 1e200, -0.5_f64.sqrt());
    assert!(cosine(&[f64::NAN, 1.0], &[1.0, 1.0]).is_nan());
    assert!(cosine(&[f64::NAN], &[1.0]).is_nan());
}

/// A loss is called from differentiable functions like any other, whatever stands behind it.
mod called {
    use super::*;
    use backprop_macros::differentiable;

    #[differentiable(crate = backprop_runtime)]
    fn all(x: &[f64], scale: f64) -> f64 {
        let mut y = [0.0; 6];
        for i in 0..6 {
            y[i] = scale * x[i];
        }
        mean_squared_error(&y, &T)
            + huber(&y, &T, 0.5)
            + log_cosh(&y, &T)
            + binary_cross_entropy_with_logits(&y, &T)
            + softmax_cross_entropy_smoothed_batch(&y, &[1, 2], 0.1)
            + softmax_cross_entropy_dense_batch(&y, &Q, 2)
            + focal(&y, &[true; 6], 0.25, 2.0)
            + poisson_sum(&y, &T)
            + cosine_batch(&y, &R, 2)
    }

    #[test]
    fn from_a_differentiable_function() {
        let mut d_x = [1.0; 6];
        let (value, d_scale) = all_vjp(&P, &mut d_x, 0.7, 3.0);
        let by_scale = (all(&P, 0.7 + 1e-5) - all(&P, 0.7 - 1e-5)) / 2e-5;
        assert!((d_scale / 3.0 - by_scale).abs() < 1e-8);
        check(
            [P],
            value,
            1.0,
            |[x]| all(x, 0.7),
            |[x]| all(x, 0.7),
            (value, vec![d_x]),
        );
    }
}

#[test]
fn single_precision() {
    assert!((log_cosh(&[2e-4_f32], &[0.0]) * 5e7 - 1.0).abs() < 2e-7);
    assert_eq!(
        binary_cross_entropy_with_logits(&[-30.0_f32], &[0.0]),
        (-30_f32).exp()
    );
    assert_eq!(cosine(&[1e30_f32, 0.0], &[1e30, 0.0]), 0.0);
    assert!((huber(&[3.0_f32], &[0.0], 1.0) - 2.5).abs() < 1e-6);
}

#[test]
#[should_panic(expected = "huber: delta is 0.0, and has to be positive")]
fn widths_are_positive() {
    huber(&P, &T, 0.0);
}

#[test]
#[should_panic(expected = "gaussian_nll: mean has length 6 and target has length 5")]
fn all_lengths_are_compared() {
    gaussian_nll(&P, &Q, &T[..5]);
}

#[test]
#[should_panic(expected = "cosine_batch: 6 numbers do not make equal rows for 4 samples")]
fn samples_are_alike() {
    cosine_batch(&P, &T, 4);
}
