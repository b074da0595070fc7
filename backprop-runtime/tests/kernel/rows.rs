//! Softmax and normalisations.

use backprop_runtime::kernel::*;

use super::check::{close, gradients, numbers};

#[test]
fn softmax_of_rows() {
    for columns in [1, 2, 7, 33] {
        let x: Vec<f64> = numbers::<f64>(3 * columns, 1)
            .iter()
            .map(|x| 20.0 * x)
            .collect();
        let mut y = vec![0.0; x.len()];
        softmax(&x, &mut y, columns);
        for (x, y) in x.chunks(columns).zip(y.chunks(columns)) {
            let total: f64 = x.iter().map(|x| x.exp()).sum();
            close(
                "softmax",
                y,
                &x.iter().map(|x| x.exp() / total).collect::<Vec<_>>(),
                1e-15,
            );
        }
        gradients(
            vec![numbers(3 * columns, 2)],
            &[3 * columns],
            1,
            |x, y| softmax(&x[0], &mut y[0], columns),
            |x, d, y, d_y| softmax_vjp(&x[0], &mut d[0], &mut y[0], &mut d_y[0], columns),
        );
    }
    softmax::<f32>(&[], &mut [], 0);
    let mut y = [0.0_f32; 2];
    softmax(&[3e38, -3e38], &mut y, 2);
    assert_eq!(y, [1.0, 0.0]);
}

#[test]
fn layer_normalisation() {
    for columns in [2, 5, 40] {
        let inputs = vec![
            numbers::<f64>(3 * columns, 1),
            numbers(columns, 2),
            numbers(columns, 3),
        ];
        let mut y = vec![0.0; 3 * columns];
        layer_norm(&inputs[0], &inputs[1], &inputs[2], &mut y, 1e-5);
        for (x, y) in inputs[0].chunks(columns).zip(y.chunks(columns)) {
            let n = columns as f64;
            let mean = x.iter().sum::<f64>() / n;
            let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
            let want: Vec<f64> = (0..columns)
                .map(|i| (x[i] - mean) / (variance + 1e-5).sqrt() * inputs[1][i] + inputs[2][i])
                .collect();
            close("layer_norm", y, &want, 1e-13);
        }
        gradients(
            inputs,
            &[3 * columns],
            1,
            |x, y| layer_norm(&x[0], &x[1], &x[2], &mut y[0], 1e-2),
            |x, d, y, d_y| {
                let [d_x, d_scale, d_shift] = &mut d[..] else {
                    unreachable!()
                };
                layer_norm_vjp(
                    &x[0],
                    d_x,
                    &x[1],
                    d_scale,
                    &x[2],
                    d_shift,
                    &mut y[0],
                    &mut d_y[0],
                    1e-2,
                );
            },
        );
    }
    layer_norm::<f64>(&[], &[], &[], &mut [], 1e-5);
}

#[test]
fn normalisation_by_the_mean_square() {
    for columns in [1, 4, 19] {
        let inputs = vec![numbers::<f64>(2 * columns, 1), numbers(columns, 2)];
        let mut y = vec![0.0; 2 * columns];
        rms_norm(&inputs[0], &inputs[1], &mut y, 1e-5);
        for (x, y) in inputs[0].chunks(columns).zip(y.chunks(columns)) {
            let square = x.iter().map(|x| x * x).sum::<f64>() / columns as f64;
            let want: Vec<f64> = (0..columns)
                .map(|i| x[i] / (square + 1e-5).sqrt() * inputs[1][i])
                .collect();
            close("rms_norm", y, &want, 1e-14);
        }
        gradients(
            inputs,
            &[2 * columns],
            1,
            |x, y| rms_norm(&x[0], &x[1], &mut y[0], 1e-1),
            |x, d, y, d_y| {
                let [d_x, d_scale] = &mut d[..] else {
                    unreachable!()
                };
                rms_norm_vjp(&x[0], d_x, &x[1], d_scale, &mut y[0], &mut d_y[0], 1e-1);
            },
        );
    }
}
