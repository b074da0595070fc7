//! Pooling: of each window the largest number, or the mean.

use super::rule::kernel;
use super::shape;
use super::window::Windows;
use crate::Real;

kernel! {
    /// The largest number of each window, channel by channel. What is outside the picture is left out.
    ///
    /// `y` is samples×channels×[`count`](Windows::count). The gradient goes to the first of the largest; a NaN is larger than everything. Of a window that lies outside altogether comes −∞.
    ///
    /// # Panics
    /// If a length is not that of its shape.
    ///
    /// ```
    /// # use backprop_runtime::kernel::{max_pool2d, Windows};
    /// let mut y = [0.0; 2];
    /// max_pool2d(&[1.0, 2.0, 3.0, 4.0, 8.0, 7.0, 6.0, 5.0], &mut y, Windows::tiles(1, 1, [2, 4], [2, 2]));
    /// assert_eq!(y, [8.0, 6.0]);
    /// ```
    max_pool2d, max_pool2d_vjp:
    in (x d_x Mx) out (y d_y My) with (windows: Windows | Windows, Mw)
    run run_max_pool2d, pull pull_max_pool2d
}

kernel! {
    /// The mean of each window, channel by channel. What is outside the picture is 0, and counts.
    ///
    /// `y` is samples×channels×[`count`](Windows::count).
    ///
    /// # Panics
    /// If a length is not that of its shape.
    avg_pool2d, avg_pool2d_vjp:
    in (x d_x Mx) out (y d_y My) with (windows: Windows | Windows, Mw)
    run run_avg_pool2d, pull pull_avg_pool2d
}

#[track_caller]
fn check(kernel: &str, x: usize, y: usize, w: &Windows) {
    let [rows, columns] = w.count();
    shape::slice(
        kernel,
        "x",
        x,
        [w.samples, w.channels, w.size[0], w.size[1]],
    );
    shape::slice(kernel, "y", y, [w.samples, w.channels, rows, columns]);
}

#[track_caller]
fn run_max_pool2d<T: Real>(x: &[T], y: &mut [T], w: Windows) {
    check("max_pool2d", x.len(), y.len(), &w);
    for_each_window(&w, |i, channel, place| {
        let x = &x[channel * w.area()..][..w.area()];
        y[i] = place.largest(x).map_or(T::NEG_INFINITY, |at| x[at]);
    });
}

fn pull_max_pool2d<T: Real>(
    x: &[T],
    d_x: Option<&mut [T]>,
    _: &mut [T],
    d_y: &mut [T],
    w: Windows,
) {
    let Some(d_x) = d_x else { return };
    for_each_window(&w, |i, channel, place| {
        let start = channel * w.area();
        if let Some(at) = place.largest(&x[start..][..w.area()]) {
            d_x[start + at] += d_y[i];
        }
    });
}

#[track_caller]
fn run_avg_pool2d<T: Real>(x: &[T], y: &mut [T], w: Windows) {
    check("avg_pool2d", x.len(), y.len(), &w);
    let share = T::from_f64(1.0 / (w.window[0] * w.window[1]) as f64);
    for_each_window(&w, |i, channel, place| {
        let mut sum = T::from_f64(0.0);
        place.rows(|row| {
            for &x in &x[channel * w.area()..][row] {
                sum += x;
            }
        });
        y[i] = sum * share;
    });
}

fn pull_avg_pool2d<T: Real>(
    _: &[T],
    d_x: Option<&mut [T]>,
    _: &mut [T],
    d_y: &mut [T],
    w: Windows,
) {
    let Some(d_x) = d_x else { return };
    let share = T::from_f64(1.0 / (w.window[0] * w.window[1]) as f64);
    for_each_window(&w, |i, channel, place| {
        let d = d_y[i] * share;
        place.rows(|row| {
            for d_x in &mut d_x[channel * w.area()..][row] {
                *d_x += d;
            }
        });
    });
}

/// What of a window lies inside a channel.
struct Place {
    width: usize,
    top: usize,
    left: usize,
    height: usize,
    across: usize,
}

impl Place {
    /// The ranges of its rows.
    #[inline(always)]
    fn rows(&self, mut f: impl FnMut(core::ops::Range<usize>)) {
        if self.across == 0 {
            return;
        }
        for r in 0..self.height {
            let start = (self.top + r) * self.width + self.left;
            f(start..start + self.across);
        }
    }

    /// Where the first of the largest is. A NaN is larger than everything.
    #[inline(always)]
    fn largest<T: Real>(&self, x: &[T]) -> Option<usize> {
        let mut best: Option<usize> = None;
        self.rows(|row| {
            for at in row {
                let better =
                    best.is_none_or(|best| x[at] > x[best] || x[at].is_nan() && !x[best].is_nan());
                if better {
                    best = Some(at);
                }
            }
        });
        best
    }
}

/// Calls with the number of each window, that of its channel in the batch, and its place.
#[inline(always)]
fn for_each_window(w: &Windows, mut f: impl FnMut(usize, usize, Place)) {
    let [rows, columns] = w.count();
    let mut i = 0;
    for channel in 0..w.samples * w.channels {
        for r in 0..rows {
            let (first, end, top) = w.inside(0, r);
            for c in 0..columns {
                let (left_first, left_end, left) = w.inside(1, c);
                let place = Place {
                    width: w.size[1],
                    top,
                    left,
                    height: end.saturating_sub(first),
                    across: left_end.saturating_sub(left_first),
                };
                f(i, channel, place);
                i += 1;
            }
        }
    }
}
