//! A rate that falls when the loss does not.

use crate::state::{State, StateVisitor};
use crate::{Differentiable, Path};

/// Lowers the learning rate when the loss has not improved for some time.
///
/// A loss counts as better where it is smaller than the best one by more than `threshold` of it. After more than `patience` losses in a row that are not, the
/// rate is multiplied by `factor`, but not below `least`, and counting starts again. NaN is never better. As PyTorch's `ReduceLROnPlateau`, with its
/// defaults: 0.1, 10, 10⁻⁴, and 0.
///
/// ```
/// # use backprop_runtime::schedule::Plateau;
/// let mut plateau = Plateau::new(0.5).patience(1);
/// let rates = [3.0, 2.0, 2.0, 2.0, 1.0].map(|loss| plateau.observe(loss));
/// assert_eq!(rates, [0.5, 0.5, 0.5, 0.05, 0.05]);
/// ```
#[derive(Clone, Debug)]
pub struct Plateau {
    rate: f64,
    factor: f64,
    patience: u64,
    threshold: f64,
    least: f64,
    /// Infinite before the first loss.
    best: f64,
    waited: u64,
}

impl Plateau {
    /// Begins with a rate.
    #[must_use]
    pub const fn new(rate: f64) -> Self {
        Plateau {
            rate,
            factor: 0.1,
            patience: 10,
            threshold: 1e-4,
            least: 0.0,
            best: f64::INFINITY,
            waited: 0,
        }
    }

    /// With a factor, between 0 and 1, for the rate.
    #[must_use]
    pub const fn factor(mut self, factor: f64) -> Self {
        self.factor = factor;
        self
    }

    /// With so many losses without improvement that are let pass.
    #[must_use]
    pub const fn patience(mut self, patience: u64) -> Self {
        self.patience = patience;
        self
    }

    /// With another least improvement, relative to the best loss.
    #[must_use]
    pub const fn threshold(mut self, threshold: f64) -> Self {
        self.threshold = threshold;
        self
    }

    /// With a rate that it does not fall below.
    #[must_use]
    pub const fn least(mut self, least: f64) -> Self {
        self.least = least;
        self
    }

    /// The present rate.
    #[must_use]
    pub const fn rate(&self) -> f64 {
        self.rate
    }

    /// Takes note of a loss, of an epoch as a rule, and returns the rate from now on.
    pub fn observe(&mut self, loss: f64) -> f64 {
        let enough = self.best - self.threshold * self.best.abs();
        // Infinity less infinity is no bar.
        if loss < enough || (self.best == f64::INFINITY && loss < self.best) {
            self.best = loss;
            self.waited = 0;
        } else {
            self.waited += 1;
        }
        if self.waited > self.patience {
            self.rate = (self.rate * self.factor).max(self.least);
            self.waited = 0;
        }
        self.rate
    }
}

impl State for Plateau {
    fn visit_state<const READ: usize, const WRITE: usize, V>(
        read: [&Self; READ],
        mut write: [&mut Self; WRITE],
        path: Path<'_>,
        visitor: &mut V,
    ) where
        V: StateVisitor<READ, WRITE>,
    {
        f64::visit(
            read.map(|x| &x.rate),
            write.each_mut().map(|x| &mut x.rate),
            path.field("rate"),
            visitor,
        );
        // The best loss may be infinite, which is no number for a file of tensors: its bits are.
        let counters = |x: &Self| [x.waited, x.best.to_bits()];
        let read = read.map(counters);
        let mut written = write.each_ref().map(|x| counters(x));
        visitor.counters(
            path.field("seen"),
            read.each_ref().map(|x| x.as_slice()),
            written.each_mut().map(|x| x.as_mut_slice()),
        );
        for (x, [waited, best]) in write.into_iter().zip(written) {
            (x.waited, x.best) = (waited, f64::from_bits(best));
        }
    }
}
