//! The gradient checker: right gradients pass, wrong ones are found and named.

#![cfg(feature = "alloc")]

use backprop_runtime::gradcheck::*;

/// A function with all kinds of derivatives: large, small, zero.
fn f(x: &[f64]) -> f64 {
    x.iter()
        .enumerate()
        .map(|(i, x)| (x * (1.0 + i as f64 * 0.01)).sin() * x.exp())
        .sum::<f64>()
        + 1e3 * x[0]
        + 1e-3 * x[1].powi(3)
}

fn gradient(x: &[f64]) -> Vec<f64> {
    let mut d: Vec<f64> = x
        .iter()
        .enumerate()
        .map(|(i, x)| {
            let a = 1.0 + i as f64 * 0.01;
            (a * (x * a).cos() + (x * a).sin()) * x.exp()
        })
        .collect();
    d[0] += 1e3;
    d[1] += 3e-3 * x[1] * x[1];
    d
}

fn point(n: usize) -> Vec<f64> {
    (0..n).map(|i| (i as f64 * 0.7).sin() * 1.5).collect()
}

#[test]
fn right_gradients_pass() {
    for n in [2, 10, 1000] {
        let x = point(n);
        let report = Gradcheck::new().check_slice(f, &x, &gradient(&x)).unwrap();
        assert_eq!(
            (report.entries, report.compared),
            (n, if n <= 256 { n } else { 8 })
        );
        assert!(report.worst.severity() < 0.5, "{report}");
    }
}

#[test]
fn every_wrong_entry_is_found_and_named() {
    for n in [10, 1000] {
        let x = point(n);
        for wrong in [1, 3, n - 1] {
            for error in [1e-3, -2.0] {
                let mut d = gradient(&x);
                d[wrong] = d[wrong] * (1.0 + error) + error;
                let tolerance = 1e-7;
                let Failure::Mismatch { worst, .. } = Gradcheck::new()
                    .tolerance(tolerance)
                    .check_slice(f, &x, &d)
                    .unwrap_err()
                else {
                    panic!("not a mismatch");
                };
                assert_eq!(worst.name, format!("value[{wrong}]"), "{worst}");
                assert_eq!(worst.analytic, d[wrong]);
                assert!(
                    (worst.numeric - gradient(&x)[wrong]).abs() < 1e-5,
                    "{worst}"
                );
            }
        }
    }
}

#[test]
fn structures_have_named_entries() {
    let x = (vec![[1.0_f32, 2.0]], 3.0_f64);
    let f = |x: &(Vec<[f32; 2]>, f64)| f64::from(x.0[0][0] * x.0[0][1]) * x.1.ln();
    let l = 3.0_f64.ln();
    assert_gradient(f, &x, &(vec![[2.0 * l as f32, l as f32]], 2.0 / 3.0));
    let failure = Gradcheck::new()
        .check(f, &x, &(vec![[2.0 * l as f32, 0.0]], 2.0 / 3.0))
        .unwrap_err();
    let text = failure.to_string();
    assert!(text.starts_with("the gradient is wrong: 1 of 3 derivatives disagree with finite differences\n  0[1]: gradient 0e0"), "{text}");
}

#[test]
fn single_precision_is_judged_by_its_own_precision() {
    let x: Vec<f32> = point(20).into_iter().map(|x| x as f32).collect();
    let f = |x: &[f32]| x.iter().map(|x| x.tanh() * x).sum::<f32>();
    let right: Vec<f32> = x
        .iter()
        .map(|x| x.tanh() + x * (1.0 - x.tanh().powi(2)))
        .collect();
    assert_gradient_slice(f, &x, &right);
    let wrong: Vec<f32> = right.iter().map(|d| d * 1.05).collect();
    Gradcheck::new().check_slice(f, &x, &wrong).unwrap_err();
}

#[test]
fn narrow_domains_and_zero_derivatives() {
    assert_gradient_slice(
        |x: &[f64]| x[0].ln() + x[1].sqrt(),
        &[1e-5, 1e-4],
        &[1e5, 50.0],
    );
    assert_gradient_slice(|x| x[0] * x[0] + 1e3 * x[1], &[0.0, 0.0], &[0.0, 1e3]);
    assert_gradient_slice(
        |x: &[f64]| if x[0] > 0.0 { 2.0 } else { 3.0 },
        &[1.0],
        &[0.0],
    );
}

#[test]
fn what_cannot_be_checked_is_said() {
    let check = |f: fn(&[f64]) -> f64, x: &[f64], d: &[f64]| {
        Gradcheck::new().check_slice(f, x, d).unwrap_err()
    };
    assert_eq!(check(|_| 1.0, &[], &[]), Failure::NothingToCheck);
    assert!(
        matches!(check(|x| x[0].ln(), &[-1.0], &[1.0]), Failure::ValueNotFinite { value } if value.is_nan())
    );
    let failure = check(|x| x[0] + x[1], &[1.0, 2.0], &[1.0, f64::INFINITY]);
    assert_eq!(failure.to_string(), "the gradient is inf at value[1]");
    let failure = check(|x| if x[0] == 1.0 { 0.0 } else { f64::NAN }, &[1.0], &[1.0]);
    assert_eq!(
        failure.to_string(),
        "the function is not finite around the point of the check, moving value"
    );
    let failure = check(|x| (x[0] - 1.0).abs(), &[1.0], &[1.0]);
    assert!(
        failure
            .to_string()
            .contains("gradient 1e0, finite differences 0e0"),
        "{failure}"
    );
}

#[test]
#[should_panic(expected = "the gradient is wrong: 1 of 2 derivatives")]
fn assertions_panic_with_the_report() {
    assert_gradient_slice(|x| x[0] * x[1], &[2.0, 3.0], &[3.0, 2.5]);
}

#[test]
#[should_panic(
    expected = "values of different shapes: `value` has length 2 in one and 1 in the other"
)]
fn shapes_are_compared() {
    assert_gradient_slice(|x| x[0] * x[1], &[2.0, 3.0], &[3.0]);
}
