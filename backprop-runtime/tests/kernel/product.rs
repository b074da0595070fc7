//! Matrix products in all layouts.

use backprop_runtime::Real;
use backprop_runtime::kernel::*;

use super::check::{close, gradients, numbers};

/// A matrix in rows of n, wherever the kernel finds it.
fn plain<T: Real>(a: &[T], b: &[T], [m, k, n]: [usize; 3]) -> Vec<T> {
    let mut c = vec![T::from_f64(0.0); m * n];
    for i in 0..m {
        for j in 0..n {
            for p in 0..k {
                c[i * n + j] += a[i * k + p] * b[p * n + j];
            }
        }
    }
    c
}

/// The same matrix put into a slice of another layout.
fn laid<T: Real>(a: &[T], [m, n]: [usize; 2], [row, column]: [usize; 2]) -> Vec<T> {
    let mut out = numbers(
        1 + m.saturating_sub(1) * row + n.saturating_sub(1) * column,
        77,
    );
    for i in 0..m {
        for j in 0..n {
            out[i * row + j * column] = a[i * n + j];
        }
    }
    out
}

fn all_layouts<T: Real>(shape @ [m, k, n]: [usize; 3], tolerance: f64) {
    let (a, b) = (numbers::<T>(m * k, 1), numbers::<T>(k * n, 2));
    let want = plain(&a, &b, shape);
    // The last one: each column on a page of memory of its own.
    for [row_a, column_a] in [[k, 1], [1, m], [k + 3, 1], [2 * k + 1, 2], [1, 1024 + m]] {
        for [row_b, column_b] in [[n, 1], [1, k], [n + 2, 1], [3, 3 * k + 1]] {
            let data_a = laid(&a, [m, k], [row_a, column_a]);
            let data_b = laid(&b, [k, n], [row_b, column_b]);
            let la = Layout::strided(m, k, row_a, column_a);
            let lb = Layout::strided(k, n, row_b, column_b);
            let mut c = numbers(m * n, 3);
            gemm(&data_a, &data_b, &mut c, [la, lb, Layout::rows(m, n)]);
            close(&format!("{shape:?} {la:?} {lb:?}"), &c, &want, tolerance);
            gemm(&data_a, &data_b, &mut c, [la, lb, Layout::columns(m, n)]);
            let want = laid(&want, [m, n], [1, m]);
            close(
                &format!("{shape:?} {la:?} {lb:?} by columns"),
                &c,
                &want,
                tolerance,
            );
        }
    }
}

#[test]
fn every_layout_and_odd_sizes() {
    for shape in [
        [1, 1, 1],
        [1, 5, 7],
        [5, 7, 1],
        [2, 1, 3],
        [3, 4, 5],
        [6, 8, 16],
        [7, 9, 17],
        [13, 3, 33],
        [4, 30, 8],
        [50, 2, 3],
        // Few rows and a long inner index.
        [1, 130, 5],
        [3, 37, 6],
        [8, 64, 9],
    ] {
        all_layouts::<f64>(shape, 1e-13);
        all_layouts::<f32>(shape, 1e-5);
    }
    // More than one pass of the inner index, more panels of columns than are held together.
    all_layouts::<f64>([101, 300, 19], 1e-12);
    all_layouts::<f32>([49, 259, 35], 1e-4);
    all_layouts::<f64>([13, 513, 70], 1e-12);
    all_layouts::<f32>([26, 66, 150], 1e-4);
}

#[test]
fn blocks_of_every_height_and_width() {
    for m in 9..27 {
        all_layouts::<f64>([m, 33, 17], 1e-12);
        all_layouts::<f32>([m, 9, 34], 1e-4);
    }
    for n in 9..34 {
        all_layouts::<f64>([9, 33, n], 1e-12);
        all_layouts::<f32>([9, 70, n], 1e-4);
    }
}

#[test]
fn empty_products() {
    let mut c = [1.0; 6];
    gemm(
        &[],
        &[],
        &mut c,
        [Layout::rows(2, 0), Layout::rows(0, 3), Layout::rows(2, 3)],
    );
    assert_eq!(c, [0.0; 6]);
    gemm::<f64>(
        &[],
        &[1.0; 3],
        &mut [],
        [Layout::rows(0, 1), Layout::rows(1, 3), Layout::rows(0, 3)],
    );
    linear(&[], &[], &[1.0, 2.0], &mut c[..4], [2, 0, 2]);
    assert_eq!(c[..4], [1.0, 2.0, 1.0, 2.0]);
    linear::<f64>(&[], &[3.0], &[1.0], &mut [], [0, 1, 1]);
}

