//! Walks over the point and the gradient: measuring, moving along a direction, and naming an entry.
//!
//! Entries are numbered in the order in which the leaves are visited.

use alloc::format;
use alloc::string::{String, ToString};
use core::ops::Range;

use crate::init::Generator;
use crate::{Differentiable, Path, Real, Visitor};

/// A direction in the space of all entries.
#[derive(Clone, Debug)]
pub(super) enum Direction {
    /// One entry.
    Entry(usize),
    /// All entries of a range, each up or down at random.
    Random { seed: u64, range: Range<usize> },
}

impl Direction {
    /// The component in entry `i`, where the point has the value `x`: in proportion to it, but not below a tenth. A power of two, so that
    /// moving by it is rounded as little as possible.
    fn component(&self, i: usize, x: f64) -> f64 {
        let sign = match self {
            Direction::Entry(entry) => f64::from(u8::from(i == *entry)),
            Direction::Random { seed, range } if range.contains(&i) => {
                let mixed =
                    Generator::new(seed ^ (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)).bits();
                if mixed & 1 == 0 { 1.0 } else { -1.0 }
            }
            Direction::Random { .. } => 0.0,
        };
        sign * x.abs().max(0.1).log2().floor().exp2()
    }
}

/// The number of entries, and the precision of the coarsest type among them.
pub(super) struct Survey {
    pub(super) len: usize,
    pub(super) epsilon: f64,
}

impl Survey {
    pub(super) fn of<M: Differentiable>(x: &M) -> Self {
        let mut survey = Survey {
            len: 0,
            epsilon: 0.0,
        };
        M::visit([x], [], Path::root(), &mut survey);
        survey
    }
}

impl Visitor<1, 0> for Survey {
    fn leaf<T: Real>(&mut self, _: Path<'_>, [x]: [&[T]; 1], []: [&mut [T]; 0]) {
        self.len += x.len();
        self.epsilon = Real::max(self.epsilon, T::EPSILON.to_f64());
    }
}

/// Writes the point moved by `t` along a direction.
pub(super) struct Move<'a> {
    pub(super) direction: &'a Direction,
    pub(super) t: f64,
    pub(super) next: usize,
}

impl Visitor<1, 1> for Move<'_> {
    fn leaf<T: Real>(&mut self, _: Path<'_>, [x]: [&[T]; 1], [moved]: [&mut [T]; 1]) {
        for (moved, &x) in moved.iter_mut().zip(x) {
            *moved = x + T::from_f64(self.t * self.direction.component(self.next, x.to_f64()));
            self.next += 1;
        }
    }
}

/// The gradient along a direction: visits the point and the gradient.
pub(super) struct Along<'a> {
    pub(super) direction: &'a Direction,
    pub(super) next: usize,
    /// Σ gᵢ·dᵢ
    pub(super) derivative: f64,
    /// Σ (gᵢ·dᵢ)²
    pub(super) squares: f64,
    /// Σ |gᵢ·xᵢ| over the entries that move: what rounding the input may do to the function, in units of the precision.
    pub(super) sensitivity: f64,
    /// Of the last entry that moves.
    pub(super) component: f64,
}

impl<'a> Along<'a> {
    pub(super) fn of<M: Differentiable>(direction: &'a Direction, x: &M, gradient: &M) -> Self {
        let mut along = Along {
            direction,
            next: 0,
            derivative: 0.0,
            squares: 0.0,
            sensitivity: 0.0,
            component: 1.0,
        };
        M::visit([x, gradient], [], Path::root(), &mut along);
        along
    }
}

impl Visitor<2, 0> for Along<'_> {
    fn leaf<T: Real>(&mut self, _: Path<'_>, [x, gradient]: [&[T]; 2], []: [&mut [T]; 0]) {
        for (x, g) in x.iter().zip(gradient) {
            let (x, g) = (x.to_f64(), g.to_f64());
            let d = self.direction.component(self.next, x);
            self.next += 1;
            if d != 0.0 {
                self.derivative += g * d;
                self.squares += g * d * g * d;
                self.sensitivity += (g * x).abs();
                self.component = d;
            }
        }
    }
}

/// Finds the first entry for which a condition holds, and its name: `layers.0.weights[7]`.
pub(super) struct Find<F> {
    condition: F,
    next: usize,
    found: Option<(String, f64)>,
}

impl<F: Fn(usize, f64) -> bool> Find<F> {
    /// The name and the value.
    pub(super) fn first<M: Differentiable>(x: &M, condition: F) -> Option<(String, f64)> {
        let mut find = Find {
            condition,
            next: 0,
            found: None,
        };
        M::visit([x], [], Path::root(), &mut find);
        find.found
    }
}

impl<F: Fn(usize, f64) -> bool> Visitor<1, 0> for Find<F> {
    fn leaf<T: Real>(&mut self, path: Path<'_>, [xs]: [&[T]; 1], []: [&mut [T]; 0]) {
        for (i, x) in xs.iter().enumerate() {
            if self.found.is_none() && (self.condition)(self.next, x.to_f64()) {
                let name = if xs.len() == 1 {
                    path.to_string()
                } else {
                    format!("{path}[{i}]")
                };
                self.found = Some((name, x.to_f64()));
            }
            self.next += 1;
        }
    }
}
