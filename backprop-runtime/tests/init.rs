//! Initial weights: limits, variances, and the same bits from the same seed.

use backprop_runtime::init::*;

const N: usize = 20_000;

type Fill = fn(&mut [f64], &mut Generator);

#[test]
fn variances_are_those_of_the_papers() {
    let cases: [(Fill, f64); 4] = [
        (|w, g| glorot_uniform(w, 30, 70, g), 2.0 / 100.0),
        (|w, g| glorot_normal(w, 30, 70, g), 2.0 / 100.0),
        (|w, g| he_uniform(w, 50, g), 2.0 / 50.0),
        (|w, g| he_normal(w, 50, g), 2.0 / 50.0),
    ];
    for (i, (fill, variance)) in cases.into_iter().enumerate() {
        let mut weights = [0.0; N];
        fill(&mut weights, &mut Generator::new(5));
        let mean = weights.iter().sum::<f64>() / N as f64;
        let square = weights.iter().map(|w| w * w).sum::<f64>() / N as f64;
        // Five standard errors: of the mean, and of a normal's square.
        assert!(
            mean.abs() < 5.0 * (variance / N as f64).sqrt(),
            "case {i}: mean {mean}"
        );
        assert!(
            (square / variance - 1.0).abs() < 5.0 * (2.0 / N as f64).sqrt(),
            "case {i}: variance {square}"
        );
        if i % 2 == 0 {
            let limit = (3.0 * variance).sqrt();
            assert!(
                weights.iter().all(|w| w.abs() <= limit)
                    && weights.iter().any(|w| w.abs() > 0.99 * limit)
            );
        }
    }
}

#[test]
fn a_seed_decides_in_both_precisions() {
    let (mut double, mut single, mut other) = ([0.0_f64; 10], [0.0_f32; 10], [0.0_f64; 10]);
    he_normal(&mut double, 3, &mut Generator::new(9));
    he_normal(&mut single, 3, &mut Generator::new(9));
    he_normal(&mut other, 3, &mut Generator::new(10));
    assert_eq!(double.map(|w| w as f32), single);
    assert_ne!(double, other);
}

#[test]
#[should_panic(expected = "the fan is 0")]
fn a_layer_needs_inputs() {
    he_normal(&mut [0.0; 3], 0, &mut Generator::new(0));
}
