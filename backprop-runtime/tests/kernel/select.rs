//! Embedding and dropout.

use backprop_runtime::kernel::*;

use super::check::{gradients, numbers};

#[test]
fn rows_of_a_table() {
    let indices = [2, 0, 2, 1, 2];
    gradients(
        vec![numbers(9, 1)],
        &[15],
        1,
        |x, y| embedding(&x[0], &mut y[0], &indices, 3),
        |x, d, y, d_y| embedding_vjp(&x[0], &mut d[0], &mut y[0], &mut d_y[0], &indices, 3),
    );
    embedding::<f32>(&[], &mut [], &[], 4);
}

/// The answers that the authors of Philox publish with their library.
#[test]
fn random_numbers_are_philox() {
    let ones = u32::MAX;
    assert_eq!(
        philox([ones; 4], [ones; 2]),
        [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
    );
    assert_eq!(
        philox(
            [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
            [0xa409_3822, 0x299f_31d0]
        ),
        [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
    );
}

#[test]
fn dropout_leaves_the_mean() {
    let n = 100_000;
    for rate in [0.0, 0.1, 0.5, 0.9] {
        let mut y = vec![0.0; n];
        dropout(
            &vec![1.0; n],
            &mut y,
            Dropout {
                rate,
                key: 7,
                counter: 3,
            },
        );
        let kept = y.iter().filter(|y| **y != 0.0).count() as f64;
        let deviation = (n as f64 * rate * (1.0 - rate)).sqrt();
        assert!(
            (kept - n as f64 * (1.0 - rate)).abs() <= 4.0 * deviation,
            "{kept} kept at rate {rate}"
        );
        assert!(
            y.iter()
                .all(|&y| y == 0.0 || (y - 1.0 / (1.0 - rate)).abs() < 1e-12)
        );
    }
}

/// The stream is one, wherever slices of it begin.
#[test]
fn dropout_counts_elements() {
    let whole = {
        let mut y = [0.0; 50];
        dropout(
            &[1.0; 50],
            &mut y,
            Dropout {
                rate: 0.5,
                key: 1,
                counter: u64::from(u32::MAX) * 4 - 9,
            },
        );
        y
    };
    for start in 0..20 {
        let mut y = [0.0; 30];
        let counter = u64::from(u32::MAX) * 4 - 9 + start as u64;
        dropout(
            &[1.0; 30],
            &mut y,
            Dropout {
                rate: 0.5,
                key: 1,
                counter,
            },
        );
        assert_eq!(y, whole[start..start + 30]);
    }
    let settings = Dropout {
        rate: 0.3,
        key: u64::MAX,
        counter: 5,
    };
    gradients(
        vec![numbers(23, 1)],
        &[23],
        1,
        |x, y| dropout(&x[0], &mut y[0], settings),
        |x, d, y, d_y| dropout_vjp(&x[0], &mut d[0], &mut y[0], &mut d_y[0], settings),
    );
}