#[test]
fn batches_and_one_matrix_for_all() {
    let (a, b) = (numbers::<f64>(3 * 2 * 4, 1), numbers::<f64>(4 * 5, 2));
    let mut c = vec![0.0; 3 * 2 * 5];
    let layouts = [
        Layout::rows(2, 4).batch(3, 8),
        Layout::rows(4, 5).batch(3, 0),
        Layout::rows(2, 5).batch(3, 10),
    ];
    gemm(&a, &b, &mut c, layouts);
    for i in 0..3 {
        close(
            "batch",
            &c[i * 10..][..10],
            &plain(&a[i * 8..][..8], &b, [2, 4, 5]),
            1e-14,
        );
    }
    gradients(
        vec![a, b],
        &[30],
        1,
        |x, y| gemm(&x[0], &x[1], &mut y[0], layouts),
        |x, d, y, d_y| {
            let [d_a, d_b] = &mut d[..] else {
                unreachable!()
            };
            gemm_vjp(&x[0], d_a, &x[1], d_b, &mut y[0], &mut d_y[0], layouts);
        },
    );
}

#[test]
fn derivatives_in_every_layout() {
    let [m, k, n] = [3, 4, 5];
    for [row_a, column_a] in [[k, 1], [1, m], [9, 2]] {
        for [row_b, column_b] in [[n, 1], [1, k], [3, 13]] {
            for lc in [Layout::rows(m, n), Layout::columns(m, n)] {
                let (a, b) = (numbers::<f64>(m * k, 1), numbers::<f64>(k * n, 2));
                let layouts = [
                    Layout::strided(m, k, row_a, column_a),
                    Layout::strided(k, n, row_b, column_b),
                    lc,
                ];
                let inputs = vec![
                    laid(&a, [m, k], [row_a, column_a]),
                    laid(&b, [k, n], [row_b, column_b]),
                ];
                gradients(
                    inputs,
                    &[m * n],
                    1,
                    |x, y| gemm(&x[0], &x[1], &mut y[0], layouts),
                    |x, d, y, d_y| {
                        let [d_a, d_b] = &mut d[..] else {
                            unreachable!()
                        };
                        gemm_vjp(&x[0], d_a, &x[1], d_b, &mut y[0], &mut d_y[0], layouts);
                    },
                );
            }
        }
    }
}

#[test]
fn matrix_by_vector() {
    for [m, n] in [[1, 1], [3, 5], [7, 2], [4, 40]] {
        let (a, x) = (numbers::<f64>(m * n, 1), numbers::<f64>(n, 2));
        for layout in [
            Layout::rows(m, n),
            Layout::columns(m, n),
            Layout::strided(m, n, 2 * n + 1, 2),
        ] {
            let strides = match layout {
                l if l == Layout::rows(m, n) => [n, 1],
                l if l == Layout::columns(m, n) => [1, m],
                _ => [2 * n + 1, 2],
            };
            let data = laid(&a, [m, n], strides);
            let mut y = numbers(m, 3);
            gemv(&data, &x, &mut y, layout);
            close("gemv", &y, &plain(&a, &x, [m, n, 1]), 1e-13);
            gradients(
                vec![data, x.clone()],
                &[m],
                1,
                |x, y| gemv(&x[0], &x[1], &mut y[0], layout),
                |x, d, y, d_y| {
                    let [d_a, d_x] = &mut d[..] else {
                        unreachable!()
                    };
                    gemv_vjp(&x[0], d_a, &x[1], d_x, &mut y[0], &mut d_y[0], layout);
                },
            );
        }
    }
}

#[test]
fn outer_product() {
    let (x, y) = (numbers::<f64>(3, 1), numbers::<f64>(4, 2));
    let mut a = vec![9.0; 12];
    ger(&x, &y, &mut a);
    close("ger", &a, &plain(&x, &y, [3, 1, 4]), 0.0);
    gradients(
        vec![x, y],
        &[12],
        1,
        |x, a| ger(&x[0], &x[1], &mut a[0]),
        |x, d, a, d_a| {
            let [d_x, d_y] = &mut d[..] else {
                unreachable!()
            };
            ger_vjp(&x[0], d_x, &x[1], d_y, &mut a[0], &mut d_a[0]);
        },
    );
}

#[test]
fn dense_layer() {
    for [m, k, n] in [[1, 1, 1], [1, 6, 3], [4, 5, 2], [3, 2, 20]] {
        for biased in [true, false] {
            let inputs = vec![
                numbers(m * k, 1),
                numbers(n * k, 2),
                numbers(if biased { n } else { 0 }, 3),
            ];
            let mut y = numbers(m * n, 4);
            linear(&inputs[0], &inputs[1], &inputs[2], &mut y, [m, k, n]);
            for i in 0..m {
                for j in 0..n {
                    let dot: f64 = (0..k)
                        .map(|p| inputs[0][i * k + p] * inputs[1][j * k + p])
                        .sum();
                    let want = dot + inputs[2].get(j).copied().unwrap_or(0.0);
                    assert!((y[i * n + j] - want).abs() < 1e-14);
                }
            }
            gradients(
                inputs,
                &[m * n],
                1,
                |x, y| linear(&x[0], &x[1], &x[2], &mut y[0], [m, k, n]),
                |x, d, y, d_y| {
                    let [d_x, d_w, d_b] = &mut d[..] else {
                        unreachable!()
                    };
                    linear_vjp(
                        &x[0],
                        d_x,
                        &x[1],
                        d_w,
                        &x[2],
                        d_b,
                        &mut y[0],
                        &mut d_y[0],
                        [m, k, n],
                    );
                },
            );
        }
    }
}
