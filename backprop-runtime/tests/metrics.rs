//! Metrics on small cases worked out by hand, and AUROC against its definition by pairs.

#![cfg(feature = "alloc")]

use backprop_runtime::init::Generator;
use backprop_runtime::metrics::*;

#[test]
fn shares_of_right_answers() {
    let scores = [0.1_f32, 0.5, 0.4, 0.3, 0.3, 0.2, f32::NAN, 0.0, -1.0];
    assert_eq!(accuracy(&scores, &[1, 0, 1]), 1.0);
    assert_eq!(accuracy(&scores, &[2, 1, 0]), 0.0);
    assert_eq!(top_k(&scores, &[2, 1, 0], 2), 2.0 / 3.0);
    assert_eq!(top_k(&scores, &[0, 2, 0], 3), 1.0);
    assert!(accuracy::<f64>(&[], &[]).is_nan());
    assert_eq!(best(&[f64::NAN, -3.0, -2.0, -2.0]), Some(2));
    assert_eq!(best::<f64>(&[]), None);
}

#[test]
fn confusion() {
    let mut c = Confusion::new(3);
    for (label, answer) in [(0, 0), (0, 0), (0, 1), (1, 1), (1, 0), (1, 1)] {
        c.add(label, answer);
    }
    assert_eq!(
        (c.count(0, 0), c.count(0, 1), c.count(1, 0), c.classes()),
        (2, 1, 1, 3)
    );
    assert_eq!(c.accuracy(), 4.0 / 6.0);
    assert_eq!(
        (c.precision(0), c.recall(0), c.f1(0)),
        (2.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0)
    );
    assert!(c.precision(2).is_nan() && c.recall(2).is_nan() && c.f1(2).is_nan());
    assert_eq!(c.macro_f1(), 2.0 / 3.0);
    assert!(Confusion::new(2).accuracy().is_nan());
    assert_eq!(
        c.to_string(),
        "is \\ taken for    0    1    2\n             0    2    1    ·\n             1    1    2    ·\n             2    ·    ·    ·"
    );
}

#[test]
fn areas() {
    let mut random = Generator::new(3);
    let scores: Vec<f64> = (0..200)
        .map(|_| (random.uniform() * 20.0).floor())
        .collect();
    let answers: Vec<bool> = scores
        .iter()
        .map(|s| random.uniform() * 20.0 < *s)
        .collect();
    let (mut pairs, mut right) = (0.0, 0.0);
    for (a, _) in scores.iter().zip(&answers).filter(|(_, yes)| **yes) {
        for (b, _) in scores.iter().zip(&answers).filter(|(_, yes)| !**yes) {
            pairs += 1.0;
            right += if a > b {
                1.0
            } else if a == b {
                0.5
            } else {
                0.0
            };
        }
    }
    assert!((auroc(&scores, &answers) - right / pairs).abs() < 1e-15);
    assert_eq!(auroc(&[0.0, -0.0], &[true, false]), 0.5);
    assert!(auroc(&[1.0, 2.0], &[true, true]).is_nan());
    assert!(auroc(&[1.0, f64::NAN], &[true, false]).is_nan());
}

#[test]
fn errors() {
    let (p, t) = ([1.0_f32, 2.0, 5.0], [1.0_f32, 4.0, 4.0]);
    assert_eq!(mean_absolute_error(&p, &t), 1.0);
    assert_eq!(root_mean_squared_error(&p, &t), (5.0_f64 / 3.0).sqrt());
    assert!((r_squared(&p, &t) - (1.0 - 5.0 / 6.0)).abs() < 1e-15);
    assert!(r_squared(&p, &[2.0; 3]).is_nan() && mean_absolute_error::<f64>(&[], &[]).is_nan());
    assert_eq!(perplexity(0.0), 1.0);
}

#[test]
#[should_panic(expected = "label 3 of 3 classes")]
fn labels_are_classes() {
    let _ = accuracy(&[0.0; 3], &[3]);
}
