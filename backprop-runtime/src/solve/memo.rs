//! The last point and what was found there, for solvers that ask for one thing at a time.

use super::{Objective, Residuals, SecondOrder};

/// An objective that remembers its last point: who asks for the value there and then for the gradient, or the other way round, pays once.
///
/// `B` is where the unknowns and the gradient are kept: `[f64; N]`, or `Vec<f64>`. No call allocates. Points are told apart by their bits, so that
/// a function that is not a number somewhere is remembered there, too.
#[derive(Clone, Debug)]
pub struct Memo<F, B> {
    function: F,
    x: B,
    gradient: B,
    value: f64,
    known: bool,
    evaluations: u64,
}

impl<F: Objective, B: AsRef<[f64]> + AsMut<[f64]> + Clone> Memo<F, B> {
    /// For points with the number of unknowns of `place`, whose contents do not matter.
    #[must_use]
    pub fn new(function: F, place: B) -> Self {
        Memo {
            function,
            gradient: place.clone(),
            x: place,
            value: 0.0,
            known: false,
            evaluations: 0,
        }
    }

    /// The value at `x`.
    ///
    /// # Panics
    /// If `x` has another number of unknowns than the place that the memo was made with.
    pub fn value(&mut self, x: &[f64]) -> f64 {
        self.at(x);
        self.value
    }

    /// The gradient at `x`.
    ///
    /// # Panics
    /// As [`value`](Self::value).
    pub fn gradient(&mut self, x: &[f64]) -> &[f64] {
        self.at(x);
        self.gradient.as_ref()
    }

    /// How often the function has been called.
    #[must_use]
    pub fn evaluations(&self) -> u64 {
        self.evaluations
    }

    /// The function itself. What is remembered is forgotten, because it may change.
    pub fn function(&mut self) -> &mut F {
        self.known = false;
        &mut self.function
    }

    fn at(&mut self, x: &[f64]) {
        let same = remembers(self.x.as_ref(), x);
        if self.known && same {
            return;
        }
        // Until the call has returned: it may panic.
        self.known = false;
        self.x.as_mut().copy_from_slice(x);
        self.gradient.as_mut().fill(0.0);
        self.value = self.function.gradient(x, self.gradient.as_mut());
        self.known = true;
        self.evaluations += 1;
    }
}

impl<F: SecondOrder, B> Memo<F, B> {
    /// Writes the product of the Hessian at `x` and `direction`. It is not remembered: every direction is asked for once.
    pub fn hessian_product(&mut self, x: &[f64], direction: &[f64], product: &mut [f64]) {
        product.fill(0.0);
        self.function.hessian_product(x, direction, product);
    }
}

/// Residuals that remember their last point, and their Jacobian where it was asked for: residuals alone, at a trial point, cost no Jacobian.
///
/// `X`, `R` and `J` are where unknowns, residuals and the Jacobian are kept: arrays, or `Vec`s. No call allocates.
///
/// ```
/// # use backprop_runtime::solve::{MemoResiduals, Residuals};
/// # struct Line;
/// # impl Residuals for Line {
/// #     fn count(&self) -> usize { 2 }
/// #     fn residuals(&mut self, x: &[f64], out: &mut [f64]) { out.copy_from_slice(&[x[0] - 1.0, 2.0 * x[0]]); }
/// #     fn jacobian(&mut self, x: &[f64], out: &mut [f64], j: &mut [f64]) { self.residuals(x, out); j.copy_from_slice(&[1.0, 2.0]); }
/// # }
/// let mut memo = MemoResiduals::new(Line, [0.0; 1], [0.0; 2], [0.0; 2]);
/// assert_eq!(memo.jacobian(&[3.0]), [1.0, 2.0]);
/// assert_eq!(memo.residuals(&[3.0]), [2.0, 6.0]);
/// assert_eq!(memo.evaluations(), 1);
/// ```
#[derive(Clone, Debug)]
pub struct MemoResiduals<F, X, R, J> {
    function: F,
    x: X,
    residuals: R,
    jacobian: J,
    known: Known,
    evaluations: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
enum Known {
    Nothing,
    Residuals,
    Jacobian,
}

#[cfg(feature = "alloc")]
impl<F: Residuals>
    MemoResiduals<F, alloc::vec::Vec<f64>, alloc::vec::Vec<f64>, alloc::vec::Vec<f64>>
{
    /// For so many unknowns, with the memory that this takes.
    #[must_use]
    pub fn with_unknowns(function: F, unknowns: usize) -> Self {
        let (count, zeros) = (function.count(), |n| alloc::vec![0.0; n]);
        Self::new(
            function,
            zeros(unknowns),
            zeros(count),
            zeros(count * unknowns),
        )
    }
}

impl<F, X, R, J> MemoResiduals<F, X, R, J>
where
    F: Residuals,
    X: AsRef<[f64]> + AsMut<[f64]>,
    R: AsRef<[f64]> + AsMut<[f64]>,
    J: AsRef<[f64]> + AsMut<[f64]>,
{
    /// With places for the unknowns, the residuals and the Jacobian, whose contents do not matter.
    ///
    /// # Panics
    /// If the places for residuals or Jacobian have not the lengths that the others ask for.
    #[must_use]
    pub fn new(function: F, x: X, residuals: R, jacobian: J) -> Self {
        let (count, unknowns) = (function.count(), x.as_ref().len());
        assert_eq!(
            residuals.as_ref().len(),
            count,
            "the place for {count} residuals"
        );
        assert_eq!(
            jacobian.as_ref().len(),
            count * unknowns,
            "the place for a Jacobian of {count} residuals by {unknowns} unknowns"
        );
        MemoResiduals {
            function,
            x,
            residuals,
            jacobian,
            known: Known::Nothing,
            evaluations: 0,
        }
    }

    /// The residuals at `x`.
    ///
    /// # Panics
    /// If `x` has another number of unknowns than the place for them.
    pub fn residuals(&mut self, x: &[f64]) -> &[f64] {
        self.at(x, Known::Residuals);
        self.residuals.as_ref()
    }

    /// The Jacobian at `x`, column by column.
    ///
    /// # Panics
    /// As [`residuals`](Self::residuals).
    pub fn jacobian(&mut self, x: &[f64]) -> &[f64] {
        self.at(x, Known::Jacobian);
        self.jacobian.as_ref()
    }

    /// How often the function has been called, with or without its Jacobian.
    #[must_use]
    pub fn evaluations(&self) -> u64 {
        self.evaluations
    }

    fn at(&mut self, x: &[f64], wanted: Known) {
        if self.known >= wanted && remembers(self.x.as_ref(), x) {
            return;
        }
        self.known = Known::Nothing;
        self.x.as_mut().copy_from_slice(x);
        if wanted == Known::Jacobian {
            self.function
                .jacobian(x, self.residuals.as_mut(), self.jacobian.as_mut());
        } else {
            self.function.residuals(x, self.residuals.as_mut());
        }
        self.known = wanted;
        self.evaluations += 1;
    }
}

/// Whether two points are the same to the last bit.
fn remembers(old: &[f64], new: &[f64]) -> bool {
    old.len() == new.len() && old.iter().zip(new).all(|(a, b)| a.to_bits() == b.to_bits())
}
