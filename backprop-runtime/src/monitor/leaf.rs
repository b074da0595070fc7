//! What is known of a leaf.

use alloc::string::String;

use crate::Real;

/// The sizes of a leaf and of what moves it.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Leaf {
    /// Its name, such as `layers.0.weights`.
    pub name: String,
    /// The number of elements.
    pub len: usize,
    /// The Euclidean norm of the weights before the step.
    pub weight_norm: f64,
    /// The Euclidean norm of the gradient.
    pub gradient_norm: f64,
    /// The Euclidean norm of the step.
    pub step_norm: f64,
    /// How many elements never had a gradient other than 0, since the monitor was made or restarted.
    pub dead: usize,
    /// How many elements of the gradient are infinite or NaN.
    pub not_finite: usize,
}

impl Leaf {
    /// The root mean square of the gradient's elements; 0 for none.
    #[must_use]
    pub fn gradient_size(&self) -> f64 {
        self.gradient_norm / Real::sqrt(self.len.max(1) as f64)
    }

    /// The step in units of the weights; 0 where there are none to compare with.
    #[must_use]
    pub fn relative_step(&self) -> f64 {
        if self.weight_norm > 0.0 {
            self.step_norm / self.weight_norm
        } else {
            0.0
        }
    }

    /// The share of elements that never had a gradient; 0 for none.
    #[must_use]
    pub fn dead_share(&self) -> f64 {
        self.dead as f64 / self.len.max(1) as f64
    }
}
