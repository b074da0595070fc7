//! Convolution and pooling.

use backprop_runtime::kernel::*;

use super::check::{close, gradients, numbers};

/// Windows of all kinds: larger than half the picture, with gaps, with more padding than window.
fn windows() -> Vec<Windows> {
    let mut all = Vec::new();
    for (size, window, stride, padding) in [
        ([4, 5], [2, 3], [1, 1], [0, 0]),
        ([4, 5], [3, 2], [2, 1], [1, 1]),
        ([5, 4], [2, 2], [2, 2], [0, 1]),
        ([3, 3], [1, 1], [3, 2], [2, 0]),
        ([2, 6], [2, 4], [1, 3], [1, 2]),
        ([1, 1], [3, 3], [1, 1], [1, 1]),
        ([4, 4], [4, 4], [1, 1], [0, 0]),
        ([2, 2], [2, 2], [1, 1], [2, 3]),
        // Squares side by side, with a column left over or none.
        ([4, 6], [2, 2], [2, 2], [0, 0]),
        ([6, 5], [2, 2], [2, 2], [0, 0]),
    ] {
        all.push(Windows {
            samples: 2,
            channels: 2,
            size,
            window,
            stride,
            padding,
        });
    }
    all
}

/// The number at a place of a padded picture.
fn at(x: &[f64], w: &Windows, picture: usize, row: usize, column: usize) -> Option<f64> {
    let (row, column) = (
        row.checked_sub(w.padding[0])?,
        column.checked_sub(w.padding[1])?,
    );
    let inside = row < w.size[0] && column < w.size[1];
    inside.then(|| x[(picture * w.size[0] + row) * w.size[1] + column])
}

/// Calls with each window: its number, sample and channel, and the place of its corner in the padded picture.
fn each(w: &Windows, channels: usize, mut f: impl FnMut(usize, usize, usize, [usize; 2])) {
    let [rows, columns] = w.count();
    let mut i = 0;
    for sample in 0..w.samples {
        for channel in 0..channels {
            for r in 0..rows {
                for c in 0..columns {
                    f(i, sample, channel, [r * w.stride[0], c * w.stride[1]]);
                    i += 1;
                }
            }
        }
    }
}

fn lengths(w: &Windows) -> (usize, usize) {
    let [rows, columns] = w.count();
    let pictures = w.samples * w.channels;
    (pictures * w.size[0] * w.size[1], pictures * rows * columns)
}

#[test]
fn convolution() {
    let filters = 3;
    for w in windows() {
        for biased in [true, false] {
            let (x_len, _) = lengths(&w);
            let [rows, columns] = w.count();
            let taps = w.window[0] * w.window[1];
            let y_len = w.samples * filters * rows * columns;
            let inputs = vec![
                numbers(x_len, 1),
                numbers(filters * w.channels * taps, 2),
                numbers(if biased { filters } else { 0 }, 3),
            ];
            let mut want = vec![0.0; y_len];
            each(&w, filters, |i, sample, filter, [row, column]| {
                let mut sum = inputs[2].get(filter).copied().unwrap_or(0.0);
                for channel in 0..w.channels {
                    for tap in 0..taps {
                        let (down, across) = (tap / w.window[1], tap % w.window[1]);
                        let picture = sample * w.channels + channel;
                        let x = at(&inputs[0], &w, picture, row + down, column + across);
                        sum += x.unwrap_or(0.0)
                            * inputs[1][(filter * w.channels + channel) * taps + tap];
                    }
                }
                want[i] = sum;
            });
            let work = conv2d_workspace(&w);
            let (mut y, mut workspace) = (numbers(y_len, 4), numbers(work, 5));
            conv2d(
                &inputs[0],
                &inputs[1],
                &inputs[2],
                &mut y,
                &mut workspace,
                w,
                filters,
            );
            close(&format!("{w:?}"), &y, &want, 1e-14);
            // What is left there does not vary: a caller may use it, and its derivative is none.
            assert!(workspace.iter().all(|x| *x == 0.0));
            gradients(
                inputs,
                &[y_len, work],
                2,
                |x, y| {
                    let [y, workspace] = &mut y[..] else {
                        unreachable!()
                    };
                    conv2d(&x[0], &x[1], &x[2], y, workspace, w, filters);
                },
                |x, d, y, d_y| {
                    let [d_x, d_w, d_b] = &mut d[..] else {
                        unreachable!()
                    };
                    let [y, workspace] = &mut y[..] else {
                        unreachable!()
                    };
                    let [d_y, d_workspace] = &mut d_y[..] else {
                        unreachable!()
                    };
                    conv2d_vjp(
                        &x[0],
                        d_x,
                        &x[1],
                        d_w,
                        &x[2],
                        d_b,
                        y,
                        d_y,
                        workspace,
                        d_workspace,
                        w,
                        filters,
                    );
                },
            );
        }
    }
}

