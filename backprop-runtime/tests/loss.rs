//! Losses against their definitions, their gradients against finite differences, and both where the definitions overflow.

use backprop_runtime::loss::*;

const Z: [f64; 6] = [0.3, -1.2, 2.5, 0.0, -0.7, 1.1];
const T: [f64; 6] = [0.0, 1.0, 1.0, 0.25, 0.0, 0.5];

/// Compares a gradient with central differences of fourth order.
#[track_caller]
fn check(f: impl Fn(&[f64]) -> f64, x: &[f64], gradient: &[f64]) {
    for i in 0..x.len() {
        let at = |h: f64| {
            let mut x = x.to_vec();
            x[i] += h;
            f(&x)
        };
        let h = 1e-3;
        let numeric = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
        assert!(
            (gradient[i] - numeric).abs() < 1e-10,
            "{i}: {} stated, {numeric} found",
            gradient[i]
        );
    }
}

#[test]
fn mean_squared_error_and_its_gradient() {
    let expected = Z.iter().zip(T).map(|(z, t)| (z - t).powi(2)).sum::<f64>() / 6.0;
    assert!((mean_squared_error(&Z, &T) - expected).abs() < 1e-15);
    let (mut d_z, mut d_t) = ([1.0; 6], [0.0; 6]);
    assert_eq!(
        mean_squared_error_vjp(&Z, &mut d_z, &T, &mut d_t, 3.0),
        mean_squared_error(&Z, &T)
    );
    check(
        |z| 3.0 * mean_squared_error(z, &T),
        &Z,
        &d_z.map(|d| d - 1.0),
    );
    check(|t| 3.0 * mean_squared_error(&Z, t), &T, &d_t);
}

#[test]
fn binary_cross_entropy_and_its_gradient() {
    let sigma = |z: f64| 1.0 / (1.0 + (-z).exp());
    let expected: f64 = Z
        .iter()
        .zip(T)
        .map(|(&z, t)| -t * sigma(z).ln() - (1.0 - t) * (1.0 - sigma(z)).ln())
        .sum();
    assert!((binary_cross_entropy_with_logits(&Z, &T) - expected / 6.0).abs() < 1e-15);
    let (mut d_z, mut d_t) = ([1.0; 6], [0.0; 6]);
    let value = binary_cross_entropy_with_logits_vjp(&Z, &mut d_z, &T, &mut d_t, 3.0);
    assert_eq!(value, binary_cross_entropy_with_logits(&Z, &T));
    check(
        |z| 3.0 * binary_cross_entropy_with_logits(z, &T),
        &Z,
        &d_z.map(|d| d - 1.0),
    );
    check(|t| 3.0 * binary_cross_entropy_with_logits(&Z, t), &T, &d_t);
}

#[test]
fn softmax_cross_entropy_and_its_gradient() {
    for (label, z) in Z.iter().enumerate() {
        let expected = Z.iter().map(|z| z.exp()).sum::<f64>().ln() - z;
        assert!((softmax_cross_entropy(&Z, label) - expected).abs() < 1e-15);
        let mut d_z = [1.0; 6];
        assert_eq!(
            softmax_cross_entropy_vjp(&Z, &mut d_z, label, 3.0),
            softmax_cross_entropy(&Z, label)
        );
        check(
            |z| 3.0 * softmax_cross_entropy(z, label),
            &Z,
            &d_z.map(|d| d - 1.0),
        );
    }
}

#[test]
fn batches_are_means_of_rows() {
    let labels = [2, 0];
    let expected = (softmax_cross_entropy(&Z[..3], 2) + softmax_cross_entropy(&Z[3..], 0)) / 2.0;
    assert_eq!(softmax_cross_entropy_batch(&Z, &labels), expected);
    let mut d_z = [0.0; 6];
    assert_eq!(
        softmax_cross_entropy_batch_vjp(&Z, &mut d_z, &labels, 2.0),
        expected
    );
    check(|z| 2.0 * softmax_cross_entropy_batch(z, &labels), &Z, &d_z);
    assert!(softmax_cross_entropy_batch::<f64>(&[], &[]).is_nan());
}

/// Where the textbook formulas give infinity or lose all digits.
#[test]
fn extreme_logits_keep_their_digits() {
    assert_eq!(
        binary_cross_entropy_with_logits(&[-800.0_f64], &[1.0]),
        800.0
    );
    assert_eq!(
        binary_cross_entropy_with_logits(&[50.0_f64], &[1.0]),
        (-50.0_f64).exp()
    );
    let (mut d_z, mut d_t) = ([0.0_f64], [0.0]);
    binary_cross_entropy_with_logits_vjp(&[50.0], &mut d_z, &[1.0], &mut d_t, 1.0);
    let error = d_z[0] / -(-50.0_f64).exp() - 1.0;
    assert!(error.abs() < 1e-15, "{d_z:?}");

    assert_eq!(softmax_cross_entropy(&[0.0_f32, 1e4, -1e4], 0), 1e4);
    assert_eq!(
        softmax_cross_entropy(&[60.0_f64, 0.0], 0),
        (-60.0_f64).exp()
    );
    let mut d = [0.0_f64; 2];
    softmax_cross_entropy_vjp(&[60.0, 0.0], &mut d, 0, 1.0);
    assert_eq!(d, [-((-60.0_f64).exp()), (-60.0_f64).exp()]);
}

#[test]
#[should_panic(expected = "mean_squared_error: prediction has length 6 and target has length 2")]
fn lengths_are_compared() {
    mean_squared_error(&Z, &T[..2]);
}

#[test]
#[should_panic(expected = "softmax_cross_entropy: label 6 of 6 classes")]
fn labels_are_classes() {
    softmax_cross_entropy(&Z, 6);
}

#[test]
#[should_panic(expected = "6 logits do not make equal rows for 4 samples")]
fn rows_are_whole() {
    softmax_cross_entropy_batch(&Z, &[0; 4]);
}
