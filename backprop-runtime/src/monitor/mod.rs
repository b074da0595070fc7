//! What goes on in each layer while it learns, and warnings where that is nothing, or too much.
//!
//! ```
//! # use backprop_runtime::monitor::Monitor;
//! # use backprop_runtime::optim::{Optimizer, Sgd};
//! let mut model = (vec![0.5; 4], vec![0.1; 2]);
//! let gradient = (vec![1e-9; 4], vec![0.3, 0.0]);
//! let mut monitor = Monitor::new(&model);
//! Sgd::new(0.1).step(&mut model, &gradient);
//! monitor.observe(&model, &gradient);
//! let warnings: Vec<String> = monitor.warnings().map(|warning| warning.to_string()).collect();
//! assert_eq!(warnings[0], "`0`: the gradient vanishes: its root mean square is 1.0e-9, and that of `1` is 2.1e-1");
//! ```

mod leaf;
mod warning;

use alloc::format;
use alloc::vec::Vec;

pub use self::leaf::Leaf;
pub use self::warning::{Problem, Warning};
use crate::optim::algebra::norm_slice;
use crate::{Differentiable, Path, Real, Visitor};

/// Watches a model: the size of weights, gradients and steps, leaf by leaf, and which weights never get a gradient.
///
/// Holds two copies of the model, and allocates nothing after it is made.
#[derive(Clone, Debug)]
pub struct Monitor<M> {
    /// The weights before the step.
    previous: M,
    /// The sum of the gradient's magnitudes.
    activity: M,
    leaves: Vec<Leaf>,
    limits: Limits,
}

/// From where on something is worth a warning.
#[derive(Clone, Copy, Debug)]
struct Limits {
    vanishing: f64,
    exploding: f64,
    dead: f64,
    step: f64,
}

impl<M: Differentiable> Monitor<M> {
    /// Of a model that has not yet made the steps to be watched.
    #[must_use]
    pub fn new(model: &M) -> Self {
        let mut names = Names(Vec::new());
        M::visit([model], [], Path::root(), &mut names);
        let mut monitor = Monitor {
            previous: model.zeros_like(),
            activity: model.zeros_like(),
            leaves: names.0,
            limits: Limits {
                vanishing: 1e-5,
                exploding: 1e3,
                dead: 0.5,
                step: 0.1,
            },
        };
        monitor.previous.accumulate(model);
        monitor
    }

    /// With a warning where a gradient's root mean square is less than this share of the largest leaf's; 10⁻⁵ unless set.
    #[must_use]
    pub fn vanishing(mut self, share: f64) -> Self {
        self.limits.vanishing = share;
        self
    }

    /// With a warning where a gradient's norm is larger than this; 1000 unless set.
    #[must_use]
    pub fn exploding(mut self, norm: f64) -> Self {
        self.limits.exploding = norm;
        self
    }

    /// With a warning where more than this share of a leaf never had a gradient; ½ unless set.
    #[must_use]
    pub fn dead(mut self, share: f64) -> Self {
        self.limits.dead = share;
        self
    }

    /// With a warning where a step is larger than this share of the weights; 0.1 unless set. About 0.001 is healthy.
    #[must_use]
    pub fn step(mut self, share: f64) -> Self {
        self.limits.step = share;
        self
    }

    /// Looks at the model after a step, and at the gradient that it was made with.
    ///
    /// # Panics
    /// If the shapes differ from those of the model that the monitor was made for.
    #[track_caller]
    pub fn observe(&mut self, model: &M, gradient: &M) {
        let mut look = Look {
            leaves: self.leaves.iter_mut(),
        };
        M::visit(
            [model, gradient],
            [&mut self.previous, &mut self.activity],
            Path::root(),
            &mut look,
        );
    }

    /// What was seen last, in the order of the leaves.
    #[must_use]
    pub fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }

    /// Forgets which weights had a gradient: at the beginning of an epoch, say.
    pub fn restart(&mut self) {
        self.activity.set_zero();
    }

    /// What is wrong in what was seen last.
    pub fn warnings(&self) -> impl Iterator<Item = Warning<'_>> {
        let size = |leaf: &&Leaf| leaf.gradient_size();
        let largest = self
            .leaves
            .iter()
            .max_by(|a, b| size(a).total_cmp(&size(b)));
        let limits = self.limits;
        self.leaves
            .iter()
            .filter_map(move |leaf| warning::of(leaf, largest, limits))
    }
}

/// The share of units that are nowhere positive: `activations` has a row of so many units for each sample. NaN for no units.
///
/// What a rectifier gives out for a whole batch; a dead unit learns nothing any more.
///
/// # Panics
/// If the rows are not whole.
///
/// ```
/// # use backprop_runtime::monitor::dead_units;
/// assert_eq!(dead_units(&[0.0, 1.0, 0.0, 0.0], 2), 0.5);
/// ```
#[must_use]
#[track_caller]
pub fn dead_units<T: Real>(activations: &[T], units: usize) -> f64 {
    if units == 0 {
        return f64::NAN;
    }
    assert!(
        activations.len().is_multiple_of(units),
        "{} activations are not rows of {units} units",
        activations.len()
    );
    let zero = T::from_f64(0.0);
    let dead = |unit: &usize| {
        let mut of_unit = activations.iter().skip(*unit).step_by(units);
        of_unit.all(|x| *x <= zero)
    };
    (0..units).filter(dead).count() as f64 / units as f64
}

struct Names(Vec<Leaf>);

impl Visitor<1, 0> for Names {
    fn leaf<T: Real>(&mut self, path: Path<'_>, [xs]: [&[T]; 1], []: [&mut [T]; 0]) {
        self.0.push(Leaf {
            name: format!("{path}"),
            len: xs.len(),
            ..Leaf::default()
        });
    }
}

struct Look<'a> {
    leaves: core::slice::IterMut<'a, Leaf>,
}

impl Visitor<2, 2> for Look<'_> {
    #[track_caller]
    fn leaf<T: Real>(
        &mut self,
        path: Path<'_>,
        [weights, gradient]: [&[T]; 2],
        [previous, activity]: [&mut [T]; 2],
    ) {
        let Some(leaf) = self.leaves.next() else {
            panic!("`{path}` is not in the model that the monitor was made for")
        };
        leaf.weight_norm = norm_slice(previous);
        leaf.gradient_norm = norm_slice(gradient);
        for (before, &after) in previous.iter_mut().zip(weights) {
            *before = after - *before;
        }
        leaf.step_norm = norm_slice(previous);
        previous.copy_from_slice(weights);
        leaf.not_finite = gradient.iter().filter(|g| !g.is_finite()).count();
        let mut dead = 0;
        for (sum, g) in activity.iter_mut().zip(gradient) {
            *sum += g.abs();
            dead += usize::from(*sum == T::from_f64(0.0));
        }
        leaf.dead = dead;
    }
}
