//! Convolution of pictures, as matrix products.

use super::block::{Strided, accumulate};
use super::inner;
use super::rule::kernel;
use super::shape;
use super::window::Windows;
use crate::Real;

/// How many numbers [`conv2d`] works on beside its arguments: a column for each window of one picture.
#[track_caller]
pub const fn conv2d_workspace(windows: &Windows) -> usize {
    let ([rows, columns], [height, width]) = (windows.count(), windows.window);
    windows.channels * height * width * rows * columns
}

kernel! {
    /// Convolution (cross-correlation) of a batch of pictures: `conv2d(x, w, bias, y, workspace, windows, filters)`.
    ///
    /// y\[s, f, r, c\] = bias\[f\] + Σ w\[f, k, i, j\]·x\[s, k, r·stride₀ + i − padding₀, c·stride₁ + j − padding₁\], where what is outside the picture is 0. `x` is
    /// samples×channels×height×width, `w` filters×channels×window, `bias` has an element for each filter or none at all, `y` is
    /// samples×filters×[`count`](Windows::count); all lie in rows. The workspace has [`conv2d_workspace`] elements; what it holds before does not matter, after it is zero, and its adjoint is a workspace too.
    ///
    /// The windows of a picture are copied to the columns of a matrix, which the filters multiply: K. Chellapilla, S. Puri, P. Simard, *High Performance
    /// Convolutional Neural Networks for Document Processing* (2006).
    ///
    /// # Panics
    /// If a length is not that of its shape.
    ///
    /// ```
    /// # use backprop_runtime::kernel::{conv2d, conv2d_workspace, Windows};
    /// let windows = Windows { stride: [1, 1], ..Windows::tiles(1, 1, [1, 4], [1, 2]) };
    /// let mut workspace = vec![0.0; conv2d_workspace(&windows)];
    /// let mut y = [0.0; 3];
    /// conv2d(&[1.0, 2.0, 4.0, 8.0], &[-1.0, 1.0], &[], &mut y, &mut workspace, windows, 1);
    /// assert_eq!(y, [1.0, 2.0, 4.0]);
    /// ```
    conv2d, conv2d_vjp, conv2d_jvp:
    in (x d_x Mx, w d_w Mw, bias d_bias Mb)
    out (y d_y My, workspace d_workspace Mo)
    with (windows: Windows | Windows, Mn, filters: usize | usize, Mf)
    run run_conv2d, pull pull_conv2d, push push_conv2d
}

/// The sizes of the matrices of one picture.
struct Sizes {
    /// Of the picture.
    picture: usize,
    /// Of a filter.
    depth: usize,
    /// Windows.
    count: usize,
}

impl Sizes {
    fn of(windows: &Windows) -> Self {
        let [rows, columns] = windows.count();
        Sizes {
            picture: windows.channels * windows.area(),
            depth: windows.channels * windows.window[0] * windows.window[1],
            count: rows * columns,
        }
    }
}

#[track_caller]
fn run_conv2d<T: Real>(
    x: &[T],
    w: &[T],
    bias: &[T],
    y: &mut [T],
    workspace: &mut [T],
    windows: Windows,
    filters: usize,
) {
    let (s, [rows, columns]) = (Sizes::of(&windows), windows.count());
    let Windows {
        samples,
        channels,
        size,
        window,
        ..
    } = windows;
    shape::slice(
        "conv2d",
        "x",
        x.len(),
        [samples, channels, size[0], size[1]],
    );
    shape::slice(
        "conv2d",
        "w",
        w.len(),
        [filters, channels, window[0], window[1]],
    );
    shape::slice("conv2d", "y", y.len(), [samples, filters, rows, columns]);
    shape::slice("conv2d", "workspace", workspace.len(), [s.depth, s.count]);
    if !bias.is_empty() {
        shape::slice("conv2d", "bias", bias.len(), [filters]);
    }
    for sample in 0..samples {
        let y = &mut y[sample * filters * s.count..][..filters * s.count];
        for f in 0..filters {
            y[f * s.count..][..s.count].fill(bias.get(f).copied().unwrap_or(T::from_f64(0.0)));
        }
        to_columns(&x[sample * s.picture..][..s.picture], workspace, &windows);
        let (w, columns) = (by_rows(w, s.depth), by_rows(workspace, s.count));
        accumulate([filters, s.depth, s.count], w, columns, y, s.count);
    }
    // A constant: what a caller did with it would have no derivative.
    workspace.fill(T::from_f64(0.0));
}

