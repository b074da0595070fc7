//! What is wrong with a leaf: only the worst of it.

use core::fmt;

use super::{Leaf, Limits};

/// A leaf with a problem. Shown as a sentence with the leaf's name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Warning<'a> {
    /// The leaf.
    pub leaf: &'a Leaf,
    /// What is wrong with it.
    pub problem: Problem<'a>,
}

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Problem<'a> {
    /// Elements of the gradient are infinite or NaN.
    NotFinite,
    /// The gradient is very large.
    Exploding,
    /// The gradient is very small beside that of another leaf.
    Vanishing {
        /// The leaf with the largest gradient.
        largest: &'a Leaf,
    },
    /// Many elements never have a gradient.
    Dead,
    /// The step is large beside the weights.
    LargeStep,
}

pub(super) fn of<'a>(
    leaf: &'a Leaf,
    largest: Option<&'a Leaf>,
    limits: Limits,
) -> Option<Warning<'a>> {
    let small = |largest: &&Leaf| {
        leaf.len > 0 && leaf.gradient_size() < limits.vanishing * largest.gradient_size()
    };
    let problem = if leaf.not_finite > 0 {
        Problem::NotFinite
    } else if leaf.gradient_norm > limits.exploding {
        Problem::Exploding
    } else if let Some(largest) = largest.filter(small) {
        Problem::Vanishing { largest }
    } else if leaf.dead_share() > limits.dead {
        Problem::Dead
    } else if leaf.relative_step() > limits.step {
        Problem::LargeStep
    } else {
        return None;
    };
    Some(Warning { leaf, problem })
}

impl fmt::Display for Warning<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let leaf = self.leaf;
        write!(f, "`{}`: ", leaf.name)?;
        match self.problem {
            Problem::NotFinite => write!(
                f,
                "{} of {} elements of the gradient are not finite",
                leaf.not_finite, leaf.len
            ),
            Problem::Exploding => write!(
                f,
                "the gradient explodes: its norm is {:.1e}",
                leaf.gradient_norm
            ),
            Problem::Vanishing { largest } => write!(
                f,
                "the gradient vanishes: its root mean square is {:.1e}, and that of `{}` is {:.1e}",
                leaf.gradient_size(),
                largest.name,
                largest.gradient_size()
            ),
            Problem::Dead => write!(
                f,
                "{:.0} % of {} elements never have a gradient: the units they lead to may be dead",
                100.0 * leaf.dead_share(),
                leaf.len
            ),
            Problem::LargeStep => write!(
                f,
                "the step is {:.0} % of the weights: the learning rate may be too large",
                100.0 * leaf.relative_step()
            ),
        }
    }
}