#[test]
fn pooling() {
    for w in windows() {
        let (x_len, y_len) = lengths(&w);
        let x = numbers(x_len, 1);
        let (mut largest, mut mean) = (vec![f64::NEG_INFINITY; y_len], vec![0.0; y_len]);
        each(&w, w.channels, |i, sample, channel, [row, column]| {
            for down in 0..w.window[0] {
                for across in 0..w.window[1] {
                    let picture = sample * w.channels + channel;
                    if let Some(x) = at(&x, &w, picture, row + down, column + across) {
                        largest[i] = largest[i].max(x);
                        mean[i] += x / (w.window[0] * w.window[1]) as f64;
                    }
                }
            }
        });
        let mut y = numbers(y_len, 2);
        max_pool2d(&x, &mut y, w);
        assert_eq!(y, largest, "{w:?}");
        avg_pool2d(&x, &mut y, w);
        close(&format!("{w:?}"), &y, &mean, 1e-15);
        gradients(
            vec![x.clone()],
            &[y_len],
            1,
            |x, y| avg_pool2d(&x[0], &mut y[0], w),
            |x, d, y, d_y| avg_pool2d_vjp(&x[0], &mut d[0], &mut y[0], &mut d_y[0], w),
        );
        // Windows without a number have no differences.
        if largest.iter().all(|y| y.is_finite()) {
            gradients(
                vec![x],
                &[y_len],
                1,
                |x, y| max_pool2d(&x[0], &mut y[0], w),
                |x, d, y, d_y| max_pool2d_vjp(&x[0], &mut d[0], &mut y[0], &mut d_y[0], w),
            );
        }
    }
}

#[test]
fn the_first_of_the_largest_takes_the_gradient() {
    let w = Windows::tiles(1, 1, [2, 2], [2, 2]);
    let (mut d_x, mut y, mut d_y) = ([0.0; 4], [0.0], [3.0]);
    max_pool2d_vjp(&[1.0, 5.0, 5.0, 2.0], &mut d_x, &mut y, &mut d_y, w);
    assert_eq!((y, d_x), ([5.0], [0.0, 3.0, 0.0, 0.0]));
    max_pool2d(&[1.0, f64::NAN, 5.0, 2.0], &mut y, w);
    assert!(y[0].is_nan());
    // Every order of numbers that tie, and of those that are none: the first, row by row, of the largest.
    let values = [1.0, 2.0, f64::NEG_INFINITY, f64::NAN];
    for code in 0..256 {
        let x = [code % 4, code / 4 % 4, code / 16 % 4, code / 64].map(|k| values[k]);
        let first = (1..4).fold(0, |at, k| {
            let more = x[k] > x[at] || x[k].is_nan() && !x[at].is_nan();
            if more { k } else { at }
        });
        let (mut d_x, mut y, mut d_y) = ([0.0; 4], [0.0], [3.0]);
        max_pool2d_vjp(&x, &mut d_x, &mut y, &mut d_y, w);
        let want: [f64; 4] = core::array::from_fn(|k| if k == first { 3.0 } else { 0.0 });
        assert_eq!(d_x, want, "{x:?}");
        assert_eq!(y[0].to_bits(), x[first].to_bits(), "{x:?}");
    }
}
