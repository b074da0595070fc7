//! The range of learning rates that are worth trying.

use alloc::vec::Vec;

use crate::Real;

/// How much of the mean loss is the past, and how much larger than the best one it may become.
const SMOOTHING: f64 = 0.9;
const DIVERGED: f64 = 4.0;

/// Finds a learning rate: trains for some steps with rates from tiny to huge, and looks where the loss falls fastest.
///
/// Source: L. N. Smith, Cyclical learning rates for training neural networks, WACV 2017, section 3.3, with rates that grow exponentially, a running mean of
/// the losses, and an end where that is four times its best, as is usual since.
///
/// ```
/// # use backprop_runtime::optim::{Optimizer, Sgd};
/// # use backprop_runtime::schedule::RangeFinder;
/// let mut finder = RangeFinder::new(1e-4, 10.0, 100);
/// let (mut x, mut sgd) = ([3.0, -2.0], Sgd::new(0.0));
/// while let Some(rate) = finder.next_rate() {
///     sgd.set_learning_rate(rate);
///     let d_x = [x[0], x[1]];
///     finder.observe((x[0] * x[0] + x[1] * x[1]) / 2.0);
///     sgd.step(&mut x, &d_x);
/// }
/// let rate = finder.suggestion().unwrap();
/// assert!(rate > 0.02 && rate < 1.0); // descent diverges from 2 on
/// ```
#[derive(Clone, Debug)]
pub struct RangeFinder {
    low: f64,
    high: f64,
    steps: usize,
    mean: f64,
    best: f64,
    diverged: bool,
    curve: Vec<(f64, f64)>,
}

impl RangeFinder {
    /// From one rate to a higher one in so many steps. 10⁻⁷, 10 and 100 are usual.
    ///
    /// # Panics
    /// If not 0 < `low` < `high`, or there are less than 2 steps.
    #[must_use]
    #[track_caller]
    pub fn new(low: f64, high: f64, steps: usize) -> Self {
        assert!(
            low > 0.0 && low < high && steps > 1,
            "from {low} to {high} in {steps} steps"
        );
        RangeFinder {
            low,
            high,
            steps,
            mean: 0.0,
            best: f64::INFINITY,
            diverged: false,
            curve: Vec::with_capacity(steps),
        }
    }

    /// The rate for the next step: `None` after the last one, or when the loss has gone astray.
    #[must_use]
    pub fn next_rate(&self) -> Option<f64> {
        let k = self.curve.len();
        (k < self.steps && !self.diverged).then(|| self.rate(k))
    }

    fn rate(&self, k: usize) -> f64 {
        self.low * Real::powf(self.high / self.low, k as f64 / (self.steps - 1) as f64)
    }

    /// Takes note of the loss of the step with the last rate.
    pub fn observe(&mut self, loss: f64) {
        let k = self.curve.len();
        self.mean = SMOOTHING * self.mean + (1.0 - SMOOTHING) * loss;
        // The mean began with 0.
        let smooth = self.mean / (1.0 - Real::powi(SMOOTHING, k as i32 + 1));
        self.diverged = !smooth.is_finite() || (k > 0 && smooth > DIVERGED * self.best);
        if smooth < self.best {
            self.best = smooth;
        }
        self.curve.push((self.rate(k), smooth));
    }

    /// Rates and smoothed losses so far, to be drawn with a logarithmic axis.
    #[must_use]
    pub fn curve(&self) -> &[(f64, f64)] {
        &self.curve
    }

    /// The rate at which the smoothed loss falls fastest, by the logarithm of the rate. `None` where it never falls.
    #[must_use]
    pub fn suggestion(&self) -> Option<f64> {
        let slopes = self.curve.windows(3).map(|w| (w[1].0, w[2].1 - w[0].1));
        slopes
            .filter(|(_, slope)| *slope < 0.0)
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(rate, _)| rate)
    }
}
