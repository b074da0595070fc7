//! Initial weights: limits, variances, and the same bits from the same seed.

use backprop_runtime::init::*;

const N: usize = 20_000;

type Fill = fn(&mut [f64], &mut Generator);

#[test]
fn variances_are_those_of_the_papers() {
    let cases: [(Fill, f64); 6] = [
        (|w, g| glorot_uniform(w, 30, 70, g), 2.0 / 100.0),
        (|w, g| glorot_normal(w, 30, 70, g), 2.0 / 100.0),
        (|w, g| he_uniform(w, 50, g), 2.0 / 50.0),
        (|w, g| he_normal(w, 50, g), 2.0 / 50.0),
        (|w, g| lecun_uniform(w, 50, g), 1.0 / 50.0),
        (|w, g| lecun_normal(w, 50, g), 1.0 / 50.0),
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

#[test]
fn plain_distributions() {
    let mut w = [0.0; N];
    uniform(&mut w, 2.0, 5.0, &mut Generator::new(1));
    assert!(w.iter().all(|w| (2.0..5.0).contains(w)));
    assert!((w.iter().sum::<f64>() / N as f64 - 3.5).abs() < 0.04);
    normal(&mut w, -1.0, 0.5, &mut Generator::new(2));
    assert!((w.iter().sum::<f64>() / N as f64 + 1.0).abs() < 0.02);
    truncated_normal(&mut w, 3.0, 0.5, &mut Generator::new(3));
    assert!(w.iter().all(|w| (2.0..=4.0).contains(w)) && w.iter().any(|w| *w > 3.98));
    // 1 − 4φ(2)/(2Φ(2) − 1) is the variance of what is left of a normal distribution.
    let square = w.iter().map(|w| (w - 3.0).powi(2)).sum::<f64>() / N as f64;
    assert!((square / 0.25 - 0.773_741_3).abs() < 0.03, "{square}");
    constant(&mut w, 0.25);
    assert_eq!(w, [0.25; N]);
}

#[test]
fn orthogonal_matrices() {
    for (rows, columns) in [(1, 1), (5, 5), (3, 20), (20, 3)] {
        let mut w = vec![0.0_f64; rows * columns];
        orthogonal(&mut w, rows, columns, 2.0, &mut Generator::new(7));
        // Rows, or columns where these are fewer.
        let (count, len) = (rows.min(columns), rows.max(columns));
        let at = |i: usize, k: usize| {
            if rows <= columns {
                w[i * columns + k]
            } else {
                w[k * columns + i]
            }
        };
        for i in 0..count {
            for j in 0..count {
                let product: f64 = (0..len).map(|k| at(i, k) * at(j, k)).sum();
                let expected = if i == j { 4.0 } else { 0.0 };
                assert!(
                    (product - expected).abs() < 1e-13,
                    "{rows}x{columns}: {product}"
                );
            }
        }
    }
    // In single precision too, where one pass would not be enough for a square matrix.
    let mut w = vec![0.0_f32; 64 * 64];
    orthogonal(&mut w, 64, 64, 1.0, &mut Generator::new(8));
    let product: f32 = (0..64).map(|k| w[62 * 64 + k] * w[63 * 64 + k]).sum();
    assert!(product.abs() < 1e-6);

    let mut w = [9.0; 6];
    identity(&mut w, 2, 3, 0.5);
    assert_eq!(w, [0.5, 0.0, 0.0, 0.0, 0.5, 0.0]);
}

#[test]
#[should_panic(expected = "orthogonal: 6 weights are not a matrix of 2 rows and 2 columns")]
fn matrices_are_whole() {
    orthogonal(&mut [0.0; 6], 2, 2, 1.0, &mut Generator::new(0));
}
