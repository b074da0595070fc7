//! Pooling: of each window the largest number, or the mean.

use super::instructions::versions;
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
    max_pool2d, max_pool2d_vjp, max_pool2d_jvp:
    in (x d_x Mx) out (y d_y My) with (windows: Windows | Windows, Mw)
    run run_max_pool2d, pull pull_max_pool2d, push push_max_pool2d
}

kernel! {
    /// The mean of each window, channel by channel. What is outside the picture is 0, and counts.
    ///
    /// `y` is samples×channels×[`count`](Windows::count).
    ///
    /// # Panics
    /// If a length is not that of its shape.
    avg_pool2d, avg_pool2d_vjp, avg_pool2d_jvp:
    in (x d_x Mx) out (y d_y My) with (windows: Windows | Windows, Mw)
    run run_avg_pool2d, pull pull_avg_pool2d, push push_avg_pool2d
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
    if let Some(columns) = squares(&w) {
        largest_of_squares(x, y, [w.size[1], columns]);
        return;
    }
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
    if let Some(columns) = squares(&w) {
        pull_largest_of_squares(x, d_x, d_y, [w.size[1], columns]);
        return;
    }
    for_each_window(&w, |i, channel, place| {
        let start = channel * w.area();
        if let Some(at) = place.largest(&x[start..][..w.area()]) {
            d_x[start + at] += d_y[i];
        }
    });
}

fn push_max_pool2d<T: Real>(x: &[T], v_x: Option<&[T]>, _: &mut [T], v_y: &mut [T], w: Windows) {
    v_y.fill(T::from_f64(0.0));
    let Some(v_x) = v_x else { return };
    for_each_window(&w, |i, channel, place| {
        let start = channel * w.area();
        if let Some(at) = place.largest(&x[start..][..w.area()]) {
            v_y[i] = v_x[start + at];
        }
    });
}

/// Of squares of two by two that fill pictures of an even height: how many there are across.
fn squares(w: &Windows) -> Option<usize> {
    let two = [2, 2];
    let fill = w.window == two && w.stride == two && w.padding == [0, 0];
    (fill && w.size[0].is_multiple_of(2) && w.size[1] > 1).then(|| w.count()[1])
}

/// Whether `x` is the largest so far, where `a` was before: a NaN is larger than everything.
#[inline(always)]
fn larger<T: Real>(x: T, a: T) -> bool {
    let holds = x <= a;
    !holds & !a.is_nan()
}

versions! {
    /// Rows of x in pairs, so wide; of each pair so many squares, one for each number of y.
    fn largest_of_squares<T: Real>(x: &[T], y: &mut [T], sizes: [usize; 2]) {
        let [width, columns] = sizes;
        for (pair, y) in x.chunks_exact(2 * width).zip(y.chunks_exact_mut(columns)) {
            let (top, bottom) = pair.split_at(width);
            let rows = top.as_chunks::<2>().0.iter().zip(bottom.as_chunks::<2>().0);
            for (y, (&[a, b], &[c, d])) in y.iter_mut().zip(rows) {
                let top = if larger(b, a) { b } else { a };
                let bottom = if larger(d, c) { d } else { c };
                *y = if larger(bottom, top) { bottom } else { top };
            }
        }
    }
}

versions! {
    fn pull_largest_of_squares<T: Real>(x: &[T], d_x: &mut [T], d_y: &[T], sizes: [usize; 2]) {
        let [width, columns] = sizes;
        let zero = T::from_f64(0.0);
        let pairs = x.chunks_exact(2 * width).zip(d_x.chunks_exact_mut(2 * width));
        for ((pair, d_pair), d_y) in pairs.zip(d_y.chunks_exact(columns)) {
            let (top, bottom) = pair.split_at(width);
            let (d_top, d_bottom) = d_pair.split_at_mut(width);
            let rows = top.as_chunks::<2>().0.iter().zip(bottom.as_chunks::<2>().0);
            let d_rows = d_top.as_chunks_mut::<2>().0.iter_mut().zip(d_bottom.as_chunks_mut::<2>().0);
            for (&seed, ((&[a, b], &[c, d]), (d_top, d_bottom))) in d_y.iter().zip(rows.zip(d_rows)) {
                let (right, below) = (larger(b, a), larger(d, c));
                let top = if right { b } else { a };
                let bottom = if below { d } else { c };
                let down = larger(bottom, top);
                let (up, low) = if down { (zero, seed) } else { (seed, zero) };
                d_top[0] += if right { zero } else { up };
                d_top[1] += if right { up } else { zero };
                d_bottom[0] += if below { zero } else { low };
                d_bottom[1] += if below { low } else { zero };
            }
        }
    }
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

/// It is linear.
fn push_avg_pool2d<T: Real>(_: &[T], v_x: Option<&[T]>, _: &mut [T], v_y: &mut [T], w: Windows) {
    match v_x {
        Some(v_x) => run_avg_pool2d(v_x, v_y, w),
        None => v_y.fill(T::from_f64(0.0)),
    }
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
