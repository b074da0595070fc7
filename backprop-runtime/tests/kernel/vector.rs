//! Vectors and their sums.

use backprop_runtime::kernel::*;

use super::check::{close, gradients, numbers};

#[test]
fn sums_of_every_length() {
    for n in (0..70).chain([1000]) {
        let (x, y) = (numbers::<f64>(n, 1), numbers::<f64>(n, 2));
        let plain: f64 = x.iter().zip(&y).map(|(x, y)| x * y).sum();
        close("dot", &[dot(&x, &y)], &[plain], 1e-13);
        close("sum", &[sum(&x)], &[x.iter().sum()], 1e-13);
        close(
            "squares",
            &[sum_of_squares(&x)],
            &[x.iter().map(|x| x * x).sum()],
            1e-13,
        );
        let largest = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let smallest = x.iter().copied().fold(f64::INFINITY, f64::min);
        assert_eq!((max(&x), min(&x)), (largest, smallest));
    }
    assert!(mean::<f64>(&[]).is_nan());
    assert_eq!(mean(&[1.0_f32, 2.0, 6.0]), 3.0);
}

#[test]
fn a_nan_is_never_overlooked() {
    for n in [1, 15, 16, 17, 40] {
        for at in 0..n {
            let mut x = numbers::<f64>(n, 1);
            x[at] = f64::NAN;
            assert!(max(&x).is_nan() && min(&x).is_nan() && sum(&x).is_nan());
        }
    }
}

#[test]
fn gradients_of_sums() {
    let (x, y) = (numbers::<f64>(37, 1), numbers::<f64>(37, 2));
    let (mut d_x, mut d_y) = (vec![1.0; 37], vec![2.0; 37]);
    assert_eq!(dot_vjp(&x, &mut d_x, &y, &mut d_y, 3.0), dot(&x, &y));
    for i in 0..37 {
        assert_eq!((d_x[i], d_y[i]), (1.0 + 3.0 * y[i], 2.0 + 3.0 * x[i]));
    }
    let mut d = vec![0.0; 37];
    sum_grad(&x, &mut d);
    mean_grad(&x, &mut d);
    sum_of_squares_grad(&x, &mut d);
    for i in 0..37 {
        assert!((d[i] - (1.0 + 1.0 / 37.0 + 2.0 * x[i])).abs() < 1e-15);
    }
    let (mut d, x) = ([0.0; 4], [1.0, 3.0, 3.0, -2.0]);
    max_vjp(&x, &mut d, 5.0);
    min_vjp(&x, &mut d, 7.0);
    assert_eq!(d, [0.0, 5.0, 0.0, 7.0]);
}

#[test]
fn what_is_linear() {
    let mut y = [1.0, 2.0];
    axpy(3.0, &[10.0, 20.0], &mut y);
    assert_eq!(y, [31.0, 62.0]);
    scale(0.5, &[10.0, 20.0], &mut y);
    assert_eq!(y, [5.0, 10.0]);
    let (mut d_x, mut d_y) = ([0.0; 2], [1.0, 2.0]);
    let d_a = axpy_vjp(3.0, &[10.0, 20.0], &mut d_x, &mut y, &mut d_y);
    assert_eq!((d_a, d_x, d_y), (50.0, [3.0, 6.0], [1.0, 2.0]));
}

#[test]
fn sums_of_columns() {
    let mut y = [9.0; 3];
    sum_rows(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &mut y);
    assert_eq!(y, [5.0, 7.0, 9.0]);
    sum_rows::<f64>(&[], &mut []);
    gradients(
        vec![numbers(12, 1)],
        &[4],
        1,
        |x, y| sum_rows(&x[0], &mut y[0]),
        |x, d, y, d_y| sum_rows_vjp(&x[0], &mut d[0], &mut y[0], &mut d_y[0]),
    );
}
