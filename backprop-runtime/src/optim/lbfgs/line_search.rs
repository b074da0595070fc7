//! A step length that satisfies the strong Wolfe conditions: J. Nocedal, S. J. Wright, Numerical Optimization (2006), algorithms 3.5 and 3.6.
//!
//! In: value and slope at the start, and a function for both at any length. Out: a point that is low enough and flat enough, the last one that the
//! function was asked for.

use core::fmt;

use crate::Real;

/// How much of the decrease that the slope promises has to be there, and how much of the slope may be left.
const ARMIJO: f64 = 1e-4;
const CURVATURE: f64 = 0.9;
/// By how much a step grows while the function still falls steeply.
const GROWTH: f64 = 4.0;
/// How often the function is asked at most, in each of the two phases.
const MOST: usize = 30;
/// Differences of values below this, relative to the value, are rounding: there the slopes alone decide, by the approximate Wolfe conditions of W. W.
/// Hager, H. Zhang, SIAM J. Optim. 16 (2005), 170, equation 4.1.
const ROUNDING: f64 = 1e-14;

/// A point on the line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    pub(super) t: f64,
    pub(super) value: f64,
    pub(super) slope: f64,
}

/// Why a step of [`Lbfgs`](super::Lbfgs) was not taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LineSearchError {
    /// The function is not finite where the step starts.
    NotFinite {
        /// Its value there.
        value: f64,
    },
    /// No point was found that is low and flat enough: the start is a minimum to rounding, or the gradient is not the function's.
    NoProgress {
        /// The value where the step starts.
        value: f64,
        /// The slope there, along the step.
        slope: f64,
    },
}

impl fmt::Display for LineSearchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LineSearchError::NotFinite { value } => {
                write!(f, "the function is {value} where the step starts")
            }
            LineSearchError::NoProgress { value, slope } => write!(
                f,
                "no step from {value:e} with slope {slope:e} leads lower: this is a minimum, to rounding, or the gradient is not the function's"
            ),
        }
    }
}

impl core::error::Error for LineSearchError {}

/// Finds a point on the line, with `first` as the first length to try.
pub(super) fn strong_wolfe(
    start: Point,
    first: f64,
    mut at: impl FnMut(f64) -> (f64, f64),
) -> Result<Point, LineSearchError> {
    if !start.value.is_finite() || !start.slope.is_finite() {
        return Err(LineSearchError::NotFinite { value: start.value });
    }
    let mut at = |t| {
        let (value, slope) = at(t);
        Point { t, value, slope }
    };
    let mut before = start;
    let mut t = first;
    for _ in 0..MOST {
        let here = at(t);
        if accepted(start, here) {
            return Ok(here);
        }
        if too_high(start, here) || here.value >= before.value {
            return zoom(start, before, here, at);
        }
        if here.slope >= 0.0 {
            return zoom(start, here, before, at);
        }
        before = here;
        t *= GROWTH;
    }
    Err(no_progress(start))
}

/// Algorithm 3.6: between `low`, the lowest point so far that is low enough, and `high`, somewhere behind the minimum.
fn zoom(
    start: Point,
    mut low: Point,
    mut high: Point,
    mut at: impl FnMut(f64) -> Point,
) -> Result<Point, LineSearchError> {
    for _ in 0..MOST {
        let t = between(low, high);
        if t == low.t || t == high.t {
            break;
        }
        let here = at(t);
        if accepted(start, here) {
            return Ok(here);
        }
        if too_high(start, here) || here.value >= low.value {
            high = here;
        } else {
            if here.slope * (high.t - low.t) >= 0.0 {
                high = low;
            }
            low = here;
        }
    }
    // Low enough, if not flat enough, is good enough: asked for once more, so that it is the last one.
    if low.t > 0.0 && low.value < start.value {
        return Ok(at(low.t));
    }
    Err(no_progress(start))
}

fn no_progress(start: Point) -> LineSearchError {
    LineSearchError::NoProgress {
        value: start.value,
        slope: start.slope,
    }
}

/// Whether the first condition fails. NaN does.
fn too_high(start: Point, here: Point) -> bool {
    here.value.is_nan() || here.value > start.value + ARMIJO * here.t * start.slope
}

fn accepted(start: Point, here: Point) -> bool {
    let flat = here.slope.abs() <= -CURVATURE * start.slope;
    let noise = ROUNDING * start.value.abs();
    let rounding = (here.value - start.value).abs() <= noise
        && here.slope <= (2.0 * ARMIJO - 1.0) * start.slope;
    flat && (!too_high(start, here) || rounding)
}

/// The minimum of the cubic through both points (equation 3.59), or the middle, where that is not well inside.
fn between(a: Point, b: Point) -> f64 {
    let middle = 0.5 * (a.t + b.t);
    let d1 = a.slope + b.slope - 3.0 * (a.value - b.value) / (a.t - b.t);
    let d2 = (b.t - a.t).signum() * Real::sqrt(d1 * d1 - a.slope * b.slope);
    let t = b.t - (b.t - a.t) * (b.slope + d2 - d1) / (b.slope - a.slope + 2.0 * d2);
    let (left, right) = (Real::min(a.t, b.t), Real::max(a.t, b.t));
    let margin = 0.1 * (right - left);
    // A NaN is not inside.
    if t >= left + margin && t <= right - margin {
        t
    } else {
        middle
    }
}