/// For each picture dw += dy·columnsᵀ and dcolumns = wᵀ·dy, which goes back to where the columns came from.
fn pull_conv2d<T: Real>(
    x: &[T],
    mut d_x: Option<&mut [T]>,
    w: &[T],
    mut d_w: Option<&mut [T]>,
    _: &[T],
    mut d_bias: Option<&mut [T]>,
    _: &mut [T],
    d_y: &mut [T],
    workspace: &mut [T],
    d_workspace: &mut [T],
    windows: Windows,
    filters: usize,
) {
    let s = Sizes::of(&windows);
    for sample in 0..windows.samples {
        let d_y = &d_y[sample * filters * s.count..][..filters * s.count];
        if let Some(d_bias) = &mut d_bias {
            for (f, d_bias) in d_bias.iter_mut().enumerate() {
                *d_bias += super::vector::sum_of(&d_y[f * s.count..][..s.count]);
            }
        }
        let d_y = by_rows(d_y, s.count);
        if let Some(d_w) = &mut d_w {
            to_columns(&x[sample * s.picture..][..s.picture], workspace, &windows);
            let columns = by_rows(workspace, s.count).transposed();
            let shape = [filters, s.count, s.depth];
            if inner::suits(shape, d_y, columns) {
                inner::accumulate(shape, d_y, columns, d_w, s.depth);
            } else {
                accumulate(shape, d_y, columns, d_w, s.depth);
            }
        }
        if let Some(d_x) = &mut d_x {
            d_workspace.fill(T::from_f64(0.0));
            let w = by_rows(w, s.depth).transposed();
            accumulate([s.depth, filters, s.count], w, d_y, d_workspace, s.count);
            let d_x = &mut d_x[sample * s.picture..][..s.picture];
            from_columns(d_workspace, d_x, &windows);
        }
    }
    workspace.fill(T::from_f64(0.0));
}

/// For each picture vy = vw·columns + w·vcolumns.
fn push_conv2d<T: Real>(
    x: &[T],
    v_x: Option<&[T]>,
    w: &[T],
    v_w: Option<&[T]>,
    _: &[T],
    v_bias: Option<&[T]>,
    _: &mut [T],
    v_y: &mut [T],
    workspace: &mut [T],
    v_workspace: &mut [T],
    windows: Windows,
    filters: usize,
) {
    let s = Sizes::of(&windows);
    let v_bias = v_bias.unwrap_or(&[]);
    for sample in 0..windows.samples {
        let v_y = &mut v_y[sample * filters * s.count..][..filters * s.count];
        for f in 0..filters {
            v_y[f * s.count..][..s.count].fill(v_bias.get(f).copied().unwrap_or(T::from_f64(0.0)));
        }
        let sizes = [filters, s.depth, s.count];
        for (w, x) in [(v_w, Some(x)), (Some(w), v_x)] {
            if let (Some(w), Some(x)) = (w, x) {
                to_columns(&x[sample * s.picture..][..s.picture], workspace, &windows);
                let (w, columns) = (by_rows(w, s.depth), by_rows(workspace, s.count));
                accumulate(sizes, w, columns, v_y, s.count);
            }
        }
    }
    workspace.fill(T::from_f64(0.0));
    v_workspace.fill(T::from_f64(0.0));
}

fn by_rows<T>(data: &[T], row: usize) -> Strided<'_, T> {
    Strided {
        data,
        row,
        column: 1,
    }
}

/// A row for each place of a window in each channel; in it what each window has there.
fn to_columns<T: Real>(x: &[T], columns: &mut [T], windows: &Windows) {
    for_each_row(windows, |row, from, step, count| {
        let to = &mut columns[row];
        match from {
            None => to.fill(T::from_f64(0.0)),
            Some((before, start)) => {
                let (outside, rest) = to.split_at_mut(before);
                outside.fill(T::from_f64(0.0));
                let (inside, behind) = rest.split_at_mut(count);
                if step == 1 {
                    inside.copy_from_slice(&x[start..][..count]);
                } else {
                    for (i, to) in inside.iter_mut().enumerate() {
                        *to = x[start + i * step];
                    }
                }
                behind.fill(T::from_f64(0.0));
            }
        }
    });
}

/// Adds each number to where it came from.
fn from_columns<T: Real>(d_columns: &[T], d_x: &mut [T], windows: &Windows) {
    for_each_row(windows, |row, from, step, count| {
        if let Some((before, start)) = from {
            for (i, &d) in d_columns[row][before..][..count].iter().enumerate() {
                d_x[start + i * step] += d;
            }
        }
    });
}

/// Calls for each place of a window in each channel and each row of windows: with the range in the matrix of columns; how many windows come before the first
/// that has this place inside the picture, and where that is, if there is any; the distance to the next; how many have.
#[inline(always)]
fn for_each_row(
    w: &Windows,
    mut f: impl FnMut(core::ops::Range<usize>, Option<(usize, usize)>, usize, usize),
) {
    let [rows, columns] = w.count();
    let mut start = 0;
    for channel in 0..w.channels {
        for i in 0..w.window[0] {
            for j in 0..w.window[1] {
                // The windows c with 0 ≤ c·stride + j − padding < width.
                let before = w.padding[1]
                    .saturating_sub(j)
                    .div_ceil(w.stride[1])
                    .min(columns);
                let end = (w.size[1] + w.padding[1])
                    .saturating_sub(j)
                    .div_ceil(w.stride[1])
                    .min(columns);
                let count = end.saturating_sub(before);
                for r in 0..rows {
                    let range = start..start + columns;
                    start += columns;
                    let row = (r * w.stride[0] + i).checked_sub(w.padding[0]);
                    let from = row.filter(|&row| row < w.size[0] && count > 0).map(|row| {
                        let column = before * w.stride[1] + j - w.padding[1];
                        (before, channel * w.area() + row * w.size[1] + column)
                    });
                    f(range, from, w.stride[1], count);
                }
            }
        }
    }
}
